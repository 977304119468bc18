import csv
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts_nb.exchange.csv_writer import (
    guarded_cells,
    identifiers_cell,
    identifiers_of_cell,
    tags_cell,
    tags_of_cell,
    write_columns,
    write_csv,
)
from contacts_nb.exchange.guarded import guarded, unguarded
from contacts_nb.model.errors import UnwritableFile

TEXT = st.text(st.characters(codec="utf-8"))
RISKY = st.text("=+-@\t\r\n\0'\",; a1\ufeff")


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT | RISKY, TEXT | RISKY), min_size=1))
def test_what_is_written_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "round_trip.csv"
    write_csv(path, ["first_name", "phone"], rows)
    with path.open(encoding="utf-8", newline="") as stream:
        _, *read = csv.reader(stream)
    assert [tuple(map(unguarded, row)) for row in read] == rows


@given(st.integers(1, 3).flatmap(lambda width: st.lists(st.tuples(*[st.none() | TEXT | RISKY] * width))))
def test_columns_are_written_as_the_csv_module_would(rows):
    header = ["a", 'b "c", d', "e"][: len(rows[0]) if rows else 1]
    written, expected = io.StringIO(newline=""), io.StringIO(newline="")
    halves = [rows[: len(rows) // 2], rows[len(rows) // 2 :]]
    write_columns(written, header, [list(zip(*half, strict=True)) for half in halves if half])
    csv.writer(expected, lineterminator="\r\n").writerows([header, *rows])
    assert list(csv.reader(io.StringIO(written.getvalue(), newline=""))) == [
        header,
        *([cell or "" for cell in row] for row in rows),
    ]
    assert len(written.getvalue()) <= len(expected.getvalue())


@given(st.lists(st.none() | TEXT | RISKY))
def test_a_column_is_guarded_cell_by_cell(cells):
    assert guarded_cells(cells) == [cell and guarded(cell) for cell in cells]


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


@given(st.lists((TEXT | RISKY | st.text(':;," ')).map(str.strip).filter(bool)))
def test_identifiers_in_one_cell_are_lossless(identifiers):
    assert identifiers_of_cell(identifiers_cell(identifiers)) == tuple(identifiers)


@given(TEXT | RISKY | st.text(':;," '))
def test_any_cell_gives_tags_and_identifiers(text):
    assert all(isinstance(one, str) for one in (*tags_of_cell(text), *identifiers_of_cell(text)))


def test_identifiers_that_people_write_are_divided_by_three_colons():
    assert identifiers_of_cell("a:::b :::: c, d ::: ") == ("a", "b", ": c, d")


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
