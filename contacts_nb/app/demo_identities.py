"""The channels of the demo's workspace, and who the people of a chunk are on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contacts_nb.app.demo_locales import LOCALES
from contacts_nb.app.demo_profiles import Person, Profiles
from contacts_nb.model.contact import Source

CHANNELS = (
    ("WhatsApp Sales", Source.WHATSAPP, 20),
    ("WhatsApp Support", Source.WHATSAPP, 12),
    ("Messenger", Source.MESSENGER, 12),
    ("Instagram", Source.INSTAGRAM, 12),
    ("Telegram", Source.TELEGRAM, 6),
    ("LINE", Source.LINE, 3),
    ("SMS", Source.SMS, 8),
    ("E-mail Support", Source.EMAIL, 16),
    ("Web chat", Source.WEBCHAT, 11),
)
"""Name, source, and how much it is used relative to the others."""

_SHARES_OF_ONE_TO_FOUR = (0.27, 0.36, 0.27, 0.10)
_FAVOURITE = 5.0
_UNLIKELY = 0.2
_BY_PHONE = frozenset({Source.WHATSAPP, Source.SMS})
_NAMED = frozenset({Source.WHATSAPP, Source.MESSENGER, Source.INSTAGRAM, Source.TELEGRAM, Source.LINE})
_EMOJI = ("🌸", "🔥", "😊", "✨", "🎉", "🌍", "⚽", "🐱", "🎸", "💃", "🦋", "☕")
_WITH_EMOJI = 0.02

_USE = np.array(
    [
        [share * (_FAVOURITE if source in locale.favourite else 1) for _, source, share in CHANNELS]
        for locale in LOCALES
    ]
)
_IS_BY_PHONE = np.array([source in _BY_PHONE for _, source, _ in CHANNELS])
_IS_EMAIL = np.array([source is Source.EMAIL for _, source, _ in CHANNELS])


@dataclass(frozen=True, slots=True)
class Identities:
    """One row per identity, by person: whose, on which of `CHANNELS`, under what identifier and profile name."""

    counts: NDArray[np.int64]
    owner: list[int]
    channel: list[int]
    identifier: list[str]
    profile_name: list[str | None]


def drawn_identities(draw: np.random.Generator, profiles: Profiles) -> Identities:
    """One to four identities for each person, each on another channel, the usual one first."""
    people = profiles.people
    counts = np.searchsorted(np.cumsum(_SHARES_OF_ONE_TO_FOUR[:-1]), draw.random(len(people)), side="right") + 1
    use = _USE[profiles.locales]
    no_phone = np.array([phone is None for phone in profiles.phones])
    no_email = np.array([email is None for email in profiles.emails])
    use[np.ix_(no_phone, _IS_BY_PHONE)] *= _UNLIKELY
    use[np.ix_(no_email, _IS_EMAIL)] = 0
    # The largest of log(share) + Gumbel noise are a weighted sample without repeats.
    with np.errstate(divide="ignore"):
        ranking = np.argsort(-(np.log(use) + draw.gumbel(size=use.shape)), axis=1)
    channels = ranking[np.arange(len(CHANNELS)) < counts[:, None]].tolist()
    owners = np.repeat(np.arange(len(people)), counts).tolist()
    moods = draw.random(len(owners)).tolist()
    emoji = (draw.random(len(owners)) * (len(_EMOJI) / _WITH_EMOJI)).astype(np.int64).tolist()
    identifiers = [_IDENTIFIER[channel](people[owner]) for owner, channel in zip(owners, channels, strict=True)]
    names = [
        _profile_name(people[owner], mood, symbol) if CHANNELS[channel][1] in _NAMED else None
        for owner, channel, mood, symbol in zip(owners, channels, moods, emoji, strict=True)
    ]
    return Identities(counts, owners, channels, identifiers, names)


def _profile_name(person: Person, mood: float, emoji: int) -> str | None:
    if emoji < len(_EMOJI):
        return f"{person.given} {_EMOJI[emoji]}"
    if mood < 0.5:
        return person.name
    if mood < 0.7:
        return person.given
    return person.account if mood < 0.8 else None


def _page_scoped(person: Person) -> str:
    return str(2_000_000_000_000_000 + person.number * 618_033_988_749_897 % 8_000_000_000_000_001)


def _telegram(person: Person) -> str:
    return str(1_000_000_000 + person.number * 3_819_660_113 % 6_000_000_001)


def _line(person: Person) -> str:
    # An odd multiplier permutes the numbers of 64 bits.
    high, low = person.number * 0x9E37_79B9_7F4A_7C15, person.number * 0xC2B2_AE3D_27D4_EB4F
    return f"U{high % 2**64:016x}{low % 2**64:016x}"


def _visitor(person: Person) -> str:
    return f"visitor-{person.number * 0x5851_F42D_4C95 % 2**48:012x}"


_BY_SOURCE: dict[Source, Callable[[Person], str]] = {
    Source.WHATSAPP: lambda person: person.e164,
    Source.SMS: lambda person: person.e164,
    Source.MESSENGER: _page_scoped,
    Source.INSTAGRAM: lambda person: person.account.replace(".", "_"),
    Source.TELEGRAM: _telegram,
    Source.LINE: _line,
    Source.EMAIL: lambda person: person.address,
    Source.WEBCHAT: _visitor,
}
_IDENTIFIER = tuple(_BY_SOURCE[source] for _, source, _ in CHANNELS)
