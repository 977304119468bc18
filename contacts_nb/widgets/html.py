"""The one place where HTML is made: every value is escaped unless it is markup made here."""

from __future__ import annotations

from collections.abc import Iterable

import ipywidgets
from markupsafe import Markup, escape


def markup(template: str, **values: object) -> Markup:
    """`template` with its `{names}` replaced by the escaped `values`; markup among them stays as it is.

    >>> markup("<b>{name}</b>", name="<i>Ann</i>")
    Markup('<b>&lt;i&gt;Ann&lt;/i&gt;</b>')
    """
    return Markup(template).format(**values)


def joined(parts: Iterable[Markup]) -> Markup:
    """Pieces of markup one after the other.

    >>> joined(markup("<li>{item}</li>", item=item) for item in "ab")
    Markup('<li>a</li><li>b</li>')
    """
    return Markup("").join(parts)


def style_element(rules: str) -> Markup:
    """A `<style>` with CSS `rules` of our own, as they stand; raises `ValueError` for rules that would end it.

    Inside the element browsers take nothing for markup, so that an escaped sign would stay escaped.

    >>> style_element("ul > li { margin: 0 }")
    Markup('<style>ul > li { margin: 0 }</style>')
    """
    if "</" in rules:
        raise ValueError("A stylesheet can't hold '</', which would end its element.")
    return Markup(f"<style>{rules}</style>")


def html_widget(content: Markup, *css_classes: str) -> ipywidgets.HTML:
    """A widget that shows `content`, which must come from `markup` or `joined`."""
    widget = ipywidgets.HTML()
    for css_class in css_classes:
        widget.add_class(css_class)
    show(widget, content)
    return widget


def show(widget: ipywidgets.HTML, content: Markup) -> None:
    """Replace what `widget` shows."""
    # Text that didn't come from `markup` is escaped here, whatever its type says.
    widget.value = str(escape(content))
