"""Projects that released versions made: this version goes on with them, or says what to do."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

import pytest

from faults.projects import gold, patron, problems
from patron.errors import EngineError
from patron.lake import Lake
from patron.project.project import Project
from patron.publish.reader import open_published
from upgrades.small_shop import HERE, MONTHS, draw_months, write_settings

CHANGES = HERE.parents[1] / "CHANGELOG.md"
PROJECTS = sorted(HERE.glob("made_by_*.tar.xz"))
OF_ANOTHER_VERSION = "the last build was recorded by another version"


@pytest.fixture(params=PROJECTS, ids=lambda path: path.name.split("_")[2].removesuffix(".tar.xz"))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A project as a release left it."""
    with tarfile.open(request.param) as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path / "shop"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same shop, made by this version in one run."""
    folder = tmp_path_factory.mktemp("fresh") / "shop"
    write_settings(folder)
    for month, content in draw_months().items():
        (folder / "data" / f"{month}.csv").write_text(content, encoding="utf-8")
    assert patron("run", "--quiet", folder=folder).code == 0
    return folder


def test_each_released_version_has_a_project_here():
    released = re.findall(r"^## (\d+\.\d+\.\d+)", CHANGES.read_text(encoding="utf-8"), re.MULTILINE)
    assert [f"made_by_{version}.tar.xz" for version in sorted(released)] == [path.name for path in PROJECTS]


def test_a_run_after_an_upgrade_gives_the_numbers_of_a_fresh_project_and_says_why_it_built_all(old, fresh):
    report = patron("run", "--json", folder=old).json
    assert (report["rows_landed"], report["is_full_build"], report["reason"]) == (0, True, OF_ANOTHER_VERSION)
    assert gold(old) == gold(fresh)
    assert problems(old) == problems(fresh) == []
    assert not patron("run", "--json", folder=old).json["rebuilt"]


def test_what_customers_were_called_before_the_upgrade_is_kept(old, fresh):
    assert patron("run", "--quiet", folder=old).code == 0
    with open_published(Project.load(old).published) as connection:
        ((first,),) = connection.execute("select min(valid_from_date) from customer_history").fetchall()
    assert f"{first:%Y-%m}" == next(iter(MONTHS))  # the fresh project saw the second month alone


def test_readers_see_what_the_release_published_until_the_first_run(old):
    with open_published(Project.load(old).published) as connection:
        seen = connection.execute("select customer_id from customer_360").fetchall()
    lines = [line.split(",") for content in draw_months().values() for line in content.splitlines()[1:]]
    assert {who for (who,) in seen} == {line[2] for line in lines if line[2]}


def test_an_upgrade_that_was_stopped_says_why_it_builds_everything_again(old, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr("patron.transform.materialize.Materializer.build", stop)
        assert patron("run", "--quiet", folder=old).code == 130
    assert patron("run", "--json", folder=old).json["reason"] == OF_ANOTHER_VERSION


def test_new_rows_land_behind_those_of_the_release_and_its_lake_is_merged(old):
    settings = old / "patron.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8") + "keep: {small_files: 2, lake_days: 0}\n", encoding="utf-8"
    )
    header, *_ = draw_months()["2024-01"].splitlines(keepends=True)
    new = "n1,2024-03-01 10:00:00,c1,p1,Product 1,1,1.50\n"
    (old / "data" / "2024-03.csv").write_text(header + new, encoding="utf-8")
    assert patron("run", "--json", folder=old).json["rows_landed"] == 1
    bronze = Lake(Project.load(old).lake).table("receipts")
    assert (len(bronze.files()), len(bronze.landings()), problems(old)) == (1, 3, [])


def test_a_lake_that_a_newer_version_wrote_is_refused_with_the_way(old):
    bronze = Lake(Project.load(old).lake).table("receipts")
    entry = bronze.path / "_delta_log" / f"{1:020}.json"
    lines = [json.loads(line) for line in entry.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        if "commitInfo" in line:
            line["commitInfo"]["patron"]["format"] = 99
    entry.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with pytest.raises(EngineError, match="newer version of patron"):
        bronze.landings()
    outcome = patron("run", "--quiet", folder=old)
    assert outcome.code == 6
    assert "install that version, or a later one" in outcome.err
