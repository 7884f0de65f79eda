"""Every expression of patron.yaml is parsed once, when it is loaded, and travels as a tree with its place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from patron import examples
from patron.project.mapping import expressions
from patron.project.project import Project
from patron.transform.render import dry_run
from patron.transform.render.dbt_project import render_project_files
from patron.transform.render.source_schema import derive_shapes

FOLDER = Path(examples.__path__[0])


@pytest.fixture
def parsed(monkeypatch) -> Counter[str]:
    """Text -> how often it was parsed, from here on."""
    texts, parse = Counter[str](), expressions.sqlglot.parse

    def counted(text: str, *args: Any, **kwargs: Any) -> Any:
        texts[text] += 1
        return parse(text, *args, **kwargs)

    monkeypatch.setattr(expressions.sqlglot, "parse", counted)
    return texts


def written(project: Project) -> list[expressions.Expression]:
    """Every expression of a project's mappings."""
    found = []
    for mapping in project.mappings.values():
        found += [own for lookup in mapping.lookups.values() for own in lookup.values()]
        for entity in mapping.entities.values():
            found += [column.expression for column in entity.columns.values() if column.expression is not None]
            found += entity.conditions
    return found


def test_loading_parses_each_expression_once(parsed):
    project = Project.load(FOLDER / "customer360")
    assert parsed == Counter(each.text for each in written(project))


def test_nothing_is_parsed_again_from_loading_to_rendering(parsed):
    import pyarrow as pa

    project = Project.load(FOLDER / "online_retail")
    dry_run.check_before_landing(project)  # parses the rule files, which are no part of patron.yaml
    parsed.clear()
    columns = project.required_columns("receipts") + project.optional_columns("receipts")
    schema = pa.schema([(name, pa.string()) for name in columns], metadata={"patron.source_key": "[]"})
    later = project.with_as_of("2011-01-01")
    shapes = derive_shapes(later, {"receipts": schema})
    assert "models/staging/stg_order_lines.sql" in render_project_files(later, shapes, "duckdb", {}, "latest")
    dry_run.check_after_landing(later, {"receipts": schema})
    texts = {each.text for each in written(project)}
    assert {text: times for text, times in parsed.items() if text in texts} == {}


def test_an_expression_knows_its_file_line_and_key():
    project = Project.load(FOLDER / "online_retail")
    where = project.mappings["receipts"].entities["order_lines"].columns["order_id"].where
    assert where.startswith(str(FOLDER / "online_retail" / "patron.yaml"))
    assert ", line " in where
    assert where.endswith("sources.receipts.entities.order_lines.columns.order_id")
