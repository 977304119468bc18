"""The floors of the house: who may import whom, and what only one module may do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import contacts_nb

PACKAGE = Path(contacts_nb.__file__).parent
FLOORS = ("model", "store", "queries", "operations", "exchange", "duplicates", "workspace", "widgets", "app")
# The package as a whole is what the top floor and notebooks see; it may import anything.
ROOF = {"__init__", "__main__"}


def sources(package: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(package.rglob("*.py")):
        yield path.relative_to(package).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imported_names(module: str, tree: ast.Module) -> Iterator[str]:
    """Everything that is imported, absolutely: `from a import b` may mean the module a.b, so it gives that."""
    inside = ["contacts_nb", *module.split("/")[:-1]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = inside[: len(inside) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def floor_of(name: str) -> int | None:
    """The floor that an imported name is on; None for what isn't ours."""
    package, _, rest = f"{name}.".partition(".")
    if package != "contacts_nb":
        return None
    floor = rest.split(".")[0]
    return FLOORS.index(floor) if floor in FLOORS else len(FLOORS) - 1


def imports_from_above(package: Path) -> list[str]:
    found = []
    for module, tree in sources(package):
        own = module.removesuffix(".py").split("/")[0]
        if own in ROOF:
            continue
        assert own in FLOORS, f"{module} is on no floor"
        for name in imported_names(module, tree):
            floor = floor_of(name)
            if floor is not None and floor > FLOORS.index(own):
                found.append(f"{module} imports {name}")
    return found


def modules_that(package: Path, does: str) -> set[str]:
    """The modules that call or import `does`, given as the last parts of its dotted name."""
    found = set()
    for module, tree in sources(package):
        used = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        used |= set(imported_names(module, tree))
        if any(name == does or name.endswith(f".{does}") or name.startswith(f"{does}.") for name in used):
            found.add(module)
    return found


def paths_outside(package: Path) -> list[str]:
    return [
        f"{module}: {node.value!r}"
        for module, tree in sources(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"(^|[/\\])\.\.[/\\]|^/(home|work|tmp|root|usr|etc|var|opt)\b", node.value)
    ]


def test_every_floor_imports_only_from_floors_below_it():
    assert imports_from_above(PACKAGE) == []


def test_ipydatagrid_is_known_to_one_module():
    assert modules_that(PACKAGE, "ipydatagrid") == {"widgets/window_grid.py"}


def test_no_other_sqlite_library_comes_into_the_process():
    # Its locks and Python's would undo each other, and what is written afterwards could be lost.
    drivers = ("adbc_driver_sqlite", "apsw", "duckdb", "connectorx")
    assert [modules_that(PACKAGE, driver) for driver in drivers] == [set()] * len(drivers)


def test_html_is_made_in_one_module():
    constructed = {
        module
        for module, tree in sources(PACKAGE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and re.search(r"(^|\.)(HTML|HTMLMath|Markup)$", ast.unparse(node.func))
    }
    assert constructed == {"widgets/html.py"}


def test_nothing_reads_beside_the_package():
    assert paths_outside(PACKAGE) == []


def test_an_import_from_above_is_noticed_however_it_is_written(tmp_path):
    (tmp_path / "model").mkdir()
    for name, line in {
        "absolute": "import contacts_nb.widgets.state",
        "named": "from contacts_nb.queries.rows import rows_of",
        "package": "from contacts_nb import app",
        "whole": "import contacts_nb",
        "relative": "from ..store import schema",
        "late": "def f():\n    from contacts_nb.workspace import open",
        "own": "from contacts_nb.model import text",
    }.items():
        (tmp_path / "model" / f"{name}.py").write_text(line, encoding="utf-8")
    (tmp_path / "__init__.py").write_text("from contacts_nb.app import cli", encoding="utf-8")
    assert imports_from_above(tmp_path) == [
        "model/absolute.py imports contacts_nb.widgets.state",
        "model/late.py imports contacts_nb.workspace.open",
        "model/named.py imports contacts_nb.queries.rows.rows_of",
        "model/package.py imports contacts_nb.app",
        "model/relative.py imports contacts_nb.store.schema",
        "model/whole.py imports contacts_nb",
    ]


def test_a_path_outside_and_a_second_user_of_the_grid_are_noticed(tmp_path):
    (tmp_path / "bad.py").write_text(
        "from ipydatagrid import DataGrid\nopen('../beside/notes.txt')\nopen('/etc/passwd')\n", encoding="utf-8"
    )
    assert modules_that(tmp_path, "ipydatagrid") == {"bad.py"}
    assert paths_outside(tmp_path) == ["bad.py: '../beside/notes.txt'", "bad.py: '/etc/passwd'"]
