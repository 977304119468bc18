"""The notebooks as they are stored: what a page that only shows them has for its readers. nbval runs them."""

from __future__ import annotations

import ast
import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
PATH = re.compile(r"(?<![\w.<])/(?:home|root|tmp|usr|var|work|Users|private)/|\b[A-Z]:\\\\?\w")
PICTURE = 60_000  # bytes, so that a notebook stays small in the history
PNG = b"\x89PNG\r\n\x1a\n"


def read(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def title_of(notebook: dict[str, Any]) -> str | None:
    """The heading that it begins with, or the name its page is given."""
    first = notebook["cells"][0]
    heading = re.match(r"# (.+)", "".join(first["source"])) if first["cell_type"] == "markdown" else None
    title: str | None = heading[1] if heading else notebook["metadata"].get("title")
    return title


def outputs(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in code_cells(notebook):
        yield from cell["outputs"]


def texts(output: dict[str, Any]) -> Iterator[str]:
    yield "".join(output.get("text", ""))
    for kind, value in output.get("data", {}).items():
        if kind.startswith("text/"):
            yield "".join(value)


def pictures(notebook: dict[str, Any]) -> list[bytes]:
    return [
        base64.b64decode("".join(output["data"]["image/png"]))
        for output in outputs(notebook)
        if "image/png" in output.get("data", {})
    ]


def problems(notebook: dict[str, Any]) -> list[str]:
    """What readers of a stored notebook shouldn't find."""
    found = []
    if not title_of(notebook):
        found.append("no title")
    if notebook["metadata"].keys() - {"kernelspec", "language_info", "title"}:
        found.append("state in its metadata")
    if notebook["metadata"]["kernelspec"] != KERNEL or notebook["metadata"]["language_info"] != {"name": "python"}:
        found.append("a kernel of one machine")
    if any(cell["metadata"] for cell in notebook["cells"]):
        found.append("metadata of a run")
    tree = ast.parse("\n".join("".join(cell["source"]) for cell in code_cells(notebook)))
    if not any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
        found.append("nothing asserted")
    for output in outputs(notebook):
        if output["output_type"] == "error":
            found.append("a traceback")
        if output.get("name") == "stderr":
            found.append("warnings or progress")
        if any("widget" in kind for kind in output.get("data", {})):
            found.append("a widget that isn't there")
        found += [f"a path: {match[0]}" for text in texts(output) for match in PATH.finditer(text)]
    if any(not picture.startswith(PNG) or len(picture) > PICTURE for picture in pictures(notebook)):
        found.append("a picture that is no PNG, or too large")
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_stored_notebooks_are_good_to_read(path):
    assert problems(read(path)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_what_they_link_to_is_there(path):
    told = "".join("".join(cell["source"]) for cell in read(path)["cells"] if cell["cell_type"] == "markdown")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", told):
        assert (path.parent / target).is_file(), target


@pytest.mark.parametrize("name", ["tour", "clean-up", "analysis"])
def test_notebooks_that_explain_were_run_from_top_to_bottom(name):
    cells = code_cells(read(next(path for path in NOTEBOOKS if path.stem == name)))
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert any(cell["outputs"] for cell in cells)


def test_the_tour_shows_what_its_widgets_look_like_to_those_who_only_read_it():
    tour = next(path for path in NOTEBOOKS if path.stem == "tour")
    told = "".join(_source(cell) for cell in read(tour)["cells"] if cell["cell_type"] == "markdown")
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", told)
    assert shown == ["screenshots/filter.png", "screenshots/contacts.png"]


def test_the_pictures_of_the_analysis_are_stored():
    notebook = read(next(path for path in NOTEBOOKS if path.stem == "analysis"))
    # Each of them is drawn by a cell that ends with a call.
    drawn = [
        cell for cell in code_cells(notebook) if re.search(r"^(plt\.show|draw)\(", _source(cell), re.MULTILINE)
    ]
    assert len(drawn) == len(pictures(notebook)) == 4
    for cell in drawn:
        assert len(pictures({"cells": [cell]})) == 1


def _source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_what_readers_should_not_find_is_noticed():
    def output(**parts: Any) -> dict[str, Any]:
        return {"output_type": "display_data", **parts}

    notebook = {
        "metadata": {"kernelspec": {"name": "mine"}, "language_info": {"name": "python"}, "widgets": {}},
        "cells": [
            {
                "cell_type": "code",
                "metadata": {"execution": {}},
                "source": ["x = 1"],
                "outputs": [
                    output(output_type="error"),
                    output(output_type="stream", name="stderr", text=["careful"]),
                    output(data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": ["Table()"]}),
                    output(data={"text/html": ["<td>", "file:///root/x.db</td>"]}),
                    output(data={"text/plain": ["PosixPath('/home/ann/demo.db')"]}),
                    output(data={"text/plain": [r"C:\\Users\\ann"]}),
                    output(data={"image/png": base64.b64encode(PNG + b"x" * PICTURE).decode()}),
                ],
            }
        ],
    }
    assert problems(notebook) == [
        "no title",
        "state in its metadata",
        "a kernel of one machine",
        "metadata of a run",
        "nothing asserted",
        "a traceback",
        "warnings or progress",
        "a widget that isn't there",
        "a path: /root/",
        "a path: /home/",
        "a path: C:\\\\U",
        "a picture that is no PNG, or too large",
    ]
