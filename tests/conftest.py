"""Fixtures that most tests share."""

from __future__ import annotations

import pytest

import contacts_nb as cn


@pytest.fixture
def workspace(tmp_path):
    """An empty workspace in a file of its own."""
    with cn.create(tmp_path / "contacts.db", name="Acme") as made:
        yield made
