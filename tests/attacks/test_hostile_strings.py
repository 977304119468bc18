"""Texts that mean harm, wherever people or files can write: kept as they are, shown as text, never run."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, Request, expect

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.app.serving import served
from contacts_nb.app.sign_in import SignIn
from contacts_nb.model.errors import InvalidValue
from contacts_nb.widgets.cells import within_line
from tests.attacks.hostile import ADDRESS, EMOJI, LINK, LONG_WORD, OWNER, PICTURE, TEXTS, fill
from tests.browser.conftest import chromium, clean_page
from tests.browser.import_page import ImportPage
from tests.browser.table_page import Rows, TablePage, shows

HEADER_PX = 80
TOOLBAR_PX = 120


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    """A workspace full of them."""
    path: Path = tmp_path_factory.mktemp("hostile") / "hostile.db"
    fill(path)
    return path


class HostilePage(TablePage):
    """The app full of such texts, looked at after each step."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.drawer = page.locator(".cnb-drawer")

    def look(self, step: str) -> None:
        """Nothing ran, and everything is in its place."""
        found = self.page.evaluate(LOOK)
        assert found.pop("ran") is None, step
        assert found == {"sideways": 0, "outside": [], "tall": []}, step

    def press(self, name: str, *, within: Locator | None = None) -> None:
        (within or self.page).get_by_role("button", name=name, exact=True).first.click()

    def action(self, name: str) -> None:
        self.press("Actions")
        self.page.get_by_role("menuitem", name=name).click()

    def close(self) -> None:
        self.drawer.locator(".cnb-drawer-bar [data-do=close]").click()
        expect(self.drawer).to_have_count(0)


LOOK = f"""() => {{
  const app = document.querySelector(".cnb-app"), all = (selector) => [...document.querySelectorAll(selector)];
  const height = (selector) => document.querySelector(selector)?.getBoundingClientRect().height ?? 0;
  const limits = {{".cnb-header": {HEADER_PX}, ".cnb-toolbar": {TOOLBAR_PX}, ".cnb-selection": 120,
    ".cnb-rowbar": 120, ".cnb-status": 80, ".cnb-notices": 250, ".cnb-drawer-bar": 120}};
  return {{
    ran: window.ran ?? null,
    sideways: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    outside: all(".cnb-drawer, .cnb-side, .cnb-menu, .cnb-header, .cnb-toolbar, .cnb-notices, .cnb-selection")
      .map((one) => [one.className, one.getBoundingClientRect()])
      .filter(([, box]) => box.width && Math.min(box.left, innerWidth - box.right) < -1)
      .map(([name]) => name),
    tall: Object.keys(limits).filter((selector) => height(selector) > limits[selector])
      .map((selector) => `${{selector}}: ${{height(selector)}}`),
  }};
}}"""


@contextmanager
def hostile_page(browser: Browser, file: Path) -> Iterator[HostilePage]:
    """The app on `file`; no text may open a dialog or ask anybody for anything."""
    asked: list[str] = []
    opened: list[Dialog] = []

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        if address.path.startswith("/ran") or "/ran/" in address.path or address.hostname == "evil.invalid":
            asked.append(request.url)

    def close_dialog(dialog: Dialog) -> None:
        opened.append(dialog)
        dialog.dismiss()

    with served(file, sign_in=SignIn(user=OWNER)) as (address, _), clean_page(browser) as page:
        page.on("request", note)
        page.on("dialog", close_dialog)
        page.goto(address)
        page.wait_for_selector(".lm-DataGrid", timeout=60_000)
        yield HostilePage(page)
        assert opened == []
        assert {one for one in asked if not one.startswith("https://evil.invalid/ran.png?")} == set()


def test_every_part_of_the_app_shows_them_as_text(browser: Browser, file: Path, tmp_path: Path):
    with hostile_page(browser, file) as app:
        see_table(app)
        see_details(app)
        see_merges(app)
        see_panels_of_the_selection(app)
        see_inboxes_and_filter(app)
        see_adding_and_columns(app)
        see_export(app)
        see_import(app, tmp_path)


def see_table(app: HostilePage) -> None:
    marked = next(row["name"] for row in app.rows_since(0) if row["name"].startswith("Z"))
    assert len(marked) < 20, "marks are painted over other rows"
    app.page.get_by_label("Sort by").select_option("Order of adding")
    named = [within_line(f"{text} {text}") for text in TEXTS.values()]

    def are_all(rows: Rows) -> bool:
        return len(rows) > 10 and all(map(shows, (row.get("name", "") for row in rows), named))

    painted = app.rows_after(app.page.get_by_role("button", name="Descending").click, are_all)
    app.look("table")
    assert are_all(painted)
    assert all(shows(row["email"], ADDRESS) for row in painted)
    expect(app.page.get_by_role("heading", level=1)).to_have_text(TEXTS["image"])
    expect(app.page.locator(".cnb-user")).to_have_text(f"{TEXTS['script']} · owner")


def see_details(app: HostilePage) -> None:
    """Of everybody, one after the other."""
    drawer = app.drawer
    app.click_cell(0, "name")
    for kind, text in TEXTS.items():
        expect(drawer.get_by_role("heading", level=2)).to_have_text(f"{text} {text}")
        expect(drawer.locator(".cnb-channels")).to_contain_text(text)
        said = drawer.locator(".cnb-thread [data-anchor] > p")
        expect(said).to_have_text([text, EMOJI, LONG_WORD, text])
        app.look(f"details: {kind}")
        drawer.get_by_role("tab", name="Timeline").click()
        expect(drawer.locator(".cnb-timeline")).to_contain_text(f"Conversation closed {text}: {text}")
        app.look(f"timeline: {kind}")
        drawer.get_by_role("button", name="Next").dispatch_event("click")
    for link in drawer.locator("a[href]").all():
        assert (link.get_attribute("href") or "").startswith("https://acme.example/")
    app.close()


def see_merges(app: HostilePage) -> None:
    app.press("More…")
    expect(app.page.get_by_role("menuitem", name="Unmerge contact")).to_be_visible()
    app.look("menu")
    app.page.get_by_role("menuitem", name="Unmerge contact").click()
    expect(app.drawer.locator(".cnb-merge-table")).to_contain_text(TEXTS["script"])
    app.look("unmerge")
    app.close()
    for row in (1, 4):
        app.click_cell(row, "tick")
    app.press("Merge contacts")
    table = app.drawer.locator(".cnb-merge-table")
    expect(table).to_contain_text(TEXTS["image"])
    expect(table).to_contain_text(TEXTS["single quotes"])
    app.look("merge")
    rows = table.locator(".cnb-merge-label").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().height)"
    )
    assert max(rows) < 400
    app.close()


def see_panels_of_the_selection(app: HostilePage) -> None:
    for name in ("Remove tags", "Assign to", "Delete"):
        app.press(name)
        expect(app.drawer.get_by_role("button", name="Cancel")).to_be_visible()
        app.look(name)
        app.close()
    app.press("Assign tags")
    given = TEXTS["closing"], TEXTS["turned"]
    box = app.drawer.locator("input").first
    for text in given:
        box.fill(text)
        box.press("Enter")
    app.look("tags")
    app.press("Assign 2 tags")
    told = app.page.locator(".cnb-notices")
    expect(told).to_contain_text(f"“{given[0]}” and “{given[1]}” given to 2 contacts")
    app.look("notice")
    app.action("Copy as Python")
    expect(app.drawer).to_contain_text(f"contacts.tag({given[0]!r}, {given[1]!r})")
    app.look("Python")
    app.close()
    told.get_by_role("button", name="Undo").click()
    expect(told).to_contain_text("Undone: ")
    app.look("undone")
    app.press("Clear selection")


def see_inboxes_and_filter(app: HostilePage) -> None:
    saved = app.page.get_by_role("list", name="Created by me")
    for kind in ("image", "closing", "turned", "never ended"):
        text = TEXTS[kind]
        saved.locator("[data-do=choose]").filter(has_text=text).first.click()
        expect(app.page.locator(".cnb-status")).to_contain_text(
            f"First name contains “{text}” or tags have any of"
        )
        app.look(f"inbox: {kind}")
    app.page.locator("[data-do=filter]").click()
    expect(app.drawer.locator(".cnb-filter")).to_contain_text(TEXTS["never ended"])
    app.look("filter")
    app.close()
    saved.locator("[data-do=edit]").first.click()
    expect(app.page.get_by_role("group", name="Edit inbox")).to_be_visible()
    app.look("inbox edited")
    app.page.keyboard.press("Escape")
    app.page.locator(".cnb-side [data-do=choose]").first.click()


def see_adding_and_columns(app: HostilePage) -> None:
    app.press("Add contact")
    app.drawer.locator("[name=first_name]").fill(TEXTS["closing"])
    app.drawer.locator("[name=email]").fill(ADDRESS)
    app.page.keyboard.press("Tab")
    expect(app.drawer.locator(".cnb-duplicates")).to_contain_text(TEXTS["script"])
    app.look("duplicates")
    app.close()
    app.action("Customize columns")
    expect(app.drawer.locator(".cnb-columns")).to_contain_text(TEXTS["closing"])
    app.look("columns")
    app.close()


def see_export(app: HostilePage) -> None:
    with app.page.expect_download() as download:
        app.action("Export CSV")
    app.look("export")
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.reader(stream))
    assert len(table) == len(TEXTS) + 1
    assert not [cell for row in table for cell in row if cell.startswith(("=", "@", "-", "+1", "\t"))]
    assert table[1 + list(TEXTS).index("formula")][1] == f"'{TEXTS['formula']}"


def see_import(app: HostilePage, folder: Path) -> None:
    """A file whose name, headers and cells are such texts."""
    name = "<img src=x onerror=window.ran=12>'\"&amp;{{7*7}}\u202egpj.csv"
    with (folder / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["First name", "Phone", *TEXTS.values()])
        for number, text in enumerate(TEXTS.values()):
            writer.writerow([text, f"+4420794602{number:02}", *[text] * len(TEXTS)])
        writer.writerow([LONG_WORD, TEXTS["image"]])
    app.press("Add contact")
    app.press("Many, from a file")
    panel = ImportPage(app.page)
    panel.choose_file(folder / name)
    expect(panel.step()).to_have_text("Columns")
    expect(panel.panel).to_contain_text(name)
    app.look("columns of a file")
    panel.press("Next")
    expect(panel.step()).to_have_text("Review")
    app.look("rows to create")
    panel.press("rejected")
    expect(panel.panel.get_by_role("region", name="Rows rejected")).to_be_visible()
    app.look("rows rejected")
    panel.panel.get_by_role("button", name="Create 2").click()
    expect(panel.step()).to_have_text("Done")
    app.look("imported")
    panel.press("Undo this import")
    expect(panel.panel).to_contain_text("taken back")
    app.look("import undone")


def test_what_is_kept_comes_back_exactly(file):
    """Names and values without the blanks around them, messages with all there is."""
    with cn.open(file, user=OWNER) as workspace:
        assert workspace.name == TEXTS["image"]
        for listed in (workspace.tags, workspace.teams, workspace.channels):
            assert {one.name for one in listed} == set(TEXTS.values())
        for number, text in enumerate(TEXTS.values(), 1):
            contact = workspace.contacts[number]
            assert (contact.first_name, contact.last_name, contact.email) == (text, text, ADDRESS)
            assert contact.picture == PICTURE
            assert text in contact.tags
            assert contact.team == text
            assert {contact.fields["picked"], contact.fields["link"], contact.fields["long"]} == {
                text,
                LINK,
                LONG_WORD,
            }
            assert list(contact.comments()["text"]) == [text, EMOJI[:10_000]]
            assert set(contact.messages()["text"]) == {text, EMOJI, LONG_WORD}
            assert workspace.tags[text].description == text
            assert workspace.inboxes[text].name == text
            assert number in workspace.inboxes[text].contacts.ids()


REFUSED = {"NUL": "a\x00b", "half a pair": "a\ud800b", "the other half": "\udfff"}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_no_database_can_hold_is_refused_and_nothing_changed(workspace, text):
    ann = workspace.add_contact(first_name="Ann")
    note = workspace.fields.add("Note")
    workspace.channels.add("Shop", "telegram")
    message = {
        "channel": "Shop",
        "identifier": "a",
        "direction": "incoming",
        "text": "Hi",
        "sent_at": "2026-03-02T12:00Z",
    }
    before = (len(workspace.history()), workspace.contacts.count(), len(workspace.tags), len(workspace.inboxes))
    attempts: list[Callable[[], object]] = [
        lambda: ann.update(first_name=text),
        lambda: ann.update(last_name=text),
        lambda: ann.update(phone=text),
        lambda: ann.update(email=text),
        lambda: ann.update(picture=f"https://example.org/{text}"),
        lambda: ann.update(fields={note.slug: text}),
        lambda: ann.tag(text),
        lambda: ann.comment(text),
        lambda: ann.close_conversation(category=text),
        lambda: ann.close_conversation(summary=text),
        lambda: workspace.add_contact(first_name=text),
        lambda: workspace.tags.add("vip", description=text),
        lambda: workspace.teams.add(text),
        lambda: workspace.channels.add(text, "sms"),
        lambda: workspace.fields.add(text),
        lambda: workspace.fields.add("Plan", "list", allowed=["Gold", text]),
        lambda: workspace.users.add("bo@acme.example", name=text),
        lambda: workspace.inboxes.save(text, F.country == "GB"),
        lambda: workspace.inboxes.save("VIP", F.first_name == text),
        *(
            partial(workspace.record_messages, [message, message | {key: text}])
            for key in ("text", "identifier", "profile_name", "picture", "channel", "sender")
        ),
    ]
    for attempt in attempts:
        with pytest.raises(InvalidValue) as refused:
            attempt()
        str(refused.value).encode()
    after = (len(workspace.history()), workspace.contacts.count(), len(workspace.tags), len(workspace.inboxes))
    assert after == before


def test_addresses_that_run_are_refused(workspace):
    workspace.fields.add("Link", "url")
    for address in (
        "javascript:window.ran=1", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)",
        "data:text/html,<script>window.ran=1</script>", "vbscript:x", "//evil.invalid/", "https:evil.invalid",
        "https://", "https://a b/", "http://acme.example\u202e/", "file:///etc/passwd",
    ):  # fmt: skip
        for given in ({"picture": address}, {"fields": {"link": address}}):
            with pytest.raises(InvalidValue, match="is not a web address"):
                workspace.add_contact(first_name="Ann", **given)
    assert workspace.contacts.count() == 0
