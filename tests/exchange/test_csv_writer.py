import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.exchange.csv_reader import csv_source
from contacts_nb.exchange.csv_writer import tags_cell, tags_of_cell, write_csv
from contacts_nb.exchange.guarded import guarded, unguarded
from contacts_nb.model.errors import UnwritableFile

TEXT = st.text(st.characters(codec="utf-8"))
RISKY = st.text("=+-@\t\r\n\0'\",; a1\ufeff")


@given(st.lists(st.tuples(TEXT | RISKY, TEXT | RISKY), min_size=1))
def test_what_is_written_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "round_trip.csv"
    write_csv(path, ["first_name", "phone"], rows)
    written = [row for row in rows if any(cell.strip() for cell in row)]
    if not written:
        return
    source = csv_source("round_trip.csv", path.read_bytes())
    assert [row.original for row in source.rows] == written


@given(TEXT | RISKY)
def test_no_cell_starts_like_a_formula_and_none_is_lost(cell):
    safe = guarded(cell)
    assert unguarded(safe) == cell
    assert safe[:1] not in set("=-@\t\r\0")


def test_a_phone_in_e164_stays_as_it_is(tmp_path):
    write_csv(tmp_path / "out.csv", ["name", "phone"], [["=1+1", "+442079460958"], ["'", "+1 (2)"]])
    content = (tmp_path / "out.csv").read_bytes()
    assert content == b"name,phone\r\n'=1+1,+442079460958\r\n'','+1 (2)\r\n"


@given(st.lists(TEXT | RISKY | st.text(':;," ')))
def test_tags_in_one_cell_are_lossless(tags):
    assert tags_of_cell(tags_cell(tags)) == tuple(tags)


@given(TEXT | RISKY)
def test_any_cell_gives_tags(text):
    assert all(isinstance(tag, str) for tag in tags_of_cell(text))


def test_tags_that_people_write_are_divided_by_commas_and_semicolons():
    assert tags_of_cell('vip; "Paris, France", 6" nails,,') == ("vip", "Paris, France", '6" nails')


def test_a_folder_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(UnwritableFile, match="does not exist"):
        write_csv(tmp_path / "no" / "out.csv", ["name"], [])


def test_rows_that_fail_leave_nothing_behind(tmp_path):
    with pytest.raises(ZeroDivisionError):
        write_csv(tmp_path / "out.csv", ["name"], ([str(1 // number)] for number in (1, 0)))
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_rows(tmp_path):
    tracemalloc.start()
    write_csv(tmp_path / "out.csv", ["name"], (["x" * 100] for _ in range(50_000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    with (tmp_path / "out.csv").open(newline="") as stream:
        assert sum(1 for _ in csv.reader(io.StringIO(stream.read()))) == 50_001
