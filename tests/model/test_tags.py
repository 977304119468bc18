import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.tags import COLOURS, checked_colour, checked_description, checked_tag_name


@pytest.mark.parametrize("name", ["VIP", "❤️", "x" * 255])
def test_a_tag_keeps_its_spelling(name):
    assert checked_tag_name(f" {name}\n") == name


@pytest.mark.parametrize("value", [None, "", " ", 7, b"VIP", ["VIP"], "x" * 256, "V\x00IP", "\udfff"])
def test_a_tag_needs_a_name(value):
    with pytest.raises(InvalidValue) as refused:
        checked_tag_name(value)
    assert refused.value.field == "tag"


@pytest.mark.parametrize(
    ("value", "colour"),
    [("#D64545", "#d64545"), ("#fA0", "#ffaa00"), (" RED ", COLOURS["red"]), (None, None), (" ", None)],
)
def test_a_colour_is_stored_in_one_form(value, colour):
    assert checked_colour(value) == colour


@pytest.mark.parametrize("value", ["d64545", "#d6454", "#ggg", "#d64545ff", "ultra", 0xD64545, b"#fa0", "#٠٠٠"])
def test_what_is_no_colour_is_refused(value):
    with pytest.raises(InvalidValue) as refused:
        checked_colour(value)
    assert refused.value.field == "colour"


def brightness(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", COLOURS)
def test_named_colours_stand_out_from_white_and_from_dark_pages(name):
    light, own, dark = (brightness(colour) + 0.05 for colour in ("#ffffff", COLOURS[name], "#1e1e1e"))
    assert light / own >= 3
    assert own / dark >= 3
    assert checked_colour(COLOURS[name]) == COLOURS[name]


@given(st.text())
def test_any_text_is_either_a_colour_or_refused(text):
    try:
        colour = checked_colour(text)
    except InvalidValue:
        return
    assert colour == checked_colour(colour)


def test_a_description_has_at_most_1000_characters():
    assert [checked_description(value) for value in (None, "", " a ", "x" * 1000)] == [None, None, "a", "x" * 1000]
    with pytest.raises(InvalidValue, match="description"):
        checked_description("x" * 1001)
    with pytest.raises(InvalidValue, match="description"):
        checked_description(7)
