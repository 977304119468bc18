import logging
import re

import pandas as pd
import pytest

import contacts_nb as cn
from contacts_nb.widgets import ContactDetails, MergeComparison
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.history import Operation

ANN, ANNA = 1, 2


@pytest.fixture
def pair(workspace):
    """A workspace with Ann, and Anna who is the same person."""
    return with_pair(workspace)


@pytest.fixture
def comparison(pair):
    return MergeComparison(pair, ANN, ANNA)


@pytest.fixture
def in_file(tmp_path):
    """A workspace with the two for what doesn't depend on the database."""
    with cn.create(tmp_path / "contacts.db", phone_region="GB") as made:
        yield with_pair(made)


def with_pair(workspace: Workspace) -> Workspace:
    workspace.channels.add("Shop", "whatsapp")
    workspace.channels.add("Desk", "email")
    workspace.fields.add("Plan", "text")
    sent = pd.date_range("2026-03-02T10:00Z", periods=3, freq="min")
    said = [("Shop", "+442079460958", 2), ("Desk", "anna@example.org", 3)]
    workspace.record_messages(
        pd.DataFrame(
            {"channel": channel, "identifier": who, "direction": "incoming", "text": "Hi", "sent_at": sent[number]}
            for channel, who, total in said
            for number in range(total)
        )
    )
    workspace.contacts[ANN].update(
        first_name="Ann", last_name="Lee", phone="+442079460958", email="ann@example.org", fields={"plan": "gold"}
    )
    workspace.contacts[ANNA].update(
        first_name="Anna", last_name="Lee", phone="+442079460001", email="anna@example.org", country="FR"
    )
    workspace.contacts[ANN].tag("vip")
    workspace.contacts[ANNA].tag("vip", "press")
    workspace.contacts[ANNA].comment("Likes tea")
    return workspace


def choose(comparison: MergeComparison, field: str, side: int | str) -> None:
    """What the browser tells when a radio button is chosen."""
    comparison._table._handle_custom_msg({"name": field, "value": str(side)}, [])


def results(comparison: MergeComparison) -> dict[str, str | None]:
    assert comparison.plan is not None
    return {row.field: row.result for row in comparison.plan.rows}


def part(comparison: MergeComparison, name: str) -> str:
    """The text of one part of the table."""
    parts = comparison._table.content.split('data-part="')
    found = next(one for one in parts if one.startswith(f'{name}"'))
    return text(found.partition(">")[2])


def chosen_in(comparison: MergeComparison) -> dict[str, str]:
    found = re.findall(r'name="([^"]+)" value="(\d+)" checked', comparison._table.content)
    return dict(found)


def text(html: str) -> str:
    return " ".join(re.sub("<[^>]*(>|$)", " ", html).replace("&#39;", "'").split())


def is_shown(widget) -> bool:
    display: str | None = widget.layout.display
    return display is None


def said(comparison: MergeComparison) -> str:
    return text(comparison._said.value) if is_shown(comparison._said) else ""


def merge(comparison: MergeComparison) -> None:
    comparison._merge.click()
    comparison._confirm.click()


def test_both_profiles_are_told_with_what_hangs_on_them(comparison):
    heads = part(comparison, "heads")
    assert "Survives" in heads.split("Ann Lee")[0]
    assert "2 messages · 0 comments" in heads
    assert "3 messages · 1 comment" in heads
    assert "5 messages · 1 comment" in heads
    assert part(comparison, "tags") == "Tags vip press vip Result: + press vip"
    assert part(comparison, "channels").startswith(
        "Channels Shop +442079460958 Desk anna@example.org Result: Shop"
    )


def test_fields_that_differ_come_first_and_the_others_can_be_left_out(comparison):
    content = comparison._table.content
    assert set(chosen_in(comparison)) == {"first_name", "phone", "email", "country", "plan"}
    assert content.index('data-part="country"') < content.index('data-part="last_name"')
    assert "Empty in both: Language, Picture, Assignee, Team." in text(content)
    comparison._differing.value = True
    assert 'data-part="last_name"' not in comparison._table.content
    assert "Empty in both" not in comparison._table.content


def test_each_field_begins_with_the_side_of_the_plan(comparison):
    assert chosen_in(comparison) == {"first_name": "1", "phone": "1", "email": "1", "country": "2", "plan": "1"}
    assert (
        part(comparison, "country")
        == "Country Ann Lee : empty Anna Lee : France Result: France only the other has one"
    )


def test_a_chosen_side_is_the_result_at_once_without_a_look_into_the_database(comparison, pair, monkeypatch):
    monkeypatch.setattr(pair._access.database, "read", None)
    choose(comparison, "email", ANNA)
    choose(comparison, "country", ANN)
    assert (results(comparison)["email"], results(comparison)["country"]) == ("anna@example.org", None)
    assert part(comparison, "email").endswith("Result: anna@example.org chosen")
    assert chosen_in(comparison)["email"] == "2"
    choose(comparison, "first_name", ANNA)
    assert "Anna Lee Contact 1" in part(comparison, "heads").split("Result")[1]


def test_a_choice_that_cannot_be_is_told_and_drawn_back(comparison, caplog, monkeypatch):
    drawn: list[object] = []
    monkeypatch.setattr(comparison._table, "send", drawn.append)
    before = comparison._table.content
    choose(comparison, "no such field", ANNA)
    assert "no such field" in said(comparison)
    assert (comparison._table.content, len(drawn)) == (before, 1)
    choose(comparison, "email", "77")
    assert comparison._table.content == before
    assert len(drawn) == 2


def test_swapping_keeps_the_places_and_the_choices(comparison):
    choose(comparison, "email", ANN)
    comparison._swap.click()
    assert comparison.plan is not None
    assert comparison.plan.survivor.id == ANNA
    assert chosen_in(comparison) == {"first_name": "2", "phone": "2", "email": "1", "country": "2", "plan": "1"}
    heads = part(comparison, "heads")
    assert heads.index("Is absorbed") < heads.index("Ann Lee") < heads.index("Survives") < heads.index("Anna Lee")
    comparison._swap.click()
    assert chosen_in(comparison)["first_name"] == "1"


def test_nothing_is_merged_before_the_last_look(comparison, pair):
    assert not is_shown(comparison._last_look)
    comparison._merge.click()
    assert (is_shown(comparison._last_look), is_shown(comparison._footer)) == (True, False)
    assert text(comparison._sentence.value) == (
        "Ann Lee (contact 1) survives and takes in Anna Lee (contact 2); it will hold 5 messages and 1 comment. "
        "You can undo this at any time."
    )
    comparison._swap.click()
    assert text(comparison._sentence.value).startswith("Anna Lee (contact 2) survives")
    comparison._back.click()
    assert (is_shown(comparison._last_look), is_shown(comparison._footer)) == (False, True)
    assert pair.contacts.count() == 2


def test_what_is_chosen_is_merged_and_the_survivor_is_found_by_both_phones(comparison, pair):
    choose(comparison, "email", ANNA)
    comparison._swap.click()
    merge(comparison)
    assert "Merged: Ann Lee (contact 1) is now part of Anna Lee (contact 2)." in text(comparison._outcome.value)
    assert (is_shown(comparison._review), is_shown(comparison._foot)) == (False, False)
    assert pair.contacts.search("+442079460958").ids().tolist() == [ANNA]
    survivor = pair.contacts[ANN]
    assert (survivor.id, survivor.email, survivor.fields) == (ANNA, "anna@example.org", {"plan": "gold"})


def test_a_second_click_merges_nothing_more(comparison, pair):
    merge(comparison)
    number = len(pair.history())
    comparison._confirm.click()
    assert (len(pair.history()), said(comparison)) == (number, "")


def test_a_merge_is_undone_and_compared_again_with_the_same_choices(comparison, pair):
    choose(comparison, "email", ANNA)
    merge(comparison)
    comparison._undo.click()
    assert text(comparison._outcome.value) == "Undone. Both contacts are as they were."
    assert (is_shown(comparison._undo), is_shown(comparison._review)) == (False, True)
    assert (pair.contacts.count(), pair.contacts[ANN].email) == (2, "ann@example.org")
    assert results(comparison)["email"] == "anna@example.org"
    assert "changed" not in part(comparison, "email")
    merge(comparison)
    assert pair.contacts[ANNA].email == "anna@example.org"


def test_whoever_shows_the_comparison_is_told_of_merge_and_undo(pair):
    told: list[Operation] = []
    comparison = MergeComparison(pair, pair.contacts[ANN], pair.contacts[ANNA], on_done=told.append)
    merge(comparison)
    assert comparison.operation is told[0]
    comparison._undo.click()
    assert [operation.kind for operation in told] == ["merge", "undo"]
    assert comparison.operation is None


def test_an_undo_that_is_too_late_is_told_and_the_outcome_stays(comparison, pair):
    merge(comparison)
    pair.plan_unmerge(ANNA).apply()
    comparison._undo.click()
    assert said(comparison) != ""
    assert (is_shown(comparison._done), is_shown(comparison._review)) == (True, False)


def test_what_changed_meanwhile_is_told_and_marked_and_the_choices_stay(comparison, pair):
    choose(comparison, "phone", ANNA)
    pair.contacts[ANN].update(email="new@example.org")
    merge(comparison)
    assert "new@example.org" in said(comparison)
    assert said(comparison).endswith("What is shown here is how it is now.")
    assert pair.contacts.count() == 2
    assert part(comparison, "email").startswith("Email changed Ann Lee : new@example.org")
    assert "changed" not in part(comparison, "phone")
    assert (chosen_in(comparison)["phone"], is_shown(comparison._footer)) == ("2", True)
    merge(comparison)
    assert (said(comparison), pair.contacts[ANNA].phone) == ("", "+442079460001")


def test_a_choice_of_a_field_that_was_removed_meanwhile_is_dropped(comparison, pair):
    choose(comparison, "plan", ANNA)
    pair.fields.remove("plan")
    pair.contacts[ANN].update(country="GB")
    merge(comparison)
    assert "plan" not in chosen_in(comparison)
    merge(comparison)
    assert pair.contacts.count() == 1


@pytest.mark.parametrize(
    ("ids", "why"),
    [((ANN, ANN), "itself"), ((ANN, 99), "There is no contact 99"), ((ANN, "x"), "is not a contact")],
)
def test_what_cannot_be_merged_is_told_in_place_of_the_comparison(in_file, ids, why, caplog):
    with caplog.at_level(logging.WARNING):
        comparison = MergeComparison(in_file, *ids)
    assert why in said(comparison)
    assert (comparison.plan, is_shown(comparison._review), is_shown(comparison._foot)) == (None, False, False)
    assert caplog.text == ""  # the output of a cell would show it once more


@pytest.mark.parametrize("meanwhile", ["deleted", "merged"])
def test_a_contact_that_is_gone_when_it_is_merged_is_told(in_file, meanwhile):
    comparison = MergeComparison(in_file, ANN, ANNA)
    if meanwhile == "deleted":
        in_file.contacts[ANNA].delete()
    else:
        in_file.plan_merge(ANNA, in_file.add_contact(first_name="Bo"), survivor=3).apply()
    merge(comparison)
    assert ("no contact 2" if meanwhile == "deleted" else "was merged into contact 3") in said(comparison)
    assert (comparison.plan, is_shown(comparison._review), is_shown(comparison._again)) == (None, False, False)


def test_an_agent_is_told_that_it_may_not(tmp_path):
    with cn.create(tmp_path / "contacts.db", owner="ana@acme.example") as workspace:
        with_pair(workspace)
        workspace.users.add("bo@acme.example", role="manager")
        with cn.open(tmp_path / "contacts.db", user="bo@acme.example") as opened:
            comparison = MergeComparison(opened, ANN, ANNA)
            workspace.users.update("bo@acme.example", role="agent")
            merge(comparison)
            assert "may not" in said(comparison)
            assert (is_shown(comparison._review), workspace.contacts.count()) == (False, 2)


def test_what_breaks_is_told_without_its_details_and_can_be_tried_again(in_file, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("secret")

    with monkeypatch.context() as patched:
        patched.setattr(Workspace, "plan_merge", broken)
        comparison = MergeComparison(in_file, ANN, ANNA)
    assert "Something went wrong" in said(comparison)
    assert "secret" not in said(comparison)
    assert "ZeroDivisionError: secret" in caplog.text
    comparison._again.click()
    assert (said(comparison), is_shown(comparison._again), is_shown(comparison._review)) == ("", False, True)


def test_what_a_contact_holds_is_shown_as_text(in_file):
    hostile = "<script>alert(1)</script>\"'"
    in_file.fields.add("Note", "text")
    for contact_id in (ANN, ANNA):
        in_file.contacts[contact_id].update(
            first_name=f"{hostile}{contact_id}", fields={"note": f"{hostile}{contact_id}"}
        )
        in_file.contacts[contact_id].tag(hostile)
    comparison = MergeComparison(in_file, ANN, ANNA)
    merge(comparison)
    shown = [comparison._table.content, comparison._sentence.value, comparison._outcome.value]
    assert not [html for html in shown if "<script" in html]
    assert all("&lt;script" in html for html in shown)


def test_long_values_are_cut_with_the_whole_in_their_title(in_file):
    in_file.fields.add("Note", "text")
    note = "likes blue " * 40 + "and red"
    in_file.contacts[ANN].update(fields={"note": note})
    content = MergeComparison(in_file, ANN, ANNA)._table.content
    assert f'title="{note}"' in content
    assert "and red" not in text(content)


def test_only_pictures_that_are_safe_to_load_are_shown(in_file):
    in_file.contacts[ANN].update(picture="https://example.org/a.png")
    in_file.contacts[ANNA].update(picture="http://example.org/b.png")
    content = MergeComparison(in_file, ANN, ANNA)._table.content
    assert set(re.findall('<img src="([^"]*)"', content)) == {"https://example.org/a.png"}
    assert 'referrerpolicy="no-referrer"' in content


def test_two_that_are_the_same_in_all_fields_say_so(in_file):
    twins = [in_file.add_contact(first_name="Cy") for _ in range(2)]
    comparison = MergeComparison(in_file, *twins)
    assert "All fields are the same in both." in text(comparison._table.content)
    merge(comparison)
    assert in_file.contacts.search("Cy").count() == 1


def test_everything_that_can_be_chosen_or_pressed_has_a_name(comparison):
    groups = re.findall(r'role="radiogroup" aria-label="([^"]+)"', comparison._table.content)
    assert groups == ["First name", "Phone", "Email", "Country", "Plan"]
    buttons = (comparison._swap, comparison._merge, comparison._confirm, comparison._back, comparison._undo)
    assert all(button.description and button.tooltip for button in buttons)
    options = re.findall(r"<label[^>]*>(.*?)</label>", comparison._table.content)
    assert len(options) == 10
    assert [text(option) for option in options[:2]] == ["Ann Lee : Ann", "Anna Lee : Anna"]


def test_details_say_what_a_contact_was_merged_from(pair):
    before = ContactDetails(pair, ANN)._profile.content
    assert "Merged from" not in before
    pair.plan_merge(ANN, ANNA).apply()
    told = text(ContactDetails(pair, ANNA)._profile.content)
    assert re.search(r"Merged from Anna Lee \(contact 2\) on \d+ \w+ \d{4}", told)


def test_details_say_who_merged(tmp_path):
    with cn.create(tmp_path / "contacts.db", owner="ana@acme.example") as workspace:
        with_pair(workspace).plan_merge(ANN, ANNA).apply()
        assert "by ana@acme.example" in text(ContactDetails(workspace, ANN)._profile.content)
