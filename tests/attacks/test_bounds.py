"""Files and questions made to take all the memory there is: refused or read, always within a bound.

`tests/exchange/test_bad_input.py` has more of them for single parts of a workbook, entities, long cells and
pictures, `tests/model/test_filter_json.py` for filters that are deep, `tests/queries/test_odd_questions.py` for
signs that mean something to SQL and LIKE.
"""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from zipfile import ZipFile

import pytest

from contacts_nb import F, Filter
from contacts_nb.exchange.reading import open_source
from contacts_nb.model.errors import InvalidValue, UnreadableFile
from tests.exchange.workbooks import BOOK, SHEET, STYLES, TEXTS, saved, with_part, with_shared_texts, workbook

MEGABYTE = 1024 * 1024
MOST = 400 * MEGABYTE
"""What a process may have, of which 150 MB are there before anything is read."""

# Does with a file what a person does; says what came of it, and the most memory that the process had, in bytes. It
# isn't given more than 3 GB of addresses, so that no machine suffers.
IN_A_CHILD = """
import resource, sys, tempfile
resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
import contacts_nb as cn
from contacts_nb.model.errors import ContactsError
path = sys.argv[1]
try:
    with tempfile.TemporaryDirectory() as folder, cn.create(folder + "/contacts.db") as workspace:
        if path.endswith((".mbox", ".jsonl")):
            workspace.channels.add("Mail", "email")
            own = ["@acme.example"] if path.endswith(".mbox") else []
            done = workspace.import_messages(path, channel="Mail", own=own, progress=False)
            print(len(done.rejected), "rejected")
        else:
            workspace.preview_import(path)
            print(repr(workspace.plan_import(path, progress=False)).splitlines()[0])
        assert workspace.contacts.count() <= 1
except ContactsError as refusal:
    print(refusal)
if sys.platform == "darwin":
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
else:
    # Not ru_maxrss, which on Linux begins with that of the program which started this one.
    print(next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM:")))
"""


def said_in_a_child(path: Path) -> str:
    """What a process of its own says about the file at `path`, having taken no more than `MOST`."""
    done = subprocess.run(
        [sys.executable, "-c", IN_A_CHILD, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    *said, memory = done.stdout.splitlines()
    assert int(memory) < MOST, f"{int(memory) // MEGABYTE} MB"
    return "\n".join(said)


def book(**parts: bytes) -> bytes:
    """A workbook with other content in some of its parts."""
    data = with_shared_texts(saved(workbook(People=[["name", "phone"], ["Ann", "112"], ["Bob", "113"]])))
    for name, content in parts.items():
        data = with_part(
            data, {"book": BOOK, "sheet": SHEET, "styles": STYLES, "texts": TEXTS}[name], _always(content)
        )
    return data


def _always(content: bytes) -> Callable[[bytes], bytes]:
    return lambda _: content


def sheet(*rows: bytes) -> bytes:
    head = b"<row><c t='str'><v>name</v></c></row>"
    return b"<worksheet><sheetData>" + head + b"".join(rows) + b"</sheetData></worksheet>"


def far_cells() -> bytes:
    """One cell a row, at its far end."""
    return book(sheet=sheet(b"<row><c r='XFD1' t='str'><v>a</v></c></row>" * 6_000))


def one_text_everywhere() -> bytes:
    """Sixteen gigabytes of text in one row, by a text of a megabyte that all cells share."""
    return book(
        texts=b"<sst><si><t>" + b"a" * 1_000_000 + b"</t></si></sst>",
        sheet=sheet(b"<row>" + b"<c t='s'><v>0</v></c>" * 16_384 + b"</row>"),
    )


def small_texts() -> bytes:
    return book(texts=b"<sst>" + b"<si/>" * 6_000_000 + b"</sst>")


def sheets_without_end() -> bytes:
    return book(book=b"<workbook>" + b"<sheet/>" * 2_400_000 + b"</workbook>")


def directory() -> bytes:
    """Half a million entries for parts that aren't there."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0) + b"xl/a"
    entries = entry * 600_000
    start = b"PK\3\4" + b"\0" * 26
    return start + entries + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entries), len(start), 0)


MAIL = b"""From ann@example.org Mon Mar  2 12:00:00 2026
From: ann@example.org
To: bo@acme.example
Date: Mon, 2 Mar 2026 12:00:00 +0000
Subject: Hello

"""
FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "cells at the far end of rows": ("people.xlsx", far_cells, "0 create, 0 update, 0 skip, 6,000 reject"),
    "one text in all cells": (
        "people.xlsx", one_text_everywhere, "people.xlsx has a row with more than 10,000,000 characters",
    ),
    "texts without end": ("people.xlsx", small_texts, "people.xlsx has more than 5,000,000 texts"),
    "sheets without end": ("people.xlsx", sheets_without_end, "people.xlsx has more than 1,000 sheets"),
    "a directory larger than all files": ("people.xlsx", directory, "a directory of 28 MB"),
    "a record of many long cells": (
        "people.csv",
        lambda: b"name\n" + b",".join([b'"\xf0\x9f\x98\x80' + b"x\n" * 4_000_000 + b'"'] * 5) + b"\n",
        "The record of people.csv that begins in line 2 is longer than 20,000,000 characters",
    ),
    "a card of short lines": (
        "people.vcf", lambda: b"BEGIN:VCARD\nFN:Ann\n" + b"abc\n" * 10_000_000 + b"END:VCARD\n",
        "The card of people.vcf that begins in line 1 has more than 40 MB or 500,000 lines",
    ),
    "a card in an old encoding": (
        "people.vcf", lambda: b"BEGIN:VCARD\nFN:Ann\n" + b"\xe9\xe8\n" * 10_000_000 + b"END:VCARD\n",
        "The card of people.vcf that begins in line 1 has more than 40 MB or 500,000 lines",
    ),
    "a card of one line": (
        "people.vcf", lambda: b"BEGIN:VCARD\nFN:" + b"a" * 50 * MEGABYTE + b"\nEND:VCARD\n",
        "The card of people.vcf that begins in line 1 has more than 40 MB or 500,000 lines",
    ),
    "a mail of short lines": ("mails.mbox", lambda: MAIL + b"ab\n" * 6_000_000, "0 rejected"),
    "a mail of one line": ("mails.mbox", lambda: MAIL + b"a" * 200 * MEGABYTE, "0 rejected"),
    "a mail of what begins mails": ("mails.mbox", lambda: MAIL + b"From a\n" * 2_000_000, "0 rejected"),
    "a message in one line of the log": (
        "log.jsonl", lambda: b'{"text": "' + b"a" * 150 * MEGABYTE + b'"}\n',
        "Line 1 of log.jsonl is longer than 20,000,000 characters",
    ),
}  # fmt: skip


@pytest.mark.parametrize("bomb", FILES)
def test_a_file_that_would_take_all_memory_is_read_within_a_bound(bomb, tmp_path):
    name, made, words = FILES[bomb]
    path = tmp_path / name
    path.write_bytes(made())
    assert words in said_in_a_child(path)


@pytest.mark.parametrize("part", [BOOK, SHEET, STYLES, TEXTS, "xl/_rels/workbook.xml.rels", "_rels/.rels"])
@pytest.mark.parametrize(
    "entity", ['SYSTEM "file:///etc/passwd"', 'SYSTEM "http://evil.invalid/"', 'PUBLIC "a" "b"']
)
def test_what_workbooks_name_outside_of_them_is_not_fetched(part, entity):
    xml = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a {entity}>]><x>&a;</x>'.encode()
    with pytest.raises(UnreadableFile, match="holds definitions of XML entities"):
        list(open_source(("people.xlsx", with_part(book(), part, _always(xml)))).records())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "start", "kind"),
    [("people.csv.gz", b"\x1f\x8b\x08", "compressed"), ("people.csv", b"\x1f\x8b\x08", "compressed")],
)
def test_what_is_compressed_is_not_unpacked(name, start, kind):
    with pytest.raises(UnreadableFile, match=f"{name} is {kind}; unpack it"):
        open_source((name, start + b"\0" * 100))


def test_an_archive_in_an_archive_is_not_unpacked():
    stream = io.BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr("people.xlsx", book())
    for name in ("people.zip", "people.xlsx"):
        with pytest.raises(UnreadableFile, match=f"{name} is a ZIP archive; unpack it|no xl/workbook.xml"):
            open_source((name, stream.getvalue()))


IS_GB = {"criterion": "country", "operator": "is", "values": ["GB"]}
FILTERS: dict[str, tuple[Callable[[], str], str]] = {
    "a hundred thousand levels": (
        lambda: '{"version": 1, "filter": ' + '{"not": ' * 100_000 + '{"and": []}' + "}" * 100_001,
        "nest groups less deep",
    ),
    "a million members": (lambda: _document('{"and": []}', 1_000_000), r"filter\.or 1000000 parts are too many"),
    "a million numbers": (lambda: _document("1", 1_000_000), "parts are too many; use at most 1,000"),
    "more than is read": (lambda: _document(json.dumps(IS_GB), 1_000_000), "at most 20,000,000 are read"),
    "a million values": (
        lambda: _document(json.dumps(IS_GB | {"operator": "is_any_of", "values": ["GB"] * 1_000_000}), 1),
        "has too many items; give at most 1,000",
    ),
    "a million keys, the last twice": (
        lambda: "{" + "".join(f'"{number}": 1, ' for number in range(1_000_000)) + '"999999": 1}',
        "'999999' stands twice in one object",
    ),
}  # fmt: skip


def _document(member: str, count: int) -> str:
    return '{"version": 1, "filter": {"or": [' + ", ".join([member] * count) + "]}}"


@pytest.mark.parametrize("bomb", FILTERS)
def test_a_filter_without_end_is_refused(bomb):
    made, words = FILTERS[bomb]
    with pytest.raises(InvalidValue, match=words) as refused:
        Filter.from_json(made())
    assert len(str(refused.value)) < 1_000


MILLION = 1_000_000
QUESTIONS: dict[str, Callable[[], object]] = {
    "a text of a megabyte": lambda: F.first_name.contains("%_" * MILLION),
    "a tag of a megabyte": lambda: F.tags.has_any("a" * MILLION),
    "a million tags": lambda: F.tags.has_any(*map(str, range(MILLION))),
    "a million countries": lambda: F.country.is_any_of(*["GB"] * MILLION),
    "a million users": lambda: F.assignee.is_any_of(*["a@b.example"] * MILLION),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_without_end_is_refused_in_a_sentence(question):
    with pytest.raises(InvalidValue) as refused:
        question()
    assert len(str(refused.value)) < 1_000


def test_a_search_without_end_is_refused_and_one_of_wildcards_finds_nobody(workspace):
    workspace.add_contact(first_name="Ann" * 80)
    for typed in ("a" * MILLION, "%_" * MILLION):
        with pytest.raises(InvalidValue, match="at most 500"):
            workspace.contacts.search(typed).count()
    for typed in ("%_" * 250, " ".join(["%a%"] * 120), "a" * 500, "_" * 3, "* " * 250, '" ' * 250):
        assert workspace.contacts.search(typed).count() == 0
    wildcards = "%_" * 1_000
    assert workspace.contacts.where(F.first_name.contains(wildcards) | (F.first_name == "%" * 255)).count() == 0


def test_what_is_too_long_to_be_kept_changes_nothing(workspace):
    long = "👩🏽‍🚀" * 250_000  # a million characters
    ann = workspace.add_contact(first_name="Ann")
    note = workspace.fields.add("Note")
    shop = workspace.channels.add("Shop", "telegram")
    message = {
        "channel": "Shop",
        "identifier": "ann",
        "direction": "incoming",
        "text": "Hi",
        "sent_at": "2026-03-02T12:00Z",
    }
    before = (len(workspace.history()), len(workspace.tags), workspace.contacts.count())
    attempts: list[Callable[[], object]] = [
        lambda: ann.update(first_name=long),
        lambda: ann.update(fields={note.slug: long}),
        lambda: ann.tag(long),
        lambda: ann.comment(long),
        lambda: ann.close_conversation(summary=long),
        lambda: ann.close_conversation(category=long),
        lambda: workspace.add_contact(first_name="Bo", tags=[long]),
        lambda: workspace.add_contact(phone=long),
        lambda: workspace.add_contact(email=f"{long}@example.org"),
        lambda: workspace.add_contact(first_name="Bo", picture=f"https://example.org/{long}"),
        lambda: workspace.tags.add(long),
        lambda: workspace.tags.add("vip", description=long),
        lambda: workspace.teams.add(long),
        lambda: workspace.channels.add(long, "sms"),
        lambda: workspace.fields.add(long),
        lambda: workspace.users.add("bo@acme.example", name=long),
        lambda: workspace.inboxes.save(long, F.country == "GB"),
        *(
            partial(workspace.record_messages, [message, message | {key: long}])
            for key in ("text", "identifier", "profile_name", "picture", "channel", "sender")
        ),
    ]
    for attempt in attempts:
        with pytest.raises(InvalidValue) as refused:
            attempt()
        assert len(str(refused.value)) < 1_000
    assert (len(workspace.history()), len(workspace.tags), workspace.contacts.count()) == before
    assert workspace.channels["Shop"] == shop
