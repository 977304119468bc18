from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from contacts_nb.model.draft import drafted
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.text import folded
from contacts_nb.operations.fill import Batch
from contacts_nb.store.schema import channels, contact_channels
from contacts_nb.store.search_documents import contact_document
from tests.adding import added

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WORD = st.text("abÀéXz%_'\"*", min_size=1, max_size=5)
PEOPLE = st.lists(
    st.tuples(WORD, st.none() | WORD, st.none() | st.sampled_from(["ab@example.org"]), st.lists(WORD, max_size=2)),
    max_size=6,
)
CHANNEL = "Xab team"


def is_found(words: list[str], typed: str) -> bool:
    """The rule of search in plain Python."""
    return all(
        any(part in word if len(part) >= 3 else word.startswith(part) for word in words)
        for part in folded(typed).split()
    )


@settings(deadline=None, max_examples=40)
@given(PEOPLE, st.lists(st.lists(WORD, min_size=1, max_size=2), min_size=5, max_size=5))
def test_search_finds_what_plain_python_finds(new_workspace, people, searches):
    with new_workspace() as workspace:
        with workspace._database.write() as connection:
            drafts = [drafted(first_name=a, last_name=b, email=email, tags=tags) for a, b, email, tags in people]
            ids = added(connection, drafts, EPOCH)
            connection.execute(
                insert(channels).values(
                    id=1, name=CHANNEL, name_key=folded(CHANNEL), source="sms", created_at=EPOCH
                )
            )
            connected = ids[::2]
            for contact_id in connected:
                connection.execute(
                    insert(contact_channels).values(
                        contact_id=contact_id,
                        channel_id=1,
                        identifier=str(contact_id),
                        identifier_key=str(contact_id),
                    )
                )
        words = {
            contact_id: folded(
                " ".join([first, last or "", email or "", *tags, CHANNEL if contact_id in connected else ""])
            ).split()
            for contact_id, (first, last, email, tags) in zip(ids, people, strict=True)
        }
        for typed in (" ".join(search) for search in searches):
            found = workspace.contacts.search(typed)
            assert found.ids().tolist() == [number for number in ids if is_found(words[number], typed)], typed
            assert found.count() == len(found.ids())


@pytest.mark.parametrize(
    "typed",
    [
        '"',
        '""',
        "%",
        "_",
        "*",
        "'",
        "AND",
        "OR",
        "NOT x",
        "NEAR(a b)",
        "text:ann",
        "a*",
        "^ann",
        "(",
        "((ann",
        "a\x00b",
        "\x00",
        "\\",
        "👩‍👩‍👧",
        "--",
        "; DROP TABLE contacts",
        "+",
        "0",
        "00",
        "\ud800",
        "\u0301",
        "x" * 500,
        "👩" * 500,
        " ".join("ab" for _ in range(166)),
        " ".join(chr(0x4E00 + number) for number in range(250)),
        " ".join("abcdefghijklmnopqrstuvwxyz"),
    ],
    ids=lambda typed: f"{typed[:6]!a:.16} ({len(typed)})",
)
def test_anything_typed_gets_an_answer(workspace, typed):
    workspace.add_contact(first_name="Ann", email="ann@example.org", tags=["vip"])
    found = workspace.contacts.search(typed)
    assert found.count() == len(found.ids()) == len(found.rows(0, 10)) == len(found.to_frame())


@pytest.mark.parametrize("typed", ["x" * 501, "👩" * 20_000, "1 " * 5_000])
def test_a_search_of_more_than_500_characters_is_refused(workspace, typed):
    with pytest.raises(InvalidValue, match="give at most 500"):
        workspace.contacts.search(typed)


@pytest.mark.parametrize("name", ['a"b', "100%", "a_b", "it's", "[x]", "a\\b", "NOT", "NEAR(", "👩‍👩‍👧", "x*y"])
def test_signs_are_found_as_they_are_and_stand_for_nothing_else(workspace, name):
    named = workspace.add_contact(first_name=name)
    tagged = workspace.add_contact(first_name="Bo", tags=[name])
    workspace.add_contact(first_name="axb 100 its", tags=["axb"])
    assert workspace.contacts.search(name).ids().tolist() == [named.id, tagged.id]


@pytest.mark.parametrize(
    "typed", ["zoe", "ZOË", "zo", "z", "oë", "smi", "mith", "zoë.s", "7946", "020 7946", "vip", "v"]
)
def test_a_contact_is_found_by_name_email_phone_and_tag(workspace, typed):
    workspace.add_contact(
        first_name="Zoë", last_name="Smith", email="zoë.s@example.org", phone="020 7946 0958", tags=["VIP"]
    )
    workspace.add_contact(first_name="Bo")
    expected = [] if typed == "oë" else [1]  # two letters begin a word
    assert workspace.contacts.search(typed).ids().tolist() == expected


@pytest.mark.parametrize("typed", ["客户", "重要", "客", "重要客户", "要客户"])
def test_a_tag_without_spaces_is_found_from_each_of_its_characters_on(workspace, typed):
    workspace.add_contact(first_name="Ann", tags=["重要客户"])
    assert workspace.contacts.search(typed).count() == 1


@pytest.mark.parametrize("tag", ["2024-25", "24/7", "+1", "1.5", "007", "20 24"])
def test_a_tag_of_digits_and_punctuation_is_found_as_it_is_spelled(workspace, tag):
    workspace.add_contact(first_name="Ann", tags=[tag])
    assert workspace.contacts.search(tag).count() == 1


@pytest.mark.parametrize("tag", ["new\tclient", "new\u2028client", "new\nclient", "new\u00a0client"])
def test_a_tag_is_found_by_each_of_its_words_whatever_divides_them(workspace, tag):
    workspace.add_contact(first_name="Ann", tags=[tag])
    assert [workspace.contacts.search(typed).count() for typed in ("new", "cl", "client")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("identifier", "typed"),
    [
        ("+442079460958", "020 7946"),
        ("ann_on_air", "on_air"),
        ("123-456", "123-456"),
        ("123-456", "2345"),
        ("020 7946 0958", "20 79460958"),
        ("(020) 7946-0958", "46 09"),
    ],
)
def test_a_contact_is_found_by_its_identifier_on_a_channel(workspace, identifier, typed):
    row = (1, "Ann", *[None] * 8, 0, "Ann", "ann", "ann", None, None)
    document = contact_document(["Ann"], [], [(None, identifier)])  # as it is written
    workspace.fill(
        settings={"channels": [(1, "Shop", "shop", "line", 0)]},
        batches=[
            Batch(
                contacts=[row],
                contact_states=[(1, None, None, 0, None, None, None, None)],
                contact_channels=[(1, 1, 1, identifier, identifier, None, None, None, None)],
                messages=[],
                contact_tags=[],
                search_documents=[(1, document)],
            )
        ],
    )
    assert workspace.contacts.search(typed).count() == 1


def test_one_search_narrows_another(workspace):
    workspace.add_contact(first_name="Ann", tags=["vip"])
    workspace.add_contact(first_name="Ann")
    assert workspace.contacts.search("ann").search("vip").ids().tolist() == [1]
    assert workspace.contacts.search("ann").search(" ").ids().tolist() == [1, 2]
