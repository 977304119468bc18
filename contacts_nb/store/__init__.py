"""Where things live: tables, engines, what each database does its own way, migrations."""
