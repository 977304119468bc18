"""The lines and groups of the filter drawer as HTML; `data-at` of a control has the key of the part it is of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from contacts_nb.model.filter_criteria import Arity, Definition, Operator
from contacts_nb.model.filter_sentence import sentence
from contacts_nb.model.filter_values import Unit
from contacts_nb.model.filters import Criterion, criteria_of
from contacts_nb.widgets.filter_boxes import Chip, combobox, described_by, names_box, note_of
from contacts_nb.widgets.filter_drafts import Group, Line, Shape, Whole, shape_of
from contacts_nb.widgets.filter_offers import Offers
from contacts_nb.widgets.filter_reading import noun_of, reading
from contacts_nb.widgets.html import joined, markup

_WHOLE_MINUTE = "00"
_INPUTS = {
    Shape.TEXT: ("text", "text"),
    Shape.NUMBER: ("text", "decimal"),
    Shape.DAY: ("date", ""),
    Shape.TIME: ("time", ""),
    Shape.DAYS: ("text", "numeric"),
    Shape.ELAPSED: ("text", "numeric"),
}


@dataclass(frozen=True)
class LinesView:
    """How lines look where `broken` criteria are known."""

    offers: Offers
    broken: Collection[Criterion]

    def html(self, draft: Group) -> Markup:
        """The whole of `draft`."""
        match = _match(draft, "Contacts match") if len(draft.parts) > 1 else markup("")
        hint = (
            markup("")
            if draft.parts
            else markup('<p class="cnb-filter-none">No criteria: these are all contacts.</p>')
        )
        return markup(
            '<div class="cnb-filter-lines" data-key="{key}">{hint}{match}{parts}{add}'
            '<button type="button" class="cnb-filter-quiet" data-at="{key}:group">Add a group</button></div>',
            key=draft.key,
            hint=hint,
            match=match,
            parts=self._parts(draft),
            add=_add(draft, "Add a criterion"),
        )

    def _parts(self, group: Group) -> Markup:
        joint = "or" if group.is_any else "and"
        pieces: list[Markup] = []
        for part in group.parts:
            if pieces:
                pieces.append(
                    markup(
                        '<p class="cnb-filter-joint" data-key="{key}-joint">{joint}</p>', key=part.key, joint=joint
                    )
                )
            pieces.append(self._part(part))
        return joined(pieces)

    def _part(self, part: Line | Whole | Group) -> Markup:
        if isinstance(part, Group):
            return markup(
                '<div class="cnb-filter-group" data-key="{key}" role="group" aria-label="Group">'
                '<div class="cnb-filter-head">{match}{remove}</div>{parts}{add}</div>',
                key=part.key,
                match=_match(part, "Match"),
                remove=_remove(part.key, "the group"),
                parts=self._parts(part),
                add=_add(part, "Add to this group"),
            )
        return self._whole(part) if isinstance(part, Whole) else self._line(part)

    def _whole(self, part: Whole) -> Markup:
        said = sentence(part.tree, self.offers.fields)
        broken = [criterion for criterion in criteria_of(part.tree) if criterion in self.broken]
        return markup(
            '<div class="cnb-filter-line{look}" data-key="{key}" role="group" aria-label="{said}">'
            '<div class="cnb-filter-head"><p class="cnb-filter-whole" dir="auto">{said}</p>{remove}</div>'
            "{trouble}</div>",
            look=" cnb-filter-broken" if broken else "",
            key=part.key,
            said=said,
            remove=_remove(part.key, f"“{said}”"),
            trouble=self._trouble(part.key, broken),
        )

    def _line(self, line: Line) -> Markup:
        definition = self.offers.definition(line.name)
        if definition is None:  # its field was removed while the line was there
            asked = Criterion(line.name, Operator.IS_EMPTY) if line.held is None else line.held
            return self._whole(Whole(asked, line.key))
        read = reading(line, definition, self.offers.allowed(definition))
        broken = [] if read.criterion is None or read.criterion not in self.broken else [read.criterion]
        operators = joined(
            _option(operator.value, definition.label_of(operator), is_chosen=operator is line.operator)
            for operator in definition.operators
        )
        note = read.wrong or read.missing
        return markup(
            '<div class="cnb-filter-line{look}" data-key="{key}" role="group" aria-label="{label}">'
            '<div class="cnb-filter-head"><p class="cnb-filter-name">{inverted}<bdi>{label}</bdi></p>{remove}'
            '</div><div class="cnb-filter-asked"><select data-at="{key}:operator" aria-label="{label}: how">'
            "{operators}</select>{values}</div>{note}{trouble}</div>",
            look=" cnb-filter-broken" if broken else "",
            key=line.key,
            label=definition.label,
            inverted=markup('<em class="cnb-filter-not">not</em> ') if line.inverted else "",
            remove=_remove(line.key, definition.label),
            operators=operators,
            values=self._values(line, definition, is_wrong=bool(read.wrong)),
            note=note_of(line.key, note, is_wrong=bool(read.wrong)),
            trouble=self._trouble(line.key, broken),
        )

    def _values(self, line: Line, definition: Definition, *, is_wrong: bool) -> Markup:
        shape, values = shape_of(definition, line.operator), line.given(definition)
        if shape is Shape.NONE:
            return markup("")
        if shape is Shape.NAMES:
            is_suspect = any(criterion.name == line.name for criterion in self.broken)
            chips = [
                Chip(
                    self.offers.called(definition, value),
                    not is_suspect or self.offers.is_there(definition, value),
                )
                for value in values
            ]
            is_single = line.operator.arity is not Arity.MANY
            wanted = f"Change {noun_of(definition)}…" if is_single and chips else f"Add {noun_of(definition)}…"
            return names_box(line.key, definition.label, wanted, chips, is_wrong=is_wrong, typed=line.typed)
        boxes = [
            _box(line.key, definition.label, shape, place, values, is_wrong=is_wrong)
            for place in range(len(values))
        ]
        if shape is Shape.ELAPSED:
            units = joined(_option(unit.value, unit.value, is_chosen=unit is line.unit()) for unit in Unit)
            unit = markup(
                '<select data-at="{key}:unit" aria-label="{label}: unit">{units}</select>',
                key=line.key,
                label=definition.label,
                units=units,
            )
        else:
            unit = markup('<span class="cnb-filter-unit">days</span>') if shape is Shape.DAYS else markup("")
        between = markup('<span class="cnb-filter-unit">and</span>')
        return markup(
            '<div class="cnb-filter-values cnb-filter-{shape}">{boxes}{unit}</div>',
            shape=shape.name.lower(),
            boxes=between.join(boxes),
            unit=unit,
        )

    def _trouble(self, key: str, broken: Sequence[Criterion]) -> Markup:
        if not broken:
            return markup("")
        why = "; ".join(dict.fromkeys(self._why(criterion) for criterion in broken))
        return markup(
            '<div class="cnb-filter-trouble"><p><strong>Broken, matches nobody:</strong> {why}.</p>'
            '<button type="button" data-at="{key}:remove">Remove</button></div>',
            key=key,
            why=why,
        )

    def _why(self, criterion: Criterion) -> str:
        definition = self.offers.definition(criterion.name)
        if definition is None:
            return f"the field “{criterion.definition.slug}” isn’t there any more"
        gone = [value for value in criterion.values if not self.offers.is_there(definition, value)]
        if gone and criterion.operator in definition.operators:
            named = ", ".join(f"“{value}”" for value in gone)
            return f"the {noun_of(definition)} {named} isn’t there any more"
        return f"“{definition.label}” can’t be asked this"


def _box(key: str, label: str, shape: Shape, place: int, values: Sequence[str], *, is_wrong: bool) -> Markup:
    kind, keyboard = _INPUTS[shape]
    value = values[place]
    step = ""
    if shape is Shape.TIME:
        seconds = value.split(":")[2:]
        step, value = ("1", value) if seconds and seconds != [_WHOLE_MINUTE] else ("", value[:5])
    which = ("", "") if len(values) == 1 else ("first ", "second ")
    return markup(
        '<input type="{kind}" data-at="{key}:value{place}" aria-label="{label}: {which}value" value="{value}" '
        'autocomplete="off"{keyboard}{step}{more}>',
        kind=kind,
        key=key,
        place=place,
        label=label,
        which=which[place],
        value=value,
        keyboard=markup(' inputmode="{keyboard}"', keyboard=keyboard) if keyboard else "",
        step=markup(' step="{step}"', step=step) if step else "",
        more=described_by(key, is_wrong=is_wrong),
    )


def _match(group: Group, label: str) -> Markup:
    choices: Iterable[tuple[str, str]] = (("all", "all of these"), ("any", "any of these"))
    options = joined(_option(value, text, is_chosen=(value == "any") is group.is_any) for value, text in choices)
    return markup(
        '<label class="cnb-filter-match" data-key="{key}-match"><span>{label}</span> '
        '<select data-at="{key}:match">{options}</select></label>',
        label=label,
        key=group.key,
        options=options,
    )


def _add(group: Group, label: str) -> Markup:
    box = combobox(f"{group.key}:add", label, f"{label}…")
    return markup('<div class="cnb-filter-add" data-key="{key}-add">{box}</div>', key=group.key, box=box)


def _remove(key: str, what: str) -> Markup:
    return markup(
        '<button type="button" class="cnb-filter-remove" data-at="{key}:remove" aria-label="Remove {what}" '
        'title="Remove">✕</button>',
        key=key,
        what=what,
    )


def _option(value: str, label: str, *, is_chosen: bool) -> Markup:
    chosen = markup(" selected") if is_chosen else ""
    return markup('<option value="{value}"{chosen}>{label}</option>', value=value, chosen=chosen, label=label)
