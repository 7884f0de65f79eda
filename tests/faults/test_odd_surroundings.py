"""What lies around the data: settings, folders, links, and commands that are stopped."""

from __future__ import annotations

import errno
import os
import tempfile

import pytest
import typer

from patron.cli import app as cli
from patron.errors import EngineError, SettingsError, SourceError
from patron.files import translate_disk_errors
from patron.ingest.files.find_files import match_files
from patron.pipeline.doctor import diagnose
from patron.project.settings.yaml_file import read_settings
from patron.transform.plan import explain_full_build
from patron.transform.state import BuildRecord
from shops import corner
from shops.building import write_project


def names(root, *patterns):
    return [file.display_name for file in match_files(patterns, root)]


def test_settings_that_refer_to_references_are_refused_at_once(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (tmp_path / "patron.yaml").write_text("\n".join(lines))
    with pytest.raises(SettingsError, match="values, by references"):
        read_settings(tmp_path / "patron.yaml")


def test_settings_may_refer_to_what_was_written_before(tmp_path):
    (tmp_path / "patron.yaml").write_text("columns: &all {a: b}\nmore: *all\nagain: [*all, *all]\n")
    content, _ = read_settings(tmp_path / "patron.yaml")
    assert content["again"] == [{"a": "b"}] * 2


def test_settings_that_contain_themselves_are_refused(tmp_path):
    (tmp_path / "patron.yaml").write_text("a: &a [*a]\n")
    with pytest.raises(SettingsError, match="contains itself"):
        read_settings(tmp_path / "patron.yaml")


class TestFolders:
    def write(self, root, *files):
        for name in files:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(name)

    def test_a_link_that_leads_back_is_followed_once(self, tmp_path):
        self.write(tmp_path, "a.csv", "sub/b.csv", "sub/deep/c.csv")
        for name in ("self", "sub/up", "sub/again", "sub/deep/more"):
            (tmp_path / name).symlink_to(tmp_path)
        assert names(tmp_path, "**/*.csv") == ["a.csv", "sub/b.csv", "sub/deep/c.csv"]

    def test_a_link_to_another_folder_is_followed(self, tmp_path):
        self.write(tmp_path, "data/a.csv", "elsewhere/b.csv")
        (tmp_path / "data/link").symlink_to(tmp_path / "elsewhere")
        assert names(tmp_path / "data", "**/*.csv") == ["a.csv", "link/b.csv"]

    @pytest.mark.parametrize(
        "pattern",
        ["**/*.csv", "**", "sub/**/*.csv", "*/**/c.csv", "**/deep/*.csv", "**/sub/**/*.csv", "*.csv", "*/*.csv"],
    )
    def test_patterns_match_what_they_did(self, tmp_path, pattern):
        import glob

        self.write(tmp_path, "a.csv", "sub/b.csv", "sub/deep/c.csv", "sub/deep/sub/d.csv", ".hidden/e.csv", "f.txt")
        found = set(glob.glob(pattern, root_dir=tmp_path, recursive=True))  # noqa: PTH207 what it was
        assert sorted(names(tmp_path, pattern)) == sorted(name for name in found if (tmp_path / name).is_file())

    @pytest.mark.parametrize("pattern", ["**/*.csv", "*/*.csv", "locked/*.csv"])
    def test_a_folder_that_may_not_be_read_is_named(self, tmp_path, monkeypatch, pattern):
        self.write(tmp_path, "a.csv", "locked/b.csv")
        monkeypatch.setattr(os, "access", lambda path, _mode: path.name != "locked")
        with pytest.raises(SourceError, match="the folder cannot be read") as raised:
            names(tmp_path, pattern)
        assert str(tmp_path / "locked") in str(raised.value)


@pytest.mark.parametrize(
    ("number", "what", "do"),
    [
        (errno.ENOSPC, "The disk refused to write", "free some space"),
        (errno.EACCES, "It may not be read or written", "give yourself the permission"),
        (errno.EROFS, "It may not be read or written", "give yourself the permission"),
        (errno.EIO, "The disk failed", "see whether the disk is well"),
    ],
)
def test_the_cause_of_a_refusal_is_told(tmp_path, number, what, do):
    with pytest.raises(EngineError, match=what) as raised, translate_disk_errors(tmp_path):
        raise OSError(number, os.strerror(number), str(tmp_path / "x"))
    assert do in str(raised.value)


def test_the_doctor_fails_a_project_that_cannot_be_written_to(tmp_path, monkeypatch):
    write_project(tmp_path, corner.settings(), corner.FILES)
    found = {finding.name: finding.status for finding in diagnose(tmp_path)}
    assert found["folder"] == "pass"
    assert not (tmp_path / ".patron").exists()

    def refuse(**_options):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    (finding,) = [one for one in diagnose(tmp_path) if one.name == "folder"]
    assert finding.status == "fail"
    assert "Read-only file system" in finding.detail


def test_a_warehouse_without_a_record_was_built_by_another_version(tmp_path):
    record = BuildRecord(tmp_path / "none.json")
    assert explain_full_build(record, {}, 1, ("id", 3)) == "the last build was recorded by another version"
    assert explain_full_build(record, {}, 1, None) == "nothing was built yet"


@pytest.mark.parametrize(("command", "said"), [("run", "Landed data is kept"), ("dashboard-user", "Nothing was done")])
def test_a_command_that_is_stopped_says_what_is_kept(monkeypatch, capsys, command, said):
    def stop(**_options):
        raise typer.Abort

    monkeypatch.setattr(cli, "app", stop)
    with pytest.raises(SystemExit):
        cli.main([command, "ann"])
    assert said in capsys.readouterr().err
