import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

import contacts_nb as cn
from contacts_nb.model.search_text import search_document, trigram_pattern
from contacts_nb.store.constructs import search_match
from contacts_nb.store.search_documents import contact_document, write_all_search_documents

# Ranked 1, the check compares the index with the documents themselves.
CHECK = "INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)"
FIND = text("SELECT rowid FROM search_index WHERE search_index MATCH :match ORDER BY rowid")


@pytest.fixture
def workspace(tmp_path):
    """One on SQLite, whose index is checked from within."""
    with cn.create(tmp_path / "contacts.db") as made:
        yield made


def test_the_index_follows_its_documents(workspace):
    ids = [workspace.add_contact(first_name=name).id for name in ("Ann", "Bo", "Cy")]
    with workspace._database.write() as connection:
        connection.execute(
            text("UPDATE search_documents SET text = '  dee' WHERE contact_id = :id"), {"id": ids[1]}
        )
        connection.execute(text("DELETE FROM search_documents WHERE contact_id = :id"), {"id": ids[2]})
        connection.exec_driver_sql(CHECK)
        found = {
            name: connection.execute(FIND, {"match": search_match([name])}).scalars().all()
            for name in ("ann", "bo", "cy", "dee")
        }
    assert found == {"ann": [ids[0]], "bo": [], "cy": [], "dee": [ids[1]]}


def test_a_change_that_is_rolled_back_leaves_the_index_in_step(workspace):
    workspace.add_contact(first_name="Ann")

    def fails() -> None:
        with workspace._database.write() as connection:
            connection.execute(text("UPDATE search_documents SET text = '  bo'"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with workspace._database.write() as connection:
        connection.exec_driver_sql(CHECK)
    assert (workspace.contacts.search("ann").count(), workspace.contacts.search("bo").count()) == (1, 0)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1), min_size=1), st.data()
)
def test_the_index_finds_what_stands_in_the_documents_and_nothing_else(texts, data):
    documents = [search_document([text], []) for text in texts]
    words = [word for document in documents for word in document.split()]
    spelling = data.draw(st.sampled_from(words or ["ann"]))
    start = data.draw(st.integers(0, max(0, len(spelling) - 3)))
    spelling = spelling[start : start + data.draw(st.integers(1, 6))]
    with (
        tempfile.TemporaryDirectory() as folder,
        cn.create(Path(folder, "contacts.db")) as workspace,
        workspace._database.write() as connection,
    ):
        for contact_id, document in enumerate(documents, 1):
            connection.execute(
                text("INSERT INTO contacts (id, created_at, profile_name, sort_name) VALUES (:id, 0, 'A', 'a')"),
                {"id": contact_id},
            )
            connection.execute(
                text("INSERT INTO search_documents VALUES (:id, :text)"), {"id": contact_id, "text": document}
            )
        found = connection.execute(FIND, {"match": search_match([spelling])}).scalars().all()
    expected = [number for number, document in enumerate(documents, 1) if trigram_pattern(spelling) in document]
    assert found == expected


@pytest.mark.parametrize("spelling", ['"', '""', 'a"b', "*", "AND", "NEAR(", "'", "-", "^", "text:", "%", "_"])
def test_the_language_of_the_index_has_no_meaning_in_what_is_searched(workspace, spelling):
    with workspace._database.read() as connection:
        assert connection.execute(FIND, {"match": search_match([spelling])}).scalars().all() == []


def test_documents_written_all_at_once_are_those_written_one_by_one(workspace):
    workspace.add_contact(first_name="Zoë", last_name="王小明", phone="+44 20 7946 0958", email="Zoe@Example.org")
    workspace.add_contact(phone="112")
    with workspace._database.write() as connection:
        one_by_one = connection.execute(text("SELECT * FROM search_documents ORDER BY contact_id")).all()
        connection.execute(text("DELETE FROM search_documents"))
        write_all_search_documents(connection)
        at_once = connection.execute(text("SELECT * FROM search_documents ORDER BY contact_id")).all()
        connection.exec_driver_sql(CHECK)
    assert at_once == one_by_one


def test_an_identifier_that_is_a_phone_is_found_by_its_digits_and_another_one_by_its_letters():
    document = contact_document(["Ann"], [None], [("Annie", "+442079460958"), (None, "ann_on_air")])
    assert document == "  ann  annie  ann_on_air  442079460958"
