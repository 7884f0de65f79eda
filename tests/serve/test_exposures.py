"""The exposures of the dbt project name the tables that pages, the report and audiences read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import patron

ROOT = Path(patron.__file__).parent
MODELS = ROOT / "transform/sql/models"
GOLD = {path.stem for path in (MODELS / "gold").rglob("*.sql")}
EXPOSURES = {one["name"]: one for one in yaml.safe_load((MODELS / "exposures.yml").read_text())["exposures"]}


def tables_named_in(folder: str) -> set[str]:
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".sql", ".yml", ".html"}]
    return {word for path in files for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))} & GOLD


@pytest.mark.parametrize(
    ("exposure", "folder"), [("dashboard", "serve/dashboard"), ("report", "serve/report"), ("audiences", "activate")]
)
def test_an_exposure_depends_on_what_its_code_names(exposure, folder):
    listed = {re.fullmatch(r"ref\('(\w+)'\)", one)[1] for one in EXPOSURES[exposure]["depends_on"]}
    assert listed == tables_named_in(folder)
    assert len(listed) > 5


def test_every_subject_of_gold_is_a_group_with_its_own_models():
    groups = {one["name"] for one in yaml.safe_load((MODELS / "groups.yml").read_text())["groups"]}
    assert groups == {path.name for path in (MODELS / "gold").iterdir() if path.is_dir()}
    settings = yaml.safe_load((ROOT / "transform/sql/dbt_project.yml").read_text())["models"]["patron"]["gold"]
    assert {name for name, own in settings.items() if own == {"+group": name}} == groups
