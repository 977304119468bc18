"""The columns of the table: standard ones, custom fields, and what is left of a choice made earlier."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.columns import (
    COLUMNS,
    NAME,
    NARROWEST,
    SORT_KEYS,
    WIDEST,
    checked_columns,
    chosen_columns,
    columns_with,
    default_columns,
    kept_columns,
)
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import STANDARD_FIELDS, Field, FieldType

PLAN = Field(1, "plan", "Plan", FieldType.LIST, ("Gold",))
ALL = columns_with([PLAN])


def keys(columns) -> list[str]:
    return [column.key for column in columns]


def test_every_column_of_the_domain_is_there_and_the_name_is_first():
    assert keys(ALL) == [
        "name", "channels", "phone", "email", "tags", "country", "language", "conversation_status", "assignee",
        "team", "last_interaction", "last_interacted_channel", "last_incoming", "created_at", "plan",
    ]  # fmt: skip


def test_all_but_channels_and_tags_can_be_sorted_by():
    assert keys(column for column in ALL if not column.sortable) == ["channels", "tags"]
    assert set(SORT_KEYS) == {"id", *keys(COLUMNS)} - {"channels", "tags"}


def test_no_custom_field_can_have_the_key_of_a_standard_column():
    assert set(keys(COLUMNS)) <= STANDARD_FIELDS


def test_custom_fields_are_off_until_they_are_chosen():
    assert "plan" not in keys(default_columns(ALL))
    assert chosen_columns(ALL, None) == default_columns(ALL)
    assert keys(chosen_columns(ALL, ["plan"])) == ["name", "plan"]


def test_labels_are_one_line_and_no_two_are_the_same():
    fields = [
        Field(1, "mail", "Email", FieldType.EMAIL),
        Field(2, "two_lines", "Two\n lines", FieldType.TEXT),
        Field(3, "again", "Two lines", FieldType.TEXT),
    ]
    labels = [column.label for column in columns_with(fields)]
    assert labels[-3:] == ["Email (mail)", "Two lines", "Two lines (again)"]
    assert len(set(labels)) == len(labels)


def test_a_choice_keeps_order_and_widths_and_leaves_out_what_is_gone():
    kept = [
        {"key": "email", "width": 300},
        {"key": "gone", "width": 9},
        {"key": "plan"},
        {"key": "name", "width": 99},
    ]
    chosen = chosen_columns(ALL, kept)
    assert [(column.key, column.width) for column in chosen] == [("name", 99), ("email", 300), ("plan", 150)]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(keys(ALL)),
        lambda inner: (
            st.lists(inner, max_size=6)
            | st.dictionaries(st.sampled_from(["key", "width"]), inner | st.sampled_from(keys(ALL)))
        ),
    )
)
def test_whatever_was_kept_the_name_is_first_and_widths_can_be_drawn(kept):
    chosen = chosen_columns(ALL, json.loads(json.dumps(kept)))
    assert chosen[0].key == NAME
    assert len(set(keys(chosen))) == len(chosen)
    assert all(NARROWEST <= column.width <= WIDEST for column in chosen)


@given(st.permutations(keys(ALL)), st.integers(0, len(ALL)))
def test_what_is_kept_gives_the_same_choice_again(order, count):
    chosen = checked_columns(ALL, order[:count])
    assert chosen_columns(ALL, json.loads(json.dumps(kept_columns(chosen)))) == chosen
    assert keys(chosen) == [NAME, *(key for key in order[:count] if key != NAME)]


@pytest.mark.parametrize("wrong", ["plans", "", {"key": "gone"}, {}, 3])
def test_a_column_that_is_asked_for_has_to_be_there(wrong):
    with pytest.raises(InvalidValue, match="is not a column of the table; use some of name"):
        checked_columns(ALL, ["phone", wrong])
