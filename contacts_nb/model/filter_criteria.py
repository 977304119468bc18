"""The registry of filters: what can be asked of a contact, and how each question is written and read out.

The drawer, Python, JSON, the sentence and SQL all take their operators from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, StrEnum, auto
from types import MappingProxyType

from contacts_nb.model.errors import InvalidValue, NotFound
from contacts_nb.model.fields import STANDARD_FIELDS, FieldType, checked_slug

FIELD_PREFIX = "field:"  # before the slug of a custom field; no standard name has a colon


class Arity(Enum):
    """How many values an operator takes."""

    NONE = auto()
    ONE = auto()
    TWO = auto()
    MANY = auto()  # at least one


class Operator(StrEnum):
    """A question; its value is its name in JSON and never changes.

    `label` is for the drawer, `spelling` for Python, `sentence` for reading out: `{it}` is what is asked about,
    `{0}` the value, or all values of an operator that takes many. `OPERATORS` says which types have it.

    >>> Operator("is_any_of").label, Operator.AT_LEAST.label, Operator.AT_LEAST.spelling
    ('is any of', '≥', '>=')
    """

    label: str
    spelling: str
    arity: Arity
    sentence: str

    def __new__(cls, name: str, label: str, spelling: str, arity: Arity, sentence: str) -> Operator:
        member = str.__new__(cls, name)
        member._value_ = name
        member.label = label
        member.spelling = spelling
        member.arity = arity
        member.sentence = sentence
        return member

    IS = "is", "is", "==", Arity.ONE, "{it} is {0}"
    IS_NOT = "is_not", "is not", "!=", Arity.ONE, "{it} is not {0}"
    IS_ANY_OF = "is_any_of", "is any of", "is_any_of", Arity.MANY, "{it} is any of {0}"
    IS_NONE_OF = "is_none_of", "is none of", "is_none_of", Arity.MANY, "{it} is none of {0}"
    CONTAINS = "contains", "contains", "contains", Arity.ONE, "{it} contains {0}"
    DOES_NOT_CONTAIN = (
        "does_not_contain", "does not contain", "does_not_contain", Arity.ONE, "{it} does not contain {0}",
    )  # fmt: skip
    STARTS_WITH = "starts_with", "starts with", "starts_with", Arity.ONE, "{it} starts with {0}"
    GREATER_THAN = "greater_than", ">", ">", Arity.ONE, "{it} is greater than {0}"
    AT_LEAST = "at_least", "≥", ">=", Arity.ONE, "{it} is at least {0}"
    LESS_THAN = "less_than", "<", "<", Arity.ONE, "{it} is less than {0}"
    AT_MOST = "at_most", "≤", "<=", Arity.ONE, "{it} is at most {0}"
    ON = "on", "on", "on", Arity.ONE, "{it} is on {0}"
    BEFORE = "before", "before", "before", Arity.ONE, "{it} is before {0}"
    AFTER = "after", "after", "after", Arity.ONE, "{it} is after {0}"
    BETWEEN = "between", "between", "between", Arity.TWO, "{it} is between {0} and {1}"
    WITHIN = "within", "in the last N days", "within", Arity.ONE, "{it} is in the last {0}"
    MORE_THAN_AGO = (
        "more_than_ago", "more than N days ago", "more_than_ago", Arity.ONE, "{it} is more than {0} ago",
    )  # fmt: skip
    IS_TRUE = "is_true", "is true", "is_true", Arity.NONE, "{it} is true"
    IS_FALSE = "is_false", "is false", "is_false", Arity.NONE, "{it} is false"
    IS_UNASSIGNED = "is_unassigned", "is unassigned", "is_unassigned", Arity.NONE, "there is no {it}"
    IS_ME = "is_me", "is me", "is_me", Arity.NONE, "{it} is me"
    HAS_ANY = "has_any", "has any of", "has_any", Arity.MANY, "{it} have any of {0}"
    HAS_ALL = "has_all", "has all of", "has_all", Arity.MANY, "{it} have all of {0}"
    HAS_NONE = "has_none", "has none of", "has_none", Arity.MANY, "{it} have none of {0}"
    IS_OPEN = "is_open", "is open", "is_open", Arity.NONE, "{it} is open"
    IS_CLOSED = "is_closed", "is closed", "is_closed", Arity.NONE, "{it} is closed"
    IS_EMPTY = "is_empty", "is empty", "is_empty", Arity.NONE, "{it} is empty"
    IS_NOT_EMPTY = "is_not_empty", "is not empty", "is_not_empty", Arity.NONE, "{it} is not empty"

    @property
    def is_symbol(self) -> bool:
        """Whether Python writes it between two things, such as `==`, rather than as a method."""
        return not self.spelling.isidentifier()


class ValueType(StrEnum):
    """What the values of a criterion are; it decides which operators there are."""

    TEXT = "text"
    COUNTRY = "country"  # ISO 3166-1 alpha-2
    LANGUAGE = "language"  # ISO 639-1
    CHOICE = "choice"  # one of the allowed values of a list field
    CHECKBOX = "checkbox"
    NUMBER = "number"
    DAY = "day"  # of a date or of a moment; days are those of the workspace's time zone
    TIME = "time"  # of day
    ELAPSED = "elapsed"  # since then, until now
    USER = "user"  # by e-mail address
    TEAM = "team"  # by name
    TAGS = "tags"  # by name
    CHANNELS = "channels"  # by name
    SOURCES = "sources"  # of channels
    CHANNEL = "channel"  # by name
    CONVERSATION = "conversation"
    FIELD = "field"  # a custom field, whose own type only its workspace knows


FIELD_VALUE_TYPES: Mapping[FieldType, ValueType] = MappingProxyType(
    {
        FieldType.TEXT: ValueType.TEXT,
        FieldType.EMAIL: ValueType.TEXT,
        FieldType.URL: ValueType.TEXT,
        FieldType.LIST: ValueType.CHOICE,
        FieldType.CHECKBOX: ValueType.CHECKBOX,
        FieldType.NUMBER: ValueType.NUMBER,
        FieldType.DATE: ValueType.DAY,
        FieldType.TIME: ValueType.TIME,
    }
)

_O = Operator
_CHOICE = (_O.IS, _O.IS_NOT, _O.IS_ANY_OF, _O.IS_NONE_OF, _O.IS_EMPTY, _O.IS_NOT_EMPTY)
_ASSIGNED = (_O.IS, _O.IS_NOT, _O.IS_ANY_OF, _O.IS_UNASSIGNED, _O.IS_ME)
_HAS = (_O.HAS_ANY, _O.HAS_ALL, _O.HAS_NONE)
_OF_TYPE = {
    ValueType.TEXT: (
        _O.IS, _O.IS_NOT, _O.CONTAINS, _O.DOES_NOT_CONTAIN, _O.STARTS_WITH, _O.IS_EMPTY, _O.IS_NOT_EMPTY,
    ),
    ValueType.COUNTRY: _CHOICE,
    ValueType.LANGUAGE: _CHOICE,
    ValueType.CHOICE: _CHOICE,
    ValueType.CHECKBOX: (_O.IS_TRUE, _O.IS_FALSE),
    ValueType.NUMBER: (
        _O.IS, _O.IS_NOT, _O.GREATER_THAN, _O.AT_LEAST, _O.LESS_THAN, _O.AT_MOST, _O.BETWEEN, _O.IS_EMPTY,
        _O.IS_NOT_EMPTY,
    ),
    ValueType.DAY: (
        _O.ON, _O.BEFORE, _O.AFTER, _O.BETWEEN, _O.WITHIN, _O.MORE_THAN_AGO, _O.IS_EMPTY, _O.IS_NOT_EMPTY,
    ),
    ValueType.TIME: (_O.IS, _O.BEFORE, _O.AFTER, _O.BETWEEN, _O.IS_EMPTY),
    ValueType.ELAPSED: (_O.MORE_THAN_AGO, _O.WITHIN, _O.BETWEEN, _O.IS_EMPTY),
    ValueType.USER: _ASSIGNED,
    ValueType.TEAM: _ASSIGNED,
    ValueType.TAGS: (*_HAS, _O.IS_EMPTY),
    ValueType.CHANNELS: _HAS,
    ValueType.SOURCES: _HAS,
    ValueType.CHANNEL: (_O.IS, _O.IS_NOT, _O.IS_ANY_OF),
    ValueType.CONVERSATION: (_O.IS_OPEN, _O.IS_CLOSED),
}  # fmt: skip
_OF_FIELDS = {operator for kind in FIELD_VALUE_TYPES.values() for operator in _OF_TYPE[kind]}
_OF_ANY_FIELD = tuple(operator for operator in Operator if operator in _OF_FIELDS)

OPERATORS: Mapping[ValueType, tuple[Operator, ...]] = MappingProxyType(_OF_TYPE | {ValueType.FIELD: _OF_ANY_FIELD})
"""The operators of each type, in the order of the drawer."""

_LABELS = {
    (ValueType.NUMBER, _O.IS): "=",
    (ValueType.NUMBER, _O.IS_NOT): "≠",
    (ValueType.ELAPSED, _O.WITHIN): "less than",
    (ValueType.ELAPSED, _O.MORE_THAN_AGO): "greater than",
    (ValueType.ELAPSED, _O.IS_EMPTY): "never received",
}
_SENTENCES = {
    (ValueType.ELAPSED, _O.WITHIN): "{it} is less than {0} ago",
    (ValueType.ELAPSED, _O.BETWEEN): "{it} is between {0} and {1} ago",
    (ValueType.ELAPSED, _O.IS_EMPTY): "{it} was never received",
    (ValueType.TEAM, _O.IS_ME): "{it} is mine",
    (ValueType.TAGS, _O.IS_EMPTY): "{it} are empty",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What can be asked about: `label` is for the drawer and for errors, `subject` for the sentence.

    >>> [CRITERIA["last_incoming"].label_of(operator) for operator in CRITERIA["last_incoming"].operators]
    ['greater than', 'less than', 'between', 'never received']
    """

    name: str
    label: str
    subject: str
    type: ValueType

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators it has, in the order of the drawer."""
        return OPERATORS[self.type]

    @property
    def slug(self) -> str | None:
        """The slug of the custom field that it asks about, or None for what every contact has."""
        return self.name.removeprefix(FIELD_PREFIX) if self.name.startswith(FIELD_PREFIX) else None

    def label_of(self, operator: Operator) -> str:
        """What the drawer calls `operator` here.

        >>> CRITERIA["created_at"].label_of(Operator.WITHIN)
        'in the last N days'
        """
        return _LABELS.get((self.type, operator), operator.label)

    def sentence_of(self, operator: Operator) -> str:
        """How `operator` is read out here, to be formatted with `it` and the values.

        >>> CRITERIA["last_incoming"].sentence_of(Operator.IS_EMPTY)
        '{it} was never received'
        """
        return _SENTENCES.get((self.type, operator), operator.sentence)


CRITERIA: Mapping[str, Definition] = MappingProxyType(
    {
        definition.name: definition
        for definition in (
            Definition("first_name", "First name", "first name", ValueType.TEXT),
            Definition("last_name", "Last name", "last name", ValueType.TEXT),
            Definition("phone", "Phone", "phone", ValueType.TEXT),
            Definition("email", "Email", "e-mail", ValueType.TEXT),
            Definition("country", "Country", "country", ValueType.COUNTRY),
            Definition("language", "Language", "language", ValueType.LANGUAGE),
            Definition("tags", "Tags", "tags", ValueType.TAGS),
            Definition("assignee", "Assignee", "assignee", ValueType.USER),
            Definition("team", "Team", "team", ValueType.TEAM),
            Definition("conversation", "Conversation status", "conversation", ValueType.CONVERSATION),
            Definition("conversation_opened", "Conversation opened", "conversation opening date", ValueType.DAY),
            Definition("channels", "Channels", "channels", ValueType.CHANNELS),
            Definition("sources", "Channel source", "channel sources", ValueType.SOURCES),
            Definition("last_channel", "Last interacted channel", "last interacted channel", ValueType.CHANNEL),
            Definition("last_interaction", "Last interaction", "last interaction", ValueType.DAY),
            Definition(
                "last_incoming", "Time since last incoming message", "last incoming message", ValueType.ELAPSED
            ),
            Definition("created_at", "Created", "creation date", ValueType.DAY),
        )
    }
)
"""What every contact can be asked for, by its name in Python and JSON, in the order of the drawer."""


class UnknownCriterion(NotFound, AttributeError):
    """Nothing of that name can be asked for; also an AttributeError, so that `hasattr(F, name)` works.

    >>> raise UnknownCriterion("contry")
    Traceback (most recent call last):
    contacts_nb.model.filter_criteria.UnknownCriterion: criterion 'contry' doesn't exist; did you mean country? \
A custom field is written F[slug]
    """

    def __init__(self, name: object) -> None:
        near = suggestion(name, CRITERIA)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(CRITERIA)}."
        super().__init__("criterion", name, f"doesn't exist; {hint} A custom field is written F[slug]")


def operator_named(name: object) -> Operator | None:
    """The operator that JSON calls `name`, or None.

    >>> operator_named("has_any").label, operator_named("==")
    ('has any of', None)
    """
    return next((operator for operator in Operator if operator == name), None)


def definition_of(name: object) -> Definition:
    """What the criterion `name` asks about: one of `CRITERIA`, or `field:` and the slug of a custom field.

    >>> definition_of("country").label, definition_of("field:plan").slug
    ('Country', 'plan')
    """
    if not isinstance(name, str):
        raise UnknownCriterion(name)
    if not name.startswith(FIELD_PREFIX):
        if name not in CRITERIA:
            raise UnknownCriterion(name)
        return CRITERIA[name]
    slug = field_slug(name.removeprefix(FIELD_PREFIX))
    return Definition(FIELD_PREFIX + slug, slug, slug, ValueType.FIELD)


def field_slug(value: object) -> str:
    """The slug of a custom field; raises `InvalidValue`, with a hint where a standard field is meant.

    >>> field_slug("country")
    Traceback (most recent call last):
    contacts_nb.model.errors.InvalidValue: slug 'country' is not of a custom field; write F.country
    """
    if isinstance(value, str) and value in STANDARD_FIELDS:
        near = {"conversation_status": "conversation", "last_interacted_channel": "last_channel"}.get(value, value)
        hint = f"write F.{near}" if near in CRITERIA else f"use one of F.{', F.'.join(CRITERIA)}"
        raise InvalidValue("slug", value, f"is not of a custom field; {hint}")
    return checked_slug(value)


def suggestion(name: object, known: Mapping[str, object]) -> str | None:
    """The one of `known` that `name` was probably meant to be, or None.

    >>> suggestion("tag", {"tags": 1, "team": 2})
    'tags'
    """
    return next(iter(get_close_matches(str(name)[:100].lower(), known, n=1)), None)
