"""Chosen contacts as a value: what sets can do, in order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.contact_ids import ContactIds
from contacts_nb.model.errors import InvalidValue

SOME = st.sets(st.integers(1, 2**40), max_size=30)


@given(SOME, SOME, st.integers(1, 2**40))
def test_chosen_ids_are_as_sets_of_python(one, other, asked):
    ids, others = ContactIds(one), ContactIds(other)
    assert ids.tolist() == sorted(one)
    assert (ids | others).tolist() == sorted(one | other)
    assert (ids & others).tolist() == sorted(one & other)
    assert (ids - others).tolist() == sorted(one - other)
    assert (asked in ids) == (asked in one)
    assert len(ids) == len(one)
    assert (ids == others) == (one == other)
    assert hash(ids) == hash(ContactIds(sorted(one)))


@given(SOME, st.integers(1, 10))
def test_parts_are_all_of_them_in_order(ids, length):
    parts = [part.tolist() for part in ContactIds(ids).parts(length)]
    assert [one for part in parts for one in part] == sorted(ids)
    assert all(0 < len(part) <= length for part in parts)


@pytest.mark.parametrize("given_ids", [["a"], [1.5], 7, np.array([1.5]), np.array(["a"]), [2**70]])
def test_what_is_no_whole_number_is_refused(given_ids):
    with pytest.raises(InvalidValue, match="whole numbers"):
        ContactIds(given_ids)
