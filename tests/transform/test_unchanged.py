"""Rendering and checking are repeated when anything that they depend on changes, and only then."""

from __future__ import annotations

import os

import pyarrow as pa
import pytest

from patron.errors import SettingsError
from patron.project.project import Project
from patron.transform import check_expressions, unchanged
from patron.transform.render import dbt_project, dry_run
from patron.transform.render.rendered import Rendered, render_project
from patron.transform.unchanged import Unchanged, hash_inputs
from shops import corner
from shops.building import write_project

SCHEMAS = {
    source: pa.schema([(name, pa.string()) for name in columns], metadata={"patron.source_key": "[]"})
    for source, columns in {"till": ["Receipt No", "Total"], "web": ["Order"]}.items()
}


@pytest.fixture
def project(tmp_path) -> Project:
    project = Project.load(write_project(tmp_path, corner.settings(), corner.FILES))
    project.state.mkdir(exist_ok=True)
    return project


@pytest.fixture
def rendered_times(monkeypatch) -> list[str]:
    """One entry for each time that the files are rendered."""
    times: list[str] = []

    def render_project_files(*arguments: object) -> dict[str, str]:
        times.append("rendered")
        return {"dbt_project.yml": "name: patron\n", "models/gold/sales/days.sql": f"select {len(times)} as n\n"}

    monkeypatch.setattr(dbt_project, "render_project_files", render_project_files)
    monkeypatch.setattr("patron.transform.render.for_dbt.project.add_for_dbt", lambda _, files, __: dict(files))
    monkeypatch.setattr("patron.transform.render.source_schema.derive_shapes", lambda *_: {})
    return times


def render(project: Project, *, as_of: str = "latest", schemas: dict[str, pa.Schema] = SCHEMAS) -> Rendered:
    return render_project(project, schemas, "duckdb", {"threads": 1}, as_of, {})


def test_an_unchanged_project_is_not_rendered_again(project, rendered_times):
    first, second = render(project), render(project)
    assert (second.fingerprint, second.path, len(rendered_times)) == (first.fingerprint, project.dbt, 1)
    assert "select 1" in first.read_files()["models/gold/sales/days.sql"]


def test_files_of_an_unchanged_project_are_rendered_when_they_are_needed(project, rendered_times):
    render(project)
    assert len(render(project).read_files()) == 2
    assert len(rendered_times) == 2


def test_another_day_or_column_is_rendered(project, rendered_times):
    render(project)
    render(project, as_of="2024-05-01")
    render(project, schemas={**SCHEMAS, "web": SCHEMAS["web"].append(pa.field("tip", pa.string()))})
    assert len(rendered_times) == 3


@pytest.mark.parametrize("damage", ["changed", "deleted"])
def test_a_file_that_was_changed_or_deleted_is_written_again(project, rendered_times, damage):
    render(project)
    path = project.dbt / "models" / "gold" / "sales" / "days.sql"
    if damage == "changed":
        path.write_text("select 1000000 as n")
    else:
        path.unlink()
    render(project)
    assert path.read_text() == "select 2 as n\n"


def test_settings_rule_files_and_patrons_own_code_are_inputs(project, tmp_path, monkeypatch):
    own = tmp_path / "countries.csv"
    own.write_text("raw_country,country\nEIRE,Ireland\n")
    settings = project.settings.model_copy(
        update={"rules": project.settings.rules.model_copy(update={"countries": "./countries.csv"})}
    )
    seen = {hash_inputs(project), hash_inputs(Project(project.root, settings))}
    own.write_text("raw_country,country\nEIRE,Eire\n")
    seen.add(hash_inputs(Project(project.root, settings)))
    monkeypatch.setattr(unchanged, "_hash_code", lambda: "another version")
    seen.add(hash_inputs(project))
    assert len(seen) == 4


def test_expressions_are_checked_once_for_each_change(project, monkeypatch):
    checked = []
    monkeypatch.setattr(dry_run, "check_before_landing", checked.append)
    check_expressions.check_expressions(project)
    check_expressions.check_expressions(project)
    assert len(checked) == 1
    check_expressions.check_expressions(project.with_as_of("2024-05-01"))
    assert len(checked) == 2


def test_what_was_refused_is_checked_again(project, monkeypatch):
    def refuse(_: Project) -> None:
        raise SettingsError("The expression cannot be computed.")

    monkeypatch.setattr(dry_run, "check_before_landing", refuse)
    for _ in range(2):
        with pytest.raises(SettingsError):
            check_expressions.check_expressions(project)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"step": {"inputs": "other", "outcome": 1}}'])
def test_what_cannot_be_read_or_is_of_other_inputs_is_not_known(tmp_path, content):
    path = tmp_path / "unchanged.json"
    path.write_text(content)
    known = Unchanged(path)
    assert known.get("step", "inputs") is None
    known.remember("step", "inputs", {"n": 1})
    assert known.get("step", "inputs") == {"n": 1}


def test_a_disk_that_refuses_only_costs_the_step_again(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(unchanged, "write_atomically", full)
    known = Unchanged(tmp_path / "unchanged.json")
    known.remember("step", "inputs")
    assert known.get("step", "inputs") is None
