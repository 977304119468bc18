"""Exports through the face: what is in the files, who may, and what history says of it."""

from __future__ import annotations

import csv
import tracemalloc
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.app.demo import demo_workspace
from contacts_nb.exchange.guarded import unguarded
from contacts_nb.model.errors import CannotUndo, InvalidValue, NotAllowed, NotFound, UnwritableFile
from contacts_nb.queries.history import operation_with
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access


@pytest.fixture
def peopled(workspace: Workspace) -> Workspace:
    """Three contacts with something of everything, as its owner sees them."""
    workspace.users.add("ana@acme.example", role="owner")
    ws = Workspace(Access(workspace._database, 1))
    ws.users.add("bo@acme.example", restrictions=["restrict_data_export"])
    ws.users.add("cy@acme.example", role="agent")
    ws.teams.add("Sales")
    ws.channels.add("Shop", "sms")
    ws.channels.add("Gone", "telegram")
    ws.fields.add("Plan")
    ws.fields.add("Ticked", type="checkbox")
    ws.add_contact(
        first_name="Zoë",
        last_name="=1+1",
        phone="+44 20 7946 0958",
        email="zoe@example.org",
        country="GB",
        language="en",
        tags=["vip", "Paris, France"],
        fields={"plan": "gold", "ticked": False},
    )
    ws.add_contact(first_name="Anna")
    ws.add_contact(first_name="Bob", country="FR", tags=["vip"])
    message = {"direction": "incoming", "text": "Hello", "sent_at": "2026-03-02T12:00:00Z", "channel": "Shop"}
    for phone in ("+442079460958", "+442079460959"):
        ws.record_messages([message | {"identifier": phone}])
    ws.contacts.search("zoë").assign("bo@acme.example")
    return ws


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [{name: unguarded(cell) for name, cell in row.items()} for row in csv.DictReader(stream)]


def details(ws: Workspace, operation_id: int) -> dict[str, object]:
    with ws._access.read() as connection:
        record = operation_with(connection, operation_id)
    assert record is not None
    return dict(record.details)


def test_a_csv_file_has_all_that_makes_up_a_contact(peopled, tmp_path):
    assert peopled.contacts.to_csv(tmp_path / "all.csv") == peopled.contacts.count()
    rows = table(tmp_path / "all.csv")
    assert list(rows[0]) == [
        *("id", "first_name", "last_name", "phone", "phone_e164", "email", "country", "language", "picture"),
        *("tags", "assignee", "team"),
        *("plan", "ticked", "channel:Gone", "channel:Shop", "last_interaction", "created_at"),
    ]
    created = rows[0].pop("created_at")
    assert created.endswith("+00:00")
    assert rows[0] == {
        "id": "1",
        "first_name": "Zoë",
        "last_name": "=1+1",
        "phone": "+44 20 7946 0958",
        "phone_e164": "+442079460958",
        "email": "zoe@example.org",
        "country": "GB",
        "language": "en",
        "picture": "",
        "tags": '"Paris, France", vip',
        "assignee": "bo@acme.example",
        "team": "",
        "plan": "gold",
        "ticked": "no",
        "channel:Gone": "",
        "channel:Shop": rows[0]["channel:Shop"],
        "last_interaction": rows[0]["last_interaction"],
    }
    shop = [row["channel:Shop"] for row in rows]
    assert "+442079460959" in " ".join(shop)
    assert {row["last_interaction"] for row in rows if row["channel:Shop"]} == {"2026-03-02T12:00:00.000+00:00"}


def test_the_other_columns_are_there_to_be_chosen(peopled, tmp_path):
    columns = ["name", "conversation_status", "last_interacted_channel", "last_incoming", "conversation_opened"]
    query = peopled.contacts.search("0959").sort_by("name", descending=True)
    query.to_csv(tmp_path / "some.csv", columns=columns)
    rows = table(tmp_path / "some.csv")
    assert [list(row) for row in rows] == [columns] * query.count()
    assert {row["last_interacted_channel"] for row in rows} == {"Shop"}
    assert {row["conversation_status"] for row in rows} <= {"open", "closed", ""}
    frame = query.to_frame(["name", "conversation_open"])
    assert [row["name"] for row in rows] == frame["name"].tolist()
    assert [row["conversation_status"] == "open" for row in rows] == frame["conversation_open"].tolist()


@pytest.mark.parametrize("sort", ["id", "name", "country"])
@pytest.mark.parametrize("descending", [False, True])
def test_an_export_holds_what_is_selected_in_order(peopled, tmp_path, sort, descending):
    query = peopled.contacts.where(~F.first_name.is_empty()).sort_by(sort, descending=descending)
    query.to_csv(tmp_path / "some.csv", columns=["id"])
    assert [int(row["id"]) for row in table(tmp_path / "some.csv")] == query.ids().tolist()


def test_ids_far_apart_are_found_too(workspace, tmp_path):
    for number in range(40):
        workspace.add_contact(first_name=f"N{number}", tags=[f"t{number % 3}"])
    query = workspace.contacts.where((F.first_name == "n1") | (F.first_name == "n38")).sort_by("name")
    assert query.to_csv(tmp_path / "some.csv", columns=["first_name", "tags"]) == 2
    assert [tuple(row.values()) for row in table(tmp_path / "some.csv")] == [("N1", "t1"), ("N38", "t2")]


def test_an_empty_set_is_a_file_with_a_header(workspace, tmp_path):
    assert workspace.contacts.to_csv(tmp_path / "none.csv", columns=["id", "tags"]) == 0
    assert (tmp_path / "none.csv").read_bytes() == b"id,tags\r\n"
    assert workspace.contacts.to_xlsx(tmp_path / "none.xlsx") == 0
    assert workspace.contacts.to_vcard(tmp_path / "none.vcf") == 0
    assert (tmp_path / "none.vcf").read_bytes() == b""


def test_xlsx_and_vcard_hold_the_same_contacts(peopled, tmp_path):
    count = peopled.contacts.count()
    assert peopled.contacts.to_xlsx(tmp_path / "all.xlsx", columns=["id", "last_name", "tags"]) == count
    sheet = openpyxl.load_workbook(tmp_path / "all.xlsx").active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]] == [1, "=1+1", '"Paris, France", vip']
    assert sheet.max_row == count + 1
    for version in ("3.0", "4.0"):
        assert peopled.contacts.to_vcard(tmp_path / "all.vcf", version=version) == count
        text = (tmp_path / "all.vcf").read_text(encoding="utf-8")
        assert text.count(f"BEGIN:VCARD\nVERSION:{version}\n") == count
        assert "CATEGORIES:Paris\\, France,vip\n" in text
        assert "SLUG=ticked;VALUE=text:no\n" in text
    with pytest.raises(InvalidValue, match=r"3\.0 or 4\.0"):
        peopled.contacts.to_vcard(tmp_path / "all.vcf", version="2.1")


def test_raw_cells_are_as_they_are(peopled, tmp_path):
    peopled.contacts.to_csv(tmp_path / "safe.csv", columns=["last_name"])
    peopled.contacts.to_csv(tmp_path / "raw.csv", columns=["last_name"], raw=True)
    assert (tmp_path / "safe.csv").read_text().splitlines()[1] == "'=1+1"
    assert (tmp_path / "raw.csv").read_text().splitlines()[1] == "=1+1"


def test_an_export_is_recorded_without_anything_personal(peopled, tmp_path):
    query = peopled.contacts.where(F.email == "zoe@example.org").search("zoë")
    query.to_csv(tmp_path / "one.csv", columns=["id", "channel:Shop"])
    newest = peopled.history().iloc[0]
    assert (newest["operation"], newest["user"], newest["contacts"]) == ("export", "ana@acme.example", 1)
    assert details(peopled, int(newest["id"])) == {
        "format": "csv",
        "columns": ["id", "channel:Shop"],
        "filter": ["email is"],
        "search": True,
    }
    with pytest.raises(CannotUndo, match="nothing to undo"):
        peopled.history[int(newest["id"])].undo()
    assert peopled.check() == []


@pytest.mark.parametrize(("user", "says"), [(2, "restrict_data_export"), (3, "owners and managers")])
def test_whoever_may_not_export_gets_no_file_and_leaves_no_trace(peopled, tmp_path, user, says):
    before = len(peopled.history())
    theirs = cn.workspace.contacts.Contacts(Access(peopled._database, user))
    for name, write in (("a.csv", theirs.to_csv), ("a.xlsx", theirs.to_xlsx), ("a.vcf", theirs.to_vcard)):
        with pytest.raises(NotAllowed, match=says):
            write(tmp_path / name)
    assert not [path for path in tmp_path.iterdir() if path.suffix in {".csv", ".xlsx", ".vcf", ".part"}]
    assert len(peopled.history()) == before


@pytest.mark.parametrize(
    ("name", "error"), [("all.pdf", UnwritableFile), ("all.vcf", UnwritableFile), ("no/all.csv", UnwritableFile)]
)
def test_an_export_that_cannot_be_written_is_refused_and_not_recorded(peopled, tmp_path, name, error):
    before = len(peopled.history())
    with pytest.raises(error):
        peopled.contacts.to_csv(tmp_path / name)
    with pytest.raises(NotFound):
        peopled.contacts.to_csv(tmp_path / "all.csv", columns=["nothing"])
    assert [path.name for path in tmp_path.iterdir() if path.suffix in {".csv", ".pdf", ".part"}] == []
    assert len(peopled.history()) == before


def test_an_export_that_is_interrupted_leaves_nothing_and_says_so(peopled, tmp_path):
    before = len(peopled.history())

    def stop(_done: int, _total: int | None) -> None:
        raise KeyboardInterrupt

    (tmp_path / "all.csv").write_text("what was there")
    for name, write in (
        ("all.csv", peopled.contacts.to_csv),
        ("all.xlsx", peopled.contacts.to_xlsx),
        ("all.vcf", peopled.contacts.to_vcard),
    ):
        with pytest.raises(KeyboardInterrupt, match="no file was written"):
            write(tmp_path / name, progress=stop)
    assert (tmp_path / "all.csv").read_text() == "what was there"
    assert [path.name for path in tmp_path.iterdir() if path.suffix in {".csv", ".xlsx", ".vcf", ".part"}] == [
        "all.csv"
    ]
    assert len(peopled.history()) == before


def test_without_a_record_there_is_no_file(peopled, tmp_path, monkeypatch):
    def fails(*_: object, **__: object) -> None:
        raise NotAllowed("not any more")

    monkeypatch.setattr(type(peopled._access), "operation", fails)
    with pytest.raises(NotAllowed, match="not any more"):
        peopled.contacts.to_csv(tmp_path / "all.csv")
    assert not [path for path in tmp_path.iterdir() if path.suffix in {".csv", ".part"}]


def test_progress_counts_to_the_end(peopled, tmp_path):
    seen: list[tuple[int, int | None]] = []
    count = peopled.contacts.to_csv(tmp_path / "all.csv", progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (count, count)


def test_others_can_write_while_contacts_are_exported(peopled, tmp_path):
    def add(_done: int, _total: int | None) -> None:
        peopled.add_contact(first_name="Meanwhile")

    peopled.contacts.to_csv(tmp_path / "all.csv", columns=["first_name"], progress=add)
    assert "Meanwhile" not in (tmp_path / "all.csv").read_text(encoding="utf-8")
    assert peopled.contacts.search("meanwhile").count() == 1


def test_a_database_is_never_replaced(tmp_path):
    with cn.create(tmp_path / "contacts.csv") as ws:
        ws.add_contact(first_name="Ann")
        with pytest.raises(UnwritableFile, match="database"):
            ws.contacts.to_csv(tmp_path / "contacts.csv")
        assert ws.contacts.count() == 1


def test_memory_does_not_grow_with_the_contacts(tmp_path):
    def peak(ws: Workspace, limit: int) -> int:
        query = ws.contacts.where(F.created_at.after("1990-01-01")) if limit else ws.contacts.search("a")
        query.to_csv(tmp_path / "out.csv", progress=False)  # what is loaded once
        tracemalloc.start()
        query.to_csv(tmp_path / "out.csv", progress=False)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peaks = []
    for count in (2_000, 10_000):
        with closing(demo_workspace(tmp_path / f"{count}.db", count)) as ws:
            peaks.append(peak(ws, count))
    assert peaks[1] < peaks[0] * 1.3 + 100_000
