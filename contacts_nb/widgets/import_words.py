"""What the import panel says: numbers as sentences, and tables of what is to be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from markupsafe import Markup

from contacts_nb.widgets.html import joined, markup
from contacts_nb.workspace.importing import ImportResult

_NAMED = 8  # columns that a sentence names
_ONE_LINE = 45  # characters of a cell that isn't broken


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "contact"), counted(1_203, "row")
    ('1 contact', '1,203 rows')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def cut(text: str, length: int) -> str:
    """`text` on one line, at most `length` characters of it.

    >>> cut("Ann  Smith", 20), cut("Annabel", 4)
    ('Ann Smith', 'Ann…')
    """
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def to_do(counts: Mapping[str, int]) -> str:
    """What a plan with these counts will do.

    >>> to_do({"create": 1_200, "update": 3}), to_do({"create": 0, "update": 1}), to_do({"create": 0, "update": 0})
    ('Create 1,200 and update 3 contacts', 'Update 1 contact', 'Nothing to import')
    """
    create, update = counts["create"], counts["update"]
    if create and update:
        return f"Create {create:,} and update {counted(update, 'contact')}"
    if create:
        return f"Create {counted(create, 'contact')}"
    return f"Update {counted(update, 'contact')}" if update else "Nothing to import"


def was_done(result: ImportResult) -> str:
    """What an import has done, in a sentence."""
    created, updated = result.created, result.updated
    if created and updated:
        done = f"{counted(created, 'contact')} created and {updated:,} updated"
    elif created:
        done = f"{counted(created, 'contact')} created"
    else:
        done = f"{counted(updated, 'contact')} updated"
    others = [
        f"{counted(number, 'row')} {word}"
        for number, word in ((result.skipped, "skipped"), (len(result.rejected), "rejected"))
        if number
    ]
    return f"{done}. {' and '.join(others)}." if others else f"{done}."


def without_place(left_out: Counter[str]) -> str:
    """What of a file has no place in contacts, in a sentence; "" if all has.

    >>> without_place(Counter({"Notes": 3, "Fax": 1}))
    'Not imported: the columns Notes (3 values) and Fax (1 value).'
    """
    named = [f"{cut(name, 40)} ({counted(number, 'value')})" for name, number in left_out.most_common(_NAMED)]
    if not named:
        return ""
    if len(left_out) > _NAMED:
        named.append(f"{len(left_out) - _NAMED:,} more")
    listed = f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0]
    return f"Not imported: the {'column' if len(left_out) == 1 else 'columns'} {listed}."


def sentences(texts: Iterable[str]) -> Markup:
    """Notes one below the other."""
    return joined(markup('<p class="cnb-import-note">{text}</p>', text=text) for text in texts if text)


def table(label: str, head: Sequence[str], rows: Iterable[Sequence[str]], most: int) -> Markup:
    """A table of texts, at most `most` rows, in a frame that scrolls sideways, by keyboard too."""
    lines = joined(
        markup("<tr>{cells}</tr>", cells=joined(_cell(text) for text in row)) for row in islice(rows, most)
    )
    return markup(
        '<div class="cnb-import-table" tabindex="0" role="region" aria-label="{label}">'
        "<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>",
        label=label,
        head=joined(markup('<th scope="col" dir="auto">{name}</th>', name=name) for name in head),
        lines=lines,
    )


def _cell(text: str) -> Markup:
    length = "cnb-long" if len(text) > _ONE_LINE else ""
    return markup('<td dir="auto" class="{length}">{text}</td>', length=length, text=text)
