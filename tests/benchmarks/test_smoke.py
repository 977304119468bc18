"""Every benchmark runs, at a size that takes seconds, so that none of them can rot."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "arguments", "said"),
    [
        ("backup", ["--contacts", "300"], "restore, .restore"),
        ("backup", ["--contacts", "300", "--database", "postgresql"], "restore, pg_restore"),
        ("crowd", ["--contacts", "5000"], "MB of memory"),
        ("demo", ["--contacts", "300"], "total"),
        ("exchange", ["--rows", "300", "--runs", "1"], "ours ÷"),
        ("exchange", ["--rows", "300", "--runs", "1", "--database", "postgresql"], "ours ÷"),
        ("finding", ["--contacts", "300", "--runs", "1", "--every", "80", "--others"], "of a fresh process"),
        (
            "finding",
            ["--contacts", "300", "--runs", "1", "--every", "80", "--database", "postgresql"],
            "of a fresh process",
        ),
        ("frames", ["--contacts", "300", "--runs", "1"], "÷ read_sql"),
        ("frames", ["--contacts", "300", "--runs", "1", "--database", "postgresql"], "÷ read_sql"),
        ("merge", ["--contacts", "300", "--messages", "200", "--merges", "20", "--runs", "2"], "found whom they"),
        ("operations", ["--contacts", "300", "--messages", "500"], "messages a second"),
        ("phones", ["--numbers", "2000", "--runs", "1"], "differences"),
        ("screen", ["--contacts", "300", "--runs", "1", "--times", "2"], "scroll bar: to anywhere"),
        (
            "visitors",
            ["--contacts=300", "--visitors=2", "--seconds=3", "--think=0.1", "--idle=2", "--database=sqlite"],
            "kernels left in the end",
        ),
    ],
)
def test_benchmark_runs_at_a_small_size(module, arguments, said):
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
