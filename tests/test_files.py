"""Files written in one step, and what a disk refuses."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

import pytest

from patron import files
from patron.errors import EngineError
from patron.files import replace_file, translate_disk_errors, write_atomically


def test_text_and_bytes_replace_what_was_there(tmp_path):
    path = tmp_path / "folder" / "a.json"
    write_atomically(path, "é")
    assert path.read_bytes() == "é".encode()
    write_atomically(path, b"\x00")
    assert path.read_bytes() == b"\x00"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "fdopen"])
def test_a_failed_write_keeps_the_old_content_and_leaves_nothing_beside_it(tmp_path, monkeypatch, step):
    path = tmp_path / "a.json"
    write_atomically(path, "old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, step, full)
    with pytest.raises(OSError):
        write_atomically(path, "new")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a.json", "old")]


def test_the_content_is_synced_before_the_name_points_to_it(tmp_path, monkeypatch):
    path, seen = tmp_path / "a.json", []
    monkeypatch.setattr(files.os, "fsync", lambda _: seen.append(path.exists()))
    write_atomically(path, "content")
    assert seen == [False]


def test_a_secret_file_is_readable_by_its_owner_alone_from_its_first_byte(tmp_path, monkeypatch):
    path, modes = tmp_path / "users", []
    monkeypatch.setattr(files.os, "fsync", lambda file: modes.append(stat.S_IMODE(files.os.fstat(file).st_mode)))
    write_atomically(path, "ann:admin:hash\n", mode=0o600)
    assert modes == [0o600]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_writer_that_raises_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("old")
    with pytest.raises(ValueError), replace_file(path) as new:
        new.write_text("half")
        raise ValueError
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("list.csv", "old")]


def test_a_disk_error_names_the_file_and_what_to_do():
    with pytest.raises(EngineError) as raised, translate_disk_errors(Path("/shop/.patron")):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert raised.value.where == "/shop/.patron"
    assert "free some space" in str(raised.value)


def test_an_error_that_is_not_the_disks_passes_unchanged():
    with pytest.raises(OSError, match="reset"), translate_disk_errors(Path("/shop")):
        raise OSError(errno.ECONNRESET, "Connection reset")
