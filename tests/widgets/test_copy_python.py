"""The code of a view or an action runs in a notebook and finds the same contacts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contacts_nb as cn
from contacts_nb import EVERYONE, F
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.widgets.copy_python import CopyPython
from contacts_nb.widgets.python_code import code_of_action, code_of_view
from contacts_nb.workspace import Workspace
from tests.filter_strategies import EXAMPLE, filters

SEARCHES = st.lists(st.sampled_from(["ann", "o'brien", '"x"', "\\", "王", "020 7946", "a\nb"]), max_size=2)
SORTS = st.sampled_from(["id", "name", "created_at", "seats"])


@pytest.fixture(scope="module")
def acme(tmp_path_factory) -> Iterator[Workspace]:
    """A workspace in a file with all that drawn filters name, and some contacts."""
    path = tmp_path_factory.mktemp("python") / "it's a \\ path.db"
    cn.create(path, owner="ana@acme.example", phone_region="GB").close()
    with cn.open(path, user="ana@acme.example") as workspace:
        workspace.users.add("bo@acme.example")
        for name in ("Sales", "Sales and Support"):
            workspace.teams.add(name, members=["ana@acme.example"])
        for name in EXAMPLE.channels:
            workspace.channels.add(name, "sms")
        for field in EXAMPLE.fields:
            workspace.fields.add(field.name, field.type, slug=field.slug, allowed=field.allowed)
        for name in EXAMPLE.tags:
            workspace.tags.add(name)
        for number, name in enumerate(("Ann", "Bo", "O'Brien", "王小明", '"x"', "a\\b")):
            workspace.add_contact(
                first_name=name, phone=f"020 7946 00{number:02}", country=("GB", "DE")[number % 2],
                tags=["vip"] if number % 3 else [], fields={"seats": number, "plan": "Gold"},
                assignee=("ana@acme.example", None)[number % 2], team=("Sales", None)[number % 2],
            )  # fmt: skip
        yield workspace


def ran(code: str) -> ContactQuery:
    """What the last line of the code gives, in a fresh notebook."""
    *lines, last = code.splitlines()
    names: dict[str, object] = {}
    exec("\n".join(lines), names)  # noqa: S102 - that is what it is for
    query = eval(last, names)  # noqa: S307
    assert isinstance(query, ContactQuery)
    return query


def same(workspace: Workspace, query: ContactQuery) -> str:
    code = code_of_view(workspace, query)
    found = ran(code)
    try:
        assert found.ids().tolist() == query.ids().tolist()
        # Whether something may be missing is said only where something is.
        assert found.selection == replace(query.selection, missing_ok=bool(query.broken()))
    finally:
        found._access.database.close()  # type: ignore[attr-defined]
    return code


@given(tree=filters(EXAMPLE), searches=SEARCHES, sort=SORTS, descending=st.booleans())
def test_the_code_finds_the_same_contacts_in_the_same_order(acme, tree, searches, sort, descending):
    # Some drawn filters name a user or a team that isn't there.
    query = acme.contacts.where(tree, missing_ok=True).sort_by(sort, descending=descending)
    for typed in searches:
        query = query.search(typed)
    same(acme, query)


def test_a_plain_view_is_plain_code(acme):
    code = same(acme, acme.contacts)
    assert code.splitlines()[0] == "import contacts_nb as cn"
    assert code.splitlines()[-2:] == ["contacts = ws.contacts", "contacts"]
    assert "import F" not in code


def test_what_has_to_be_true_at_once_stands_on_lines_of_its_own(acme):
    tree = (F.country == "GB") & F.tags.has_any("vip") & ~F.last_incoming.within(days=30)
    code = same(acme, acme.contacts.where(tree).search("ann").sort_by("name", descending=True))
    assert code.endswith(
        "contacts = (\n"
        "    ws.contacts\n"
        "    .where(F.country == 'GB')\n"
        "    .where(F.tags.has_any('vip'))\n"
        "    .where(~F.last_incoming.within(days=30))\n"
        "    .search('ann')\n"
        "    .sort_by('name', descending=True)\n"
        ")\n"
        "contacts"
    )


def test_only_what_is_needed_is_imported(acme):
    assert "from contacts_nb import EVERYONE\n" in same(acme, acme.contacts.where(~EVERYONE))
    assert "from contacts_nb import F\n" in same(acme, acme.contacts.where(F.first_name == "EVERYONE"))


def test_what_is_gone_is_allowed_to_be_missing_and_only_then(acme):
    code = same(acme, acme.contacts.where(~F.tags.has_any("gone") & (F.country == "GB"), missing_ok=True))
    assert code.count("missing_ok=True") == 2
    there = acme.contacts.where(F.country == "GB", missing_ok=True)
    code = code_of_view(acme, there)
    assert "missing_ok" not in code


def test_contacts_chosen_one_by_one_are_written_by_their_ids(acme):
    assert ".with_ids([1, 3])" in same(acme, acme.contacts.with_ids([3, 1]))
    assert ".with_ids([1, *range(3, 7)])" in same(acme, acme.contacts.with_ids([1, 3, 4, 5, 6]))
    same(acme, acme.contacts.with_ids(range(1, 100, 2)).search("o"))
    assert ".with_ids([])" in same(acme, acme.contacts.with_ids([]))
    assert ".with_ids([*range(1, 250001)])" in same(acme, acme.contacts.with_ids(range(1, 250_001)))


def test_of_too_many_it_says_so_and_does_nothing_to_others(acme):
    chosen = acme.contacts.where(F.country == "GB").with_ids(range(1, 20_000, 3))
    code = code_of_view(acme, chosen)
    assert "# 6,667 contacts were chosen one by one" in code
    assert len(code) < 1_000
    found = ran(code)
    assert found.selection == acme.contacts.where(F.country == "GB").selection
    found._access.database.close()  # type: ignore[attr-defined]
    action = code_of_action(acme, chosen, "contacts.tag(\n    'vip'\n)")
    assert action.splitlines()[-4:] == ["# contacts.tag(", "#     'vip'", "# )", "contacts"]


def test_an_action_is_done_to_the_same_contacts(tmp_path):
    with cn.create(tmp_path / "contacts.db") as workspace:
        for name in ("Ann", "Bo"):
            workspace.add_contact(first_name=name)
        code = code_of_action(workspace, workspace.contacts.search("ann"), "contacts.tag('it\\'s')")
        assert "user=" not in code
        names: dict[str, Workspace] = {}
        exec(code, names)  # noqa: S102
        names["ws"].close()
        assert [workspace.contacts[one].tags for one in (1, 2)] == [("it's",), ()]


def test_the_password_of_a_server_is_never_shown(server, template):
    name = server.new_database(template)
    try:
        with cn.open(server.url(name)) as workspace:
            address = workspace.address
            code = code_of_view(workspace, workspace.contacts)
    finally:
        server.drop(name)
    assert f"ws = cn.open({address!r})" in code
    assert "# postgresql://user:password@host/database" in code


def test_a_file_needs_no_password(acme):
    assert "password" not in code_of_view(acme, acme.contacts)


def told(panel: CopyPython, action: str) -> str:
    panel._form._handle_custom_msg({"action": action, "name": "", "value": ""}, [])
    return str(panel._form.content)


def test_the_code_is_shown_as_text_and_can_be_read_by_keyboard():
    shown = CopyPython("a < b & '</code>'", title="<b>", on_close=lambda: None)._form.content
    assert "<code>a &lt; b &amp; &#39;&lt;/code&gt;&#39;</code>" in shown
    assert "<h4>&lt;b&gt;</h4>" in shown
    assert '<pre tabindex="0"' in shown


def test_what_became_of_copying_is_said():
    panel = CopyPython("ws", title="Code", on_close=lambda: None)
    assert ">Copied<" not in panel._form.content
    assert ">Copied<" in told(panel, "copied")
    assert "press Ctrl+C" in told(panel, "selected")


@pytest.mark.parametrize("gesture", ["close", "escape"])
def test_it_can_be_closed(gesture):
    done: list[str] = []
    told(CopyPython("ws", title="Code", on_close=lambda: done.append("closed")), gesture)
    assert done == ["closed"]


def test_what_goes_wrong_is_told():
    def broken() -> None:
        raise ZeroDivisionError

    panel = CopyPython("ws", title="Code", on_close=broken)
    assert "Something went wrong" in told(panel, "close")


def test_the_path_is_written_as_python_reads_it(acme):
    assert Path(str(acme.path)).name == "it's a \\ path.db"
    same(acme, acme.contacts)
