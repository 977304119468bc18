"""What is asked before something is done: what it says, what has to be typed, and that it is done once."""

import pytest

from contacts_nb.model.errors import InvalidValue
from contacts_nb.widgets.confirm_panel import ConfirmPanel
from contacts_nb.widgets.html import markup

NO_BREAK, NARROW = "\u00a0", "\u202f"


def panel_of(done: list[str], **options) -> ConfirmPanel:
    given = {"on_confirm": lambda: done.append("confirmed"), "on_cancel": lambda: done.append("cancelled")}
    return ConfirmPanel("2 contacts are deleted for ever.", **(given | options))


def told(panel: ConfirmPanel, **message: object) -> None:
    panel._form._handle_custom_msg(message, [])


@pytest.fixture
def done() -> list[str]:
    return []


def test_it_says_what_will_happen_as_text(done):
    panel = panel_of(done, details="<b>Also</b> messages", confirm_label="Delete <i>", danger=True)
    shown = panel._form.content
    assert "2 contacts are deleted for ever." in shown
    assert "&lt;b&gt;Also&lt;/b&gt; messages" in shown
    assert "Delete &lt;i&gt;" in shown
    assert "cnb-button-danger" in shown
    assert "<input" not in shown


def test_markup_made_here_stays_markup(done):
    question = markup("The inbox <bdi>{name}</bdi> is deleted.", name="<b>")
    panel = ConfirmPanel(question, on_confirm=done.clear, on_cancel=done.clear)
    assert "<bdi>&lt;b&gt;</bdi>" in panel._form.content


def test_it_is_done_once_however_often_it_is_pressed(done):
    panel = panel_of(done)
    told(panel, action="submit", values={})
    told(panel, action="submit", values={})
    told(panel, action="escape")
    assert (done, panel.is_over, panel.layout.display) == (["confirmed"], True, "none")


@pytest.mark.parametrize("gesture", ["escape", "cancel"])
def test_escape_and_cancel_leave_it(done, gesture):
    panel = panel_of(done, number=2)
    told(panel, action=gesture)
    assert (done, panel.layout.display) == (["cancelled"], "none")


@pytest.mark.parametrize(
    "typed", ["1204", " 1204 ", "1,204", "1.204", "1 204", "1’204", f"1{NO_BREAK}204", f"1{NARROW}204", "١٢٠٤"]
)
def test_the_number_is_understood_as_people_write_it(done, typed):
    panel = panel_of(done, number=1204)
    told(panel, action="submit", values={"number": [typed]})
    assert done == ["confirmed"]


@pytest.mark.parametrize("typed", ["", "1205", "12,04", "1,2,0,4", "-1204", "1204.0", "yes", "9" * 5_000])
def test_another_number_is_refused_and_it_is_said_beside_it(done, typed):
    panel = panel_of(done, number=1204)
    told(panel, action="submit", values={"number": [typed]})
    assert (done, panel.is_over) == ([], False)
    assert "Type 1,204 to go on" in panel._form.content
    assert 'aria-invalid="true"' in panel._form.content
    assert panel.confirm("1204")


def test_without_a_number_to_type_none_is_needed(done):
    assert panel_of(done).confirm()
    assert done == ["confirmed"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (InvalidValue("name", "<x>", "is taken"), "name &#39;&lt;x&gt;&#39; is taken"),
        (KeyError("x"), "Something went wrong"),
    ],
)
def test_what_goes_wrong_is_told_and_it_can_be_tried_again(done, error, said):
    failures = [error]

    def attempt() -> None:
        if failures:
            raise failures.pop()
        done.append("confirmed")

    panel = panel_of(done, on_confirm=attempt)
    assert not panel.confirm()
    assert said in panel._form.content
    assert panel.layout.display is None
    assert panel.confirm()
    assert done == ["confirmed"]


@pytest.mark.parametrize(
    ("danger", "number", "first"), [(True, None, "Cancel"), (False, None, "OK"), (True, 2, "")]
)
def test_the_keyboard_begins_where_nothing_is_done_by_chance(done, danger, number, first):
    shown = panel_of(done, danger=danger, number=number, confirm_label="OK")._form.content
    assert shown.count("data-focus") == 1
    assert shown.partition("data-focus")[2].partition(">")[2].startswith(first)
    assert ("<input" in shown.partition("data-focus")[0]) == (number is not None)


def test_a_message_of_another_shape_does_no_harm(done):
    panel = panel_of(done, number=2)
    told(panel, action=None, values=None)
    told(panel, something="else")
    assert (done, panel.is_over) == ([], False)
