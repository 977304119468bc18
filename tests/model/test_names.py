import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.names import initials, profile_name

PART = st.none() | st.just("") | st.text(min_size=1, max_size=5)


@given(PART, PART, st.lists(PART), PART, PART, st.lists(st.text(min_size=1)))
def test_a_contact_goes_by_the_first_name_there_is(first, last, profiles, phone, email, identifiers):
    name = profile_name(first, last, profiles, phone, email, identifiers)
    if first and last:
        assert name == f"{first} {last}"
    else:
        assert name == next((part for part in (first, last, *profiles, phone, email, *identifiers) if part), "")


@given(st.text())
def test_initials_are_one_or_two_letters_or_a_number_sign(name):
    letters = initials(name)
    assert letters == "#" or (
        1 <= len(letters) <= 2 and all(unicodedata.category(letter).startswith("L") for letter in letters)
    )


def test_initials_are_those_of_the_first_and_last_word():
    assert [initials(name) for name in ("ann", "Ann van der Berg", "élodie", "ßen", "Ann (work)", "", "+44")] == [
        "A",
        "AB",
        "É",
        "S",
        "A",
        "#",
        "#",
    ]
