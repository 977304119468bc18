"""Values of spreadsheets and DataFrames as the text of a cell: nothing is lost, and nothing is guessed."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

_LONGEST_NUMBER = 1e15  # a floating point number holds no more digits than 15 for sure


class NoText(ValueError):
    """A value that can't be a cell's text; the message, without a subject, says why and what to do."""


def cell_text(value: object) -> str:
    """`value` as text: missing is empty, whole numbers are digits, days and times are ISO 8601.

    Raises `NoText`.

    >>> cell_text(442079460958.0), cell_text(True), cell_text(None), cell_text(datetime(2026, 1, 31))
    ('442079460958', 'true', '', '2026-01-31')
    """
    if isinstance(value, np.generic):
        value = pd.Timestamp(value) if isinstance(value, np.datetime64) else value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    for kind, text in _TEXTS:
        if isinstance(value, kind):
            return text(value)
    raise NoText(f"is of the type {type(value).__name__}, which is no text. Turn it into text")


def _float_text(value: float) -> str:
    if math.isnan(value):
        return ""
    if not value.is_integer():
        return repr(value)
    if abs(value) >= _LONGEST_NUMBER:
        raise NoText(
            "was read as a number by a spreadsheet or program, which keeps its first 15 digits only. "
            "Make its column text, write it anew"
        )
    return str(int(value))


def _int_text(value: int) -> str:
    try:
        return str(int(value))
    except ValueError:
        raise NoText("has too many digits. Correct it") from None


def _moment_text(value: datetime) -> str:
    whole_day = value.tzinfo is None and value == datetime.combine(value.date(), time())
    return value.date().isoformat() if whole_day else value.isoformat()


# The first that fits: a bool is an int too, and a moment a date.
_TEXTS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (str, str),
    (bool, lambda value: "true" if value else "false"),
    (float, _float_text),
    (int, _int_text),
    (Decimal, lambda value: "" if value.is_nan() else f"{value:f}"),
    (datetime, _moment_text),
    ((date, time), lambda value: value.isoformat()),
    (timedelta, str),
)
