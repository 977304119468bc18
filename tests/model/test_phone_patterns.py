import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts_nb.model.phone_patterns import plain_e164
from contacts_nb.model.phones import e164
from tests.benchmarks.phones import by_the_library

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
FORMATS = phonenumbers.PhoneNumberFormat
EXAMPLES = [
    (region, number)
    for region in REGIONS
    for kind in phonenumbers.PhoneNumberType.values()
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
] + [
    (None, number)
    for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS
    if (number := phonenumbers.example_number_for_non_geo_entity(code)) is not None
]


def prefixes(region: str | None, code: int) -> tuple[str, ...]:
    """What people write before a national number of `region`, right or wrong."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region or "US")
    assert metadata is not None
    trunk, abroad = metadata.national_prefix or "0", metadata.preferred_international_prefix or "00"
    return (
        *("", trunk, "0", "1", "8", "15"),
        *(f"+{code}", f"+{code}{trunk}", f"+{code}(0)", f"+{code}{code}", f"+00{code}", f"++{code}", "+"),
        *(f"{code}", f"{code}{trunk}", f"00{code}", f"000{code}", f"011{code}", f"{abroad}{code}"),
    )


@st.composite
def near_phones(draw):
    """A number of some country as it may be typed, a few digits of it wrong, and the region it is read in."""
    region, number = draw(st.sampled_from(EXAMPLES))
    digits = phonenumbers.national_significant_number(number)
    for _ in range(draw(st.integers(0, 2))):
        at, gone = draw(st.integers(0, len(digits))), draw(st.integers(0, 2))
        digits = digits[:at] + draw(st.sampled_from(["", *"0123456789"])) + digits[at + gone :]
    digits = draw(st.sampled_from(prefixes(region, number.country_code))) + digits
    for separator in draw(
        st.lists(st.sampled_from([" ", "-", "(", ")", ".", "/", " (", ") ", "  ", "\u00a0", "x"]))
    ):
        at = draw(st.integers(0, len(digits)))
        digits = digits[:at] + separator + digits[at:]
    return digits, draw(
        st.sampled_from([region, region, None, "US", "GB", "AR", "BR", "IT", "gb", "ZZ", *REGIONS])
    )


@given(near_phones())
@settings(max_examples=2_000, deadline=None)
def test_a_nearly_right_number_is_read_as_the_library_reads_it(phone):
    typed, region = phone
    assert e164(typed, region) == by_the_library(typed, region)


@given(st.text("0123456789+ -()./x#,;*~\t\u2011０８＋٣", max_size=24), st.sampled_from([None, "001", *REGIONS]))
@settings(max_examples=1_000, deadline=None)
def test_a_drawn_text_is_read_as_the_library_reads_it(typed, region):
    assert e164(typed, region) == by_the_library(typed, region)


@pytest.mark.parametrize("way", [FORMATS.E164, FORMATS.INTERNATIONAL, FORMATS.NATIONAL, FORMATS.RFC3966])
def test_the_example_numbers_of_every_country_are_read_as_the_library_reads_them(way):
    for region, number in EXAMPLES:
        typed = phonenumbers.format_number(number, way)
        for place in (region, None, "GB", "US"):
            assert e164(typed, place) == by_the_library(typed, place), (typed, place)


def test_no_parser_is_needed_for_numbers_with_their_calling_code():
    for _, number in EXAMPLES:
        typed = phonenumbers.format_number(number, FORMATS.INTERNATIONAL)
        assert plain_e164(typed, None) == by_the_library(typed, None)


@pytest.mark.parametrize(
    ("typed", "region", "expected"),
    [
        ("011 15-2345-6789", "AR", "+5491123456789"),  # 15 moves to the front as 9
        ("0 15 11 2345-6789", "BR", "+551123456789"),  # 15 chooses a carrier
        ("06 698 12345", "IT", "+390669812345"),  # the zero is part of the number
        ("356-5678", "BS", "+12423565678"),  # the only area code of the islands
        ("8 701 123 45 67", "KZ", "+77011234567"),
        ("0011 44 20 7946 0958", "AU", "+442079460958"),
        ("44 20 7946 0958", "GB", "+442079460958"),
        ("+44 (0)20 7946 0958", "FR", "+442079460958"),
        ("+800 1234 5678", None, "+80012345678"),  # free of charge in many countries, and of none of them
    ],
)
def test_no_parser_is_needed_for_what_a_country_does_differently(typed, region, expected):
    assert plain_e164(typed, region) == by_the_library(typed, region) == expected


@pytest.mark.parametrize(
    ("typed", "region"),
    [
        ("1-800-FLOWERS", "US"),
        ("+44 20 7946 0958 ext. 12", None),
        ("tel:020-7946-0958;phone-context=+44", None),
        ("＋４４ ２０ ７９４６ ０９５８", None),
        ("+0044 20 7946 0958", "GB"),
        ("020 7946 0958" + " " * 250, "GB"),
        ("7946 0958", "GB"),
        ("020 7946 0958", None),
        ("", "GB"),
        ("+", None),
    ],
)
def test_the_parser_is_asked_about_anything_unusual(typed, region):
    assert plain_e164(typed, region) is None
    assert e164(typed, region) == by_the_library(typed, region)


def test_no_numbering_plan_is_loaded_before_a_number_needs_it():
    code = (
        "import phonenumbers\n"
        "from contacts_nb.model.phones import e164\n"
        "plans = phonenumbers.PhoneMetadata._region_metadata\n"
        "print(sorted(plans), e164('+44 20 7946 0958', None), sorted(plans))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[] +442079460958 ['GB']\n"
