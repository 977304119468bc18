import numpy as np
import phonenumbers
import pytest

from contacts_nb.app.demo_locales import CAPACITY, LOCALES, Locale
from contacts_nb.app.demo_names import NAMES
from contacts_nb.app.demo_phrases import OTHERWISE, PHRASES
from contacts_nb.model.phones import e164
from contacts_nb.model.places import countries, languages


@pytest.mark.parametrize("language", NAMES)
def test_names_are_each_there_once_with_an_ascii_form(language):
    names = NAMES[language]

    for written, latin in ((names.given, names.given_ascii), (names.family, names.family_ascii)):
        assert len(written) == len(latin) == len(set(written)) >= 25
        assert all(name.isascii() and name.isalpha() and name.islower() for name in latin)


def test_countries_and_languages_have_names():
    assert {locale.country for locale in LOCALES} <= set(countries())
    assert {locale.language for locale in LOCALES} <= set(languages())


@pytest.mark.parametrize("locale", LOCALES, ids=lambda locale: f"{locale.language}-{locale.country}")
def test_phones_of_a_locale_are_valid_distinct_and_readable_as_typed(locale: Locale):
    ids = np.arange(1, CAPACITY, CAPACITY // 500, dtype=np.int64)
    national = locale.national_numbers(ids)

    assert len(set(national)) == len(ids)
    for number in national:
        whole = f"+{locale.calling_code}{number}"
        assert phonenumbers.is_valid_number_for_region(phonenumbers.parse(whole), locale.country)
        typed = [layout % tuple(number) for layout in locale.layouts]
        assert {e164(phone, locale.country) for phone in typed} == {whole}
        assert {e164(phone, None) for phone in typed[-2:]} == {whole}


def test_every_phrase_that_comes_in_has_an_answer():
    assert OTHERWISE in PHRASES
    for phrases in PHRASES.values():
        assert len(phrases.incoming) == len(phrases.outgoing) == len(set(phrases.incoming))
