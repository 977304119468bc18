import pytest

from contacts_nb.exchange.files import file_content
from contacts_nb.exchange.new_files import new_file
from contacts_nb.model.errors import UnreadableFile, UnwritableFile


def test_a_missing_file_a_folder_and_no_path_are_said_as_such(tmp_path):
    with pytest.raises(UnreadableFile, match="There is no file"):
        file_content(tmp_path / "no.csv")
    with pytest.raises(UnreadableFile, match=r"is a folder\. Give the path of a CSV, XLSX or vCard file in it"):
        file_content(tmp_path)
    with pytest.raises(UnreadableFile, match="is not a path"):
        file_content("a\x00b")
    with pytest.raises(UnreadableFile, match="can't be read"):
        file_content(tmp_path / ("x" * 300))


def test_a_device_is_not_read_for_ever():
    with pytest.raises(UnreadableFile, match="is a device"):
        file_content("/dev/zero")


def test_a_file_and_an_upload_are_read_from_their_beginning_each_time(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"name\nAnn\n")
    for content in (file_content(tmp_path / "a.csv"), file_content(("a.csv", b"name\nAnn\n"))):
        assert (content.name, content.size, content.start(4)) == ("a.csv", 9, b"name")
        assert content.whole() == content.whole() == b"name\nAnn\n"
        with content.opened() as one, content.opened() as other:
            assert (one.read(2), other.read(1)) == (b"na", b"n")


def test_a_file_that_was_changed_or_taken_away_is_not_read_further(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("name")
    content = file_content(path)
    path.write_text("other")
    with pytest.raises(UnreadableFile, match="was changed since it was first read"):
        content.whole()
    path.unlink()
    with pytest.raises(UnreadableFile, match="There is no file"):
        content.whole()


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
