"""Every model and test of the project is SQL that each of five engines can read; none hangs on one engine's ways.

Nothing is run here: the project is rendered and compiled for each engine, and sqlglot parses it in that dialect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

import patron
from engines.projects import all_projects
from engines.total_order import doubtful_windows
from patron.engines.dialects import DIALECTS, find_dialect
from patron.transform.compile.compile_project import compile_project
from patron.transform.compile.data_tests import read_yaml
from patron.transform.node import AS_OF_DATE, SINCE_BATCH, Node
from patron.transform.render.dbt_project import render_project_files

SQL = Path(patron.__file__).parent / "transform" / "sql"
PROJECTS = all_projects()

OWN_FUNCTIONS = {
    "duckdb": {"to_json", "try_strptime", "to_hours", "generate_subscripts"},
    "spark": {"try_to_timestamp", "from_json", "try_element_at", "make_dt_interval"},
    "databricks": {"try_to_timestamp", "from_json", "try_element_at", "make_dt_interval"},
    "bigquery": set(),
    "snowflake": set(),
}
"""Functions that sqlglot does not know by that dialect's name, and that the engine has."""

ONE_ENGINES_WAYS = [
    r"//", r"::", r"\bilike\s+any\b", r"\bqualify\b", r"\bexclude\b", r"\bfilter\s*\(\s*where\b", r"\basof\b",
    r"\b(list|array|map|struct)_\w+\s*\(", r"\b(try_)?strptime\s*\(", r"\bstrftime\s*\(", r"\bepoch\w*\s*\(",
    r"\bstruct_pack\b", r"\bunnest\b", r"\bexplode\b", r"\bgenerate_series\b", r"\brange\s*\(.*\bfrom\b", r"\bgreatest\s*\(",
    r"\bleast\s*\(", r"\bdate_diff\s*\(", r"\bdatediff\s*\(", r"\bdate_part\s*\(", r"\bregexp_\w+\s*\(", r"\bstring_agg\b",
    r"\blistagg\b", r"\bbool_(and|or)\b", r"\b(arg|approx)_\w+\s*\(", r"\b(max|min)_by\s*\(", r"\bany_value\b",
    r"\b(quantile|percentile|median|mode)\w*\s*\(", r"\bhugeint\b", r"\bpivot\b", r"\bgroup\s+by\s+all\b",
    r"\border\s+by\s+all\b", r"\busing\s*\(", r"\bsemi\s+join\b", r"\banti\s+join\b", r"\bnulls\s+(first|last)\b",
    r"\bsign\s*\(", r"\bcurrent_\w+\b", r"\bnow\s*\(", r"\brandom\s*\(", r"\bif\s*\(", r"\blimit\s+[0-9{]",
]  # fmt: skip
"""What stands only in some engines, means another thing in another, or gives the engine a choice."""

WITH_ENGINES_WAYS = {"dialect.sql", "amounts.sql", "dates.sql"}
"""Macro files that may hold an engine's own words, in macros that carry the engine's name."""

RESERVED = set(
    """all and any array as asc at between by case cast collate contains create cross cube current default define desc
    distinct else end enum escape except exclude exists extract false fetch following for from full group grouping groups
    hash having if ignore in inner intersect interval into is join lateral left like limit lookup merge natural new no not
    null nulls of on or order outer over partition preceding proto qualify range recursive respect right rollup rows
    select set some struct table tablesample then to treat true unbounded union unnest using when where window with
    within alter column connect constraint database delete drop following grant increment insert minus regexp revoke
    rlike sample schema start trigger update values view whenever user users""".split()
)
"""Words that BigQuery, Snowflake or Spark (ANSI) keep for themselves."""


OF_ALL = ("everything", "nasty")
"""Projects that use the most: they are read in every dialect in each run of the tests, the others in one besides DuckDB."""

PAIRS = [
    pytest.param(
        project,
        dialect,
        marks=()
        if project in OF_ALL or dialect in ("duckdb", DIALECTS[1 + place % (len(DIALECTS) - 1)])
        else pytest.mark.soak,
    )
    for place, project in enumerate(PROJECTS)
    for dialect in DIALECTS
]


@cache
def render(project: str, dialect: str) -> dict[str, str]:
    made, shapes, as_of = PROJECTS[project]
    return render_project_files(made, shapes, dialect, {}, as_of)


@cache
def nodes(project: str, dialect: str) -> list[Node]:
    return [node for node in compile_project(render(project, dialect), find_dialect(dialect)) if node.kind != "seed"]


def compile_models(project: str, dialect: str) -> dict[str, str]:
    return {node.name: node.code for node in nodes(project, dialect)}


@dataclass(frozen=True)
class Statement:
    """What a tree holds, gathered in one walk."""

    tree: exp.Expression
    commands: list[str]
    unknown_functions: set[str]
    bare_names: set[str]


@cache
def statement(sql: str, dialect: str) -> Statement:
    trees = sqlglot.parse(sql, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
    assert len(trees) == 1
    nodes = list(trees[0].walk())
    return Statement(
        trees[0],
        [node.sql() for node in nodes if isinstance(node, exp.Command)],
        {node.name.lower() for node in nodes if isinstance(node, exp.Anonymous)},
        {node.name.lower() for node in nodes if isinstance(node, exp.Identifier) and not node.args.get("quoted")},
    )


def statements(project: str, dialect: str) -> Iterator[tuple[str, Statement]]:
    for name, sql in compile_models(project, dialect).items():
        yield name, statement(sql, dialect)


def shipped_sql() -> list[Path]:
    return sorted(path for path in SQL.rglob("*.sql") if path.name not in WITH_ENGINES_WAYS)


def without_comments(text: str) -> str:
    return re.sub(r"--.*", "", re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)).lower()


@pytest.mark.parametrize(("project", "dialect"), PAIRS)
def test_each_file_is_one_statement_that_the_engine_can_read(project: str, dialect: str) -> None:
    for name, read in statements(project, dialect):
        assert isinstance(read.tree, exp.Query), name
        assert not read.commands, name


@pytest.mark.parametrize("dialect", DIALECTS)
def test_incremental_sql_is_one_statement_too(dialect: str) -> None:
    incremental = {node.name: node.incremental for node in nodes("everything", dialect) if node.incremental}
    assert "order_lines" in incremental and "holds_order_lines" in incremental
    for name, sql in incremental.items():
        read = statement(sql.replace(SINCE_BATCH, "7").replace(AS_OF_DATE, "2011-06-01"), dialect)
        assert isinstance(read.tree, exp.Query), name
        assert not read.commands, name


@pytest.mark.parametrize("project", PROJECTS)
def test_no_column_has_the_name_of_another(project: str) -> None:
    """DuckDB renames the second, Spark refuses it."""
    for name, sql in compile_models(project, "duckdb").items():
        names = [column.lower() for column in statement(sql, "duckdb").tree.named_selects if column != "*"]
        assert len(names) == len(set(names)), f"{name}: {sorted({n for n in names if names.count(n) > 1})}"


def test_every_shipped_model_and_test_was_compiled() -> None:
    names = set(compile_models("online retail", "duckdb")) | set(compile_models("everything", "duckdb"))
    assert {path.stem for path in (SQL / "models").rglob("*.sql")} <= names
    described = [
        model for path in (SQL / "models").rglob("*.yml") for model in read_yaml(path.read_text()).get("models", ())
    ]
    assert {f"holds_{model['name']}" for model in described if "data_tests" in model} <= names


@pytest.mark.parametrize(("project", "dialect"), PAIRS)
def test_no_function_that_the_engine_does_not_have(project: str, dialect: str) -> None:
    for name, read in statements(project, dialect):
        unknown = read.unknown_functions - OWN_FUNCTIONS[dialect]
        assert not unknown, f"{name}: {unknown}"


@pytest.mark.parametrize("path", shipped_sql(), ids=lambda path: path.stem)
def test_one_engines_ways_stand_only_in_its_macros(path: Path) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
    assert [way for way in ONE_ENGINES_WAYS if re.search(way, text)] == []


@pytest.mark.parametrize("name", sorted(WITH_ENGINES_WAYS))
def test_macros_with_an_engines_words_carry_its_name(name: str) -> None:
    text = without_comments((SQL / "macros" / name).read_text(encoding="utf-8"))
    for macro, body in re.findall(r"\{%-?\s*macro\s+(\w+)\(.*?%\}(.*?)\{%-?\s*endmacro", text, flags=re.DOTALL):
        if "__" not in macro:
            assert [way for way in ONE_ENGINES_WAYS if re.search(way, body)] == [], macro


@pytest.mark.parametrize("dialect", ["spark", "bigquery", "snowflake"])
def test_no_bare_name_is_a_word_that_an_engine_keeps(dialect: str) -> None:
    for name, read in statements("everything", dialect):
        assert not read.bare_names & RESERVED, f"{name}: {read.bare_names & RESERVED}"


@pytest.mark.parametrize("project", PROJECTS)
def test_every_order_is_total(project: str) -> None:
    keys = declared_keys(project)
    read = statements(project, "duckdb")
    assert [f"{name}: {doubt}" for name, one in read for doubt in doubtful_windows(one.tree, keys)] == []


def declared_keys(project: str) -> dict[str, frozenset[str]]:
    """Table -> the key that its yml declares; a staged row is known by its place among all that ever landed."""
    files = render(project, "duckdb")
    keys = {Path(name).stem: frozenset({"_row_key"}) for name in files if re.search("/staging/(stg|rows)_", name)}
    keys |= {source: frozenset({"_row_key"}) for source in all_projects()[project][0].settings.sources}
    keys["label_changes"] = frozenset({"customer_id", "as_of_date"})
    for name in (n for n in files if n.startswith("models/") and n.endswith(".yml")):
        for model in read_yaml(files[name]).get("models", []):
            for test in model.get("data_tests", []):
                key = test.get("holds", {}).get("arguments", {}).get("key")
                keys |= {model["name"]: frozenset(key)} if key else {}
    return keys
