"""Filters, search and orders find on each database what plain Python finds; see `plain_finding`."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, islice, pairwise, product

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contacts_nb.model.columns import SORT_KEYS
from contacts_nb.model.errors import NotFound
from contacts_nb.model.filter_criteria import Operator
from contacts_nb.model.filters import criteria_of
from contacts_nb.operations.channels import remove_channel
from contacts_nb.operations.fields import remove_field
from contacts_nb.operations.recording import recorded
from contacts_nb.operations.tags import remove_tag
from contacts_nb.operations.teams import remove_team
from contacts_nb.operations.users import remove_user
from contacts_nb.queries.settings import channel_with, field_with, tag_with, team_with, user_with
from tests.filter_strategies import asked
from tests.queries.finding_examples import DAY, EXAMPLES, PLACE
from tests.queries.finding_ground import (
    CHANNELS,
    FIELDS,
    REFERENCES,
    SEARCHES,
    TAGS,
    TEAMS,
    UNITS,
    USERS,
    asked_of,
    asking,
    expected,
    filled,
    offered,
    people,
    places,
    trees,
)
from tests.queries.plain_finding import is_broken, is_found, left, ordered

# Without shrinking: it takes minutes, and what is said about a failure is one question.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


ORDERS = [(key, descending) for key in (*SORT_KEYS, *FIELDS) for descending in (False, True)]


@settings(deadline=None, max_examples=10, suppress_health_check=SLOW, phases=PHASES)
@given(st.data())
def test_everything_finds_what_plain_python_finds(new_workspace, data):
    place, day = data.draw(places())
    some = data.draw(people(place, day))
    filters_asked = data.draw(st.lists(trees(day), min_size=15, max_size=20))
    searches = data.draw(st.lists(SEARCHES, min_size=15, max_size=20))
    windows = data.draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=3))
    everyone = [person.id for person in some]
    with filled(new_workspace, place, some) as workspace, asked_of(workspace, place) as here:
        for tree in filters_asked:
            found = here.meant(tree)
            assert found == expected(tree, some, place), tree
            assert sorted((*found, *here.meant(~tree))) == everyone, tree
        for one, other in pairwise(filters_asked[:6]):
            both = here.ids(here.contacts.where(one).where(other))
            assert both == here.meant(one & other) == here.ids(here.contacts.where(one).where(other).where(one))
        for typed in searches:
            found = here.ids(here.contacts.search(typed))
            assert found == [person.id for person in some if is_found(typed, person, place)], typed
        for (key, descending), (offset, limit) in zip(ORDERS, cycle(windows), strict=False):
            order = here.contacts.sort_by(key, descending=descending)
            by_key = ordered(some, key, place, descending=descending)
            assert here.window(order, offset, limit) == by_key[offset : offset + limit], (key, descending)
            assert here.ids(order) == by_key, (key, descending)


REMOVING = {
    "user": lambda recording, name: remove_user(recording, user_with(recording.connection, name)),
    "team": lambda recording, name: remove_team(recording, team_with(recording.connection, name)),
    "channel": lambda recording, name: remove_channel(recording, channel_with(recording.connection, name)),
    "tag": lambda recording, name: remove_tag(recording, tag_with(recording.connection, name)),
    "field": lambda recording, name: remove_field(recording, field_with(recording.connection, name)),
}
THINGS = [
    (kind, name)
    for kind, names in (("user", USERS), ("team", TEAMS), ("channel", CHANNELS), ("tag", TAGS), ("field", FIELDS))
    for name in names
]


@settings(deadline=None, max_examples=5, suppress_health_check=SLOW, phases=PHASES)
@given(st.data())
def test_what_names_something_gone_is_neither_true_nor_false(new_workspace, data):
    place, day = data.draw(places())
    some = data.draw(people(place, day))
    filters_asked = data.draw(st.lists(trees(day), min_size=15, max_size=20))
    gone = data.draw(st.lists(st.sampled_from(THINGS), min_size=3, max_size=9, unique=True))
    # Somebody has to ask, and an owner has to be left.
    gone = [thing for thing in gone if thing[1] not in (place.me, "ana@acme.example")]
    with filled(new_workspace, place, some) as workspace:
        with workspace._database.write() as connection, recorded(connection, "t", None, place.now) as recording:
            for kind, name in gone:
                REMOVING[kind](recording, name)
        place = replace(place, gone=frozenset(gone))
        some = [left(person, place) for person in some]
        with asked_of(workspace, place) as here:
            for tree in filters_asked:
                assert here.meant(tree, missing_ok=True) == expected(tree, some, place), tree
                assert here.meant(~tree, missing_ok=True) == expected(~tree, some, place), tree
                broken = [one for one in dict.fromkeys(criteria_of(tree)) if is_broken(one, place)]
                assert list(here.contacts.where(tree, missing_ok=True).broken()) == broken
                if broken:
                    with pytest.raises(NotFound):
                        here.meant(tree)
                else:
                    assert here.meant(tree) == expected(tree, some, place), tree
            for typed in (*TAGS, *CHANNELS, *FIELDS["plan"].allowed):
                found = here.ids(here.contacts.search(typed))
                assert found == [person.id for person in some if is_found(typed, person, place)], typed


def test_every_question_gets_an_answer_that_tells_contacts_apart(new_workspace):
    with filled(new_workspace, PLACE, EXAMPLES) as workspace, asked_of(workspace, PLACE) as here:
        for name, kind, operator, _ in asked(REFERENCES):
            some = offered(kind, operator, DAY) or (None,)
            found = {
                asking(name, kind, operator, *values): None
                for values in islice(product(some, some, UNITS), None, None, 7 if len(some) > 7 else 1)
            }
            telling = [tree for tree in found if 0 < len(expected(tree, EXAMPLES, PLACE)) < len(EXAMPLES)]
            # Every contact was created at some time.
            assert telling or (name == "created_at" and operator in (Operator.IS_EMPTY, Operator.IS_NOT_EMPTY))
            for tree in (*telling[:2], *islice(found, 2)):
                assert here.meant(tree) == expected(tree, EXAMPLES, PLACE), tree
