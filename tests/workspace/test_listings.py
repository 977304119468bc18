import pandas as pd
import pytest

import contacts_nb as cn
from contacts_nb.model.errors import InvalidValue, NotAllowed, NotFound
from contacts_nb.model.people import Restriction, Role
from contacts_nb.workspace import Workspace, listing

KINDS = ("users", "teams", "channels", "tags", "fields")


@pytest.fixture
def owned(workspace):
    """The workspace, open as its first owner."""
    workspace.users.add("ann@example.org", role="owner", name="Ann Smith")
    with cn.open(workspace.path or workspace.address, user="ann@example.org") as opened:
        yield opened


@pytest.fixture
def furnished(owned):
    """With one of each kind, and a second user."""
    owned.teams.add("Support", ["ann@example.org"])
    owned.users.add("Bo@Example.org", restrictions=["restrict_data_export"], teams=["Support"])
    owned.channels.add("Shop", "whatsapp")
    owned.tags.add("VIP", colour="red", description="Buys often")
    owned.fields.add("Plan", "list", allowed=["Gold", "Silver"])
    return owned


def as_user(workspace: Workspace, email: str) -> Workspace:
    return cn.open(workspace.path or workspace.address, user=email)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_empty_says_so(workspace, kind):
    found = getattr(workspace, kind)
    assert len(found) == 0
    assert list(found) == []
    assert "x" not in found
    assert repr(found) == f"No {'custom fields' if kind == 'fields' else kind}"
    assert found.to_frame().empty


@pytest.mark.parametrize("kind", KINDS)
def test_columns_have_the_same_types_with_and_without_rows(workspace, furnished, new_workspace, kind):
    with new_workspace() as empty:
        before = getattr(empty, kind).to_frame()
    after = getattr(furnished, kind).to_frame()
    assert list(before) == list(after)
    assert [str(dtype) for dtype in before.dtypes] == [str(dtype) for dtype in after.dtypes]
    if "created_at" in after:
        assert str(after["created_at"].dtype) == "datetime64[ms, UTC]"


@pytest.mark.parametrize(
    ("kind", "name", "spelled"),
    [
        ("users", "Bo@Example.org", " bo@example.ORG"),
        ("teams", "Support", "SUPPORT"),
        ("channels", "Shop", "shóp"),
        ("tags", "VIP", "vip"),
        ("fields", "plan", "plan"),
    ],
)
def test_things_are_found_by_name(furnished, kind, name, spelled):
    found = getattr(furnished, kind)
    assert spelled in found
    assert found[spelled] in list(found)
    assert name in (found[spelled].slug if kind == "fields" else getattr(found[spelled], _NAMES[kind]))
    assert len(found) == len(list(found)) == len(found.to_frame())
    for unknown in ("nobody", "", "\x00", "\ud800", 7, None):
        assert unknown not in found
        with pytest.raises(NotFound) as caught:
            found[unknown]
        assert caught.value.value == unknown
    with pytest.raises(NotFound):
        found.remove("nobody")
    found.remove(spelled)
    assert spelled not in found


_NAMES = {"users": "email", "teams": "name", "channels": "name", "tags": "name"}


def test_users_as_a_table(furnished):
    frame = furnished.users.to_frame().drop(columns=["id", "created_at"])
    assert frame.to_dict("records") == [
        {
            "email": "ann@example.org",
            "name": "Ann Smith",
            "role": "owner",
            "restrictions": [],
            "teams": ["Support"],
        },
        {
            "email": "Bo@Example.org",
            "name": "Bo",
            "role": "manager",
            "restrictions": ["restrict_data_export"],
            "teams": ["Support"],
        },
    ]


def test_settings_as_tables(furnished):
    furnished.add_contact(first_name="Cy", tags=["vip", "new"])
    assert furnished.teams.to_frame()["members"].tolist() == [["ann@example.org", "Bo@Example.org"]]
    assert furnished.channels.to_frame()[["name", "source"]].to_numpy().tolist() == [["Shop", "whatsapp"]]
    tags = furnished.tags.to_frame()
    assert tags[["name", "contacts"]].to_numpy().tolist() == [["new", 1], ["VIP", 1]]
    assert tags["colour"].isna().tolist() == [True, False]
    fields = furnished.fields.to_frame()
    assert fields[["slug", "name", "type"]].to_numpy().tolist() == [["plan", "Plan", "list"]]
    assert fields["allowed"].tolist() == [["Gold", "Silver"]]


def test_a_listing_shows_as_a_plain_table(furnished):
    furnished.tags.add("plain")
    lines = repr(furnished.tags).splitlines()
    assert [line.split() for line in lines] == [
        ["id", "name", "colour", "description", "contacts"],
        ["2", "plain", "0"],
        ["1", "VIP", "#d64545", "Buys", "often", "0"],
    ]
    assert "Gold, Silver" in repr(furnished.fields)
    assert f"{furnished.channels['Shop'].created_at:%Y-%m-%d %H:%M}" in repr(furnished.channels)


def test_each_thing_stays_on_one_short_line_of_the_table(owned):
    owned.tags.add("two\nlines", description="x" * 100)
    assert repr(owned.tags).splitlines() == [
        "id  name       colour  description                               contacts",
        f"1   two lines          {'x' * 39}…  0",
    ]


def test_notebooks_get_html_once_somebody_makes_it(furnished, monkeypatch):
    monkeypatch.setattr(listing, "table_html", None)
    assert furnished.tags._repr_mimebundle_() == {"text/plain": repr(furnished.tags)}
    frames = []

    def table_html(frame: pd.DataFrame) -> str:
        frames.append(frame)
        return "<table>"

    monkeypatch.setattr(listing, "table_html", table_html)
    bundle = furnished.tags._repr_mimebundle_(include=None, exclude=None)
    assert bundle == {"text/plain": repr(furnished.tags), "text/html": "<table>"}
    assert frames[0].equals(furnished.tags.to_frame())


def test_everything_can_be_changed(furnished):
    bo = furnished.users.update(
        "bo@example.org", new_email="bob@example.org", name="Bob", role="owner", restrictions=[], teams=[]
    )
    assert (bo.email, bo.name, bo.role, bo.restrictions, bo.teams) == (
        "bob@example.org", "Bob", Role.OWNER, frozenset(), (),
    )  # fmt: skip
    team = furnished.teams.update("support", new_name="Help desk", members=["bob@example.org"])
    assert (team.name, team.members) == ("Help desk", ("bob@example.org",))
    assert furnished.channels.update("shop", "Shop London").name == "Shop London"
    tag = furnished.tags.update("vip", new_name="Gold", colour="blue", description=None)
    assert (tag.name, tag.colour, tag.description) == ("Gold", "#3b7dd8", None)
    field = furnished.fields.update("plan", name="Contract", allowed=["Gold"])
    assert (field.name, field.allowed) == ("Contract", ("Gold",))


def test_what_is_not_given_stays(furnished):
    before = furnished.users["bo@example.org"]
    assert furnished.users.update("bo@example.org") == before
    assert furnished.users.update("bo@example.org", name="Bo Li").restrictions == {Restriction.DATA_EXPORT}
    assert furnished.teams.update("support").members == ("ann@example.org", "Bo@Example.org")
    assert furnished.tags.update("vip").colour == "#d64545"
    assert furnished.fields.update("plan").allowed == ("Gold", "Silver")


def test_the_first_user_closes_the_workspace_to_anybody(workspace, owned):
    assert [user.email for user in owned.users] == ["ann@example.org"]
    with pytest.raises(NotAllowed):
        list(workspace.users)
    with pytest.raises(NotAllowed):
        workspace.tags.add("vip")


def test_the_first_user_has_to_be_an_owner(workspace):
    with pytest.raises(InvalidValue, match="first user"):
        workspace.users.add("ann@example.org")
    assert len(workspace.users) == 0


def test_managers_set_up_all_but_users(furnished):
    with as_user(furnished, "bo@example.org") as manager:
        with pytest.raises(NotAllowed, match="for owners"):
            manager.users.add("cy@example.org")
        with pytest.raises(NotAllowed, match="for owners"):
            manager.users.update("bo@example.org", role="owner")
        with pytest.raises(NotAllowed, match="for owners"):
            manager.users.remove("ann@example.org")
        assert len(manager.users) == 2
        assert manager.tags.add("new").name == "new"
    assert "new" in furnished.tags


def test_a_restriction_holds_from_the_moment_it_is_given(furnished):
    with as_user(furnished, "bo@example.org") as manager:
        manager.teams.add("Sales")
        furnished.users.update("bo@example.org", restrictions=["restrict_workspace_settings"])
        changes = {
            "teams": ("Support", {"name": "x"}),
            "channels": ("Shop", {"name": "x", "source": "sms"}),
            "tags": ("VIP", {"name": "x"}),
            "fields": ("plan", {"name": "x"}),
        }
        for kind, (name, values) in changes.items():
            found = getattr(manager, kind)
            before = list(found)
            with pytest.raises(NotAllowed, match="restrict_workspace_settings"):
                found.add(**values)
            with pytest.raises(NotAllowed, match="restrict_workspace_settings"):
                found.update(name, **({"new_name": "x"} if kind == "channels" else {}))
            with pytest.raises(NotAllowed, match="restrict_workspace_settings"):
                found.remove(name)
            assert list(found) == before
        furnished.users.remove("bo@example.org")
        with pytest.raises(NotAllowed, match="not a user"):
            repr(manager.tags)


def test_a_change_that_is_refused_half_way_leaves_nothing(furnished):
    with pytest.raises(NotFound, match="team 'Sales' doesn't exist"):
        furnished.users.update("bo@example.org", name="Bob", role="owner", teams=["Support", "Sales"])
    assert furnished.users["bo@example.org"].name == "Bo"
    with pytest.raises(NotFound):
        furnished.teams.add("Sales", ["nobody@example.org"])
    assert "Sales" not in furnished.teams
