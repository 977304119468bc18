import re

import pandas as pd

from contacts_nb.widgets.listing_table import listing_html


def test_a_listing_shows_as_a_table_in_a_notebook_with_everything_as_text(workspace):
    workspace.tags.add("<script>alert(1)</script>", colour="red")
    html = workspace.tags._repr_mimebundle_()["text/html"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script" not in html
    assert "#d64545" in html


def test_what_is_missing_is_left_empty_and_lists_have_commas():
    frame = pd.DataFrame({"name": [None], "teams": [["Sales", "Support"]], "at": [pd.NaT]})
    cells = re.findall("<td[^>]*>(.*?)</td>", listing_html(frame))
    assert cells == ["", "Sales, Support", ""]


def test_numbers_stand_at_the_right_and_texts_at_the_left():
    html = listing_html(pd.DataFrame({"name": ["Ann"], "contacts": [12]}))
    assert 'left">Ann<' in html
    assert 'right">12<' in html
