"""The import panel on a page, done what a person does with it: read, choose, press."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Download, Locator, Page


class ImportPage:
    """An `ImportPanel` on `page`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.panel = page.locator(".cnb-import")

    def choose_file(self, path: Path) -> None:
        """Press the button, and choose a file in the dialog of the browser."""
        with self.page.expect_file_chooser() as chooser:
            self.press("Choose a file")
        chooser.value.set_files(path)

    def press(self, name: str) -> None:
        """Press the button of that name."""
        self.panel.get_by_role("button", name=name).click()

    def map(self, column: str, field: str) -> None:
        """Choose what a column of the file goes to."""
        self.panel.get_by_label(f"Field for {column}").select_option(field)

    def step(self) -> Locator:
        """The word of the step that is marked."""
        return self.panel.locator("[aria-current=step]")

    def download(self) -> Download:
        """Press the link to the rejected rows."""
        with self.page.expect_download() as download:
            self.panel.get_by_role("link", name="Download rejected rows").click()
        return download.value

    def is_wider_than_its_place(self) -> bool:
        """Whether something sticks out at its right, outside of what scrolls by itself."""
        sticks_out: bool = self.panel.evaluate(
            """panel => [...panel.querySelectorAll('*')].some(element =>
                !element.closest('.cnb-import-table table')
                && element.getBoundingClientRect().right > panel.getBoundingClientRect().right + 2)"""
        )
        return sticks_out
