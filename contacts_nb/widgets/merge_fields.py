"""The comparison of two contacts as a table: both sides of every field, which one is taken, and the result."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from markupsafe import Markup

from contacts_nb.model.merging import MergeRow, Side
from contacts_nb.model.names import profile_name
from contacts_nb.model.times import day
from contacts_nb.widgets import merge_words as words
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.merge_profiles import card, chips, listed
from contacts_nb.widgets.merge_words import line, title, value
from contacts_nb.workspace.contact import Contact
from contacts_nb.workspace.merging import MergePlan

_UNITED = frozenset({"tags", "channels"})


@dataclass(frozen=True)
class Said:
    """How much was said with a contact."""

    messages: int
    comments: int


@dataclass(frozen=True)
class Comparison:
    """What is seen of `plan`: the contact with the id `left` at the left, whichever of the two survives.

    `said` is by contact id; fields that `changed` since the last look are marked.
    """

    plan: MergePlan
    left: int
    said: Mapping[int, Said]
    zone: ZoneInfo
    changed: Collection[str] = ()

    @property
    def sides(self) -> tuple[Contact, Contact]:
        """The contacts at the left and at the right."""
        both = (self.plan.survivor, self.plan.other)
        return both if self.plan.survivor.id == self.left else (both[1], both[0])

    @property
    def name(self) -> str:
        """What the result goes by."""
        result = {row.field: row.result for row in self.plan.rows}
        named = profile_name(
            result["first_name"], result["last_name"], phone=result["phone"], email=result["email"]
        )
        return named or self.plan.survivor.name

    @property
    def total(self) -> Said:
        """How much was said with both."""
        return Said(
            sum(said.messages for said in self.said.values()), sum(said.comments for said in self.said.values())
        )

    def html(self, *, all_fields: bool) -> Markup:
        """The whole table; without `all_fields` what is the same in both is left out."""
        fields = [row for row in self.plan.rows if row.field not in _UNITED]
        same = [row for row in fields if not row.differs]
        parts = [
            self._heads(),
            title("What differs", "Choose which one is kept"),
            *(self._choice(row) for row in fields if row.differs),
            *([] if len(same) < len(fields) else [line("none", "All fields are the same in both.")]),
            title("What both bring along", "All of it is kept"),
            *self._united(),
            *(self._same(same) if all_fields else ()),
        ]
        return markup('<div class="cnb-merge-table">{parts}</div>', parts=joined(parts))

    def _heads(self) -> Markup:
        heads = joined(self._head(contact) for contact in self.sides)
        survivor = self.plan.survivor
        picture = next((row.result for row in self.plan.rows if row.field == "picture"), None)
        notes = _notes(self.total, is_open=any(contact.conversation_open for contact in self.sides))
        result = card(survivor.id, self.name, picture, mark="Result", notes=notes)
        return markup(
            '<div class="cnb-merge-row cnb-merge-heads" data-part="heads"><span></span>{heads}'
            '<div class="cnb-merge-result">{result}</div></div>',
            heads=heads,
            result=result,
        )

    def _head(self, contact: Contact) -> Markup:
        survives = contact.id == self.plan.survivor.id
        notes = [
            f"Created {day(contact.created_at, self.zone)}",
            *_notes(self.said[contact.id], is_open=contact.conversation_open),
        ]
        head = card(
            contact.id, contact.name, contact.picture, mark="Survives" if survives else "Is absorbed", notes=notes
        )
        kind = "cnb-merge-survivor" if survives else "cnb-merge-absorbed"
        return markup('<div class="{kind}">{head}</div>', kind=kind, head=head)

    def _texts(self, row: MergeRow) -> tuple[str | None, str | None]:
        texts = (row.survivor, row.other)
        return texts if self.plan.survivor.id == self.left else (texts[1], texts[0])

    def _choice(self, row: MergeRow) -> Markup:
        taken = self.plan.other.id if row.side is Side.OTHER else self.plan.survivor.id
        options = joined(
            markup(
                '<label class="cnb-merge-option{chosen}"><input type="radio" name="{field}" value="{id}"{checked}>'
                '<span class="cnb-spoken"><bdi>{who}</bdi>: </span>{text}</label>',
                chosen=" cnb-chosen" if contact.id == taken else "",
                field=row.field,
                id=contact.id,
                checked=markup(" checked") if contact.id == taken else "",
                who=contact.name,
                text=value(text),
            )
            for contact, text in zip(self.sides, self._texts(row), strict=True)
        )
        mark = markup('<em class="cnb-merge-changed">changed</em>') if row.field in self.changed else ""
        return markup(
            '<div class="cnb-merge-row cnb-merge-choice" role="radiogroup" aria-label="{label}" '
            'data-part="{field}"><span class="cnb-merge-label">{name}{mark}</span>{options}'
            '<span class="cnb-merge-result"><span class="cnb-merge-whose">Result: </span>{result}'
            "<small>{why}</small></span></div>",
            label=row.label,
            name=value(row.label),
            field=row.field,
            mark=mark,
            options=options,
            result=value(row.result),
            why=row.why,
        )

    def _united(self) -> Iterable[Markup]:
        left, right = self.sides
        survivor, other = self.plan.survivor, self.plan.other
        added = set(other.tags) - set(survivor.tags)
        tags = chips(sorted({*survivor.tags, *other.tags}, key=str.casefold), added)
        yield self._cells("tags", "Tags", chips(left.tags), chips(right.tags), tags)
        channels = [[f"{one.channel} {one.identifier}" for one in contact.channels] for contact in (left, right)]
        yield self._cells("channels", "Channels", *map(listed, channels), listed([*channels[0], *channels[1]]))

    def _same(self, rows: list[MergeRow]) -> Iterable[Markup]:
        filled = [row for row in rows if row.result]
        empty = [row.label for row in rows if not row.result]
        if filled:
            yield title("The same in both")
        for row in filled:
            yield self._cells(row.field, row.label, *map(value, (*self._texts(row), row.result)))
        if empty:
            # Only other scripts can turn round what stands beside them.
            names = [one if one.isascii() else markup("<bdi>{one}</bdi>", one=one) for one in empty]
            listed_names = markup(", ").join(names)
            yield line("empty", markup("Empty in both: {names}.", names=listed_names))

    def _cells(self, field: str, label: str, *cells: Markup) -> Markup:
        mark = markup('<em class="cnb-merge-changed">changed</em>') if field in self.changed else ""
        return markup(
            '<div class="cnb-merge-row" data-part="{field}"><span class="cnb-merge-label">{name}{mark}'
            '</span><div>{left}</div><div>{right}</div><div class="cnb-merge-result">'
            '<span class="cnb-merge-whose">Result: </span>{result}</div></div>',
            field=field,
            label=label,
            name=value(label),
            mark=mark,
            left=cells[0],
            right=cells[1],
            result=cells[2],
        )


def _notes(said: Said, *, is_open: bool) -> list[str]:
    return [words.said(said.messages, said.comments), "Conversation open" if is_open else ""]
