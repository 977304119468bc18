import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.text import cleaned, folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert folded(folded(text)) == folded(text)


@given(st.text(st.characters(codec="utf-8")))
def test_every_case_of_a_text_folds_alike(text):
    assert folded(text.casefold()) == folded(text)


@given(st.text(st.sampled_from("aeiounAEIOUN")), st.sampled_from(["\u0301", "\u0300", "\u0308", "\u0303"]))
def test_letters_fold_alike_with_and_without_accents(text, accent):
    assert folded("".join(letter + accent for letter in text)) == folded(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ÉCOLE", "ecole"),
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("e\u0301cole", "\u00e9cole"),
        ("한국어", "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165"),
        ("مُحَمَّد", "محمد"),
        ("שָׁלוֹם", "שלום"),
        ("ﬁn", "FIN"),
        ("Ё", "е"),
        ("Łukasz", "lukasz"),
        ("Đorđe Sørensen", "dorde sorensen"),
        ("Yılmaz", "YILMAZ"),
    ],
)
def test_spellings_that_people_hold_for_one_fold_alike(one, other):
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("कि", "की"), ("கா", "கி"), ("ไก", "ใก"), ("가", "각"), ("小", "大")])
def test_vowel_signs_and_letters_that_mean_another_word_stay_apart(one, other):
    assert folded(one) != folded(other)


def test_hangul_stays_in_syllables():
    assert folded("한국어") == "한국어"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20))
def test_cleaning_takes_only_surrounding_space_away(text):
    assert cleaned("first name", f" \t{text}\n", 20) == (text.strip() or None)


def test_nothing_and_white_space_are_no_value():
    assert [cleaned("first name", value, 5) for value in (None, "", " \t\n\u3000")] == [None, None, None]


@pytest.mark.parametrize(
    ("value", "said"),
    [("a\x00b", "NUL"), ("a\ud800b", "surrogate"), ("\udfff", "surrogate"), ("x" * 6, "at most 5")],
)
def test_what_no_column_can_hold_is_refused_with_the_field_named(value, said):
    with pytest.raises(InvalidValue, match=said) as refused:
        cleaned("last name", value, 5)
    assert refused.value.field == "last name"
    assert str(refused.value).startswith("last name ")
    str(refused.value).encode("utf-8")


def test_a_text_of_exactly_the_limit_is_kept():
    assert cleaned("last name", "x" * 5, 5) == "xxxxx"


@given(st.text(max_size=6), st.text(max_size=6))
def test_folding_goes_word_by_word(one, other):
    assert folded(f"{one} {other}") == f"{folded(one)} {folded(other)}"
