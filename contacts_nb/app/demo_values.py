"""What the custom fields of a demo hold, a chunk of people at a time.

Few know much of everybody: each field is filled in for a part of the people only, and small numbers are more
usual than large ones. Companies and their addresses are made up, on a domain that RFC 2606 reserves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contacts_nb.app.demo_settings import FIELDS, PLANS
from contacts_nb.model.fields import value_key
from contacts_nb.operations.fill import Row

Integers = NDArray[np.int64]
Objects = NDArray[np.object_]

_FILLED = {
    "Company": 0.30, "Plan": 0.60, "Newsletter": 0.40, "Billing e-mail": 0.30, "Visits": 0.45,
    "Lifetime value": 0.35, "Website": 0.30, "Birthday": 0.30, "Preferred call time": 0.30,
}  # fmt: skip
_FILL_RATES = np.array([_FILLED[name] for name, _ in FIELDS])
# Whoever has a company is the one whose website and billing address are known; drawn once for all three.
_OF_COMPANY = ("Company", "Billing e-mail", "Website")

_COLOURS = (
    "Amber", "Azure", "Coral", "Copper", "Crimson", "Ivory", "Jade", "Lilac", "Mint", "Ochre", "Olive", "Silver",
    "Teal", "Violet",
)  # fmt: skip
_THINGS = (
    "Acorn", "Anchor", "Button", "Compass", "Feather", "Kettle", "Lantern", "Marble", "Pebble", "Quill", "Teapot",
    "Thimble", "Walnut",
)  # fmt: skip
_KINDS = ("Bakery", "Books", "Design", "Garden", "Goods", "Studio", "Trading")


def _objects(values: list[Any]) -> Objects:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


_NAMES = list(product(_COLOURS, _THINGS, _KINDS))
_HOSTS = [f"{colour}-{thing}.example".lower() for colour, thing, _ in _NAMES]
_COMPANIES = _objects([" ".join(name) for name in _NAMES])
_BILLING = _objects([f"{box}@{host}" for host in _HOSTS for box in ("billing", "invoices", "office")])
_WEBSITES = _objects([f"https://{host}/" for host in _HOSTS])
_DAYS = _objects(np.datetime_as_string(np.arange("1941-01-01", "2008-01-01", dtype="datetime64[D]")).tolist())
_TIMES = _objects([f"{hour:02}:{minute:02}:00" for hour in range(8, 20) for minute in (0, 15, 30, 45)])
_PLANS = _objects(list(PLANS))
_PLAN_SHARES = (0.52, 0.27, 0.15, 0.06)
_TICKS = _objects(["0", "1"])


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a chunk: whose (from 0), which of `FIELDS`, the text, and number and key if there are any."""

    counts: Integers
    person: Integers
    field: Integers
    texts: list[str]
    numbers: list[float | None]
    keys: list[str | None]

    def rows(self, first_contact: int) -> Iterator[Row]:
        """The rows of `field_values`, where the first person is that contact."""
        contacts, fields = (self.person + first_contact).tolist(), (self.field + 1).tolist()
        return zip(contacts, fields, self.texts, self.numbers, self.keys, strict=True)


def drawn_values(draw: np.random.Generator, people: int) -> Values:
    """The values of so many people."""
    names = [name for name, _ in FIELDS]
    chances = draw.random((people, len(FIELDS)))
    # Half of the time what is known of a company is known together.
    together = draw.random(people) < 0.5
    for name in _OF_COMPANY[1:]:
        chances[together, names.index(name)] = chances[together, names.index(_OF_COMPANY[0])]
    filled = chances < _FILL_RATES
    texts = np.empty(filled.shape, dtype=object)
    numbers = np.empty(filled.shape, dtype=object)
    company = (draw.random(people) ** 1.5 * len(_COMPANIES)).astype(np.int64)
    visits = 1 + (draw.lognormal(1.2, 1.1, people)).astype(np.int64).clip(max=400)
    cents = draw.lognormal(8.6, 1.2, people).astype(np.int64).clip(max=5_000_000)
    newsletter = (draw.random(people) < 0.62).astype(np.int64)
    # Ages have a hump in the middle, and people are called before lunch or in the evening.
    birthday = (draw.beta(2.6, 2.0, people) * len(_DAYS)).astype(np.int64)
    called_at = (draw.beta(0.8, 0.7, people) * len(_TIMES)).astype(np.int64)
    plan = np.searchsorted(np.cumsum(_PLAN_SHARES)[:-1], draw.random(people), side="right")
    mailbox = company * 3 + (draw.random(people) ** 2 * 3).astype(np.int64)
    columns: dict[str, Objects] = {
        "Company": _COMPANIES[company],
        "Plan": _PLANS[plan],
        "Newsletter": _TICKS[newsletter],
        "Billing e-mail": _BILLING[mailbox],
        "Visits": _objects([str(number) for number in visits.tolist()]),
        "Lifetime value": _objects([_amount(number) for number in cents.tolist()]),
        "Website": _WEBSITES[company],
        "Birthday": _DAYS[birthday],
        "Preferred call time": _TIMES[called_at],
    }
    as_numbers: dict[str, NDArray[Any]] = {
        "Newsletter": newsletter.astype(float),
        "Visits": visits.astype(float),
        "Lifetime value": cents / 100,
    }
    for place, name in enumerate(names):
        texts[:, place] = columns[name]
        if name in as_numbers:
            numbers[:, place] = as_numbers[name]
    person, field = np.nonzero(filled)
    drawn = texts[filled].tolist()
    types = [kind for _, kind in FIELDS]
    keys = [value_key(types[place], text) for place, text in zip(field.tolist(), drawn, strict=True)]
    return Values(filled.sum(axis=1), person, field, drawn, numbers[filled].tolist(), keys)


def _amount(cents: int) -> str:
    """The canonical text of an amount: `12`, `12.5`, `12.05`."""
    whole, part = divmod(cents, 100)
    return repr(cents / 100) if part else str(whole)
