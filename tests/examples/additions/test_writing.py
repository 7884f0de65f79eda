"""`patron init --with`: an addition's files are written into a project, with its own words, over nobody's files."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from faults.projects import patron
from patron.errors import SettingsError
from patron.examples.additions.registry import ADDITIONS
from patron.examples.additions.write import fill_templates, write_additions

TEMPLATES = Path(__import__("patron.examples.additions", fromlist=["x"]).__file__).parent


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "my shop"
    assert patron("init", folder).code == 0
    return folder


def test_every_addition_has_a_folder_of_templates_and_a_line_in_the_registry():
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(ADDITIONS)


@pytest.mark.parametrize("name", sorted(ADDITIONS))
def test_no_placeholder_stays_open(name, tmp_path):
    files = fill_templates(name, tmp_path)
    assert files
    for path, text in files.items():
        assert not re.search(r"@[A-Z]+@", text), path
        assert not path.endswith(".template")


def test_with_alone_adds_to_a_project_that_is_there(project):
    settings = (project / "patron.yaml").read_text()
    added = patron("init", project, "--with", "cron", "--with", "systemd", "--json")
    assert added.code == 0
    assert {Path(path).name for path in added.json["files"]} == {"patron.cron", "patron.service", "patron.timer"}
    assert (project / "patron.yaml").read_text() == settings
    assert patron("init", project, "--with", "cron").code == 0  # the same again changes nothing


def test_a_new_project_comes_with_its_additions(tmp_path):
    made = patron("init", tmp_path / "shop", "--with", "cron")
    assert made.code == 0
    assert "crontab schedule/patron.cron" in made.out
    assert (tmp_path / "shop/patron.yaml").exists()
    assert f'--project "{tmp_path / "shop"}"' in (tmp_path / "shop/schedule/patron.cron").read_text()


def test_an_unknown_addition_is_refused_before_a_project_is_made(tmp_path):
    refused = patron("init", tmp_path / "shop", "--with", "sytemd")
    assert (refused.code, "did you mean 'systemd'?" in refused.err) == (2, True)
    assert not (tmp_path / "shop").exists()


def test_a_file_of_somebody_else_is_left_alone(project):
    (project / "schedule").mkdir()
    (project / "schedule/patron.timer").write_text("mine")
    with pytest.raises(SettingsError, match="is there already"):
        write_additions(project, ["cron", "systemd"])
    assert [path.name for path in (project / "schedule").iterdir()] == ["patron.timer"]
    assert (project / "schedule/patron.timer").read_text() == "mine"


def test_systemd_takes_the_units(project):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    write_additions(project, ["systemd"])
    units = sorted(map(str, (project / "schedule").iterdir()))
    text = (project / "schedule/patron.service").read_text()
    (project / "schedule/patron.service").write_text(re.sub(r'"[^"]*/patron"', "/bin/true", text))
    found = subprocess.run(
        ["systemd-analyze", "verify", "--user", *units], check=False, capture_output=True, text=True, timeout=60
    )
    told = [line for line in found.stderr.splitlines() if "patron." in line]
    assert told == []


def test_the_cron_line_is_one_that_cron_and_the_shell_take(project):
    (text,) = fill_templates("cron", project).values()
    lines = [line for line in text.splitlines() if line and not line.startswith("#") and "=" not in line.split()[0]]
    assert len(lines) == 2
    for line in lines:
        assert re.fullmatch(r"(\d+) (\d+) \* \* \* .+", line)
        assert "%" not in line  # which cron takes for the end of the line
        command = line.split(maxsplit=5)[5]
        assert subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0
