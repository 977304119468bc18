"""What `contacts-nb serve` is told, and refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import contacts_nb as cn
from contacts_nb.app import cli_serving
from contacts_nb.app.cli import main
from contacts_nb.app.place import Place, hub_place
from contacts_nb.app.sign_in import SignIn, Way

ANA = "ana@acme.example"
SECRET = "a-secret-of-some-length"  # noqa: S105


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Where a workspace of Ana is, and a file with a secret."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONTACTS_NB_USER", raising=False)
    cn.create("contacts.db", owner=ANA).close()
    Path("secret").write_text(f"{SECRET}\n")
    return Path(tmp_path)


@pytest.fixture
def served(monkeypatch) -> list[tuple[Place, SignIn, dict[str, Any]]]:
    """What was served, instead of serving it."""
    told: list[tuple[Place, SignIn, dict[str, Any]]] = []
    monkeypatch.setattr(
        cli_serving, "run_app", lambda _db, place, sign_in, **more: told.append((place, sign_in, more))
    )
    return told


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--user", ANA], SignIn(user=ANA)),
        (["--user", ANA, "--password-file", "secret"], SignIn(Way.PASSWORD, ANA, secret=SECRET)),
        (["--user", ANA, "--token-file", "secret"], SignIn(Way.TOKEN, ANA, secret=SECRET)),
        (
            ["--user-header", "Remote-User", "--proxy-secret", "secret", "--email-domain", "@acme.example"],
            SignIn(Way.HEADER, header="Remote-User", email_domain="acme.example", secret=SECRET),
        ),
    ],
)
@pytest.mark.usefixtures("folder")
def test_visitors_are_known_by_the_way_that_was_chosen(words, expected, served):
    assert main(["serve", *words, "--port", "8866", "--base-url", "team/contacts"]) == 0
    ((place, sign_in, _),) = served
    assert sign_in == expected
    assert place == Place("127.0.0.1", 8866, "/team/contacts/")


@pytest.mark.usefixtures("folder")
def test_a_page_is_made_ahead_and_what_the_server_says_goes_nowhere_unless_told_otherwise(served):
    assert main(["serve", "--user", ANA]) == 0
    assert main(["serve", "--user", ANA, "--preheat", "0", "--log", "server.log", "--no-browser"]) == 0
    assert [more for *_, more in served] == [
        {"browser": True, "preheat": 1, "log": None},
        {"browser": False, "preheat": 0, "log": Path("server.log").absolute()},
    ]


@pytest.mark.parametrize("way", ["--password-file", "--token-file"])
@pytest.mark.usefixtures("folder")
def test_whoever_signs_in_may_come_from_elsewhere(way, served):
    assert main(["serve", "--user", ANA, way, "secret", "--ip", "0.0.0.0"]) == 0  # noqa: S104 - they have to sign in
    assert served[0][0].ip == "0.0.0.0"  # noqa: S104


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--user", ANA, "--ip", "0.0.0.0"], "would show the contacts to everyone who reaches this machine"),  # noqa: S104
        (["--user", ANA, "--ip", "here"], "--ip here is no IP address"),
        ([], "This workspace has users"),
        (["--user", "bo@acme.example"], "user 'bo@acme.example' is not a user of this workspace"),
        (["--user-header", "X-User"], "--user-header 'X-User' needs its other half"),
        (["--proxy-secret", "secret"], "--proxy-secret 'secret' needs its other half"),
        (
            ["--user-header", "X-User", "--proxy-secret", "none"],
            "--proxy-secret none can't be read. Make it first",
        ),
        (["--user", ANA, "--password-file", "short"], "is too short to be safe"),
        (["--user", ANA, "--password-file", "secret", "--token-file", "secret"], "not allowed with"),
        (["--user", ANA, "--base-url", "/a?b"], "--base-url '/a?b' is no path"),
        (
            ["--user-header", "", "--proxy-secret", "secret"],
            "--user-header '' is no name of a header; X-Forwarded-User is",
        ),
        (["--user-header", "X-User: x", "--proxy-secret", "secret"], "is no name of a header"),
        (["--user", ANA, "--email-domain", "acme.example"], "Give --user-header or --jupyterhub, too"),
        (["--jupyterhub"], "--jupyterhub is for a service that JupyterHub starts"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_would_not_be_safe_or_could_not_work_is_refused_with_what_to_do(words, said, served, capsys):
    Path("short").write_text("secret")
    assert main(["serve", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert SECRET not in error
    assert served == []


@pytest.mark.usefixtures("folder")
def test_where_nobody_could_be_let_in_that_is_said_first(served, capsys):
    cn.create("nobody.db").close()
    words = ["serve", "--db", "nobody.db", "--user-header", "X-User", "--proxy-secret", "secret"]
    assert main(words) == 2
    says = capsys.readouterr().err
    assert "Add the first one: contacts-nb users add you@example.org --role owner --db nobody.db\n" in says
    with cn.open("nobody.db") as workspace:
        workspace.users.add(ANA, role="owner")
    assert main(words) == 0
    assert len(served) == 1


def test_a_password_is_asked_for_without_showing_it(folder, served, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(cli_serving, "getpass", lambda prompt: asked.append(prompt) or SECRET)  # type: ignore[func-returns-value]
    assert main(["serve", "--user", ANA, "--password-file", "-"]) == 0
    assert asked == ["Password: "]
    assert served[0][1].secret == SECRET


@pytest.mark.usefixtures("folder")
def test_a_service_of_jupyterhub_is_where_the_hub_says(served, monkeypatch):
    for name, value in {
        "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:8899",
        "JUPYTERHUB_SERVICE_PREFIX": "/services/contacts/",
        "JUPYTERHUB_API_TOKEN": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "--jupyterhub", "--email-domain", "acme.example"]) == 0
    place, sign_in, _ = served[0]
    assert place == hub_place() == Place("127.0.0.1", 8899, "/services/contacts/")
    assert sign_in == SignIn(Way.JUPYTERHUB, email_domain="acme.example", secret=SECRET)
