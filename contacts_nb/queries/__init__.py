"""How contacts are read: search, sort, row windows, counts, frames."""
