"""Cells that no spreadsheet takes for a formula: an apostrophe before them, and its removal.

Every value that starts with an apostrophe gets another one, so that taking one away is never wrong.
"""

from __future__ import annotations

from contacts_nb.model.phones import E164

_RISKY = frozenset("=+-@\t\r\x00'")


def guarded(cell: str) -> str:
    """`cell` with an apostrophe before it if a spreadsheet could run it.

    >>> guarded("=1+1"), guarded("+442079460958"), guarded("'quoted'")
    ("'=1+1", '+442079460958', "''quoted'")
    """
    # An international phone is a number to a spreadsheet, and other programs want it as it is.
    return f"'{cell}" if cell[:1] in _RISKY and cell and not E164.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """`cell` without the apostrophe that `guarded` put before it.

    >>> unguarded("'=1+1"), unguarded("'s Gravenhage")
    ('=1+1', "'s Gravenhage")
    """
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _RISKY and cell[1:] else cell
