from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from contacts_nb.model.draft import drafted
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.text import folded
from contacts_nb.store.schema import contact_tags, contacts, search_documents, tags
from tests.adding import added

NOW = datetime(2026, 3, 2, 12, 0, 0, 123_000, UTC)


def test_ids_come_in_the_order_of_the_drafts(workspace):
    names = ["Cy", "Ann", "Bo"]
    with workspace._database.write() as connection:
        ids = added(connection, [drafted(first_name=name) for name in names], NOW)
    assert [workspace.contacts[contact_id].name for contact_id in ids] == names
    assert all(workspace.contacts[contact_id].created_at == NOW for contact_id in ids)


def test_no_drafts_add_nothing(workspace):
    with workspace._database.write() as connection:
        assert added(connection, [], NOW) == []


def test_a_tag_is_made_once_and_shared_whatever_its_case(workspace):
    workspace.add_contact(first_name="Ann", tags=["VIP", "new"])
    with workspace._database.write() as connection:
        added(connection, [drafted(first_name="Bo", tags=["vip"]), drafted(phone="112", tags=["Vip"])], NOW)
    with workspace._database.read() as connection:
        names = connection.execute(select(tags.c.name).order_by(tags.c.id)).scalars().all()
    assert sorted(names) == ["VIP", "new"]
    assert [row.tags for row in workspace.contacts.rows(0, 10)] == [("new", "VIP"), ("VIP",), ("VIP",)]


def test_the_first_spelling_of_a_new_tag_is_kept(workspace):
    with workspace._database.write() as connection:
        drafts = [drafted(first_name="Ann", tags=["Café"]), drafted(first_name="Bo", tags=["CAFE"])]
        added(connection, drafts, NOW)
    assert [row.tags for row in workspace.contacts.rows(0, 10)] == [("Café",), ("Café",)]


def test_more_tags_than_one_statement_takes_are_made(workspace):
    names = [f"tag {number}" for number in range(1_234)]
    added = workspace.add_contact(first_name="Ann", tags=names)
    assert sorted(added.tags) == sorted(names)


def test_a_contact_is_found_as_soon_as_it_is_added(workspace):
    added = workspace.add_contact(first_name="Zoë", phone="+44 20 7946 0958", email="zoe@example.org")
    assert [workspace.contacts.search(typed).ids().tolist() for typed in ("zoe", "7946", "example")] == [
        [added.id]
    ] * 3
    with workspace._database.read() as connection:
        assert connection.execute(select(func.count()).select_from(search_documents)).scalar_one() == 1


def test_an_addition_that_fails_leaves_nothing(workspace):
    def fails() -> None:
        with workspace._database.write() as connection:
            added(connection, [drafted(first_name="Ann", tags=["vip"])], NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with workspace._database.read() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (contacts, tags, contact_tags, search_documents)
        ]
    assert counts == [0, 0, 0, 0]
    assert workspace.contacts.search("ann").count() == 0


def test_a_contact_that_is_refused_leaves_nothing(workspace):
    with pytest.raises(InvalidValue):
        workspace.add_contact(first_name="Ann", email="no", tags=["vip"])
    with workspace._database.read() as connection:
        assert connection.execute(select(func.count()).select_from(tags)).scalar_one() == 0


def test_the_id_of_a_deleted_contact_is_never_given_again(workspace):
    first = workspace.add_contact(first_name="Ann").id
    with workspace._database.write() as connection:
        for table in ("search_documents", "contact_states", "contacts"):
            connection.execute(text(f"DELETE FROM {table}"))
    assert workspace.add_contact(first_name="Bo").id > first


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=4), max_size=4))
)
def test_everyone_has_the_tags_they_were_given(new_workspace, tagged):
    with new_workspace() as workspace:
        drafts = [drafted(first_name="Ann", tags=given) for given in tagged]
        with workspace._database.write() as connection:
            ids = added(connection, drafts, NOW)
        rows = {row.id: row.tags for row in workspace.contacts.rows(0, 1_000)}
        for contact_id, draft in zip(ids, drafts, strict=True):
            assert sorted(map(folded, rows[contact_id])) == sorted(map(folded, draft.tags))
