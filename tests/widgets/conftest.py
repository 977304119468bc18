"""What tests of widgets share: none leaves its widgets behind."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets
import pytest


@pytest.fixture(autouse=True)
def no_widgets_left() -> Iterator[None]:
    """Close all widgets of a test: ipywidgets keeps every one that isn't, and with thousands all slows down."""
    yield
    ipywidgets.Widget.close_all()
