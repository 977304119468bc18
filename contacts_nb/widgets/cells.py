"""A contact as the texts of its row."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from contacts_nb.model.contact import ContactRow
from contacts_nb.model.places import country_name, language_name
from contacts_nb.model.times import day, moment, span


def cells_of(row: ContactRow, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """The texts of `row` in the order of `model.columns.COLUMNS`; times are told in `zone`."""
    return (
        row.name,
        ", ".join(source.label for source in row.channels),
        row.phone or "",
        row.email or "",
        ", ".join(row.tags),
        country_name(row.country),
        language_name(row.language),
        moment(row.last_interaction, now, zone),
        row.last_interacted_channel or "",
        span(now - row.last_incoming) if row.last_incoming else "",
        day(row.created_at, zone),
    )
