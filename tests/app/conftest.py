import pytest

import contacts_nb as cn


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to be in."""
    made = tmp_path / "here"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def db(folder):
    """A workspace where commands look for one, with one contact."""
    with cn.create("contacts.db", name="Acme") as workspace:
        workspace.add_contact(first_name="Zoë", email="zoe@example.org")
    return folder / "contacts.db"
