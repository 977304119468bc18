import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb import EVERYONE, F, Filter
from contacts_nb.model import filter_json
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.filters import NO_ONE
from tests.filter_strategies import EXAMPLE, filters

IS_GB = {"criterion": "country", "operator": "is", "values": ["GB"]}
IS_EMPTY = {"criterion": "tags", "operator": "is_empty", "values": []}


def document(tree: object, **more: object) -> str:
    return json.dumps({"version": 1, "filter": tree, **more})


@given(filters(EXAMPLE, max_leaves=30))
def test_json_gives_a_filter_back(tree):
    text = tree.to_json()
    assert Filter.from_json(text) == tree
    assert Filter.from_json(json.dumps(json.loads(text), indent=2)) == tree
    assert Filter.from_json(text).to_json() == text
    text.encode()


def test_json_is_what_custom_inboxes_store():
    tree = (F.country == "GB") & ~(F["plan"].is_any_of("Gold", "王") | F.last_incoming.within(days=30))
    assert tree.to_json() == (
        '{"version": 1, "filter": {"and": [{"criterion": "country", "operator": "is", "values": ["GB"]}, '
        '{"not": {"or": [{"criterion": "field:plan", "operator": "is_any_of", "values": ["Gold", "王"]}, '
        '{"criterion": "last_incoming", "operator": "within", "values": ["30", "days"]}]}}]}}'
    )


@pytest.mark.parametrize(
    ("tree", "same"),
    [
        ({"and": []}, EVERYONE),
        ({"or": []}, NO_ONE),
        ({"not": {"and": []}}, NO_ONE),
        ({"and": [IS_GB]}, F.country == "GB"),
        ({"and": [IS_GB, {"and": [IS_EMPTY, {"not": {"not": IS_GB}}]}]},
         (F.country == "GB") & F.tags.is_empty() & (F.country == "GB")),
        ({"criterion": "country", "operator": "is", "values": ["uk"]}, F.country == "GB"),
    ],
)  # fmt: skip
def test_other_spellings_of_a_filter_are_read_as_the_same(tree, same):
    assert Filter.from_json(document(tree)) == same


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "is not a text"),
        (b"{}", "is not a text"),
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ('{"version": 1, "filter": {"and": []}} x', "is not JSON"),
        ("[]", "is not an object"),
        ("NaN", "is not an object"),
        ("{}", "version None is missing"),
        ('{"filter": {"and": []}}', "version None is missing"),
        ('{"version": 1}', "filter 'filter' is missing"),
        ('{"version": 2, "filter": {"and": []}}', "made by a newer contacts_nb; upgrade"),
        ('{"version": 1' + "0" * 5000 + ', "filter": {"and": []}}', "is not JSON"),
        *((f'{{"version": {version}, "filter": {{"and": []}}}}', "is not a version")
          for version in ("0", "-1", "1.0", "true", '"1"', "[1]", "NaN")),
        ('{"version": 1, "version": 1, "filter": {"and": []}}', "'version' stands twice"),
        (document({"and": []}, note="x"), "filter 'note' is not known here; give only filter, version"),
        (document(None), "filter None is not an object; give one of and, or, not, criterion"),
        (document([]), r"filter \[\] is not an object"),
        (document({}), r"filter {} is no part of a filter"),
        (document({"xor": []}), "is no part of a filter"),
        (document({"and": [], "or": []}), r"filter\.or 'or' is not known here; give only and"),
        (document({"and": {}}), r"filter\.and {} is not a list"),
        (document({"and": [IS_GB, 5]}), r"filter\.and\[1\] 5 is not an object"),
        (document({"not": [IS_GB]}), r"filter\.not \[.* is not an object"),
        (document({"not": None}), r"filter\.not None is not an object"),
        (document({"or": [{"not": IS_GB | {"criterion": "contry"}}]}),
         r"filter\.or\[0\]\.not\.criterion 'contry'.*country"),
        (document(IS_GB | {"criterion": 5}), r"filter\.criterion 5 doesn't exist"),
        (document(IS_GB | {"criterion": ["country"]}), r"filter\.criterion \['country'\] doesn't exist"),
        (document(IS_GB | {"criterion": "field:country"}), r"filter\.criterion 'field:country' .*F\.country"),
        (document(IS_GB | {"criterion": "field:Plan"}), r"filter\.criterion 'field:Plan' is not a slug"),
        (document({"and": [IS_GB, IS_GB, IS_GB | {"operator": "=="}]}),
         r"filter\.and\[2\]\.operator '==' .*use is, is_not"),
        (document(IS_GB | {"operator": "contains"}), r"filter\.operator 'contains' is no operator of Country"),
        (document(IS_GB | {"operator": ["is"]}), r"filter\.operator \['is'\] is no operator"),
        (document(IS_GB | {"operator": None}), r"filter\.operator None is no operator"),
        (document(IS_GB | {"values": "GB"}), r"filter\.values 'GB' is not a list"),
        (document(IS_GB | {"values": [float("nan")]}), r"filter\.values\[0\] nan is not a text"),
        (document(IS_GB | {"values": [5]}), r"filter\.values\[0\] 5 is not a text"),
        (document(IS_GB | {"values": [None]}), r"filter\.values\[0\] None is not a text"),
        (document(IS_GB | {"values": []}), r"filter\.values \(Country\) \(\) has not the 1 value"),
        (document(IS_GB | {"values": ["GB", "FR"]}),
         r"filter\.values \(Country\) \('GB', 'FR'\) has not the 1 value"),
        (document({"and": [IS_GB | {"values": ["Atlantis"]}]}),
         r"filter\.and\[0\]\.values \(Country\) 'Atlantis' is not a c"),
        (document(IS_GB | {"values": ["\x00a"]}), "NUL"),
        (document(IS_GB | {"values": ["a\ud800"]}), "surrogate"),
        ('{"version": 1, "filter": {"criterion": "country", "operator": "is", "values": ["a\ud800"]}}',
         "surrogate"),
        (document(IS_EMPTY | {"values": ["a"]}), "takes no value"),
        (document({"criterion": "tags", "operator": "is_empty"}), r"filter 'values' is missing"),
        (document({"criterion": "tags", "values": []}), r"filter 'operator' is missing"),
        (document(IS_GB | {"note": 1}), r"filter\.note 'note' is not known here; give only criterion, operator"),
        (document(IS_GB | {"not an identifier\ud800": 1}), "is not known here"),
        (document({"and": [IS_GB] * 1001}), "at most 1,000"),
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused_with_the_place_and_what_to_do(text, reason):
    with pytest.raises(InvalidValue, match=reason) as refused:
        Filter.from_json(text)
    str(refused.value).encode()


DEEP = {
    "and": '{"and": [' * 10_000 + "]}" * 10_000,
    "and or": '{"and": [{"or": [' * 5_000 + "]}]}" * 5_000,
    "not": '{"not": ' * 10_000 + '{"and": []}' + "}" * 10_000,
    "lists": "[" * 10_000 + "]" * 10_000,
    "unclosed": "[" * 1_000_000,
    "not, less deep": '{"not": ' * 150 + '{"and": []}' + "}" * 150,
    "of one kind": '{"and": [' * 101 + "]}" * 101,
}


@pytest.mark.parametrize("tree", DEEP.values(), ids=DEEP)
def test_deep_json_is_refused_clearly(tree):
    with pytest.raises(InvalidValue, match="nest groups less deep"):
        Filter.from_json(f'{{"version": 1, "filter": {tree}}}')


def test_brackets_in_texts_are_no_depth():
    tree = F.first_name.contains('["{\\' * 400) & F.tags.has_any('"', "[" * 200)
    assert Filter.from_json(tree.to_json()) == tree


def test_a_long_text_that_never_ends_is_refused_at_once():
    with pytest.raises(InvalidValue, match="is not JSON"):
        Filter.from_json('"' + '\\"' * 1_000_000)


@given(st.text() | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.sampled_from(["country", "is", "GB", "tags"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["and", "or", "not", "criterion", "operator", "values", "x"]), inner, max_size=3,
    ),
).map(document))  # fmt: skip
def test_anything_is_either_a_filter_or_refused(text):
    try:
        tree = Filter.from_json(text)
    except InvalidValue:
        return
    assert Filter.from_json(tree.to_json()) == tree


def test_filters_of_earlier_versions_are_upgraded_when_the_version_rises(monkeypatch):
    def renamed(old):
        assert set(old) == {"version", "filter"}
        return {"version": 2, "filter": {"not": old["filter"]}}

    monkeypatch.setattr(filter_json, "VERSION", 2)
    monkeypatch.setattr(filter_json, "UPGRADERS", {1: renamed})
    assert Filter.from_json(document(IS_EMPTY)) == ~F.tags.is_empty()
    assert F.tags.is_empty().to_json().startswith('{"version": 2, ')
    assert Filter.from_json(F.tags.is_empty().to_json()) == F.tags.is_empty()
    with pytest.raises(InvalidValue, match="newer"):
        Filter.from_json('{"version": 3, "filter": {"and": []}}')


def test_every_earlier_version_can_be_upgraded():
    assert set(filter_json.UPGRADERS) == set(range(1, filter_json.VERSION))
