import csv
import io

import openpyxl
import pytest

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.app.cli import main
from tests.app.commands import complaint

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def people(db):
    """Three contacts where the command looks for them."""
    with cn.open(db) as workspace:
        workspace.channels.add("Paris, France", "sms")
        workspace.add_contact(first_name="Ann", country="GB", tags=["vip"])
        workspace.add_contact(first_name="Bo", last_name="=1+1", country="FR")
    return db


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_export_writes_what_was_asked_for(people, folder, capsys):
    options = ["--columns", 'first_name, "channel:paris, france"', "--sort", "name", "--descending"]
    (folder / "filter.json").write_text((~F.country.is_empty()).to_json(), encoding="utf-8")
    for criterion in ((~F.country.is_empty()).to_json(), "@filter.json"):
        assert main(["export", "some.csv", "--filter", criterion, *options]) == 0
        assert capsys.readouterr().out == "Exported 2 contacts to some.csv\n"
        content = (folder / "some.csv").read_text(encoding="utf-8")
        assert rows(content) == [["first_name", "channel:Paris, France"], ["Bo", ""], ["Ann", ""]]
    assert main(["export", "some.csv", "--search", "zoe", "--columns", "first_name"]) == 0
    assert (folder / "some.csv").read_text(encoding="utf-8").splitlines() == ["first_name", "Zoë"]


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (["all.csv"], b"id,first_name"),
        (["all"], b"id,first_name"),
        (["all.xlsx"], b"PK"),
        (["all.vcf"], b"BEGIN:VCARD\r\nVERSION:3.0"),
        (["all.vcf", "--format", "vcard4"], b"BEGIN:VCARD\r\nVERSION:4.0"),
    ],
)
def test_the_format_is_that_of_the_name_or_what_was_asked_for(people, folder, capsys, arguments, begins):
    assert main(["export", *arguments]) == 0
    assert capsys.readouterr().out == f"Exported 3 contacts to {arguments[0]}\n"
    assert (folder / arguments[0]).read_bytes().startswith(begins)


def test_cells_are_safe_unless_raw(people, folder):
    for options, cell in (([], "'=1+1"), (["--raw"], "=1+1")):
        assert main(["export", "all.csv", "--columns", "last_name", *options]) == 0
        assert (folder / "all.csv").read_text(encoding="utf-8").splitlines()[-1] == cell
        assert main(["export", "all.xlsx", "--columns", "last_name", *options]) == 0
        sheet = openpyxl.load_workbook(folder / "all.xlsx").active
        assert sheet is not None
        assert sheet["A4"].value == "=1+1"
        assert sheet["A4"].quotePrefix is not bool(options)


def test_a_hyphen_is_the_output(people, folder, capsysbinary):
    before = {path.name for path in folder.iterdir()}
    assert main(["export", "-", "--columns", "first_name"]) == 0
    assert capsysbinary.readouterr().out == "first_name\r\nZoë\r\nAnn\r\nBo\r\n".encode()
    assert {path.name for path in folder.iterdir()} - {"contacts.db-wal", "contacts.db-shm"} == before
    with cn.open(people) as workspace:
        assert workspace.history().iloc[0]["operation"] == "export"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["all.pdf"], "CSV, XLSX or vCard"),
        (["all.csv", "--format", "xlsx"], "promises something else"),
        (["all.csv", "--columns", "first_nam"], "did you mean first_name"),
        (["all.csv", "--columns", ""], "at least one"),
        (["all.csv", "--filter", "{"], "is not JSON"),
        (["all.csv", "--filter", "@none.json"], "none.json can't be read"),
        (["all.csv", "--filter", "@contacts.db"], "isn't text in UTF-8"),
        (["all.csv", "--sort", "nothing"], "nothing"),
        (["all.vcf", "--raw"], "has no cells"),
        (["all.vcf", "--columns", "created_at"], "no place in a vCard"),
        (["-", "--format", "xlsx"], "goes to a file"),
    ],
)
def test_what_cannot_be_exported_is_said_and_leaves_nothing(people, folder, capsys, arguments, says):
    assert says in complaint(capsys, "export", *arguments)
    assert {path.suffix for path in folder.iterdir()} <= {".db", ".db-wal", ".db-shm"}
