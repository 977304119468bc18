"""Imports as plans: what becomes of each record, that exactly this is done, and that it can be taken back."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from contacts_nb.exchange import applying
from contacts_nb.model.errors import InvalidValue, NotAllowed, PlanOutdated, UnreadableFile, UnwritableFile
from contacts_nb.workspace import Workspace
from contacts_nb.workspace import open as open_workspace
from contacts_nb.workspace.importing import ImportPlan


def frame(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype="str")


def outcome(plan: ImportPlan) -> list[tuple[int, str, int]]:
    rows = plan.to_frame()
    return [
        (line, action, 0 if pd.isna(contact) else int(contact))
        for line, action, contact in zip(rows["line"], rows["action"], rows["contact"], strict=True)
    ]


def reasons(plan: ImportPlan) -> list[str]:
    return [text for text in plan.to_frame()["reason"] if text]


def names(ws: Workspace) -> list[str]:
    return [row.name for row in ws.contacts.rows(0, 100)]


def test_a_plan_changes_nothing_and_apply_does_what_it_says(workspace, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(
        "first name,phone,shoe size,email\nAnn,112,37,\nBo,,,not an address\nCy,,42,cy@example.org\n,,,\n",
        encoding="utf-8",
    )
    plan = workspace.plan_import(file)
    assert workspace.contacts.count() == 0
    assert plan.counts == {"create": 2, "update": 0, "skip": 0, "reject": 1}
    assert plan.columns == {"first name": "first_name", "phone": "phone", "shoe size": None, "email": "email"}
    assert dict(plan.left_out) == {"shoe size": 2}
    assert repr(plan).startswith("<import of people.csv: 2 create, 0 update, 0 skip, 1 reject>")
    done = plan.apply()
    assert str(done) == "people.csv: 2 created, 0 updated, 0 skipped, 1 rejected"
    assert names(workspace) == ["Ann", "Cy"]
    assert workspace.check() == []


def test_the_second_import_of_a_file_skips_every_record(workspace, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name,phone,tags\nAnn,020 7946 0958,vip\nAnn,020 7946 0958,vip\n,112,\n", encoding="utf-8")
    workspace.plan_import(file).apply()
    again = workspace.plan_import(file)
    assert outcome(again) == [(2, "skip", 1), (3, "skip", 2), (4, "skip", 3)]
    assert again.apply().operation.id is None
    assert workspace.contacts.count() == 3


def test_a_record_more_than_before_is_added_once(workspace):
    workspace.plan_import(frame(name=["Ann"])).apply()
    plan = workspace.plan_import(frame(name=["Ann", "Ann", "Bo"]))
    assert outcome(plan) == [(1, "skip", 1), (2, "create", 0), (3, "create", 0)]


def test_what_was_changed_since_is_no_longer_word_for_word(workspace):
    workspace.plan_import(frame(name=["Ann"])).apply()
    workspace.contacts[1].update(country="GB")
    assert outcome(workspace.plan_import(frame(name=["Ann"]))) == [(1, "create", 0)]


@pytest.mark.parametrize(
    ("key", "column", "spelling"),
    [
        ("phone", "phone", "+44 20 7946 0958"),
        ("phone", "phone", "0044 20 79460958"),
        ("email", "email", "ANN@example.org"),
        ("id", "id", "1"),
        ("channel:Shop", "channel:Shop", "+44 (0)20 7946 0958"),
    ],
)
def test_contacts_are_found_by_any_spelling_of_the_key(workspace, key, column, spelling):
    workspace.update(phone_region="GB")
    workspace.channels.add("Shop", "sms")
    first = frame(name=["Ann"], phone=["020 7946 0958"], email=["Ann@example.org"])
    first["channel:Shop"] = "020 7946 0958"
    workspace.plan_import(first).apply()
    second = frame(country=["Germany"])
    second[column] = spelling
    second["name"] = "Ann"
    plan = workspace.plan_import(second, match_on=key)
    assert outcome(plan) == [(1, "update", 1)]
    assert plan.to_frame()["changes"][0] == "country: (empty) → DE"
    plan.apply()
    assert (workspace.contacts[1].country, workspace.contacts[1].phone) == ("DE", "020 7946 0958")
    assert outcome(workspace.plan_import(second, match_on=key)) == [(1, "skip", 1)]


def test_several_keys_are_tried_in_turn(workspace):
    workspace.plan_import(frame(name=["Ann", "Bo"], phone=["112", ""], email=["", "bo@example.org"])).apply()
    both = frame(phone=["112", "110"], email=["x@example.org", "bo@example.org"])
    plan = workspace.plan_import(both, match_on=["phone", "email"])
    assert outcome(plan) == [(1, "update", 1), (2, "update", 2)]


def test_a_phone_typed_without_region_is_found_by_its_digits(workspace):
    workspace.plan_import(frame(name=["Ann", "Bo"], phone=["47-11", "+442079460958"])).apply()
    plan = workspace.plan_import(frame(phone=["4711", "442079460958"], country=["GB", "GB"]), match_on="phone")
    assert outcome(plan) == [(1, "update", 1), (2, "update", 2)]
    assert plan.to_frame()["changes"].tolist()[0] == "phone: 47-11 → 4711; country: (empty) → GB"


PEOPLE = {"phone": ["112", "113", ""], "name": ["Ann Lee", "Bo", "Cy"], "email": ["", "", "cy@example.org"]}


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("add_only", [(1, "skip", 1), (2, "create", 0), (3, "create", 0)]),
        ("update_only", [(1, "update", 1), (2, "skip", 0), (3, "skip", 0)]),
        ("add_and_update", [(1, "update", 1), (2, "create", 0), (3, "create", 0)]),
        ("add_all", [(1, "create", 0), (2, "create", 0), (3, "create", 0)]),
    ],
)
def test_the_purpose_decides_what_becomes_of_matches(workspace, purpose, expected):
    workspace.add_contact(first_name="Ann", phone="112")
    plan = workspace.plan_import(frame(**PEOPLE), match_on="phone", purpose=purpose)
    assert outcome(plan) == expected
    plan.apply()
    assert workspace.check() == []


def test_a_value_that_two_contacts_have_is_ambiguous(workspace):
    for name in ("Ann", "Bo"):
        workspace.add_contact(first_name=name, phone="+442079460958")
    plan = workspace.plan_import(frame(phone=["+44 20 7946 0958"], name=["Cy"]), match_on="phone")
    assert outcome(plan) == [(1, "reject", 0)]
    assert reasons(plan)[0].startswith("Contacts 1 and 2 have that phone;")


def test_an_identity_is_given_to_one_contact_only(workspace):
    workspace.channels.add("Chat", "custom")
    for name, phone in (("Ann", "112"), ("Bo", "113")):
        workspace.add_contact(first_name=name, phone=phone)
    people = pd.DataFrame({"phone": ["112", "113"], "channel:Chat": ["user 1", "user 1"]})
    plan = workspace.plan_import(people, match_on="phone", purpose="update_only")
    assert outcome(plan) == [(1, "update", 1), (2, "reject", 0)]
    assert "Line 1 is about the same identity on a channel and says something else" in reasons(plan)[0]
    plan.apply()
    assert workspace.check() == []


def test_two_records_about_one_contact_are_not_both_carried_out(workspace):
    workspace.add_contact(first_name="Ann", phone="112")
    people = frame(name=["Anna", "Anne", "Anna", "Bo", "Bob", "Bo"], phone=["112"] * 3 + ["113"] * 3)
    plan = workspace.plan_import(people, match_on="phone")
    assert outcome(plan) == [
        (1, "update", 1), (2, "reject", 0), (3, "skip", 1), (4, "create", 0), (5, "reject", 0), (6, "skip", 0),
    ]  # fmt: skip
    assert "Line 1 is about contact 1 and says something else" in reasons(plan)[0]
    assert "Line 4 is about the same phone and says something else" in reasons(plan)[2]
    plan.apply()
    assert [row.action for row in workspace.plan_import(people, match_on="phone").to_frame().itertuples()] == [
        "skip", "reject", "skip", "skip", "reject", "skip",
    ]  # fmt: skip


def test_an_empty_cell_changes_nothing_and_what_is_to_be_kept_stays(workspace):
    workspace.add_contact(first_name="Ann", phone="112", country="GB", tags=["old"])
    people = frame(phone=["112"], name=["Anna Lee"], country=["DE"], email=[""], tags=["new"])
    plan = workspace.plan_import(people, match_on="phone", do_not_overwrite=["country"])
    assert plan.to_frame()["changes"][0] == "first_name: Ann → Anna; last_name: (empty) → Lee; tags + new"
    kept = workspace.plan_import(people, match_on="phone", do_not_overwrite=True)
    assert kept.to_frame()["changes"][0] == "last_name: (empty) → Lee; tags + new"
    kept.apply()
    ann = workspace.contacts[1]
    assert (ann.first_name, ann.last_name, ann.country, set(ann.tags)) == ("Ann", "Lee", "GB", {"old", "new"})


def test_everything_that_a_column_can_hold_is_created_and_updated_and_taken_back(workspace):
    ws = workspace
    ws.users.add("ana@acme.example", role="owner")
    with open_workspace(ws.address, user="ana@acme.example") as ws:
        ws.teams.add("Sales")
        ws.channels.add("Shop", "sms")
        ws.fields.add("Plan", "list", allowed=["Gold", "Silver"])
        ws.fields.add("Seats", "number")
        ws.add_contact(first_name="Ann", phone="112", fields={"plan": "Silver"}, tags=["old"])
        before = ws.contacts.to_frame()
        people = pd.DataFrame(
            {
                "name": ["Ann", "Bo"],
                "phone": ["112", "113"],
                "Plan": ["gold", "silver"],
                "seats": [12, 3.5],
                "assignee": ["Ana@acme.example", None],
                "team": ["sales", ""],
                "channel:Shop": ["+442079460958", "+442079460959 ::: 0815"],
                "tags": ["new, very", ""],
                "picture": ["https://example.org/ann.png", None],
                "Size": ["L", "M"],
            }
        )
        plan = ws.plan_import(people, match_on="phone", new_fields={"Size": "list"}, tags=["imported"])
        assert outcome(plan) == [(1, "update", 1), (2, "create", 0)]
        assert [field.slug for field in ws.fields] == ["plan", "seats"]
        done = plan.apply()
        ann, bo = ws.contacts[1], ws.contacts[2]
        assert ann.fields == {"plan": "Gold", "seats": 12, "size": "L"}
        assert bo.fields == {"plan": "Silver", "seats": 3.5, "size": "M"}
        assert ws.fields["size"].allowed == ("L", "M")
        assert (ann.assignee, ann.team, bo.assignee) == ("ana@acme.example", "Sales", None)
        assert set(ann.tags) == {"old", "new", "very", "imported"}
        assert [one.identifier for one in bo.channels] == ["+442079460959", "0815"]
        assert ann.picture == "https://example.org/ann.png"
        assert ws.contacts.search("0815").ids().tolist() == [2]
        assert ws.check() == []
        again = ws.plan_import(people, match_on="phone", columns={"Size": "size"}, tags=["imported"])
        assert outcome(again) == [(1, "skip", 1), (2, "skip", 2)]
        done.undo()
        pd.testing.assert_frame_equal(ws.contacts.to_frame(), before)
        assert [field.slug for field in ws.fields] == ["plan", "seats"]
        assert ws.check() == []


def test_an_identity_of_somebody_else_is_not_taken(workspace):
    workspace.channels.add("Shop", "sms")
    people = frame(name=["Ann", "Bo"])
    people["channel:Shop"] = ["+442079460958", "+44 20 7946 0958"]
    plan = workspace.plan_import(people)
    assert outcome(plan) == [(1, "create", 0), (2, "reject", 0)]
    plan.apply()
    people["name"] = ["Cy", "Dee"]
    plan = workspace.plan_import(people)
    assert outcome(plan) == [(1, "reject", 0), (2, "reject", 0)]
    assert "is contact 1 already; to update that contact, match on channel:Shop" in reasons(plan)[0]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("phone", "4.47E+11", "was taken for a number by a spreadsheet"),
        ("phone", "4,47E+11", "was taken for a number by a spreadsheet"),
        ("email", "ann@", "is not an e-mail address"),
        ("country", "Atlantis", "is not a country"),
        ("born", "31.02.2024", "is not a date"),
        ("seats", "many", "is not a number"),
        ("assignee", "nobody@acme.example", "is not a user"),
        ("team", "Nobody", "doesn't exist"),
        ("first_name", "A\x00nn", "contains a NUL"),
        ("first_name", "x" * 300, "at most 255"),
        ("picture", "javascript:alert(1)", "is not a web address"),
    ],
)
def test_a_value_that_breaks_its_rule_rejects_the_record_with_the_reason(workspace, column, value, said):
    workspace.fields.add("Born", "date")
    workspace.fields.add("Seats", "number")
    people = frame(last_name=["Lee", "Li"])
    people[column] = [value, ""]
    plan = workspace.plan_import(people)
    assert outcome(plan) == [(1, "reject", 0), (2, "create", 0)]
    assert said in reasons(plan)[0]
    assert value[:50] in plan.rejected.to_frame()[column][0]


def test_a_row_of_the_wrong_length_is_rejected_and_costs_no_other(workspace, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name,email\nAnn,a@example.org,more\nBo,bo@example.org\nCy\n", encoding="utf-8")
    plan = workspace.plan_import(file)
    assert outcome(plan) == [(2, "reject", 0), (3, "create", 0), (4, "reject", 0)]
    assert "This row has 3 cells, but the header has 2" in reasons(plan)[0]


def test_a_record_of_nobody_is_rejected(workspace):
    plan = workspace.plan_import(frame(country=["GB"], name=[""]))
    assert "has no name, phone or e-mail" in reasons(plan)[0]


def test_an_id_that_nobody_has_is_rejected(workspace):
    plan = workspace.plan_import(frame(id=["7", "x", ""], name=["Ann", "Bo", "Cy"]), match_on="id")
    assert outcome(plan) == [(1, "reject", 0), (2, "reject", 0), (3, "create", 0)]
    assert "There is no contact 7 here" in reasons(plan)[0]


def test_a_plan_is_refused_when_it_would_do_something_else_by_now(workspace):
    workspace.add_contact(first_name="Ann", phone="112")
    people = frame(phone=["112"], country=["GB"])
    plan = workspace.plan_import(people, match_on="phone")
    workspace.contacts[1].update(country="DE")
    with pytest.raises(PlanOutdated, match=r"line 1 was to be an update.*make the plan again"):
        plan.apply()
    assert workspace.contacts[1].country == "DE"
    plan = workspace.plan_import(frame(phone=["113"], name=["Bo"]), match_on="phone")
    workspace.add_contact(first_name="Bob", phone="113")
    with pytest.raises(PlanOutdated, match="line 1 was to be created and would be an update"):
        plan.apply()
    plan = workspace.plan_import(frame(name=["Cy"]))
    workspace.fields.add("Plan")
    with pytest.raises(PlanOutdated, match="Fields, channels, users or teams were changed"):
        plan.apply()


def test_a_plan_that_others_changes_do_not_touch_is_carried_out_once(workspace):
    plan = workspace.plan_import(frame(name=["Ann"], phone=["112"]), match_on="phone")
    workspace.add_contact(first_name="Bo", phone="113")
    plan.apply()
    assert names(workspace) == ["Bo", "Ann"]
    with pytest.raises(PlanOutdated, match="carried out already"):
        plan.apply()


def test_an_interrupted_import_changes_nothing_and_says_so(workspace):
    def interrupt(_done: int, _total: int | None) -> None:
        raise KeyboardInterrupt

    plan = workspace.plan_import(frame(name=["Ann"]))
    with pytest.raises(KeyboardInterrupt, match="Nothing was imported"):
        plan.apply(progress=interrupt)
    assert workspace.contacts.count() == 0
    with pytest.raises(KeyboardInterrupt, match="Nothing was planned"):
        workspace.plan_import(frame(name=["Ann"]), progress=interrupt)
    plan.apply()
    assert names(workspace) == ["Ann"]


def test_progress_counts_rows_up_to_the_total(workspace):
    seen: list[tuple[int, int | None]] = []
    people = frame(name=[f"Nr {number}" for number in range(5_001)])
    plan = workspace.plan_import(people, progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == [5_000, 5_001]
    plan.apply(progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (5_001, 5_001)


def test_what_was_rejected_can_be_corrected_and_imported(workspace, tmp_path):
    file, wrong = tmp_path / "people.csv", tmp_path / "wrong.csv"
    file.write_text("name,email,what\nAnn,no,=1+1\nBo,bo@example.org,\n", encoding="utf-8")
    plan = workspace.plan_import(file)
    assert plan.rejected.to_csv(wrong) == len(plan.rejected) == 1
    assert plan.rejected.text() == wrong.read_bytes().decode()
    assert pd.read_csv(io.StringIO(plan.rejected.text()))["what"][0] == "'=1+1"
    plan.apply()
    wrong.write_text(wrong.read_text(encoding="utf-8").replace("Ann,no", "Ann,ann@example.org"), encoding="utf-8")
    again = workspace.plan_import(wrong)
    assert again.counts == {"create": 1, "update": 0, "skip": 0, "reject": 0}
    with pytest.raises(UnwritableFile, match="is a table"):
        plan.rejected.to_vcard(tmp_path / "wrong.vcf")


def test_bad_options_are_refused_before_the_file_is_read(workspace):
    people = frame(name=["Ann"])
    for options, said in (
        ({"match_on": "name"}, 'use "phone", "email", "id"'),
        ({"match_on": "channel:Nowhere"}, "doesn't exist"),
        ({"purpose": "merge", "match_on": "phone"}, "purpose"),
        ({"purpose": "update_only"}, "needs something to match on"),
        ({"region": "UK"}, "region"),
        ({"columns": {"nonsense": "first_name"}}, "is not in the file"),
        ({"columns": {"name": "shoe"}}, "does not exist; use one of"),
        ({"new_fields": {"name": "colour"}}, "type"),
        ({"do_not_overwrite": ["shoe"]}, "does not exist"),
        ({"tags": ["x" * 300]}, "at most 255"),
    ):
        with pytest.raises(InvalidValue, match=said):
            workspace.plan_import(people, **options)
    with pytest.raises(UnreadableFile, match="no file"):
        workspace.plan_import(Path("no.csv"))


def test_columns_are_mapped_by_hand_and_left_out(workspace):
    people = frame(who=["Ann"], email=["ann@example.org"], note=["x"])
    plan = workspace.plan_import(people, columns={"who": "first_name", "email": None, "note": None})
    assert plan.columns == {"who": "first_name", "email": None, "note": None}
    assert not plan.left_out  # that was a decision
    plan.apply()
    assert workspace.contacts[1].email is None


def test_a_preview_shows_the_first_rows_and_what_columns_hold(workspace, tmp_path):
    workspace.fields.add("Plan")
    file = tmp_path / "people.csv"
    file.write_bytes("Surname;plan;x\nMüller;gold;1\nB;silver;2\n".encode("cp1252"))
    preview = workspace.preview_import(file, rows=1)
    assert preview.header == ("Surname", "plan", "x")
    assert preview.columns == {"Surname": "last_name", "plan": "plan", "x": None}
    assert preview.rows == [("Müller", "gold", "1")]
    assert ("plan", "Plan") in preview.fields
    assert workspace.preview_import(file, encoding="mac_roman").rows[0][0] != "Müller"


def test_phones_are_read_in_the_region_of_the_import_or_else_of_the_workspace(workspace):
    people = frame(phone=["030 123456"])
    read = {}
    for own in (None, "AT"):
        workspace.update(phone_region=own)
        for region in (None, "DE"):
            plan = workspace.plan_import(people, region=region)
            read[own, region] = plan.to_frame()["phone_e164"].tolist()[0]
            assert bool(plan.notes) == (own is None and region is None)
    assert pd.isna(read.pop((None, None)))
    assert read == {(None, "DE"): "+4930123456", ("AT", None): "+4330123456", ("AT", "DE"): "+4930123456"}


def test_who_may_not_add_fields_may_not_import_new_ones(workspace):
    workspace.users.add("ana@acme.example", role="owner")
    address = workspace.address
    with open_workspace(address, user="ana@acme.example") as ana:
        ana.users.add("bo@acme.example", role="manager", restrictions=["restrict_workspace_settings"])
    with open_workspace(address, user="bo@acme.example") as bo:
        assert bo.plan_import(frame(name=["Ann"])).apply().created == 1
        with pytest.raises(NotAllowed):
            bo.plan_import(frame(name=["Ann"], size=["L"]), new_fields={"size": "text"})


def test_many_records_into_an_empty_workspace_are_as_sound_as_one(workspace, monkeypatch):
    monkeypatch.setattr(applying, "_BULK", 300)
    people = frame(
        name=[f"Nr {number}" for number in range(300)],
        phone=[f"+4420{number:08}" for number in range(300)],
        tags=["a" if number % 2 else "a, b" for number in range(300)],
    )
    plan = workspace.plan_import(people, match_on="phone")
    plan.apply()
    assert workspace.check() == []
    assert workspace.contacts.search("nr 299").count() == 1
    assert workspace.plan_import(people, match_on="phone").counts["skip"] == 300


def test_history_says_how_an_import_was_done(workspace):
    workspace.plan_import(frame(name=["Ann", "Bo"], email=["", "x"]), match_on="email").apply()
    said = workspace.history()["details"][0]
    assert said == "purpose: add_and_update; match on: email; create: 1; update: 0; skip: 0; reject: 1"
    assert workspace.history[1].details["reject"] == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_tables_of_any_delimiter_are_mapped(workspace, tmp_path, delimiter):
    file = tmp_path / "people.csv"
    text = '\r\nfirst_name,phone,note,tags,rejected because\r\nNull,0044207946,"one\r\ntwo",007,had none\r\n\r\n'
    file.write_text(text.replace(",", delimiter), encoding="utf-8", newline="")
    plan = workspace.plan_import(file)
    row = plan.to_frame().iloc[0]
    assert (row.line, row.first_name, row.phone, row.tags) == (3, "Null", "0044207946", "007")
    assert dict(plan.left_out) == {"note": 1}
