import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.phones import checked_phone, checked_region, e164, phone_key
from contacts_nb.model.text import folded

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


@given(st.text("0123456789 -()./", max_size=20))
def test_no_region_is_ever_guessed(typed):
    assert e164(typed, None) is None


@given(st.sampled_from(["+44 20 7946 0958", "+1 (202) 555-0143", "+4930123456", "+86 10 1234 5678"]), st.data())
def test_an_international_number_is_the_same_in_every_region(typed, data):
    assert e164(typed, data.draw(st.sampled_from(REGIONS))) == e164(typed, None) is not None


@given(st.sampled_from(REGIONS))
def test_the_example_number_of_every_region_is_read_in_all_its_spellings(region):
    number = phonenumbers.example_number(region)
    assert number is not None
    international = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert (e164(international, None), e164(national, region), e164(plain, None)) == (plain, plain, plain)


@pytest.mark.parametrize(
    ("typed", "region", "expected"),
    [
        ("0044 20 7946 0958", "GB", "+442079460958"),
        ("0044 20 7946 0958", None, None),
        ("0044 20 7946 0958", "US", None),  # the prefix for abroad is 011 there
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("  020   7946  0958 ", "GB", "+442079460958"),
        ("٠٢٠ ٧٩٤٦ ٠٩٥٨", "GB", "+442079460958"),
        ("＋４４ ２０ ７９４６ ０９５８", None, "+442079460958"),
        ("555-0143", "US", None),  # without an area code nobody abroad can call it
        ("7946 0958", "GB", None),
        ("not a phone", "GB", None),
        ("", "GB", None),
    ],
)
def test_a_phone_as_typed_gives_its_international_form_or_none(typed, region, expected):
    assert e164(typed, region) == expected


@given(st.text())
def test_any_text_is_either_a_phone_or_refused(text):
    try:
        phone = checked_phone(text)
    except InvalidValue:
        return
    assert phone == (text.strip() or None)


@pytest.mark.parametrize("text", ["12", "1" * 18, "<123>", "12\x0034", "1" * 3 + "-" * 62, "phone", "12@34"])
def test_what_cannot_be_a_phone_is_refused(text):
    with pytest.raises(InvalidValue) as refused:
        checked_phone(text)
    assert refused.value.field == "phone"


@pytest.mark.parametrize(
    "text", ["112", "+44 20 7946 0958", "020/7946-0958", "1-800-FLOWERS 123", "020 7946 ext. 12"]
)
def test_a_phone_is_kept_as_typed(text):
    assert checked_phone(f" {text} ") == text


@given(st.text("0123456789 +()-./x٣\u00a0\x00\n", max_size=70))
def test_a_text_is_a_phone_if_its_digits_are_3_to_17(text):
    digits = sum(character.isdecimal() for character in text)
    phone = 3 <= digits <= 17 and "\x00" not in text and len(text.strip()) <= 64
    if phone or not text.strip():
        assert checked_phone(text) == (text.strip() or None)
    else:
        with pytest.raises(InvalidValue):
            checked_phone(text)


@given(st.text("0123456789 +()-./x#") | st.text())
def test_the_key_of_a_phone_is_its_digits(text):
    assert phone_key(text, None) == "".join(filter(str.isdecimal, folded(text)))


@pytest.mark.parametrize("region", [None, "", " "])
def test_no_region_is_a_region(region):
    assert checked_region(region) is None


@pytest.mark.parametrize("region", ["UK", "ZZ", "001", "GBR", "Germany"])
def test_a_region_without_numbers_is_refused(region):
    with pytest.raises(InvalidValue, match="two-letter code"):
        checked_region(region)
