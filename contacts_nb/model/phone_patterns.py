"""E.164 of phones that are written plainly, from the tables of `phonenumbers` without its parser.

The parser finds a number in any text. In one of nothing but digits, their punctuation and a leading `+`, its
rules come down to a few matches against one numbering plan. What isn't answered here, it is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata

_BETWEEN_DIGITS = b" ()-./"
_LONGEST_TEXT = 250  # the parser refuses longer ones
_NEVER = "(?!)"


@dataclass(frozen=True, slots=True)
class _Plan:
    """The numbering plan of one region."""

    code: str
    abroad: re.Pattern[str]  # dialled before a calling code
    trunk: re.Pattern[str]  # dialled before a national number
    instead: str | None  # what stands for `trunk` in numbers where its last group matched
    listed: re.Pattern[str]  # the ranges that are in use
    lengths: frozenset[int]
    longest: int
    code_lengths: frozenset[int]  # of the main region with this calling code, whose word counts abroad

    def without_trunk(self, number: str) -> str:
        """`number` as it is written after a calling code."""
        found = self.trunk.match(number)
        if found is None:
            return number
        rest = number[found.end() :]
        if self.instead is not None and found[self.trunk.groups] is not None:
            rest = found.expand(self.instead) + rest
        if self.listed.fullmatch(number) and not self.listed.fullmatch(rest):
            return number
        return rest

    def e164(self, number: str) -> str | None:
        """The E.164 form of `number`, with or without its trunk prefix; None if its length isn't possible."""
        rest = self.without_trunk(number)
        # What gets too short was no trunk prefix.
        significant = rest if len(rest) in self.lengths or len(rest) > self.longest else number
        return f"+{self.code}{significant}" if len(significant) in self.code_lengths else None


def plain_e164(typed: str, region: str | None) -> str | None:
    """The E.164 form of a phone that is plainly `typed`, or None where it takes `phonenumbers` to tell.

    >>> plain_e164("020 7946 0958", "GB"), plain_e164("+44 (0)20 7946-0958", None), plain_e164("1-800-CALL", "US")
    ('+442079460958', '+442079460958', None)
    """
    if len(typed) > _LONGEST_TEXT:
        return None
    digits = typed.encode("ascii", "replace").translate(None, _BETWEEN_DIGITS).decode()
    if digits.startswith("+"):
        return _international(digits[1:])
    if region not in SUPPORTED_REGIONS or not digits.isdigit():
        return None
    plan = _plan_of_region(region)
    return None if plan is None else _dialled(digits, plan)


def _international(digits: str) -> str | None:
    if not digits.isdigit():
        return None
    plan = _plan_of_code(digits[:3])
    return None if plan is None else plan.e164(digits[len(plan.code) :])


def _dialled(digits: str, plan: _Plan) -> str | None:
    prefix = plan.abroad.match(digits)
    if prefix is not None:
        return _international(digits[prefix.end() :])
    if digits.startswith(plan.code):
        rest = plan.without_trunk(digits[len(plan.code) :])
        # A number that is listed only without these digits has its calling code, like one too long to be national.
        if len(digits) > plan.longest or (plan.listed.fullmatch(rest) and not plan.listed.fullmatch(digits)):
            return _international(plan.code + rest)
    return plan.e164(digits)


@cache
def _plan_of_code(leading: str) -> _Plan | None:
    """The plan of the calling code in the `leading` digits of a number, at most three; None if none is there."""
    if leading.startswith("0"):
        return None
    codes = (int(leading[:end]) for end in (1, 2, 3))
    code = next((code for code in codes if code in COUNTRY_CODE_TO_REGION_CODE), None)
    return None if code is None else _plan(_main_metadata(code), _main_metadata(code))


@cache
def _plan_of_region(region: str) -> _Plan | None:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.country_code is None:
        return None
    return _plan(metadata, _main_metadata(metadata.country_code))


def _main_metadata(code: int) -> PhoneMetadata | None:
    return PhoneMetadata.metadata_for_region_or_calling_code(code, COUNTRY_CODE_TO_REGION_CODE[code][0])


def _plan(own: PhoneMetadata | None, common: PhoneMetadata | None) -> _Plan | None:
    if own is None or own.general_desc is None or common is None or common.general_desc is None:
        return None
    lengths = frozenset(own.general_desc.possible_length)
    return _Plan(
        code=str(own.country_code),
        abroad=re.compile(own.international_prefix or _NEVER),
        trunk=re.compile(own.national_prefix_for_parsing or _NEVER),
        instead=own.national_prefix_transform_rule or None,
        listed=re.compile(own.general_desc.national_number_pattern or _NEVER),
        lengths=lengths,
        longest=max(lengths),
        code_lengths=frozenset(common.general_desc.possible_length),
    )
