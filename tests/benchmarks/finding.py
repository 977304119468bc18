"""How fast contacts are found: keystrokes, filters, windows and sorts, beside other tools that do the same work.

    python -m tests.benchmarks.finding --contacts 1000000 --database sqlite --others --folder /var/tmp/finding

Times are in milliseconds, "÷ best" is ours divided by the least of the others, and "slowest" is what took ours
longest. Every answer is the count, where one is asked, and a window of whole rows with tags, channels and fields.

- *ours* is asked `--runs` times over; "first pass" is the first of them, when no word, tag or field is held yet.
  "First use" of a sort begins without any held order; "again" turns it round, its order held. "Extra after a
  change elsewhere" is what the next answer takes longer than the same answer before, when a second connection has
  changed one contact or recorded one message, and again when that was undone. "Opening" is measured in fresh
  processes.
- *pandas* holds everything: `to_frame()` by id, a table of tags and one of channels, documents to search in. Words
  are looked for by `str.contains`; those found are sorted, unless everybody's order was asked for before.
- *DuckDB* has its own copy of all tables but messages and history, in a file, made through Arrow.
- *Datasette* serves the same SQLite file on loopback, facet suggestions off: two pages of SQL as JSON an answer
  (its table pages can't join), which search by the same trigram index.
- *LIKE* is SQLite in this process, the same SQL, searching by `LIKE` in the documents.

Others read the file, also beside PostgreSQL, where it is made for them: same seed, same contacts. They are asked
everything once, and lines at the end say where they answer otherwise than we do. They hold nothing of an answer
that a change could make stale, except pandas and DuckDB, which never see it; so they have no extra time.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil
import psycopg

import contacts_nb as cn
from contacts_nb.app.demo import demo_workspace
from contacts_nb.app.demo_settings import OWNER
from contacts_nb.model.columns import SORT_KEYS
from contacts_nb.model.errors import CannotUndo
from contacts_nb.workspace import Workspace
from tests.benchmarks.finding_others import (
    Answer,
    Question,
    Tool,
    aged,
    from_countries,
    numbered,
    on_channels,
    others,
    tagged,
)
from tests.postgres_server import Server, postgres_server

WORDS = (
    *("ann", "smith", "example", "daniel", "zoë", "o'brien", "ginevra", "yildiz", "quill", "basic", "zxqjvk"),
    *("vip", "wholesale", "customer", "café", "whatsapp", "+44735", "079460", "393447", "201-55"),
    *("ann sm", "渡辺", "王", "志强", "김", "अंजलि", "محمد"),
)
PARTS = (
    (
        tagged("has_any", "vip", "wholesale"),
        tagged("has_none", "newsletter"),
        tagged("has_all", "customer", "lead"),
    ),
    (aged("more_than_ago", 30), aged("within", 90), aged("more_than_ago", 365)),
    (numbered("visits", 5, 3, 1_000), numbered("visits", 5, 50, 1_000), numbered("lifetime_value", 6, 20, 200)),
    (from_countries("GB"), from_countries("DE", "FR", "ES"), from_countries("US", "BR")),
    (on_channels("WhatsApp Sales"), on_channels("SMS", "E-mail Support"), on_channels("Telegram")),
)
# Fewer than there is room for orders, so that these rows are about filters.
SORTS = (("last_interaction", True), ("name", False), ("created_at", True), ("visits", True), ("country", False))
CHANGES = 3  # of each kind, for each question, unless fewer questions are asked


class Sample(NamedTuple):
    """One answer: what was asked, in which pass, how long it took, how many matched, and the ids of the window."""

    question: Question
    run: int
    ms: float
    found: int | None
    ids: tuple[int, ...] = ()


class Ours(Tool):
    """A workspace whose columns are held."""

    name = "ours"

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.finder = workspace._access.finder
        self.finder._fewest = 0

    def asked(self, question: Question) -> Answer:
        query = self.workspace.contacts.where(question.filter).search(question.word)
        query = query.sort_by(question.sort, descending=question.descending)
        count = query.count() if question.counted else None
        return count, [row.id for row in query.rows(question.offset, question.limit)]


def keystrokes() -> list[Question]:
    typed = dict.fromkeys(word[:length] for word in WORDS for length in range(1, min(len(word), 6) + 1))
    return [Question(f"“{word}”", word=word) for word in typed if word == word.strip()]


def filters() -> list[Question]:
    draw = random.Random(4)  # noqa: S311 - the same each time
    questions = []
    for number in range(40):
        parts = tuple(draw.choice(kind) for kind in draw.sample(PARTS, number // 8 + 1))
        sort, descending = SORTS[number % len(SORTS)]
        said = f"{' & '.join(repr(part.filter) for part in parts)} by {sort}"
        questions.append(Question(said, parts=parts, sort=sort, descending=descending))
    return questions


def windows(contacts: int) -> list[Question]:
    draw = random.Random(5)  # noqa: S311 - as above
    questions = []
    for number in range(100):
        sort, descending = SORTS[number % 2]
        offset = draw.randrange(max(contacts - 100, 1))
        said = f"{offset:,} by {sort}"
        questions.append(Question(said, "", (), sort, descending, offset, 100, counted=False, again=True))
    return questions


def sorts(*, again: bool) -> list[Question]:
    return [
        Question(key, sort=key, descending=again, counted=False, again=again) for key in (*SORT_KEYS, "visits")
    ]


def samples(tool: Tool, questions: Sequence[Question], runs: int = 1) -> list[Sample]:
    """Each question once a run."""
    found = []
    for run in range(runs):
        for question in questions:
            started = time.perf_counter()
            answer = tool.asked(question)
            ms = (time.perf_counter() - started) * 1_000
            if answer is not None:
                found.append(Sample(question, run, ms, answer[0], tuple(answer[1])))
    return found


def extras(tool: Ours, elsewhere: Workspace, changes: int) -> list[Sample]:
    """How much longer an answer takes after a change than before it, `changes` times each."""
    ids = [row.id for row in tool.workspace.contacts.sort_by("created_at").rows(100, 40)]
    questions = (Question("everybody"), Question("“ann”", word="ann"), filters()[-1])
    found = []
    for number in range(changes):
        for kind, change in KINDS.items():
            for place, question in enumerate(questions):
                contact_id = ids[(number * 7 + place) % len(ids)]
                tool.asked(question)
                before = _milliseconds(tool, question)
                operation = change(elsewhere, contact_id)
                after = _milliseconds(tool, question)
                found.append(Sample(replace(question, said=f"{kind}, {question.said}"), 0, after - before, None))
                with suppress(CannotUndo):  # of what was so before
                    operation.undo()
                after = _milliseconds(tool, question)
                said = f"{kind} undone, {question.said}"
                found.append(Sample(replace(question, said=said), 1, after - before, None))
    return found


def _milliseconds(tool: Tool, question: Question) -> float:
    started = time.perf_counter()
    tool.asked(question)
    return (time.perf_counter() - started) * 1_000


def _with_a_message(workspace: Workspace, contact_id: int) -> Any:
    channel = workspace.contacts[contact_id].channels[0]
    now = datetime.now(UTC) + timedelta(seconds=1)
    return workspace.record_messages(
        [
            {
                "channel": channel.channel,
                "identifier": channel.identifier,
                "direction": "incoming",
                "text": "Hello",
                "sent_at": now,
            }
        ]
    )


KINDS: dict[str, Callable[[Workspace, int], Any]] = {
    "tagged": lambda ws, contact_id: ws.contacts[contact_id].tag("vip", "benchmark"),
    "renamed": lambda ws, contact_id: ws.contacts[contact_id].update(first_name="Annabel"),
    "moved": lambda ws, contact_id: ws.contacts[contact_id].update(country="IS"),
    "value": lambda ws, contact_id: ws.contacts[contact_id].update(fields={"visits": 77}),
    "message": _with_a_message,
}


def opening(address: str) -> dict[str, Any]:
    """What somebody sees who opens the workspace, in this process, which must be new. Memory is in megabytes."""
    process = psutil.Process()
    started = time.perf_counter()
    with cn.open(address, user=OWNER) as workspace:
        tool = Ours(workspace)
        before = process.memory_info().rss
        tool.asked(Question("first"))
        first = time.perf_counter() - started
        meanwhile: list[float] = []
        while tool.finder.held is None and time.perf_counter() - started < 600:
            question = keystrokes()[len(meanwhile) % 50]
            asked = time.perf_counter()
            tool.asked(question)
            meanwhile.append((time.perf_counter() - asked) * 1_000)
            time.sleep(0.1)
        held = time.perf_counter() - started
        rss = [process.memory_info().rss]
        for questions in (sorts(again=False), filters(), keystrokes()):
            samples(tool, questions)
            rss.append(process.memory_info().rss)
        return {
            "first": first * 1_000,
            "meanwhile": meanwhile,
            "held": held * 1_000,
            "before": before / 1e6,
            "loaded": (rss[0] - before) / 1e6,
            "most": (max(rss) - before) / 1e6,
            "arrays": 0.0 if tool.finder.held is None else tool.finder.held.megabytes,
        }


class Table:
    """Prints what was measured, a row at a time."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self.answered_otherwise: dict[str, None] = {}  # each once, in order
        print(f"\n{'':<45}{'n':>5}" + "".join(f"{name:>18}" for name in ("ours", *names)) + f"{'÷ best':>14}")
        print(f"{'':<50}" + f"{'p50':>9}{'p95':>9}" * (len(names) + 1) + f"{'p50':>7}{'p95':>7}  slowest")

    def add(
        self,
        what: str,
        found: Sequence[Sample],
        beside: Sequence[Sequence[Sample]] = (),
        keep: Callable[[Sample], bool] = lambda _: True,
    ) -> None:
        """Print the row of the samples to `keep`; the others' questions are those of ours."""
        ours = [sample for sample in found if keep(sample)]
        if not ours:
            return
        asked = {sample.question for sample in ours}
        theirs = [_percentiles([one for one in some if one.question in asked]) for some in beside]
        theirs += [(np.nan, np.nan)] * (len(self._names) - len(theirs))
        mine = _percentiles(ours)
        slowest = max(ours, key=lambda sample: sample.ms)
        line = f"{what:<45}{len(ours):>5}" + "".join(f"{_shown(ms):>9}" for pair in (mine, *theirs) for ms in pair)
        for place in (0, 1):
            best = min((pair[place] for pair in theirs if not np.isnan(pair[place])), default=np.nan)
            line += f"{'-' if np.isnan(best) else format(mine[place] / best, '.2f'):>7}"
        print(f"{line}  {slowest.ms:.0f}: {slowest.question.said[:60]}", flush=True)
        self._compare(ours, beside)

    def _compare(self, ours: Sequence[Sample], beside: Sequence[Sequence[Sample]]) -> None:
        mine = {sample.question: sample for sample in ours}
        for name, some in zip(self._names, beside, strict=False):
            for sample in some:
                if sample.question not in mine:
                    continue
                counted, found, said = mine[sample.question].found, sample.found, sample.question.said
                if counted is not None and found is not None and abs(counted - found) > 3 + counted / 10_000:
                    # Time goes on: a few may be a day older by now.
                    self.answered_otherwise[f"{said}: {counted:,} of ours, {found:,} of {name}"] = None
                elif counted == found and name != "pandas" and mine[sample.question].ids != sample.ids:
                    # pandas leaves ties in any order.
                    self.answered_otherwise[f"{said}: {name} has other rows"] = None


def _percentiles(found: Sequence[Sample]) -> tuple[float, float]:
    times = [sample.ms for sample in found]
    return (float(np.percentile(times, 50)), float(np.percentile(times, 95))) if times else (np.nan, np.nan)


def _shown(ms: float) -> str:
    return "-" if np.isnan(ms) else f"{ms:,.1f}" if ms < 1_000 else f"{ms:,.0f}"


def report(address: str, beside: Sequence[Tool], contacts: int, runs: int, every: int) -> None:
    with ExitStack() as stack:
        tool = Ours(stack.enter_context(cn.open(address, user=OWNER)))
        elsewhere = stack.enter_context(cn.open(address, user=OWNER))
        elsewhere._access.finder._most = 0  # it only writes
        started = time.perf_counter()
        tool.finder.load()
        assert tool.finder.held is not None
        print(f"columns held after {time.perf_counter() - started:.2f} s, {tool.finder.held.megabytes:.0f} MB")
        table = Table([one.name for one in beside])

        questions = keystrokes()[::every]
        found = samples(tool, questions, runs)
        theirs = [samples(one, questions) for one in beside]
        table.add("a keystroke: count and first window", found, theirs)
        table.add("  first pass", found, theirs, lambda sample: sample.run == 0)
        for length in range(1, 7):
            said = f"  {length} letter{'s' * (length > 1)}"
            table.add(said, found, theirs, lambda one, length=length: len(one.question.word) == length)  # type: ignore[misc]
        table.add("  rare (up to 1 in 1,000)", found, theirs, lambda one: (one.found or 0) <= contacts / 1_000)
        table.add("  common (from 1 in 10)", found, theirs, lambda one: (one.found or 0) >= contacts / 10)

        questions = filters()[::every]
        for sort, descending in SORTS:
            tool.asked(Question(sort, sort=sort, descending=descending))
        found = samples(tool, questions, runs)
        theirs = [samples(one, questions) for one in beside]
        table.add("a filter: count and first window", found, theirs)
        table.add("  first pass", found, theirs, lambda sample: sample.run == 0)
        for count in range(1, 6):
            said = f"  {count} criteri{'a' if count > 1 else 'on'}"
            table.add(said, found, theirs, lambda one, count=count: len(one.question.parts) == count)  # type: ignore[misc]

        questions = windows(contacts)[::every]
        # Everybody's order is known to whoever can hold it.
        for one in (tool, *beside):
            for sort, descending in SORTS[:2]:
                one.asked(Question(sort, sort=sort, descending=descending, counted=False))
        found = samples(tool, questions)
        theirs = [samples(one, questions) for one in beside]
        table.add("100 rows at any position", found, theirs)

        first, again = sorts(again=False), sorts(again=True)
        found = []
        for run in range(runs):
            tool.finder.held.orders.clear()
            tool.finder._answers.clear()
            for pair in zip(first, again, strict=True):
                found += [sample._replace(run=run) for sample in samples(tool, pair)]
        theirs = [[*samples(one, first), *samples(one, again)] for one in beside]
        table.add("change of sort, first use", found, theirs, lambda one: not one.question.again)
        table.add("change of sort, again", found, theirs, lambda one: one.question.again)

        found = extras(tool, elsewhere, max(1, CHANGES // every))
        table.add("extra after a change elsewhere", found)
        for kind in KINDS:
            table.add(f"  {kind}", found, keep=lambda one, kind=kind: one.question.said.startswith(kind))  # type: ignore[misc]

    opened = [_opened(address) for _ in range(runs)]
    for what, key in (
        ("opening: count and first window, not waiting", "first"),
        ("opening: until columns are held", "held"),
    ):
        table.add(what, [Sample(Question(""), 0, one[key], None) for one in opened])
    waited = [Sample(Question(""), 0, ms, None) for one in opened for ms in one["meanwhile"]]
    table.add("opening: a keystroke meanwhile", waited)
    for said in list(table.answered_otherwise)[:20]:
        print(f"answered otherwise: {said}")
    before, loaded, most, arrays = (
        max(one[key] for one in opened) for key in ("before", "loaded", "most", "arrays")
    )
    print(
        f"\nmemory of a fresh process: {before:.0f} MB before, {loaded:.0f} MB more when columns are held, at most"
        f" {most:.0f} MB more after all sorts, filters and keystrokes; arrays take {arrays:.0f} MB of it"
    )


def _opened(address: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.finding", "--opening", address]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def file_made(folder: Path, contacts: int) -> Path:
    """The demo of so many contacts in a file in `folder`, made unless it is there."""
    path, unfinished = folder / f"finding-{contacts}.db", folder / f"unfinished-{contacts}.db"
    if not path.exists():
        for left in folder.glob(f"{unfinished.name}*"):
            left.unlink()
        demo_workspace(unfinished, contacts, users=True).close()
        unfinished.rename(path)
    return path


@contextmanager
def on_server(folder: Path, contacts: int, *, kept: bool) -> Iterator[str]:
    """The address of the demo on a server of our own, whose data stay in `folder` if they are to be `kept`."""
    data = folder / f"postgresql-{contacts}"
    # As of a server that is there for this: a quarter of 8 GB, which is what PostgreSQL's manual begins with.
    with postgres_server(shared_buffers="2GB") as server:
        if not data.exists():
            address = server.url(server.new_database())
            demo_workspace(address, contacts, users=True).close()
            with psycopg.connect(server.dsn.replace("dbname=postgres", "dbname=test_1"), autocommit=True) as made:
                made.execute(b"VACUUM ANALYZE")
        if not kept:
            yield address
            return
        _moved(server, data)
        try:
            yield server.url("test_1")
        finally:
            # Whatever ends this server ends it at once; what is kept is whole.
            server.stop()
            server.start()


def _moved(server: Server, data: Path) -> None:
    """Let `server` run on what is kept in `data`, after moving there what it has if there is nothing yet."""
    server.stop()
    if data.exists():
        shutil.copyfile(server.folder / "postgresql.conf", data / "postgresql.conf")
        shutil.rmtree(server.folder)
    else:
        subprocess.run(["mv", str(server.folder), str(data)], check=True)
    server.folder.symlink_to(data)
    server.start()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--every", type=int, default=1, help="ask only one in so many questions")
    parser.add_argument("--others", action="store_true", help="measure other tools beside ours")
    parser.add_argument("--folder", type=Path, help="where workspaces are kept for the next run")
    parser.add_argument("--opening", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.opening:
        print(json.dumps(opening(options.opening)))
        return
    with ExitStack() as stack:
        folder = options.folder
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        is_file = options.database == "sqlite"
        path = file_made(folder, options.contacts) if is_file or options.others else None
        address = (
            str(path)
            if is_file
            else stack.enter_context(on_server(folder, options.contacts, kept=options.folder is not None))
        )
        print(f"{options.contacts:,} contacts on {options.database}; {options.runs} passes of ours")
        beside: list[Tool] = []
        if options.others and path is not None:
            beside = stack.enter_context(others(path))
        report(address, beside, options.contacts, options.runs, options.every)


if __name__ == "__main__":
    main()
