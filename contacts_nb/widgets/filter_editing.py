"""What a person does to the lines and groups of the filter drawer."""

from __future__ import annotations

from contacts_nb.model.filter_criteria import Arity, Definition, operator_named
from contacts_nb.model.filter_values import Unit
from contacts_nb.model.filters import Criterion
from contacts_nb.widgets.filter_drafts import Group, Line, Shape, new_line, shape_of
from contacts_nb.widgets.filter_offers import Offer, Offers, matching
from contacts_nb.widgets.filter_reading import reading

Focus = tuple[str, bool] | None


class Editing:
    """The `draft` of a filter while it is edited.

    Gestures give where the keyboard belongs after them: a control and whether its list opens, or None where it is.
    """

    def __init__(self, draft: Group, offers: Offers) -> None:
        self.draft = draft
        self._offers = offers

    def clear(self) -> Focus:
        """Empty it."""
        self.draft = Group()
        return f"{self.draft.key}:add", False

    def criterion(self, line: Line) -> Criterion | None:
        """What `line` asks; None while it isn't complete."""
        definition = self._offers.definition(line.name)
        if line.held is None and definition is not None:
            line.held = reading(line, definition, self._offers.allowed(definition)).criterion
        return line.held

    def left_out(self) -> int:
        """How many lines aren't complete."""
        return sum(self.criterion(line) is None for line in self.draft.lines())

    def fitting(self, key: str, control: str, typed: str) -> list[Offer]:
        """What can be chosen in a box, of what fits what was `typed`."""
        if control == "add":
            return matching(self._offers.criteria(), typed)
        line = self._line(key)
        definition = self._offers.definition(line.name) if line else None
        if line is None or definition is None:
            return []
        return self._offers.fitting(definition, typed, line.given(definition))

    def do(self, what: str, key: str, control: str, value: str) -> Focus:
        """Carry out a gesture on the part with that `key`; one on a part that is gone already does nothing."""
        group = next((group for group in self.draft.groups() if group.key == key), None)
        if control == "remove":
            return self._remove(key)
        if group is not None:
            return self._in_group(group, control, value)
        line = self._line(key)
        definition = self._offers.definition(line.name) if line else None
        if line is None or definition is None:
            return None
        return self._in_line(line, definition, what, control, value)

    def _in_group(self, group: Group, control: str, value: str) -> Focus:
        if control == "match":
            group.is_any = value == "any"
        elif control == "group":
            # Within "all of these" a group is of use for "any of these", and the other way round.
            added = Group(is_any=not group.is_any)
            group.parts.append(added)
            return f"{added.key}:add", True
        elif control == "add" and value:
            definition = self._offers.definition(value)
            if definition is not None:
                line = new_line(definition)
                group.parts.append(line)
                return _first_input(line, definition)
        return None

    def _in_line(self, line: Line, definition: Definition, what: str, control: str, value: str) -> Focus:
        line.held = None
        if control == "operator":
            operator = operator_named(value)
            if operator in definition.operators and operator is not None:
                line.operator, line.typed = operator, ""
        elif control.startswith("value"):
            place = int(control.removeprefix("value"))
            given = [*line.given(definition), ""][:2]
            given[place] = value
            self._give(line, definition, given)
        elif control == "unit":
            self._give(line, definition, line.given(definition), Unit(value))
        elif control == "names":
            self._name(line, definition, what, value)
        elif control.startswith("drop"):
            given = line.given(definition)
            del given[int(control.removeprefix("drop"))]
            line.values[Shape.NAMES] = given
            return f"{line.key}:names", False
        return None

    def _name(self, line: Line, definition: Definition, what: str, value: str) -> None:
        chosen = value if what == "choose" else self._offers.meant(definition, value) if value.strip() else None
        if chosen is None:
            line.typed = value.strip()
            return
        line.typed = ""
        if line.operator.arity is not Arity.MANY:
            line.values[Shape.NAMES] = [chosen]
        elif chosen not in line.given(definition):
            line.values[Shape.NAMES] = [*line.given(definition), chosen]

    def _give(self, line: Line, definition: Definition, values: list[str], unit: Unit | None = None) -> None:
        shape = shape_of(definition, line.operator)
        given = [*values, ""][:2]
        if shape is Shape.ELAPSED:
            given.append((unit or line.unit()).value)
        line.values[shape] = given

    def _remove(self, key: str) -> Focus:
        for group in self.draft.groups():
            for place, part in enumerate(group.parts):
                if part.key == key:
                    del group.parts[place]
                    return _beside(group, place)
        return None

    def _line(self, key: str) -> Line | None:
        return next((line for line in self.draft.lines() if line.key == key), None)


def _first_input(line: Line, definition: Definition) -> Focus:
    shape = shape_of(definition, line.operator)
    if shape is Shape.NAMES:
        return f"{line.key}:names", True
    return f"{line.key}:{'operator' if shape is Shape.NONE else 'value0'}", False


def _beside(group: Group, place: int) -> Focus:
    """What is next to the part that was at `place`."""
    if group.parts:
        return f"{group.parts[min(place, len(group.parts) - 1)].key}:remove", False
    return f"{group.key}:add", False
