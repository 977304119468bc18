from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.exchange.files import file_content
from contacts_nb.exchange.message_log import JsonLinesLog, LogEntry, Reading, TableLog, moment_of
from contacts_nb.exchange.sources import Record, TableSource
from contacts_nb.model.errors import InvalidValue, UnreadableFile
from contacts_nb.model.messages import message_drafted

YEARS = (datetime(1980, 1, 1), datetime(2035, 1, 1))  # noqa: DTZ001 - of clocks on walls
BERLIN = ZoneInfo("Europe/Berlin")
HEADER = ["channel", "identifier", "direction", "text", "sent_at"]
ROW = ["Shop", "ann", "incoming", "Hi", "2026-03-02T12:00:00Z"]
MESSAGE = message_drafted(dict(zip(HEADER, ROW, strict=True)))


@dataclass
class Table(TableSource):
    """A table in memory."""

    rows: list[list[str]]

    def records(self) -> Iterator[Record]:
        for line, cells in enumerate(self.rows, start=2):
            short = len(cells) != len(self.header)
            yield Record(line, cells, "This row is too short." if short else None)


def table(header: list[str], *rows: list[str], **reading: object) -> TableLog:
    source = Table("log.csv", tuple(header), ["Read as windows-1252."], "cp1252", None, list(rows))
    return TableLog(source, Reading(**reading))  # type: ignore[arg-type]


def json_lines(text: str | bytes, encoding: str | None = None, **reading: object) -> JsonLinesLog:
    data = text.encode() if isinstance(text, str) else text
    return JsonLinesLog(file_content(("log.jsonl", data)), Reading(**reading), encoding)  # type: ignore[arg-type]


def problems(log: TableLog | JsonLinesLog) -> list[tuple[int, str]]:
    return [(entry.line, entry.problem or "") for entry in log.entries()]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T12:00:00Z",
        " 2026-03-02 13:00:00+01:00 ",
        "20260302T120000Z",
        "1772452800",
        "1772452800.000",
        "1772452800000",
        "1772452800000.0",
        1772452800,
        1772452800000,
        1772452800.0,
    ],
)
def test_a_moment_is_read_however_it_is_written(text):
    assert moment_of(text, None) == datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_parts_of_a_second_since_1970_are_kept_to_the_millisecond():
    assert moment_of("1772452800.0419", None) == datetime(2026, 3, 2, 12, 0, 0, 41_000, tzinfo=UTC)
    assert moment_of(1772452800.5, None) == datetime(2026, 3, 2, 12, 0, 0, 500_000, tzinfo=UTC)
    assert moment_of("1772452800041", None) == datetime(2026, 3, 2, 12, 0, 0, 41_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("yesterday", "is not a time"),
        ("02/03/2026 12:00", "is not a time"),
        ("", "is not a time"),
        ("177245280", "is not a time"),
        (17724528001, "is not a time"),
        (True, "is not a time"),
        (None, "is not a time"),
        (float("nan"), "is not a time"),
        ("2026-03-02", "is a day without a time"),
        ("20260302", "is a day without a time"),
        ("2026-03-02T12:00:00", "has no offset from UTC; say in which time zone"),
    ],
)
def test_what_is_no_clear_moment_is_never_guessed(value, reason):
    with pytest.raises(InvalidValue, match=reason):
        moment_of(value, None)


def test_a_wall_time_is_that_of_the_zone_told():
    assert moment_of("2026-07-02 12:00", BERLIN) == datetime(2026, 7, 2, 10, tzinfo=UTC)
    assert moment_of("2026-07-02 12:00Z", BERLIN) == datetime(2026, 7, 2, 12, tzinfo=UTC)


def test_of_two_equal_wall_times_the_first_is_meant_and_one_that_never_was_is_refused():
    assert moment_of("2026-10-25 02:30", BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    with pytest.raises(InvalidValue, match="never was in Europe/Berlin"):
        moment_of("2026-03-29 02:30", BERLIN)
    assert moment_of("2026-03-29 03:00", BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_wall_time_beyond_the_years_of_utc_is_refused():
    with pytest.raises(InvalidValue, match="outside the years 1 to 9999"):
        moment_of("0001-01-01T00:00:00", ZoneInfo("Asia/Tokyo"))


@given(st.datetimes(*YEARS), st.sampled_from(["Europe/Berlin", "Asia/Kolkata"]))
def test_a_wall_time_that_exists_is_what_the_clock_showed(wall, name):
    zone = ZoneInfo(name)
    try:
        moment = moment_of(wall.isoformat(), zone)
    except InvalidValue:
        # Only where an hour was left out.
        before, after = ((wall + timedelta(hours=hours)).replace(tzinfo=zone).utcoffset() for hours in (-3, 3))
        assert before != after
        return
    assert moment.astimezone(zone).replace(tzinfo=None) == wall


def test_columns_are_known_by_their_names():
    log = table(
        ["Phone number", "Message", "Channel", "DIRECTION", "Timestamp", "Contact name"],
        ["ann", "Hi", "Shop", "Inbound", "1772452800", "Ann"],
    )
    named = message_drafted(dict(zip(HEADER, ROW, strict=True)) | {"profile_name": "Ann"})
    assert [entry.draft for entry in log.entries()] == [named]
    assert log.notes == ["Read as windows-1252."]


@pytest.mark.parametrize(
    ("word", "incoming"),
    [
        *((word, True) for word in ("in", "INBOUND", " received", "Incoming")),
        *((word, False) for word in ("out", "outbound", "Sent", "outgoing ")),
    ],
)
def test_directions_have_other_words_too(word, incoming):
    (entry,) = table(HEADER, [*ROW[:2], word, *ROW[3:]]).entries()
    assert entry.draft is not None
    assert entry.draft.incoming is incoming


def test_columns_hold_what_they_are_told_to():
    log = table(["a", "b", "text", *HEADER[2:3], "sent_at"], ["ann", "Hi", "no", *ROW[2:3], ROW[4]],
                columns={"A": "identifier", "b": "text", "text": None}, channel="Shop")  # fmt: skip
    assert [entry.draft for entry in log.entries()] == [MESSAGE]
    assert log.notes == ["Read as windows-1252."]


def test_a_column_told_goes_before_one_that_is_known_and_what_is_not_used_is_said():
    log = table([*HEADER, "phone", "Mood"], [*ROW, "bo", "good"], columns={"phone": "identifier"})
    assert [entry.draft.identifier for entry in log.entries() if entry.draft] == ["bo"]
    assert log.notes[-1] == "Left out, because messages have no place for it: 'identifier', 'Mood'."


def test_two_columns_for_one_thing_are_refused_unless_one_has_its_very_name():
    row = [ROW[0], *ROW[2:], "ann", "ann@example.org"]
    with pytest.raises(InvalidValue, match="'identifier' may be in 'phone' and 'email'; say in which"):
        table([HEADER[0], *HEADER[2:], "phone", "email"], row)
    (entry,) = table([*HEADER, "phone"], [*ROW, "123"]).entries()
    assert entry.draft == MESSAGE


def test_columns_that_are_missing_or_do_not_exist_are_refused_at_once():
    with pytest.raises(UnreadableFile, match=r"no column known to hold channel, direction: .*'when'.*columns="):
        table(["identifier", "text", "time", "when"])
    with pytest.raises(
        InvalidValue, match=r"column 'who' is not in log\.csv; its columns are channel, identifier"
    ):
        table(HEADER, columns={"who": "identifier"})
    with pytest.raises(InvalidValue, match="key 'phone' is not what a column may hold; use one of channel"):
        table(HEADER, columns={"identifier": "phone"})


def test_a_row_that_is_wrong_has_its_line_and_reason_and_costs_no_other():
    log = table(HEADER, ROW, ROW[:2], [*ROW[:4], "noon"], [*ROW[:2], "sideways", *ROW[3:]], ROW)
    entries = list(log.entries())
    assert [entry.draft for entry in entries] == [MESSAGE, None, None, None, MESSAGE]
    assert entries[1] == LogEntry(3, ROW[:2], problem="This row is too short.")
    assert (entries[2].line, entries[2].original) == (4, [*ROW[:4], "noon"])
    assert "sent_at 'noon' is not a time" in (entries[2].problem or "")
    assert "direction 'sideways' is none of the choices" in (entries[3].problem or "")


def test_the_channel_given_is_that_of_records_which_name_none():
    log = table(HEADER, ["", *ROW[1:]], ["Other", *ROW[1:]], channel="Shop")
    assert [entry.draft.channel for entry in log.entries() if entry.draft] == ["Shop", "Other"]


def test_statuses_of_incoming_messages_are_left_out_and_counted():
    log = table([*HEADER, "status"], [*ROW, "received"], [*ROW[:2], "out", *ROW[3:], "read"])
    for _ in range(2):
        assert [entry.draft.status for entry in log.entries() if entry.draft] == [None, "read"]
        assert log.notes[-1] == "Statuses of incoming messages were left out: 1."


def test_json_lines_are_read_by_their_keys_in_any_order():
    log = json_lines(
        '\ufeff{"channel": "Shop", "identifier": "ann", "direction": "in", "text": "Hi", "sent_at": 1772452800}\n'
        "\r\n"
        '{"time": "2026-03-02T12:00Z", "body": "Hi", "phone": "ann", "direction": "received", "channel": "Shop", '
        '"mood": {"good": 1}, "picture": null}'
    )
    assert [(entry.line, entry.draft) for entry in log.entries()] == [(1, MESSAGE), (3, MESSAGE)]
    assert log.notes == ["Left out, because messages have no place for it: 'mood'."]


def test_an_identifier_may_be_a_whole_number_in_json():
    (entry,) = json_lines(
        '{"channel": "Shop", "identifier": 12345678901, "direction": "in", "text": "", "time": 1772452800000}'
    ).entries()
    assert entry.draft is not None
    assert entry.draft.identifier == "12345678901"


GOOD = '{"identifier": "ann", "direction": "in", "text": "Hi", "sent_at": 1772452800}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is not JSON (expecting property name"),
        ("[1, 2]", "is JSON, but not an object"),
        ("[" * 100_000, "is JSON of a size that no message has"),
        ('{"a": ' + "1" * 5000 + "}", "is JSON of a size that no message has"),
        ("{}", "has no identifier; give one"),
        (GOOD.replace('"Hi"', "null"), "text None is not a text"),
        (GOOD.replace('"Hi"', '"\\ud800"'), "half of a Unicode surrogate pair"),
        (GOOD.replace('"Hi"', '"\\u0000"'), "contains a NUL character"),
        (GOOD.replace('"ann"', "true"), "identifier True is not a text"),
        (GOOD.replace('"ann"', "[]"), "identifier [] is not a text"),
        (GOOD.replace("1772452800", "NaN"), "is not a time"),
        (GOOD.replace('"text"', '"text": "a", "body": "b", "message"').replace('"text": "a", ', ""), "may be in"),
    ],
)
def test_a_line_that_is_wrong_has_its_number_and_reason_and_costs_no_other(line, reason):
    entries = list(json_lines(f"{GOOD}\n{line}\n{GOOD}\n", channel="Shop").entries())
    assert [entry.draft for entry in entries] == [MESSAGE, None, MESSAGE]
    assert (entries[1].line, entries[1].original) == (2, (line,))
    assert reason in (entries[1].problem or "")


def test_a_line_of_other_bytes_costs_no_other_unless_the_encoding_is_told():
    text = GOOD.replace("Hi", "Grüße").encode("latin1") + b"\n" + GOOD.encode()
    assert [line for line, problem in problems(json_lines(text, channel="Shop")) if "is not UTF-8" in problem] == [
        1
    ]
    told = json_lines(text, "latin1", channel="Shop")
    assert [entry.draft.text for entry in told.entries() if entry.draft] == ["Grüße", "Hi"]
    with pytest.raises(UnreadableFile, match="'klingon' is not a known encoding"):
        json_lines(text, "klingon")
    with pytest.raises(UnreadableFile, match="is not in the encoding euc_jp"):
        list(json_lines(b"\xff\xff", "euc_jp").entries())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_any_unicode_is_known_by_itself(encoding):
    text = "\n".join([GOOD.replace("Hi", "Grüße 你好")] * 3)
    drafts = [entry.draft for entry in json_lines(text.encode(encoding), channel="Shop").entries()]
    assert [draft.text for draft in drafts if draft] == ["Grüße 你好"] * 3
