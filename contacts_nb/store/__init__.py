"""Where things live: tables, engines, what SQLite does its own way, migrations."""
