"""A contact store with search, tables and an app for Jupyter and Voilà."""
