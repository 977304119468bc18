import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.places import (
    countries,
    country_code,
    country_name,
    language_code,
    language_name,
    languages,
)
from contacts_nb.model.text import folded


@pytest.mark.parametrize("code", countries())
def test_every_country_is_known_by_its_code_and_name(code):
    spellings = (code, code.lower(), f" {country_name(code)} ", country_name(code).upper())
    assert [country_code(spelling) for spelling in spellings] == [code] * 4


@pytest.mark.parametrize("code", languages())
def test_every_language_is_known_by_its_code_and_name(code):
    spellings = (code, code.upper(), language_name(code), language_name(code).upper())
    assert [language_code(spelling) for spelling in spellings] == [code] * 4


@pytest.mark.parametrize("locale", ["de", "fr", "es", "ru", "ar", "zh", "ja", "ko", "tr"])
def test_every_country_is_known_by_its_name_in_other_languages(locale):
    names = {code: name for code, name in Locale(locale).territories.items() if code in countries()}
    assert {code: country_code(name) for code, name in names.items()} == {code: code for code in names}


def test_the_states_of_the_united_nations_are_there():
    assert len(countries()) >= 193 + 2
    assert {"GB", "US", "XK", "TW", "PS", "VA"} <= countries().keys()
    assert not {"EU", "UN", "ZZ", "XA"} & countries().keys()


def test_places_are_listed_by_name():
    assert list(countries().values()) == sorted(countries().values(), key=folded)
    assert list(languages().values()) == sorted(languages().values(), key=folded)


@pytest.mark.parametrize(
    ("tag", "code"), [("en-GB", "en"), ("zh_Hant_TW", "zh"), ("PT-br", "pt"), ("Deutsch", "de")]
)
def test_a_language_may_be_given_by_its_tag_or_own_name(tag, code):
    assert language_code(tag) == code


@pytest.mark.parametrize("name", ["Atlantis", "EU", "ZZ", "1", "G", "GBR "])
def test_what_is_no_country_is_refused(name):
    with pytest.raises(InvalidValue, match="is not a country"):
        country_code(name)


@pytest.mark.parametrize("name", ["Klingonese", "xx-GB", "-", "-GB", "_"])
def test_what_is_no_language_is_refused(name):
    with pytest.raises(InvalidValue, match="is not a language") as refused:
        language_code(name)
    assert refused.value.field == "language"


@given(st.text(max_size=8))
def test_any_text_gives_a_known_code_none_or_a_refusal(text):
    for code_of, known in ((country_code, countries()), (language_code, languages())):
        try:
            code = code_of(text)
        except InvalidValue:
            continue
        assert code in known if text.strip() else code is None


def test_no_place_has_no_name():
    assert (country_name(None), language_name(None), country_name("QQ")) == ("", "", "QQ")
