import pytest

from contacts_nb.exchange.files import file_bytes, new_file
from contacts_nb.model.errors import UnreadableFile, UnwritableFile


def test_a_missing_file_a_folder_and_no_path_are_said_as_such(tmp_path):
    with pytest.raises(UnreadableFile, match="There is no file"):
        file_bytes(tmp_path / "no.csv")
    with pytest.raises(UnreadableFile, match="is a folder"):
        file_bytes(tmp_path)
    with pytest.raises(UnreadableFile, match="is not a path"):
        file_bytes("a\x00b")
    with pytest.raises(UnreadableFile, match="can't be read"):
        file_bytes(tmp_path / ("x" * 300))


def test_a_device_is_not_read_for_ever():
    with pytest.raises(UnreadableFile, match="is a device"):
        file_bytes("/dev/zero")


def test_a_file_that_fails_half_way_leaves_the_old_one_and_nothing_else(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(TypeError), new_file(path) as stream:
        stream.writelines(["half", None])  # type: ignore[list-item]  # what goes wrong here is the point
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_to_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    for path, words in [
        (tmp_path / "missing" / "out.csv", "does not exist"),
        (tmp_path / "file" / "out.csv", "does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / ("x" * 300), "can't be written"),
        (tmp_path / "a\x00b", "is not a path"),
    ]:
        with pytest.raises(UnwritableFile, match=words), new_file(path) as stream:
            stream.write("text")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
