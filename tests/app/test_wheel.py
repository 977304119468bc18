"""The wheel, built and installed without a network, works in an empty folder away from the checkout."""

import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import psutil
import pytest

import contacts_nb
from tests.app.test_serving import ended, page, started

CHECKOUT = Path(contacts_nb.__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    run("build", "--wheel", "--no-isolation", "--outdir", str(out), str(CHECKOUT))
    (built,) = out.iterdir()
    return built


def run(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_holds_the_package_and_what_it_needs_beside_code(wheel):
    assert wheel.name == f"contacts_nb-{contacts_nb.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
        notebook = archive.read("contacts_nb/app/notebooks/contacts.ipynb")
    package = Path(contacts_nb.__file__).parent
    modules = {path.relative_to(package.parent).as_posix() for path in package.rglob("*.py")}
    assert modules <= held
    assert held - modules == {
        "contacts_nb/py.typed",
        *(
            f"contacts_nb/widgets/{path.name}"
            for path in (package / "widgets").iterdir()
            if path.suffix in (".css", ".js")
        ),
        "contacts_nb/app/notebooks/contacts.ipynb",
        *(
            f"contacts_nb-{contacts_nb.__version__}.dist-info/{name}"
            for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")
        ),
    }
    assert notebook == (CHECKOUT / "notebooks" / "contacts.ipynb").read_bytes()


def test_an_installed_wheel_shows_the_demo_from_any_folder(wheel, tmp_path):
    site, folder = tmp_path / "site", tmp_path / "empty"
    folder.mkdir()
    run("pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel))
    words = ["demo", "--contacts", "50", "--no-browser"]
    with started(folder, *words, environment={"PYTHONPATH": str(site)}) as app:
        assert app.said.startswith("Made 50 contacts in ")
        assert "This file is removed when the app ends; to keep one, give --db FILE.\n" in app.said
        assert "<title>Contacts</title>" in page(app.address)
        processes = psutil.Process(app.program.pid).children(recursive=True)
        commands = [process.cmdline() for process in processes]
        notebook = str(site / "contacts_nb" / "app" / "notebooks" / "contacts.ipynb")
        assert [notebook in command for command in commands].count(True) == 1
        kernels = [process for process in processes if "ipykernel_launcher" in process.cmdline()]
        assert {kernel.environ()["PYTHONPATH"] for kernel in kernels} == {str(site)}
        assert ended(app.program, signal.SIGINT) == (0, [])
    assert list(folder.iterdir()) == []
