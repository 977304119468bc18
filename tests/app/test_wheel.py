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


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory):
    """A folder in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("site")
    run("pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder), str(wheel))
    return folder


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
        *(f"contacts_nb/app/templates/{path.name}" for path in (package / "app" / "templates").iterdir()),
        "contacts_nb/app/notebooks/contacts.ipynb",
        *(
            f"contacts_nb-{contacts_nb.__version__}.dist-info/{name}"
            for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")
        ),
    }
    assert notebook == (CHECKOUT / "notebooks" / "contacts.ipynb").read_bytes()


def test_an_installed_wheel_shows_the_demo_from_any_folder(site, tmp_path):
    words = ["demo", "--contacts", "50", "--no-browser"]
    with started(tmp_path, *words, environment={"PYTHONPATH": str(site)}) as app:
        assert app.said.startswith("Made 50 contacts in ")
        assert "This file is removed when the app ends; to keep one, give --db FILE.\n" in app.said
        assert "<title>Contacts</title>" in page(app.address)
        processes = psutil.Process(app.program.pid).children(recursive=True)
        kernels = [process for process in processes if "ipykernel_launcher" in process.cmdline()]
        assert kernels
        assert {process.environ()["PYTHONPATH"] for process in processes} == {str(site)}
        assert ended(app.program, signal.SIGINT) == (0, [])
    assert list(tmp_path.iterdir()) == []


def test_an_installed_wheel_serves_the_notebook_that_came_with_it(site, tmp_path):
    asked = "from contacts_nb.app.serving import app_notebook; print(app_notebook())"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(done.stdout.strip()) == site / "contacts_nb" / "app" / "notebooks" / "contacts.ipynb"
