"""A dbt project that was parsed in this process is not parsed again elsewhere."""

import shutil
from pathlib import Path

import pytest

from patron import parsed


@pytest.fixture
def copy(contacts_shop, tmp_path) -> Path:
    """The rendered project of a shop that ran, at another place."""
    rendered = contacts_shop.project.dbt
    parsed.remember(rendered)
    return Path(shutil.copytree(rendered, tmp_path / "dbt", ignore=shutil.ignore_patterns("target", "logs")))


def test_the_same_content_is_known_at_another_place(copy):
    seeds = [node for node in parsed.manifest(copy).nodes.values() if node.resource_type == "seed"]
    assert seeds
    assert {seed.root_path for seed in seeds} == {str(copy)}


@pytest.mark.parametrize("change", ["changed", "added", "gone", "renamed"])
def test_anything_else_is_not(copy, change):
    model = copy / "models" / "gold" / "customer_360.sql"
    if change == "changed":
        model.write_text(model.read_text() + "\n")
    elif change == "added":
        (copy / "models" / "gold" / "more.sql").write_text("select 1 as one")
    elif change == "gone":
        model.unlink()
    else:
        model.rename(model.with_name("customer_361.sql"))
    assert parsed.manifest(copy) is None


def test_a_place_of_its_own_is_left_to_dbt(contacts_shop):
    parsed.remember(contacts_shop.project.dbt)
    assert parsed.manifest(contacts_shop.project.dbt) is None
