"""Phones to E.164: ours, beside `phonenumbers` alone, and whether both say the same.

    python -m tests.benchmarks.phones --numbers 100000

The numbers are drawn from the ranges of 20 countries, in the spellings that people use, and some are spoiled.
Both read each spelling in turns, and the best of `--runs` counts.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Callable

import phonenumbers

from contacts_nb.model.phones import e164

COUNTRIES = (
    *("AR", "AU", "BR", "CA", "CN", "DE", "EG", "ES", "FR", "GB"),
    *("ID", "IN", "IT", "JP", "MX", "NG", "PL", "TR", "US", "ZA"),
)
FORMATS = phonenumbers.PhoneNumberFormat
KINDS = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.TOLL_FREE,
)
SEED = 1

Read = Callable[[str, str | None], str | None]
Phone = tuple[str, str | None]


def by_the_library(typed: str, region: str | None) -> str | None:
    """What `e164` has to give, in the library's words."""
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, FORMATS.E164)


def drawn(count: int) -> dict[str, list[Phone]]:
    """`count` phones and the regions they are read in, by spelling."""
    chance = random.Random(SEED)  # noqa: S311 - the same numbers each time
    phones: defaultdict[str, list[Phone]] = defaultdict(list)
    spellings = list(SPELLINGS)
    for place in range(count):
        region = chance.choice(COUNTRIES)
        example = phonenumbers.example_number_for_type(region, chance.choice(KINDS))
        assert example is not None
        digits = phonenumbers.national_significant_number(example)
        # The first digits decide the range.
        ending = "".join(chance.choices("0123456789", k=len(digits) // 2))
        number = phonenumbers.parse(f"+{example.country_code}{digits[: -len(ending)]}{ending}")
        spelling = spellings[place % len(spellings)]
        phones[spelling].append(SPELLINGS[spelling](number, region, chance))
    return phones


def _international(number: phonenumbers.PhoneNumber, region: str, chance: random.Random) -> Phone:
    return phonenumbers.format_number(number, FORMATS.INTERNATIONAL), chance.choice([None, region])


def _with_dashes(number: phonenumbers.PhoneNumber, region: str, chance: random.Random) -> Phone:
    text, place = _international(number, region, chance)
    return text.replace(" ", "-"), place


def _digits_only(number: phonenumbers.PhoneNumber, region: str, chance: random.Random) -> Phone:
    return phonenumbers.format_number(number, FORMATS.E164), chance.choice([None, region])


def _national(number: phonenumbers.PhoneNumber, region: str, chance: random.Random) -> Phone:
    return phonenumbers.format_number(number, FORMATS.NATIONAL), region


def _from_abroad(number: phonenumbers.PhoneNumber, region: str, chance: random.Random) -> Phone:
    return phonenumbers.format_out_of_country_calling_number(number, "FR"), "FR"


def _with_extension(number: phonenumbers.PhoneNumber, region: str, chance: random.Random) -> Phone:
    return f"{phonenumbers.format_number(number, FORMATS.NATIONAL)} ext. {chance.randrange(100)}", region


def _a_digit_wrong(number: phonenumbers.PhoneNumber, region: str, chance: random.Random) -> Phone:
    text, place = chance.choice([_international, _national])(number, region, chance)
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(["", *"0123456789"]) + text[at + chance.randrange(2) :], place


SPELLINGS: dict[str, Callable[[phonenumbers.PhoneNumber, str, random.Random], Phone]] = {
    "international": _international,
    "with dashes": _with_dashes,
    "digits only": _digits_only,
    "national": _national,
    "from abroad": _from_abroad,
    "with an extension": _with_extension,
    "a digit wrong": _a_digit_wrong,
}


def seconds(read: Read, phones: list[Phone]) -> float:
    started = time.perf_counter()
    for typed, region in phones:
        read(typed, region)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numbers", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"{options.numbers:,} numbers of {len(COUNTRIES)} countries; µs a number, best of {options.runs}")
    print(f"{'':<20}{'numbers':>9}{'ours':>8}{'phonenumbers':>14}{'ratio':>7}{'differences':>13}")
    total = [0.0, 0.0, 0.0]
    for spelling, phones in drawn(options.numbers).items():
        differences = sum(e164(*phone) != by_the_library(*phone) for phone in phones)
        turns = [(seconds(e164, phones), seconds(by_the_library, phones)) for _ in range(options.runs)]
        ours, theirs = (min(times) for times in zip(*turns, strict=True))
        _print_row(spelling, len(phones), ours, theirs, differences)
        total = [sum(pair) for pair in zip(total, (ours, theirs, differences), strict=True)]
    _print_row("all", options.numbers, *total)


def _print_row(name: str, numbers: int, ours: float, theirs: float, differences: float) -> None:
    print(
        f"{name:<20}{numbers:>9,}{ours / numbers * 1e6:>8.2f}{theirs / numbers * 1e6:>14.2f}"
        f"{theirs / ours:>7.1f}{differences:>13,.0f}"
    )


if __name__ == "__main__":
    main()
