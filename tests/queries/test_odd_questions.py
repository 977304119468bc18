"""What people may type without meaning anything by it, and what is refused before any database is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contacts_nb import F
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.filter_criteria import ValueType
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access
from tests.filter_strategies import References, asked
from tests.queries.finding_examples import EXAMPLES, LONDON, NOON, PLACE
from tests.queries.finding_ground import asked_of, asking, expected, filled
from tests.queries.plain_finding import Person, Place, is_found

SIGNS = (
    "'", '"', "''", "%", "_", "%%", "\\", "\\\\", "a%b", "a_b", "a.b", "a*", "^a", "a|b", "[a-z]+", "(?i)a", "$1",
    "%s", "%(a)s", ":a", "?", "{a}", "a' OR '1'='1", "'; DROP TABLE contacts; --", 'a" OR text:"a', "NEAR(a b)",
    "*", "/", "/%",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["name", "note", "tag"])
def test_signs_in_texts_stand_for_themselves(workspace, kind):
    note = workspace.fields.add("Note")
    place = Place(NOON, LONDON, None, None, {}, {}, {}, {"note": note})
    some = []
    for number, text in enumerate((*SIGNS, "axb", "a", "b"), 1):
        kinds: dict[str, dict[str, Any]] = {
            "name": {"first_name": text}, "note": {"values": {"note": text}}, "tag": {"tags": (text,)},
        }  # fmt: skip
        columns = kinds[kind]
        some.append(Person(number, NOON, **({"email": "x@example.org"} | columns)))
        given = {name: value for name, value in columns.items() if name != "values"}
        workspace.add_contact(email="x@example.org", fields=columns.get("values"), **given)
    questions = {
        "name": (F.first_name.contains, F.first_name.starts_with, F.first_name.__eq__, F.last_name.contains),
        "note": (F["note"].contains, F["note"].starts_with, F["note"].__eq__),
        "tag": (F.tags.has_any,),
    }[kind]
    for text in SIGNS:
        for question in questions:
            tree = question(text)
            assert workspace.contacts.where(tree).ids().tolist() == expected(tree, some, place), tree
        found = workspace.contacts.search(text).ids().tolist()
        assert found == [person.id for person in some if is_found(text, person, place)], text


ASKED_BY_WORDS = (
    ValueType.TEXT, ValueType.CHOICE, ValueType.TAGS, ValueType.USER, ValueType.TEAM, ValueType.CHANNELS,
    ValueType.CHANNEL,
)  # fmt: skip


def test_no_word_of_a_question_is_in_its_sql(workspace):
    canary, address = "canary'", "canary'@acme.example"
    workspace.tags.add(canary)
    workspace.channels.add(canary, "sms")
    workspace.teams.add(canary)
    workspace_fields = [workspace.fields.add("Plan", "list", allowed=[canary]), workspace.fields.add("Note")]
    user = workspace.users.add(address, role="owner")
    workspace = Workspace(Access(workspace._database, user.id))
    names = References((canary,), (address,), (canary,), (canary,), tuple(workspace_fields), texts=(canary,))
    with workspace._database.read() as connection:
        for name, kind, operator, _ in asked(names):
            if kind in ASKED_BY_WORDS:
                word = address if kind is ValueType.USER else canary
                query = workspace.contacts.where(asking(name, kind, operator, word, word, "")).search(canary)
                meant = query.sort_by("plan").selection.resolved(connection, user.id, NOON)
                for statement in (meant.ids(), meant.count()):
                    assert "canary" not in str(statement.compile(dialect=connection.dialect))
                    assert connection.execute(statement).scalar() in (None, 0)


# What is refused, before any database is asked

REFUSED: dict[str, Callable[[], object]] = {
    "NUL in a text": lambda: F.first_name == "a\0b",
    "NUL in a tag": lambda: F.tags.has_any("a\0"),
    "half a surrogate pair": lambda: F.first_name.contains("\ud800"),
    "an operator that text lacks": lambda: F.first_name > "a",
    "an operator that tags lack": lambda: F.tags.contains("vip"),
    "an operator that moments lack": lambda: F.created_at == "2026-03-01",
    "a number for a text": lambda: F.first_name == 5,
    "a list for a text": lambda: F.first_name == ["a"],
    "a country that isn't one": lambda: F.country == "GB' OR 1=1",
    "a source that isn't one": lambda: F.sources.has_any("fax"),
    "a day that isn't one": lambda: F.created_at.on("2026-02-30"),
    "a moment for a day": lambda: F.created_at.on(NOON),
    "days the wrong way round": lambda: F.created_at.between("2026-03-02", "2026-03-01"),
    "less than no days": lambda: F.created_at.within(days=-1),
    "half a day": lambda: F.last_incoming.within(days=0.5),
    "more days than there are": lambda: F.created_at.within(days=10**9),
    "a unit that isn't one": lambda: F.last_incoming.between(1, 2, "weeks"),
    "no value": lambda: F.first_name.starts_with(None),
    "blanks": lambda: F.first_name == "  ",
    "no values": F.tags.has_any,
    "SQL for a field": lambda: F["note'; DROP TABLE contacts; --"],
    "too many letters": lambda: F.first_name == "a" * 10_000,
}


@pytest.mark.parametrize("question", REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused_where_it_is_written(question):
    with pytest.raises(InvalidValue):
        question()


@pytest.mark.parametrize(
    "tree",
    [
        F["seats"].contains("1"),
        F["seats"] == "many",
        F["birthday"] == "2026-03-01",
        F["newsletter"] == "yes",
        F["newsletter"].is_empty(),
        F["plan"] == "Gold",
        F["plan"].contains("S"),
        F["lunch"].within(days=2),
        F["note"].on("2026-03-01"),
        F["note"] > 5,
        F["nothing"].is_empty(),
    ],
    ids=str,
)
def test_what_a_custom_field_cannot_answer_is_refused_or_broken(new_workspace, tree):
    with filled(new_workspace, PLACE, EXAMPLES[:2]) as workspace, asked_of(workspace, PLACE) as here:
        with pytest.raises(InvalidValue):
            here.meant(tree)
        assert here.meant(tree, missing_ok=True) == here.meant(~tree, missing_ok=True) == []
        assert here.meant(tree | (F.first_name == "ann"), missing_ok=True) == [1]


@pytest.mark.parametrize(
    "key", ["tags", "channels", "", "id; --", "name DESC", "NAME", "a" * 65, "\0", "contacts.id"]
)
def test_what_cannot_be_sorted_by_is_refused(workspace, key):
    with pytest.raises(InvalidValue, match="can't be sorted by"):
        workspace.contacts.sort_by(key)
