"""Messages that come in files: recorded once, whatever the file, and taken back as one operation."""

from __future__ import annotations

import csv
import io
import json
from email.message import EmailMessage
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts_nb.exchange.guarded import guarded
from contacts_nb.model.errors import CannotUndo, InvalidValue, NotAllowed, NotFound, UnreadableFile
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access

HEADER = ("channel", "identifier", "direction", "text", "sent_at", "profile_name", "picture", "sender", "status")
OWN = ["@acme.example"]


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    """A workspace with channels of three kinds, and its owner."""
    workspace.channels.add("Shop", "sms")
    workspace.channels.add("Mail", "email")
    workspace.channels.add("Chat", "webchat")
    owner = workspace.users.add("bo@acme.example", role="owner")
    return Workspace(Access(workspace._database, owner.id))


def seen(ws: Workspace) -> list[tuple[object, ...]]:
    """The contacts by name and identities, each with all of its messages."""
    found = [ws.contacts[contact_id] for contact_id in ws.contacts.ids()]
    return sorted(
        (one.name, str([(channel.identifier, channel.profile_name) for channel in one.channels]),
         str(one.messages().fillna("").to_dict("records")))
        for one in found
    )  # fmt: skip


def as_csv(records: list[dict[str, Any]]) -> tuple[str, bytes]:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(HEADER)
    writer.writerows([guarded(record[key] or "") for key in HEADER] for record in records)
    return "log.csv", stream.getvalue().encode()


def as_json_lines(records: list[dict[str, Any]]) -> tuple[str, bytes]:
    return "log.jsonl", "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode()


FORMS = (as_csv, as_json_lines, lambda records: pd.DataFrame(records, columns=list(HEADER)))

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
identities = st.sampled_from(
    [
        ("Shop", "+44 20 7946 0958"),
        ("Shop", "+442079460958"),
        ("Shop", "+49 30 901820"),
        ("Mail", "ann@example.org"),
        ("Mail", "Ann@Example.org"),
        ("Chat", "=ann"),
        ("Chat", "-1"),
        ("chat ", "007"),
    ]
)


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    records = []
    for _ in range(draw(st.integers(1, 8))):
        channel, identifier = draw(identities)
        outgoing = draw(st.booleans())
        second = draw(st.integers(0, 3))
        records.append(
            {
                "channel": channel,
                "identifier": identifier,
                "direction": "outgoing" if outgoing else "incoming",
                "text": draw(texts),
                "sent_at": f"2026-03-02T13:00:0{second}.5+01:00",
                "profile_name": draw(st.none() | st.sampled_from(["Ann", "Zoë Li", " 'Bo ", "+1"])),
                "picture": draw(st.none() | st.just("https://example.org/a.png")),
                "sender": draw(st.none() | st.just("bo@acme.example")) if outgoing else None,
                "status": draw(st.none() | st.sampled_from(["sent", "read"])) if outgoing else None,
            }
        )
    return records


@settings(max_examples=7, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=logs())
def test_a_log_gives_the_same_in_any_form_once_and_can_be_taken_back(ws, records):
    before = seen(ws)
    given_directly = ws.record_messages(records)
    expected = seen(ws)
    given_directly.undo()
    for form in FORMS:
        source = form(records)
        done = ws.import_messages(source, progress=False)
        assert (seen(ws), len(done.rejected), done.notes) == (expected, 0, ())
        again = ws.import_messages(source, progress=False)
        assert (again.recorded, again.already_there, again.contacts_created) == (0, len(records), 0)
        assert seen(ws) == expected
        done.undo()
        assert seen(ws) == before


def message(**others: object) -> dict[str, object]:
    hello = {"channel": "Shop", "identifier": "+442079460958", "direction": "in", "text": "Hello"}
    return hello | {"sent_at": "2026-03-02T12:00:00Z"} | others


def json_lines(*records: dict[str, object]) -> tuple[str, bytes]:
    return "log.jsonl", "\n".join(map(json.dumps, records)).encode()


def test_what_only_the_workspace_knows_rejects_a_record_alone(ws):
    log = json_lines(
        message(),
        message(channel="Nowhere"),
        message(channel="Mail"),
        message(sender="bo@acme.example"),
        message(direction="out", sender="nobody@acme.example"),
        message(identifier=""),
        message(direction="out", sender="BO@acme.example", text="Bye"),
        message(channel="Nowhere"),
    )
    done = ws.import_messages(log)
    assert (done.recorded, done.already_there, done.contacts_created, len(done.rejected)) == (2, 0, 1, 6)
    assert [(row.line, row.reason) for row in done.rejected] == [
        (2, "channel 'Nowhere' doesn't exist; ws.channels lists those that do, and ws.channels.add makes one"),
        (3, "identifier '+442079460958' is not an e-mail address: an email address must have an @-sign"),
        (4, "sender 'bo@acme.example' can't have sent an incoming message; leave it empty there"),
        (5, "user 'nobody@acme.example' is not a user of this workspace; see ws.users, or contacts-nb users list"),
        (6, "identifier '' is empty; give a text"),
        (8, "channel 'Nowhere' doesn't exist; ws.channels lists those that do, and ws.channels.add makes one"),
    ]
    assert str(done) == "log.jsonl: 2 recorded, 0 already there, 6 rejected, 1 contact created"


def test_rejected_rows_can_be_corrected_and_imported_again(ws, tmp_path):
    text = (
        "channel,phone,direction,text,time\nShop,+442079460958,in,=1,1772452800\nShop,+442079460958,in,'=2,noon\n"
    )
    first = ws.import_messages(("log.csv", text.encode()))
    assert (first.recorded, len(first.rejected)) == (1, 1)
    frame = first.rejected.to_frame()
    assert list(frame) == ["line", "channel", "phone", "direction", "text", "time", "rejected because"]
    assert frame.iloc[0, :6].tolist() == [3, "Shop", "+442079460958", "in", "=2", "noon"]
    path = tmp_path / "log.rejected.csv"
    assert first.rejected.to_csv(path) == 1
    written = path.read_text(encoding="utf-8")
    assert "Line 3: sent_at 'noon' is not a time" in written
    path.write_text(written.replace(",noon,", ",1772452801,"), encoding="utf-8")
    second = ws.import_messages(path)
    assert (second.recorded, second.already_there, len(second.rejected), second.notes) == (1, 0, 0, ())
    assert ws.contacts[1].messages()["text"].tolist() == ["=1", "=2"]


def test_rejected_json_and_mail_is_listed_too(ws, tmp_path):
    done = ws.import_messages(("log.jsonl", b'{"text": "\\ud800"}\n\xff\n'), channel="Shop")
    assert done.rejected.to_frame()["record"].tolist() == ['{"text": "\\ud800"}', "?"]
    assert done.rejected.to_csv(tmp_path / "json.csv") == 2
    late = mail("Hello").replace(b"Mon, 02 Mar 2026 13:00:00 +0100", b"soon")
    done = ws.import_messages(archive(late), channel="Mail", own=OWN)
    assert list(done.rejected.to_frame()) == ["line", "from", "to", "date", "subject", "rejected because"]
    assert done.rejected.to_csv(tmp_path / "mail.csv") == 1
    assert "soon" in (tmp_path / "mail.csv").read_text(encoding="utf-8")


def test_nothing_recorded_leaves_no_trace_and_has_nothing_to_undo(ws):
    entries = len(ws.history())
    done = ws.import_messages(json_lines(message(text=None)))
    assert (done.recorded, done.operation.id, len(ws.history())) == (0, None, entries)
    with pytest.raises(CannotUndo, match=r"Nothing of log\.jsonl was recorded"):
        done.undo()


def mail(body: str, **fields: str) -> bytes:
    made = EmailMessage()
    head = {"From": "Ann <ann@example.org>", "To": "sales@acme.example", "Date": "Mon, 02 Mar 2026 13:00:00 +0100"}
    for name, value in (head | fields).items():
        made[name] = value
    made.set_content(body)
    return made.as_bytes()


def archive(*mails: bytes) -> tuple[str, bytes]:
    return "team.mbox", b"".join(b"From - Mon Mar  2 12:00:00 2026\n" + one + b"\n" for one in mails)


def test_an_archive_becomes_messages_on_an_email_channel(ws, tmp_path):
    name, data = archive(
        mail("Hello", Subject="Größe"),
        mail("Dear both", From="BO@acme.example", To="ann@example.org, Cy <cy@example.org>"),
        mail("Among us", From="bo@acme.example"),
        b"rubbish\n",
    )
    path = tmp_path / name
    path.write_bytes(data)
    done = ws.import_messages(path, channel="mail", own=OWN)
    assert (done.recorded, done.contacts_created, len(done.rejected)) == (3, 2, 2)
    threads = {contact.name: contact.messages() for contact in map(ws.contacts.get, ws.contacts.ids())}
    assert sorted(threads["Ann"]["text"]) == ["Dear both", "Größe\n\nHello"]
    assert threads["Cy"]["sender"].tolist() == ["bo@acme.example"]
    assert set(threads["Ann"]["channel"]) == {"Mail"}

    again = ws.import_messages((name, data), channel="Mail", own=OWN)
    assert (again.recorded, again.already_there) == (0, 3)
    done.undo()
    assert ws.contacts.count() == 0
    assert ws.check() == []


def test_an_archive_needs_own_addresses_and_an_email_channel(ws):
    for options, why in (
        ({"channel": "Mail"}, "own .* is empty"),
        ({"own": OWN}, "channel None is missing"),
        ({"own": OWN, "channel": "Shop"}, "channel 'Shop' is of SMS, but mails belong to an e-mail channel"),
        ({"own": OWN, "channel": "Nowhere"}, "channel 'Nowhere' doesn't exist"),
        ({"own": OWN, "channel": "Mail", "time_zone": "Mars"}, "time zone 'Mars' is not known"),
    ):
        with pytest.raises(InvalidValue, match=why):
            ws.import_messages(archive(mail("Hello")), **options)


def test_the_content_says_what_a_file_is(ws):
    (_, mails), (_, lines) = archive(mail("Hello")), json_lines(message())
    assert ws.import_messages(("a.txt", mails), channel="Mail", own=OWN).recorded == 1
    assert ws.import_messages(("a.txt", lines)).recorded == 1
    assert ws.import_messages(("a.csv", lines.decode().encode("utf-16"))).already_there == 1
    for source, why in (
        (("team.mbox", b"Hello"), "is not an mbox"),
        (("team.mbox", b""), "is not an mbox"),
        (("log.jsonl", b" \n"), "is empty"),
        (("log.json", b"[{}]"), "is one JSON list"),
        (("people.vcf", b"BEGIN:VCARD\nFN:Ann\nEND:VCARD\n"), "holds contacts, not messages"),
        (("log.csv", b"a,b\n1,2\n"), "no column known to hold channel, identifier, direction, text, sent_at"),
        ([message()], "is no log.*record_messages"),
        ("nowhere.csv", "There is no file"),
    ):
        with pytest.raises(UnreadableFile, match=why):
            ws.import_messages(source)


def test_a_channel_and_a_time_zone_are_those_of_records_which_name_none(ws):
    frame = pd.DataFrame(
        {
            "phone": ["+442079460958"] * 3,
            "direction": ["sent", "received", "in"],
            "body": ["a", "b", "c"],
            "time": ["2026-07-02 12:00", "2026-03-29 01:30", "2026-07-02 12:00:00Z"],
        }
    )
    done = ws.import_messages(frame, channel="Shop", time_zone="Europe/London")
    assert (done.recorded, [row.line for row in done.rejected]) == (2, [2])
    assert [f"{at:%H:%M}" for at in ws.contacts[1].messages()["sent_at"]] == ["11:00", "12:00"]
    with pytest.raises(NotFound, match="channel 'Nowhere' doesn't exist"):
        ws.import_messages(frame, channel="Nowhere")


def test_midnight_is_a_time_where_days_and_times_are_one_kind(ws, tmp_path):
    base = {"channel": ["Chat"], "identifier": [7], "direction": ["in"], "text": ["Hi"]}
    frame = pd.DataFrame(base | {"sent_at": pd.to_datetime(["2026-03-02 00:00"])})
    frame.to_excel(tmp_path / "log.xlsx", index=False)
    frame.to_csv(tmp_path / "log.csv", index=False)
    assert ws.import_messages(frame, time_zone="Europe/Berlin").recorded == 1
    assert ws.import_messages(tmp_path / "log.xlsx", time_zone="Europe/Berlin").already_there == 1
    (row,) = ws.import_messages(tmp_path / "log.csv", time_zone="Europe/Berlin").rejected
    assert "sent_at '2026-03-02' is a day without a time" in row.reason
    (message,) = ws.contacts[1].messages().to_dict("records")
    assert f"{message['sent_at']:%d %H:%M}" == "01 23:00"


def test_moments_of_a_dataframe_are_read_whatever_their_type(ws):
    at = pd.to_datetime(["2026-03-02 12:00:00.041", "2026-03-02 12:00:01"], format="ISO8601").tz_localize("UTC")
    base = {"channel": ["Chat"] * 2, "identifier": [12345, 12345], "direction": ["in"] * 2, "text": ["a", "b"]}
    columns = [at, at.tz_convert("Asia/Tokyo"), at.tz_localize(None), at.as_unit("ms").astype("int64")]
    found = [ws.import_messages(pd.DataFrame(base | {"sent_at": column}), time_zone="UTC") for column in columns]
    assert [(done.recorded, done.already_there) for done in found] == [(2, 0), (0, 2), (0, 2), (0, 2)]


def test_progress_is_told(ws):
    told: list[tuple[int, int | None]] = []
    ws.import_messages(json_lines(*[message(text=str(n)) for n in range(2500)]),
                       progress=lambda done, total: told.append((done, total)))  # fmt: skip
    assert told == [(1000, None), (2000, None), (2500, None)]


def test_who_may_not_record_messages_may_not_import_them(ws):
    agent = ws.users.add("agent@acme.example", role="agent")
    access = Access(ws._database, agent.id)
    stranger = object.__new__(Workspace)
    stranger._access, stranger._database = access, ws._database
    with pytest.raises(NotAllowed):
        stranger.import_messages(json_lines(message()))
    assert ws.contacts.count() == 0
