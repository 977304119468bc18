import asyncio
import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime

import ipywidgets
import pandas as pd
import pytest
from ipywidgets.widgets.widget import _instances

import contacts_nb as cn
from contacts_nb.model.errors import NotAllowed
from contacts_nb.widgets import ImportPanel, import_download
from contacts_nb.widgets.import_background import Background, Stopped
from contacts_nb.widgets.import_columns import ColumnRow
from contacts_nb.widgets.import_panel import Step
from contacts_nb.widgets.import_steps import PathField
from contacts_nb.widgets.state import ViewState

PEOPLE = """First name,Phone,E-mail,Country,Shoe size
Ann,+442079460958,ann@example.org,FR,37
Bo,+442079460001,bo@example.org,GB,42
Cy,,not an address,GB,40
Dee,+442079460003,dee@example.org,DE,
"""


@pytest.fixture
def panel(workspace):
    workspace.add_contact(first_name="Ann", phone="+442079460958", country="GB")
    return ImportPanel(workspace)


@pytest.fixture
def columns(panel):
    """The panel with a file whose columns are to be chosen."""
    upload(panel, "people.csv", PEOPLE.encode())
    return panel


@pytest.fixture
def review(columns):
    columns._next.click()
    return columns


@pytest.fixture
def in_file(tmp_path):
    """A workspace for what doesn't depend on the database."""
    with cn.create(tmp_path / "contacts.db") as made:
        yield made


def upload(panel: ImportPanel, name: str, content: bytes) -> None:
    """What the browser sends when a file was chosen."""
    panel._file.upload.value = (
        {
            "name": name, "type": "", "size": len(content), "content": memoryview(content),
            "last_modified": datetime(2026, 1, 2, tzinfo=UTC),
        },
    )  # fmt: skip


def row_of(panel: ImportPanel, column: str) -> ColumnRow:
    return next(row for row in panel._columns.rows if row.column == column)


def labels(dropdown: ipywidgets.Dropdown) -> list[str]:
    return [label for label, _ in dropdown.options]


def is_shown(widget: ipywidgets.Widget) -> bool:
    display: str | None = widget.layout.display
    return display is None


def said(panel: ImportPanel) -> str:
    return re.sub("<[^>]*>", "", panel._said.value).replace("&#39;", "'")


def widgets_in(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widgets_in(child)


def test_a_panel_begins_with_the_choice_of_a_file(panel):
    assert panel.step is Step.FILE
    assert not any(
        map(is_shown, (panel._back, panel._next, panel._undo, panel._cancel, panel._again, panel._said))
    )
    assert 'aria-current="step">File' in panel._steps.value


def test_an_upload_leads_to_its_columns_and_is_not_kept_twice(columns):
    assert columns.step is Step.COLUMNS
    assert columns._file.upload.value == ()
    assert [(row.column, row.target.value) for row in columns._columns.rows] == [
        ("First name", "first_name"), ("Phone", "phone"), ("E-mail", "email"), ("Country", "country"),
        ("Shoe size", ""),
    ]  # fmt: skip
    assert "<td" in columns._columns._first_rows.value


def test_a_path_on_the_server_is_opened_with_the_button_and_with_enter(panel, tmp_path):
    (tmp_path / "people.csv").write_text(PEOPLE)
    by_path = panel._file.children[1]
    by_path.path.value = f" {tmp_path / 'people.csv'} "
    by_path.open_path.click()
    assert panel.step is Step.COLUMNS
    panel._back.click()
    by_path.path._handle_custom_msg({"event": "submit"}, [])
    assert panel.step is Step.COLUMNS


def test_a_visitor_is_offered_no_path(in_file):
    before = set(_instances)
    panel = ImportPanel(in_file, allow_paths=False)
    # Not even out of sight: what the browser knows of could be used by hand.
    made = [_instances[one] for one in set(_instances) - before]
    assert not any(isinstance(one, PathField) or "Path on" in getattr(one, "description", "") for one in made)
    assert "command line" in panel._file.children[0].children[-1].value


def test_a_source_may_be_given_at_once(in_file):
    frame = pd.DataFrame({"name": ["Ann Smith"], "Shoe size": [37]})
    panel = ImportPanel(in_file, frame)
    assert (panel.step, is_shown(panel._columns._reading)) == (Step.COLUMNS, False)
    panel._next.click()
    panel._next.click()
    assert panel.result is not None
    assert panel.result.created == 1


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("people.csv", b"", "is empty"),
        ("photo.png", b"\x89PNG\r\n\x1a\n", "picture"),
        ("people.csv", b"name,phone\n", "no contacts"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_the_step_stays(panel, name, content, why):
    upload(panel, name, content)
    assert panel.step is Step.FILE
    assert (why in said(panel), 'role="alert"' in panel._said.value, is_shown(panel._said)) == (True, True, True)
    upload(panel, "people.csv", PEOPLE.encode())
    assert (panel.step, is_shown(panel._said)) == (Step.COLUMNS, False)


def test_a_file_that_cannot_be_read_does_not_take_the_place_of_the_last(columns):
    row_of(columns, "Shoe size").target.value = "new:number"
    columns._back.click()
    upload(columns, "empty.csv", b"")
    columns._next.click()
    assert (columns.step, row_of(columns, "Shoe size").target.value) == (Step.COLUMNS, "new:number")


def test_what_is_in_a_file_is_shown_as_text(in_file):
    hostile = "<script>alert(1)</script>"
    panel = ImportPanel(in_file, (f"{hostile}.csv", f"name,{hostile}\n{hostile},{hostile}\n,x\n".encode()))
    panel._next.click()
    for tile in panel._review.tiles.values():
        tile.click()
        assert "<script" not in panel._review._rows.value
    panel._next.click()
    shown = [one.value for one in widgets_in(panel) if isinstance(getattr(one, "value", None), str)]
    shown += [
        panel._columns._title.value,
        panel._columns._first_rows.value,
        panel._columns.rows[1].children[0].value,
    ]
    assert not [text for text in shown if "<script" in text]
    assert any("&lt;script" in text for text in shown)


def test_the_review_counts_and_shows_the_rows_of_each_action(review):
    assert review.step is Step.REVIEW
    assert [tile.description.split("\n")[0] for tile in review._review.tiles.values()] == ["2", "1", "0", "1"]
    assert review._next.description == "Create 2 and update 1 contact"
    assert "Bo" in review._review._rows.value
    review._review.tiles["update"].click()
    assert "country: GB → FR" in review._review._rows.value
    review._review.tiles["skip"].click()
    assert "No row is skipped." in review._review._rows.value
    review._review.tiles["reject"].click()
    assert "not an address" in review._review._rows.value
    assert "Shoe size (3 values)" in review._review._more.value


def test_nothing_is_changed_before_the_last_button(review, workspace):
    assert [contact.country for contact in workspace.contacts.rows(0, 10)] == ["GB"]


def test_an_import_is_run_and_undone(review, workspace):
    review._next.click()
    assert (review.step, workspace.contacts.count(), workspace.contacts[1].country) == (Step.DONE, 3, "FR")
    assert "2 contacts created and 1 updated. 1 row rejected." in review._done._text.value
    assert "Download rejected rows" in review._done._text.value
    review._undo.click()
    assert "taken back" in review._done._text.value
    assert (workspace.contacts.count(), workspace.contacts[1].country) == (1, "GB")
    assert not is_shown(review._undo)


def test_an_undo_that_would_overwrite_later_changes_is_told(review, workspace):
    review._next.click()
    workspace.contacts[1].update(country="DE")
    review._undo.click()
    assert (said(review) != "", is_shown(review._undo)) == (True, True)
    assert workspace.contacts[1].country == "DE"


def test_another_file_may_follow(review, workspace):
    review._next.click()
    review._next.click()
    assert (review.step, is_shown(review._next)) == (Step.FILE, False)
    upload(review, "people.csv", PEOPLE.encode())
    review._next.click()
    assert review._review.tiles["skip"].description == "3\nto skip"
    assert (review._next.description, review._next.disabled) == ("Nothing to import", True)
    assert workspace.contacts.count() == 3


def test_a_column_becomes_a_new_field(columns, workspace):
    row_of(columns, "Shoe size").target.value = "new:number"
    columns._next.click()
    columns._next.click()
    assert [(field.slug, str(field.type)) for field in workspace.fields] == [("shoe_size", "number")]
    found = workspace.contacts.search("bo@example.org").ids().tolist()
    assert workspace.contacts[found[0]].fields == {"shoe_size": 42}


def test_a_column_may_go_to_a_custom_field_a_channel_or_nowhere(workspace):
    workspace.fields.add("Plan", "text")
    workspace.channels.add("Shop", "whatsapp")
    panel = ImportPanel(workspace, ("a.csv", b"name,a,b,country\nAnn,gold,+442079460958,GB\n"))
    row_of(panel, "a").target.value = "plan"
    row_of(panel, "b").target.value = "channel:Shop"
    row_of(panel, "country").target.value = ""
    panel._next.click()
    panel._next.click()
    ann = workspace.contacts[1]
    assert (ann.country, ann.fields, [one.identifier for one in ann.channels]) == (
        None, {"plan": "gold"}, ["+442079460958"],
    )  # fmt: skip


def test_values_that_are_there_may_be_kept(columns, workspace):
    row_of(columns, "Country").keep.value = True
    columns._next.click()
    columns._next.click()
    assert (workspace.contacts[1].country, workspace.contacts[1].email) == ("GB", "ann@example.org")


def test_keeping_is_offered_only_where_something_could_be_overwritten(columns):
    offered = {row.column for row in columns._columns.rows if is_shown(row.keep)}
    assert offered == {"First name", "Phone", "E-mail", "Country"}
    columns._columns.purpose.value = "add_only"
    assert not any(is_shown(row.keep) for row in columns._columns.rows)


def test_only_what_the_columns_hold_can_be_matched_on(columns):
    match_on, purpose = columns._columns.match_on, columns._columns.purpose
    assert labels(match_on) == ["Phone, then email", "Phone", "Email", "Nothing"]
    assert (match_on.value, purpose.value) == (("phone", "email"), "add_and_update")
    match_on.value = ("email",)
    row_of(columns, "Phone").target.value = ""
    assert (labels(match_on), match_on.value) == (["Email", "Nothing"], ("email",))
    row_of(columns, "E-mail").target.value = ""
    assert (match_on.value, labels(purpose), purpose.disabled) == ((), ["Add all despite duplicates"], True)
    row_of(columns, "Phone").target.value = "phone"
    assert (match_on.value, purpose.value, purpose.disabled) == (("phone",), "add_and_update", False)
    row_of(columns, "Shoe size").target.value = "id"
    assert labels(match_on) == ["Phone", "Contact id", "Nothing"]


def test_purpose_region_and_tags_are_those_of_the_import(workspace):
    workspace.update(phone_region="GB")
    panel = ImportPanel(workspace, ("a.csv", b"name,phone\nAnn,030 1234567\n"))
    assert panel._columns.region.label == "United Kingdom (this workspace)"
    panel._columns.region.value = "DE"
    panel._columns.tags.value = " spring, ,vip"
    panel._next.click()
    panel._next.click()
    ann = workspace.contacts[1]
    assert (ann.phone_e164, ann.tags) == ("+49301234567", ("spring", "vip"))


def test_another_encoding_keeps_what_was_chosen(in_file):
    content = "Vorname,Größe,Telefon\nJörg,37,+442079460958\n".encode("cp1252")
    panel = ImportPanel(in_file, ("leute.csv", content))
    panel._columns.rows[1].target.value = "new:number"
    panel._columns.tags.value = "spring"
    panel._columns.encoding.value = "windows-1251"
    assert panel._columns.rows[1].column != "Größe"
    assert (panel._columns.rows[1].target.value, panel._columns.tags.value) == ("new:number", "spring")
    panel._columns.encoding.value = "windows-1252"
    panel._next.click()
    panel._next.click()
    assert in_file.contacts[1].first_name == "Jörg"


def test_an_encoding_that_does_not_fit_is_told_and_put_back(in_file):
    panel = ImportPanel(in_file, ("leute.csv", "Vorname,Telefon\nJörg,112\n".encode("cp1252")))
    found = panel._columns.encoding.value
    panel._columns.encoding.value = "utf-8"
    assert "is not in the encoding" in said(panel)
    assert (panel.step, panel._columns.encoding.value) == (Step.COLUMNS, found)


def test_going_back_keeps_every_choice(review):
    review._back.click()
    row_of(review, "Shoe size").target.value = "new:text"
    review._columns.match_on.value = ("email",)
    review._columns.tags.value = "vip"
    review._back.click()
    assert review.step is Step.FILE
    review._next.click()
    review._next.click()
    assert review._next.description == "Create 3 contacts"
    review._back.click()
    kept = (row_of(review, "Shoe size").target, review._columns.match_on, review._columns.tags)
    assert [choice.value for choice in kept] == ["new:text", ("email",), "vip"]


def test_cards_have_options_only(workspace):
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Smith\r\nTEL:+442079460958\r\nEND:VCARD\r\n"
    panel = ImportPanel(workspace, ("ann.vcf", card + b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n"))
    assert ">Options</li>" in panel._steps.value
    assert not is_shown(panel._columns._columns)
    assert panel._columns.match_on.value == ("phone", "email")
    panel._next.click()
    assert panel._next.description == "Create 1 contact"
    panel._next.click()
    assert 'download="ann.rejected.vcf"' in panel._done._text.value
    assert workspace.contacts[1].name == "Ann Smith"


def test_of_many_columns_the_empty_ones_are_shown_when_asked_for(in_file):
    header = ",".join(["name", *(f"c{number}" for number in range(100))])
    panel = ImportPanel(in_file, ("wide.csv", f"{header}\nAnn,x{',' * 99}\n".encode()))
    mapping, more = panel._columns._mapping, panel._columns.more
    assert ([row.column for row in mapping.children], more.description) == (["name", "c0"], "Show 40 more columns")
    more.click()
    more.click()
    more.click()
    assert (len(mapping.children), is_shown(more)) == (101, False)


def test_rejected_rows_are_downloaded_with_their_reasons(review):
    review._review.tiles["reject"].click()
    link = review._review._rows.value
    content = b64decode(link.partition("base64,")[2].partition('"')[0]).decode()
    assert 'download="people.rejected.csv"' in link
    # The mark tells spreadsheets that it is UTF-8.
    assert content.startswith("\ufeffFirst name,Phone,E-mail,Country,Shoe size,rejected because\r\nCy,,not an")


def test_very_many_rejected_rows_are_no_link(columns, monkeypatch):
    monkeypatch.setattr(import_download, "_LARGEST", 10)
    columns._next.click()
    columns._review.tiles["reject"].click()
    assert "href" not in columns._review._rows.value
    assert "command line" in columns._review._rows.value


def test_a_plan_that_is_outdated_is_told_and_made_again(review, workspace):
    workspace.add_contact(first_name="Bo", phone="+442079460001")
    review._next.click()
    assert (review.step, is_shown(review._again)) == (Step.REVIEW, True)
    assert "line 3" in said(review)
    review._again.click()
    assert (review._next.description, is_shown(review._again)) == ("Create 1 and update 2 contacts", False)
    review._next.click()
    assert workspace.contacts.count() == 3


def test_a_refused_choice_is_told_and_the_step_stays(columns, workspace):
    workspace.fields.add("Shoe size", "number")
    row_of(columns, "Shoe size").target.value = "new:text"
    columns._next.click()
    assert (columns.step, "is there already" in said(columns)) == (Step.COLUMNS, True)
    assert row_of(columns, "Shoe size").target.value == "new:text"


def test_what_breaks_is_told_without_its_details_and_logged(columns, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(columns._workspace, "plan_import", broken)
    columns._next.click()
    assert (columns.step, is_shown(columns._next)) == (Step.COLUMNS, True)
    assert "Something went wrong" in said(columns)
    assert "secret" not in said(columns)
    assert "ZeroDivisionError: secret" in caplog.text


@pytest.mark.parametrize("step", ["planning", "importing"])
def test_what_runs_can_be_stopped_and_changes_nothing(columns, workspace, step):
    if step == "importing":
        columns._next.click()
    columns._progress._words.observe(lambda _change: columns._cancel.click(), "value")
    columns._next.click()
    assert said(columns).startswith("Stopped. Nothing was")
    assert columns.step is (Step.COLUMNS if step == "planning" else Step.REVIEW)
    assert (workspace.contacts.count(), columns._cancel.disabled, is_shown(columns._next)) == (1, False, True)
    columns._progress._words.unobserve_all("value")
    columns._next.click()
    assert said(columns) == ""


def test_a_stop_that_comes_too_late_is_told(review, workspace, monkeypatch):
    plan = review._reviewed.plan
    carried_out = plan.apply

    def applied(**options):
        done = carried_out(**options)
        review._cancel.click()
        return done

    monkeypatch.setattr(plan, "apply", applied)
    review._next.click()
    assert (review.step, "too late" in said(review), workspace.contacts.count()) == (Step.DONE, True, 3)


def test_a_view_shows_at_once_what_was_imported_and_undone(workspace):
    state = ViewState(workspace.contacts)
    panel = ImportPanel(workspace, ("people.csv", PEOPLE.encode()), state=state)
    panel._next.click()
    panel._next.click()
    assert state.results.count == 3
    panel._undo.click()
    assert state.results.count == 0


def test_the_page_stays_alive_while_an_import_runs(columns, workspace):
    async def imported() -> list[bool]:
        seen = []
        for _ in range(2):
            columns._next.click()
            seen.append(columns.is_busy)
            columns._next.click()  # nothing: one thing at a time
            while columns.is_busy:
                await asyncio.sleep(0.01)
        return seen

    assert asyncio.run(imported()) == [True, True]
    assert (columns.step, workspace.contacts.count()) == (Step.DONE, 3)


def test_work_beside_the_page_is_stopped_by_its_next_step():
    background = Background()
    ends: list[object] = []

    def endless(told):
        while True:
            told(1, None)

    async def stopped() -> None:
        background.run(endless, told=lambda _done, _total: background.stop(), done=ends.append, failed=ends.append)
        while not ends:
            await asyncio.sleep(0.01)

    asyncio.run(stopped())
    assert [type(end) for end in ends] == [Stopped]


def test_work_whose_page_is_gone_still_ends():
    ends: list[int] = []
    background = Background()

    async def left() -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        background.run(
            lambda _told: [None for _ in iter(loop.is_closed, True)], told=print, failed=print,
            done=lambda result: ends.append(len(result)),
        )  # fmt: skip
        return loop

    asyncio.run(left())
    for _ in range(1_000):
        if ends:
            break
        asyncio.run(asyncio.sleep(0.01))
    assert len(ends) == 1


def test_everything_that_can_be_chosen_or_pressed_has_a_name(columns):
    seen = set()
    for _ in range(3):
        for widget in widgets_in(columns):
            if hasattr(widget, "disabled") and is_shown(widget):
                seen.add(type(widget).__name__)
                assert widget.description, widget
        columns._next.click()
    assert {"Button", "Dropdown", "Checkbox", "Text"} <= seen
    names = [row.target.description for row in columns._columns.rows]
    assert len(set(names)) == len(names)


def test_someone_who_may_not_use_contacts_is_refused(tmp_path):
    with cn.create(tmp_path / "contacts.db", owner="ana@acme.example") as workspace:
        workspace.users.add("bo@acme.example", role="manager")
        with cn.open(tmp_path / "contacts.db", user="bo@acme.example") as opened:
            workspace.users.update("bo@acme.example", role="agent")
            with pytest.raises(NotAllowed):
                ImportPanel(opened)


def test_a_right_lost_on_the_way_is_told(tmp_path):
    with cn.create(tmp_path / "contacts.db", owner="ana@acme.example") as workspace:
        workspace.users.add("bo@acme.example", role="manager")
        with cn.open(tmp_path / "contacts.db", user="bo@acme.example") as opened:
            panel = ImportPanel(opened, ("people.csv", PEOPLE.encode()))
            workspace.users.update("bo@acme.example", role="agent")
            panel._next.click()
            assert (panel.step, "may not" in said(panel)) == (Step.COLUMNS, True)
