"""How contacts change: one file per verb; each is one transaction."""
