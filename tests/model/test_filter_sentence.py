import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts_nb import EVERYONE, F, Filter
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.model.filter_sentence import sentence
from contacts_nb.model.filters import NO_ONE
from contacts_nb.model.places import countries, languages
from tests.filter_strategies import EXAMPLE, References, asked, criterion, filters

A, B, C = F.tags.has_any("vip", "press"), F.country == "GB", F.conversation.is_open()
SMALL = References(
    tags=("a", "b", "a or b", "everyone", "not", "conversation"), users=("a", "me"), teams=("a", "mine"),
    channels=("a", "b", "a, b"), texts=("a", "b", "a” or “b", "a”", "empty", "5", "05"),
    fields=(
        Field(1, "x", "X", FieldType.TEXT), Field(2, "conversation", "X", FieldType.LIST, ("open", "a", "b")),
        Field(3, "y", "Y", FieldType.CHECKBOX), Field(4, "seats", "Seats", FieldType.NUMBER),
        Field(5, "day", "Day", FieldType.DATE), Field(6, "at", "At", FieldType.TIME),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (EVERYONE, "everyone"),
        (NO_ONE, "no one"),
        (EVERYONE | B, "Everyone or country is United Kingdom"),
        (B & A & ~F.last_incoming.within(days=30),
         "Country is United Kingdom and tags have any of vip or press and not (last incoming message is less than "
         "30 days ago)"),
        ((B | C) & A, "(Country is United Kingdom or conversation is open) and tags have any of vip or press"),
        (B | (C & ~A),
         "Country is United Kingdom or (conversation is open and not (tags have any of vip or press))"),
        (~(B & C), "Not (country is United Kingdom and conversation is open)"),
        (B & (C | NO_ONE | EVERYONE), "Country is United Kingdom and (conversation is open or everyone)"),
        (B & NO_ONE & (C | NO_ONE), "Country is United Kingdom and no one and conversation is open"),
        (F.country.is_none_of("GB", "FR", "DE"), "Country is none of United Kingdom, France or Germany"),
        (F.tags.has_all("a", "b", "c d"), "Tags have all of a, b and “c d”"),
        (F.tags.has_any("or", "Ünal", "bo@example.org", "2", "a, b", "a”b"),
         "Tags have any of “or”, Ünal, bo@example.org, “2”, “a, b” or “a””b”"),
        (F.tags.is_empty(), "Tags are empty"),
        (F.sources.has_none("whatsapp", "webchat"), "Channel sources have none of WhatsApp or Web chat"),
        (F.created_at.on("2026-03-01"), "Creation date is on 1 March 2026"),
        (F.created_at.between("0099-12-31", "2026-03-01"),
         "Creation date is between 31 December 99 and 1 March 2026"),
        (F.conversation_opened.within(days=1), "Conversation opening date is in the last 1 day"),
        (F.last_interaction.more_than_ago(days=7), "Last interaction is more than 7 days ago"),
        (F.last_interaction.is_not_empty(), "Last interaction is not empty"),
        (F.last_incoming.between(1, 1, "hours"), "Last incoming message is between 1 and 1 hour ago"),
        (F.assignee != "bo@example.org", "Assignee is not bo@example.org"),
        (F.team.is_unassigned(), "There is no team"),
        (F.first_name.does_not_contain("a”"), "First name does not contain “a”””"),
        (F["seats"] >= 5, "Seats is at least 5"),
        (F["seats"] == 5, "Seats is “5”"),
        (F["lunch"].between("09:30", "10:00:30"), "Lunch is between 09:30 and 10:00:30"),
        (F["newsletter"].is_false(), "Newsletter is false"),
    ],
)  # fmt: skip
def test_a_filter_reads_out_as_a_sentence(tree, said):
    assert str(tree) == said


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (F["seats"] == 5, "“Seats” is 5"),
        (F["newsletter"].is_true(), "“Newsletter?” is true"),
        (F["lunch"] == "09:30:00", "“Lunch” is 09:30"),
        (F["plan"].is_any_of("Gold", "Silver"), "“Plan” is any of “Gold” or “Silver”"),
        (F["birthday"].within(days=3), "“Birthday” is in the last 3 days"),
        (F["gone"] == "x", "Gone is “x”"),
        (F["seats"] == "many", "“Seats” is “many”"),
        (F["birthday"].before("10:00"), "“Birthday” is before 10:00"),
        (F["seats"] == "2026-13-01", "“Seats” is “2026-13-01”"),
        (F["plan"].contains("{it}"), "“Plan” contains “{it}”"),
    ],
)
def test_custom_fields_are_called_by_their_names_where_they_are_known(tree, said):
    assert sentence(tree, EXAMPLE.by_slug) == said


@given(filters(EXAMPLE, max_leaves=30))
def test_every_filter_has_a_sentence(tree):
    for said in (str(tree), sentence(tree, EXAMPLE.by_slug)):
        assert said
        assert said == said.strip()
        assert "_" not in said or "_" in repr(tree)


def test_different_filters_read_differently():
    heard: dict[str, Filter] = {}

    @settings(max_examples=500, database=None)
    @given(filters(SMALL, max_leaves=3))
    def listen(tree: Filter) -> None:
        assert heard.setdefault(str(tree), tree) == tree

    listen()
    assert len(heard) > 100


@pytest.mark.parametrize("name", sorted({question[0] for question in asked(SMALL)}))
def test_different_questions_about_one_thing_read_differently(name):
    heard: dict[str, Filter] = {}
    questions = [question for question in asked(SMALL) if question[0] == name]
    drawn = st.sampled_from(questions).flatmap(lambda question: criterion(SMALL, *question))

    @settings(database=None)
    @given(drawn, drawn)
    def listen(one: Filter, two: Filter) -> None:
        for tree in (one, ~one, one | two, one & two, one | EVERYONE, one & NO_ONE, two | ~one):
            assert heard.setdefault(str(tree), tree) == tree

    listen()
    assert heard


def test_no_country_or_language_is_named_like_another():
    for names in (countries(), languages()):
        assert len(set(names.values())) == len(names)


def test_a_country_or_language_that_is_named_like_two_stands_in_quotes(monkeypatch):
    names = {"GB": "United Kingdom", "XX": "Here and There", "YY": "Here, There", "ZZ": "Here or There"}
    monkeypatch.setattr("contacts_nb.model.places.countries", lambda: names)
    assert str(F.country.is_any_of("GB", "XX", "YY", "ZZ")) == (
        "Country is any of United Kingdom, “Here and There”, “Here, There” or “Here or There”"
    )
    assert str(F.country == "XX") == "Country is “Here and There”"


def test_every_country_and_language_can_be_told_from_what_joins_them():
    for code, name in countries().items():
        said = str(F.country.is_any_of(code, "GB"))
        assert (f"of “{name}” or" in said) == any(word in name for word in (", ", " and ", " or ")), said
    for code, name in languages().items():
        said = str(F.language.is_any_of(code, "en"))
        assert (f"of “{name}” or" in said) == any(word in name for word in (", ", " and ", " or ")), said
