"""`python -m contacts_nb` is the command line."""

from contacts_nb.app.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
