"""The app, a comparison and the way back on one page, done what a person does with them: read, choose, press."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

CELL = """
import ipywidgets
from IPython.display import display

import contacts_nb as cn
from contacts_nb.widgets import ContactsApp, MergeComparison, UnmergePanel

ws = cn.open({address!r})
app, below = ContactsApp(ws), ipywidgets.VBox()


def merged(operation):
    below.children = [UnmergePanel(ws, 1)]


display(app, MergeComparison(ws, 1, 2, on_done=merged), below)
"""
"""What the notebook holds; `address` is that of a workspace with two contacts."""


class MergingPage:
    """The notebook of `CELL` on `page`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.comparison = page.locator(".cnb-merge").first
        self.unmerge = page.locator(".cnb-merge").nth(1)

    def field(self, label: str) -> Locator:
        """The row of the comparison with both sides of a field, and its result."""
        return self.comparison.get_by_role("radiogroup", name=label)

    def result(self, label: str) -> Locator:
        """What a field will be."""
        return self.field(label).locator(".cnb-merge-result")

    def side(self, label: str, text: str) -> Locator:
        """The radio button of one side of a field."""
        return self.field(label).get_by_role("radio", name=text)

    def press(self, name: str) -> None:
        """Press the button of that name, of the comparison or of the unmerge."""
        self.page.locator(".cnb-merge").get_by_role("button", name=name).filter(visible=True).click()

    def focused(self) -> tuple[str, str]:
        """The field and the contact of the radio button that has the keyboard."""
        name, side = self.page.evaluate("[document.activeElement.name, document.activeElement.value]")
        return str(name), str(side)

    def search(self, text: str) -> None:
        """Look in the app for what is typed."""
        self.page.get_by_placeholder("Search name").fill(text)

    def count(self) -> Locator:
        """What the app says of how many there are."""
        return self.page.locator(".cnb-status")
