import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.draft import checked_tags, drafted
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.text import folded


@pytest.mark.parametrize(
    "values",
    [{}, {"first_name": " "}, {"country": "GB", "language": "en", "tags": ["vip"]}, {"phone": "", "email": ""}],
)
def test_a_contact_without_name_phone_and_email_is_refused(values):
    with pytest.raises(InvalidValue, match="at least one"):
        drafted(**values)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"first_name": "Ann"}, "Ann"),
        ({"last_name": "Smith"}, "Smith"),
        ({"phone": "112", "email": "ann@example.org"}, "112"),
        ({"email": "ann@example.org"}, "ann@example.org"),
    ],
)
def test_one_of_name_phone_and_email_is_enough(values, name):
    assert drafted(**values).name == name


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"first_name": "a\x00b"}, "first name"),
        ({"last_name": "x" * 256}, "last name"),
        ({"phone": "no"}, "phone"),
        ({"email": "no"}, "email"),
        ({"country": "Atlantis"}, "country"),
        ({"language": "Klingonese"}, "language"),
        ({"tags": ["x" * 256]}, "tag"),
        ({"tags": "vip"}, "tags"),
    ],
)
def test_a_value_that_breaks_a_rule_is_refused_with_its_field_named(values, field):
    with pytest.raises(InvalidValue) as refused:
        drafted(**({"first_name": "Ann"} | values))
    assert refused.value.field == field


def test_a_phone_is_read_in_the_region_that_is_given():
    phones = [drafted(phone="030 123456", region=region).phone_e164 for region in ("DE", None)]
    assert phones == ["+4930123456", None]


def test_values_are_stored_as_codes_and_spellings_are_kept():
    draft = drafted(first_name=" Zoë ", email=" Zoe@Example.org", country="Deutschland", language="en-GB")
    assert (draft.first_name, draft.email, draft.country, draft.language) == ("Zoë", "Zoe@Example.org", "DE", "en")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=10)))
def test_each_tag_is_kept_once_in_its_first_spelling(tags):
    kept = checked_tags(tags)
    assert [folded(tag) for tag in kept] == list(dict.fromkeys(folded(tag.strip()) for tag in tags if tag.strip()))
    assert set(kept) <= {tag.strip() for tag in tags}


def test_emoji_tags_and_tags_of_255_characters_are_allowed():
    assert checked_tags(["❤️", "👩‍👩‍👧", "x" * 255]) == ("❤️", "👩‍👩‍👧", "x" * 255)
