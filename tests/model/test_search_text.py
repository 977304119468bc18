import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contacts_nb.model.search_text import search_document, search_terms, trigram_pattern
from contacts_nb.model.text import folded

WORDS = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1), min_size=1)
# The letters of Turkish, whose capitals Unicode gives to other letters, have a test of their own.
LETTERS = st.lists(st.text(st.characters(categories=["L"], exclude_characters="ıİ"), min_size=1), min_size=1)


def found(document: str, typed: str) -> bool:
    return all(any(trigram_pattern(spelling) in document for spelling in term) for term in search_terms(typed))


@given(WORDS, st.data())
def test_three_characters_and_more_are_found_anywhere_in_a_word(words, data):
    word = data.draw(st.sampled_from([part for text in words for part in folded(text).split()] or [""]))
    assume(len(word) >= 3)
    start = data.draw(st.integers(0, len(word) - 3))
    end = data.draw(st.integers(start + 3, len(word)))
    assert trigram_pattern(word[start:end]) in search_document(words, [])


@given(WORDS, st.data())
def test_one_and_two_characters_are_found_at_the_start_of_a_word(words, data):
    word = data.draw(st.sampled_from([part for text in words for part in folded(text).split()] or [""]))
    assume(word)
    assert trigram_pattern(word[: data.draw(st.integers(1, 2))]) in search_document(words, [])


@given(LETTERS)
def test_everyone_is_found_by_all_of_their_words_as_they_are_spelled(words):
    assert found(search_document(words, []), " ".join(words))


@given(LETTERS, st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_the_order_and_case_of_words_do_not_matter(words, case):
    assert found(search_document(words, []), "  ".join(case(word) for word in reversed(words)))


@pytest.mark.parametrize("typed", ["YILMAZ", "yılmaz", "Yilmaz"])
def test_a_turkish_name_is_found_in_capitals(typed):
    assert found(search_document(["Yılmaz"], []), typed)


@given(
    st.text("0123456789", min_size=3, max_size=17), st.sampled_from([" ", "-", ".", " (", ") ", "/"]), st.data()
)
def test_a_phone_is_found_by_any_three_of_its_digits_however_they_are_divided(digits, divider, data):
    start = data.draw(st.integers(0, len(digits) - 3))
    part = digits[start : data.draw(st.integers(start + 3, len(digits)))]
    assert found(search_document([], [f"+{digits}"]), part[:2] + divider + part[2:])


@pytest.mark.parametrize(
    "typed", ["020 7946", "+44 20 7946 0958", "442079", "0044 20 7946", "79460958", "(020) 7946"]
)
def test_a_phone_is_found_with_and_without_spaces_plus_and_leading_zeros(typed):
    assert found(search_document([], ["020 7946 0958", "+442079460958"]), typed)


@pytest.mark.parametrize("typed", ["ann +44", "ann 020-7946", "+442079460958 ann", "ann (020)"])
def test_a_phone_may_stand_beside_a_name(typed):
    assert found(search_document(["Ann"], ["020 7946 0958", "+442079460958"]), typed)


@pytest.mark.parametrize("name", ["24/7", "2024-25", "1.5", "12-345-678"])
def test_a_name_of_digits_and_punctuation_is_found_as_it_is_spelled(name):
    assert found(search_document([name], []), name)


@pytest.mark.parametrize("typed", ["王", "小", "小明", "明", "王小明"])
def test_a_name_without_spaces_is_found_from_each_of_its_characters_on(typed):
    assert found(search_document(["王小明"], []), typed)


@pytest.mark.parametrize("typed", ["수", "김", "민수"])
def test_a_korean_name_is_found_from_each_of_its_syllables_on(typed):
    assert found(search_document(["김민수"], []), typed)


def test_a_document_holds_each_word_once():
    assert search_document(["Ann ann", "ANN"], ["1 2 3", "+123"]) == "  ann  123"


@pytest.mark.parametrize("typed", ["", " ", "\t\n", "\u3000", "\x00"])
def test_nothing_typed_asks_for_nothing(typed):
    assert search_terms(typed) == ()


@given(st.text())
def test_anything_typed_gives_terms_without_white_space_or_nul(typed):
    spellings = [spelling for term in search_terms(typed) for spelling in term]
    assert all(spelling and not set(spelling) & set(" \t\n\x00") for spelling in spellings)
