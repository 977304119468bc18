"""How contacts come and go: CSV, vCard, the headers of other programs."""
