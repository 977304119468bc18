"""Whoever isn't let in gets nothing, and whoever is gets only their own page; secrets stay where they are."""

from __future__ import annotations

import http.cookiejar
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from websockets.exceptions import InvalidStatus

import contacts_nb as cn
from contacts_nb.app.identity import PROXY_SECRET_HEADER
from contacts_nb.app.place import Place
from contacts_nb.app.serving import served
from contacts_nb.app.sign_in import SignIn, Way
from contacts_nb.model.errors import ServingFailed
from tests.visiting import Refused, answer, channels, kernel_of, widget_states

ANA, BO, EVE = "ana@acme.example", "bo@acme.example", "eve@else.example"
SECRET = "a-secret-that-only-the-proxy-knows"  # noqa: S105
TOKEN = "a-token-that-nobody-must-see"  # noqa: S105
PASSWORD = "correct horse battery staple"  # noqa: S105
CONTACT = "Zyxwen"  # no such word is in a page by chance
HEADER = "X-Forwarded-User"


class App(NamedTuple):
    address: str
    server: psutil.Process
    log: Path

    def by_proxy(self, user: str, **more: str) -> dict[str, str]:
        return {HEADER: user, PROXY_SECRET_HEADER: SECRET, **more}


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    path: Path = tmp_path_factory.mktemp("attacked") / "contacts.db"
    with cn.create(path, owner=ANA) as workspace:
        workspace.users.add(BO, role="manager")
        workspace.add_contact(first_name=CONTACT)
    return path


@pytest.fixture(scope="module")
def behind_proxy(database, tmp_path_factory) -> Iterator[App]:
    """With a page made ahead, which must not know more than others do."""
    log = tmp_path_factory.mktemp("logs") / "server.log"
    sign_in = SignIn(Way.HEADER, header=HEADER, secret=SECRET)
    with served(database, sign_in=sign_in, preheat=1, log=log) as (address, server):
        yield App(address, psutil.Process(server.pid), log)


@pytest.fixture(scope="module")
def with_token(database, tmp_path_factory) -> Iterator[App]:
    log = tmp_path_factory.mktemp("logs") / "server.log"
    with served(database, sign_in=SignIn(Way.TOKEN, ANA, secret=TOKEN), log=log) as (address, server):
        yield App(address, psutil.Process(server.pid), log)


def test_a_forged_name_without_the_proxy_is_refused(behind_proxy):
    for headers in (
        {},
        {HEADER: ANA},
        {HEADER: ANA, PROXY_SECRET_HEADER: ""},
        {HEADER: ANA, PROXY_SECRET_HEADER: SECRET[:-1]},
        {HEADER: ANA, PROXY_SECRET_HEADER: "é" * len(SECRET)},
        {"X-Contacts-User": ANA},
    ):
        with pytest.raises(Refused) as refused:
            answer(behind_proxy.address, **headers)
        assert refused.value.status == 403
        assert "for the proxy that signs people in" in refused.value.said
        assert "kernelId" not in refused.value.said


def test_a_request_of_the_proxy_for_nobody_is_refused(behind_proxy):
    for nobody in ("", " "):
        with pytest.raises(Refused) as refused:
            answer(behind_proxy.address, **behind_proxy.by_proxy(nobody))
        assert (refused.value.status, "kernelId" in refused.value.said) == (401, False)


def test_a_visitor_is_who_the_proxy_says_whatever_they_say_themselves(behind_proxy):
    """Whether their page was made ahead, as the first one was, or not."""
    for user, claimed in ((BO, ANA), (BO, ANA), (EVE, ANA)):
        headers = behind_proxy.by_proxy(user, X_Contacts_User=claimed, HTTP_X_Contacts_User=claimed)
        page = answer(
            behind_proxy.address, f"?X-Contacts-User={claimed}&HTTP_X_CONTACTS_USER={claimed}", **headers
        )
        state = widget_states(behind_proxy.address, page, **headers)
        assert ("· manager" in state) == (user == BO)
        assert "· owner" not in state
        assert ("You can&#39;t see these contacts" in state and EVE in state) == (user == EVE)
        assert ("'StreamingDataGridModel'" in state) == (user == BO)


@pytest.fixture(scope="module")
def page_of_ana(behind_proxy) -> str:
    """The kernel of a page that somebody else looks at."""
    return kernel_of(answer(behind_proxy.address, **behind_proxy.by_proxy(ANA)))


def test_anothers_kernel_is_refused_to_whoever_knows_its_id(behind_proxy, page_of_ana):
    bo = behind_proxy.by_proxy(BO)
    # As Bo's own page has it: without it nobody's kernel can be ended, so that would be refused anyway.
    xsrf = "0123456789abcdef" * 2
    with_cookie = {"Cookie": f"_xsrf={xsrf}", "X-XSRFToken": xsrf}
    for path, method in (
        (f"api/kernels/{page_of_ana}", "GET"),
        (f"api/kernels/{page_of_ana}", "DELETE"),
        (f"voila/api/shutdown/{page_of_ana}", "POST"),
    ):
        with pytest.raises(Refused) as refused:
            answer(behind_proxy.address, path, method, **bo, **with_cookie)
        assert refused.value.status == 403
    with pytest.raises(InvalidStatus, match="403"), channels(behind_proxy.address, page_of_ana, **bo):
        pass
    with pytest.raises(InvalidStatus, match="403"), channels(behind_proxy.address, page_of_ana, **{HEADER: ANA}):
        pass
    assert page_of_ana in answer(behind_proxy.address, f"api/kernels/{page_of_ana}", **behind_proxy.by_proxy(ANA))


def test_what_a_page_made_ahead_is_told_is_told_to_nobody_else(behind_proxy, page_of_ana):
    for path in (f"voila/query/{page_of_ana}", f"x/voila/query/{page_of_ana}"):
        with pytest.raises(Refused) as refused:
            answer(behind_proxy.address, path, **behind_proxy.by_proxy(BO))
        assert refused.value.status == 404


def test_another_site_cannot_speak_to_the_kernel_through_its_owners_browser(behind_proxy, page_of_ana):
    ana = behind_proxy.by_proxy(ANA, Origin="https://evil.example")
    with pytest.raises(InvalidStatus, match="403"), channels(behind_proxy.address, page_of_ana, **ana):
        pass


def test_the_kernel_runs_no_code_for_its_own_visitor(behind_proxy, page_of_ana, tmp_path):
    made = tmp_path / "made-by-the-visitor"
    code = f"open({str(made)!r}, 'w')"
    asked = {
        "execute_request": {"code": code, "silent": False, "allow_stdin": False, "user_expressions": {}},
        "complete_request": {"code": "open", "cursor_pos": 4},
        "inspect_request": {"code": "page", "cursor_pos": 4, "detail_level": 1},
        "history_request": {"hist_access_type": "tail", "n": 9, "output": True, "raw": True},
    }
    with channels(behind_proxy.address, page_of_ana, **behind_proxy.by_proxy(ANA)) as connection:
        for channel in ("shell", "control"):
            for kind, content in asked.items():
                connection.send(kind, content, channel)
        connection.send("kernel_info_request", {})
        kinds = {message["header"]["msg_type"] for message in connection.received(5)}
    assert "kernel_info_reply" in kinds
    assert not kinds & {"execute_reply", "complete_reply", "inspect_reply", "history_reply", "execute_input"}
    assert not made.exists()


def test_a_page_without_signing_in_is_the_form_and_nothing_else(with_token):
    said = answer(with_token.address)
    assert 'name="password"' in said
    assert "kernelId" not in said
    with pytest.raises(Refused) as refused:
        answer(with_token.address, "api/kernels/00000000-0000-0000-0000-000000000000")
    assert refused.value.status == 403


def test_a_token_in_the_address_lets_nobody_in_and_is_not_written_down(with_token):
    with pytest.raises(Refused, match="404"):  # which is written down as a warning, twice
        answer(with_token.address, f"nothing?token={TOKEN}", Authorization=f"token {TOKEN}")
    assert "kernelId" not in answer(with_token.address, f"?token={TOKEN}")
    assert "kernelId" in answer(with_token.address, Authorization=f"token {TOKEN}")
    assert "kernelId" not in answer(with_token.address, Authorization=f"token {TOKEN[:-1]}")
    log = with_token.log.read_text()
    assert log.count("404 GET /nothing?") == 2
    assert TOKEN not in log


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("behind_proxy", {HEADER: ANA, PROXY_SECRET_HEADER: SECRET}),
        ("with_token", {"Authorization": f"token {TOKEN}"}),
    ],
)
def test_secrets_are_in_no_list_of_processes_no_environment_and_no_log(name, headers, request):
    app = request.getfixturevalue(name)
    page = answer(app.address, **headers)
    assert SECRET not in page
    assert TOKEN not in page
    kernels = [one for one in app.server.children(recursive=True) if "ipykernel_launcher" in one.cmdline()]
    assert kernels
    for process in (app.server, *kernels):
        for said in (*process.cmdline(), *process.environ().values()):
            assert SECRET not in said
            assert TOKEN not in said
    log = app.log.read_text()
    assert SECRET not in log
    assert TOKEN not in log


def signed_in(address: str, password: str) -> str:
    """The page after the form was sent with `password`."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
    opener.open(address, timeout=60).close()
    xsrf = next(cookie.value for cookie in jar if cookie.name.startswith("_xsrf"))
    form = urllib.parse.urlencode({"password": password, "_xsrf": xsrf}).encode()
    try:
        with opener.open(f"{address}login?next=%2Fcontacts%2F", form, timeout=60) as response:
            page: str = response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            page = error.read().decode()
    for cookie in jar:
        assert cookie.has_nonstandard_attr("HttpOnly") or cookie.name.startswith("_xsrf")
    return page


def test_a_password_lets_in_the_one_who_knows_it_and_guessing_takes_its_time(database):
    sign_in = SignIn(Way.PASSWORD, ANA, secret=PASSWORD)
    with served(database, Place(base_url="/contacts/"), sign_in) as (address, _):
        assert address.endswith("/contacts/")
        began = time.monotonic()
        for wrong in ("", PASSWORD[:-1], PASSWORD + " ", "argon2:x"):
            said = signed_in(address, wrong)
            assert "That isn&#39;t right" in said
            assert "kernelId" not in said
        assert time.monotonic() - began > 4
        assert "kernelId" in signed_in(address, PASSWORD)


def test_listening_beyond_this_machine_without_signing_in_is_refused(database):
    for ip in ("0.0.0.0", "::", "192.0.2.1"):  # noqa: S104 - it is refused
        with (
            pytest.raises(ServingFailed, match="would show the contacts to everyone"),
            served(database, Place(ip)),
        ):
            pass
