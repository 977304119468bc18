"""Where the people of the demo live: country, language, how many of them, and their mobile phones.

A phone is a prefix of the country's mobile range and six more digits. Every contact's number is a distinct
one of its locale, by a permutation of the contact's id, so no number has to be looked up to be unique.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from contacts_nb.app.demo_names import NAMES, Names
from contacts_nb.model.contact import Source

_TAIL = 10**6
_GOLDEN = 0.618_033_988_749_895


@dataclass(frozen=True)
class Locale:
    """People of one language in one country; `share` is relative to the other locales.

    `prefixes` are those of the national number, `#` standing for any digit; `typed` are the ways to write
    the national number, `#` standing for its digits in turn. `favourite` sources are used five times as much.
    """

    country: str
    language: str
    share: float
    calling_code: str
    prefixes: str
    typed: Sequence[str]
    favourite: Sequence[Source] = ()

    @property
    def names(self) -> Names:
        """The names of its language."""
        return NAMES[self.language]

    @cached_property
    def all_prefixes(self) -> tuple[str, ...]:
        """The prefixes, written out."""
        return tuple(prefix for pattern in self.prefixes.split() for prefix in _written_out(pattern))

    @property
    def capacity(self) -> int:
        """How many phones it has."""
        return len(self.all_prefixes) * _TAIL

    def national_numbers(self, ids: NDArray[np.int64]) -> list[str]:
        """The national number (without trunk prefix) of each contact id up to `capacity`, all distinct."""
        numbers = (ids * _coprime_near(self.capacity) + 271_828) % self.capacity
        prefixes = self.all_prefixes
        heads, tails = np.divmod(numbers, _TAIL)
        return [f"{prefixes[head]}{tail:06d}" for head, tail in zip(heads.tolist(), tails.tolist(), strict=True)]

    @cached_property
    def layouts(self) -> tuple[str, ...]:
        """The ways to write a number, as `%` formats of its digits; the last two are international."""
        return tuple(way.replace("#", "%s") for way in self.typed)


def _written_out(pattern: str) -> list[str]:
    return ["".join(digits) for digits in product(*("0123456789" if c == "#" else c for c in pattern))]


def _coprime_near(capacity: int) -> int:
    """A multiplier that permutes the numbers below `capacity` and leaves no order to be seen."""
    multiplier = int(capacity * _GOLDEN) | 1
    while np.gcd(multiplier, capacity) != 1:
        multiplier += 2
    return multiplier


def _typed(calling_code: str, *national: str, spaced: str) -> tuple[str, ...]:
    """The national ways, then the international one with and without spaces."""
    return (*national, f"+{calling_code} {spaced}", f"+{calling_code}{'#' * spaced.count('#')}")


_US_AREAS = "201 202 206 212 213 214 303 305 310 312 404 415 503 512 602 617 702 713 718 773"
_S = Source

LOCALES = (
    Locale("US", "en", 12, "1", " ".join(f"{area}{d}" for area in _US_AREAS.split() for d in range(2, 10)),
           _typed("1", "(###) ###-####", "###-###-####", spaced="###-###-####"), (_S.SMS, _S.MESSENGER)),
    Locale("GB", "en", 9, "44", "71## 72## 73##", _typed("44", "0#### ######", spaced="#### ######")),
    Locale("DE", "de", 7, "49", "151## 152## 157## 159## 160## 162## 170##",
           _typed("49", "0### ########", spaced="### ########")),
    Locale("FR", "fr", 6, "33", "60# 61# 62# 64# 65# 66# 67# 68#",
           _typed("33", "0# ## ## ## ##", spaced="# ## ## ## ##")),
    Locale("ES", "es", 5, "34", "6##", _typed("34", "### ## ## ##", spaced="### ## ## ##")),
    Locale("MX", "es", 6, "52", "33## 55## 56## 81##", _typed("52", "## #### ####", spaced="## #### ####")),
    Locale("BR", "pt", 8, "55", "119## 219## 279##",
           _typed("55", "(##) #####-####", spaced="## #####-####"), (_S.INSTAGRAM,)),
    Locale("IT", "it", 4, "39", "32## 33## 34## 38##", _typed("39", "### ### ####", spaced="### ### ####")),
    Locale("PL", "pl", 3, "48", "50# 51# 53# 60# 66# 69# 72# 78#",
           _typed("48", "### ### ###", spaced="### ### ###")),
    Locale("TR", "tr", 4, "90", "53## 54## 55##", _typed("90", "0### ### ## ##", spaced="### ### ## ##")),
    Locale("VN", "vi", 3, "84", "3##", _typed("84", "0### ### ###", spaced="### ### ###"), (_S.MESSENGER,)),
    Locale("NL", "nl", 3, "31", "61# 62# 63# 64# 65#", _typed("31", "0# ########", spaced="# ########")),
    Locale("SE", "sv", 2, "46", "70# 72# 73# 76# 79#", _typed("46", "0##-### ## ##", spaced="## ### ## ##")),
    Locale("RU", "ru", 4, "7", "90## 91## 92## 95## 96##",
           _typed("7", "8 (###) ###-##-##", spaced="### ###-##-##"), (_S.TELEGRAM,)),
    Locale("UA", "uk", 3, "380", "50# 63# 66# 67# 68# 73# 93#",
           _typed("380", "0## ### ####", spaced="## ### ####"), (_S.TELEGRAM,)),
    Locale("GR", "el", 2, "30", "690# 693# 694# 697# 698#", _typed("30", "### ### ####", spaced="### ### ####")),
    Locale("EG", "ar", 4, "20", "10## 11## 12##", _typed("20", "0### ### ####", spaced="### ### ####")),
    Locale("IL", "he", 2, "972", "53# 56#", _typed("972", "0##-###-####", spaced="##-###-####")),
    Locale("IN", "hi", 5, "91", "70## 84## 90## 93##", _typed("91", "0##### #####", spaced="##### #####")),
    Locale("CN", "zh", 5, "86", "130## 135## 136## 138##",
           _typed("86", "### #### ####", spaced="### #### ####"), (_S.WEBCHAT, _S.EMAIL)),
    Locale("JP", "ja", 4, "81", "901# 902# 903# 801# 802# 803#",
           _typed("81", "0##-####-####", spaced="##-####-####"), (_S.LINE,)),
    Locale("KR", "ko", 3, "82", "102# 103# 104# 107# 108# 109#",
           _typed("82", "0##-####-####", spaced="##-####-####"), (_S.INSTAGRAM,)),
    Locale("TH", "th", 3, "66", "8##", _typed("66", "0## ### ####", spaced="## ### ####"), (_S.LINE,)),
    Locale("GE", "ka", 1, "995", "555 557 558 559 568 570 571 574 577 579 591 592 593 595 596 597 598 599",
           _typed("995", "### ## ## ##", spaced="### ## ## ##")),
    Locale("BD", "bn", 3, "880", "13## 15## 16## 17## 18## 19##",
           _typed("880", "0####-######", spaced="####-######")),
)  # fmt: skip
CAPACITY = min(locale.capacity for locale in LOCALES)
"""How many contacts a demo can have before phones repeat."""
