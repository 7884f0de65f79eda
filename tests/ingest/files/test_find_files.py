from __future__ import annotations

from pathlib import Path

import pytest

from patron.errors import SourceError
from patron.ingest.files.content_hash import hash_files
from patron.ingest.files.find_files import match_files, natural_order


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


def names(root: Path, *patterns: str) -> list[str]:
    return [file.display_name for file in match_files(patterns, root)]


def test_files_come_in_natural_order(tmp_path: Path) -> None:
    touch(tmp_path, "day10.csv", "day9.csv", "day1.csv", "day01.csv", "day.csv")
    assert names(tmp_path, "*.csv") == ["day01.csv", "day1.csv", "day9.csv", "day10.csv", "day.csv"]


def test_natural_order_is_total_for_whatever_names() -> None:
    mixed = ["", "1", "a", "a1", "1a", "01", "²", "a²", "a01b", "a1b"]
    backwards = mixed[::-1]
    assert sorted(mixed, key=natural_order) == sorted(backwards, key=natural_order)


def test_a_file_that_two_patterns_name_comes_once(tmp_path: Path) -> None:
    touch(tmp_path, "in/a.csv")
    assert names(tmp_path, "in/*.csv", "**/*.csv", "./in/a.csv", str(tmp_path / "in" / "*.csv")) == ["in/a.csv"]


def test_names_outside_the_folder_stay_as_written(tmp_path: Path) -> None:
    touch(tmp_path, "data/x.csv", "other/a.csv")
    assert names(tmp_path / "data", "../other/*.csv") == ["../other/a.csv"]
    assert names(tmp_path / "data", str(tmp_path / "other/*.csv")) == [(tmp_path / "other/a.csv").as_posix()]


def test_a_name_with_glob_signs_is_a_name_first(tmp_path: Path) -> None:
    touch(tmp_path, "sales [1].csv", "sales 1.csv")
    assert names(tmp_path, "sales [1].csv") == ["sales [1].csv"]


def test_folders_are_not_files(tmp_path: Path) -> None:
    touch(tmp_path, "in/deep/a.csv")
    assert names(tmp_path, "in/*") == []
    with pytest.raises(SourceError, match="names a folder"):
        names(tmp_path, "in")


def test_the_content_is_the_fingerprint(tmp_path: Path) -> None:
    touch(tmp_path, "a", "b")
    (tmp_path / "c").write_text("a")
    one, other, copy = hash_files(match_files(["*"], tmp_path))
    assert one.content_hash == copy.content_hash != other.content_hash


def test_a_change_while_reading_shows(tmp_path: Path) -> None:
    touch(tmp_path, "a")
    (file,) = hash_files(match_files(["a"], tmp_path))
    file.check_unchanged()
    (tmp_path / "a").write_text("longer")
    with pytest.raises(SourceError, match="changed while it was read"):
        file.check_unchanged()
