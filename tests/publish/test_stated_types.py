"""Gold's columns have the types that their models state: on every engine, and in every snapshot."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from patron.engines.dialects import DIALECTS, find_dialect
from patron.errors import EngineError
from patron.publish.snapshot import load_current, publish
from patron.transform.render.stated_types import add_contract, cast_gold, find_column_family, list_stated_types

MODELS = sorted(Path(str(resources.files("patron.transform").joinpath("sql", "models", "gold"))).rglob("*.yml"))
WORDS = {"text", "bigint", "integer", "double", "boolean", "date", "timestamp", "decimal(18,4)", "decimal(38,4)"}
TABLE = "dim_clv_tier"
RIGHT = {
    **{"clv_tier": "'Gold'", "tier_order": "1", "tier_measure": "'net_amount'", "cut_by": "'amount'"},
    **{"at_least": "5::double", "below": "null::double"},
}


class OneTable:
    """A warehouse whose gold is one table of one row, with these columns."""

    def __init__(self, columns: dict[str, str]) -> None:
        self.columns = columns

    def contents(self, schema: str, tables: list[str]) -> dict[str, str]:
        return dict.fromkeys(tables, "1")

    def export(self, schema: str, tables: list[str], folder: Path) -> dict[str, int]:
        listed = ", ".join(f"{value} as {name}" for name, value in self.columns.items())
        for table in tables:
            duckdb.sql(f"copy (select {listed}) to '{folder / f'{table}.parquet'}' (format parquet)")
        return dict.fromkeys(tables, 1)


def publish_one(folder: Path, columns: dict[str, Any], table: str = TABLE) -> None:
    publish(OneTable(columns), folder, [table], fingerprint="1", as_of="2024-01-01", force=True)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_column_of_gold_states_a_type(path):
    (model,) = yaml.safe_load(path.read_text())["models"]
    stated = list_stated_types(model)
    assert list(stated) == [column["name"] for column in model["columns"]]
    assert set(stated.values()) <= WORDS


def test_a_table_as_stated_is_published(tmp_path):
    publish_one(tmp_path, RIGHT)
    publish_one(tmp_path, {**RIGHT, "tier_order": "1::bigint"})  # an engine's wider whole number is one
    assert load_current(tmp_path).tables == {TABLE: 1}


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({**RIGHT, "at_least": "5.5"}, r"at_least is decimal\(2, 1\), and double is stated"),
        ({**RIGHT, "clv_tier": "1"}, "clv_tier is integer, and text is stated"),
        ({**RIGHT, "mood": "'good'"}, "mood is not stated"),
        ({name: value for name, value in RIGHT.items() if name != "tier_order"}, "tier_order is missing"),
        (dict(reversed(RIGHT.items())), "clv_tier stands elsewhere"),
    ],
)
def test_another_table_is_refused_by_name_and_column(tmp_path, columns, said):
    publish_one(tmp_path, RIGHT)
    before = load_current(tmp_path)
    with pytest.raises(EngineError, match=rf"gold\.{TABLE} .*{said}"):
        publish_one(tmp_path, columns)
    assert load_current(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [before.name]


def test_a_table_of_the_users_own_has_any_types(tmp_path):
    publish_one(tmp_path, {"anything": "1.5"}, table="my_own")
    assert load_current(tmp_path).tables == {"my_own": 1}


PIVOTED = {
    "cohort_month_date": "date '2024-01-01'", "is_new": "true", "measure": "'customers'",
    "customer_count": "cast(3 as bigint)", "first_month_net_amount": "cast(1 as decimal(38, 4))",
}  # fmt: skip


@pytest.mark.parametrize("months", [2, 12, 30])
def test_a_setting_may_say_how_many_columns_of_a_family_there_are(tmp_path, months):
    columns = {f"month_{month:02}": "0.5::double" for month in range(months + 1)}
    publish_one(tmp_path, PIVOTED | columns, table="cohort_retention_pivoted")
    with pytest.raises(EngineError, match=r"month_01 is decimal\(2, 1\), and double is stated"):
        publish_one(tmp_path, PIVOTED | columns | {"month_01": "0.5"}, table="cohort_retention_pivoted")


def test_a_model_with_a_family_of_columns_has_no_contract():
    (path,) = (path for path in MODELS if path.stem == "cohort_retention_pivoted")
    (model,) = yaml.safe_load(path.read_text())["models"]
    assert find_column_family(model) == "month_"
    assert add_contract(model, "duckdb") == model


def test_a_contract_needs_every_column():
    model = {"name": "mine", "columns": [{"name": "a", "data_type": "text"}, {"name": "b"}]}
    assert add_contract(model, "duckdb") == model


@pytest.mark.parametrize(
    ("dialect", "spelled"),
    [
        ("duckdb", ["text", "integer", "timestamp", "decimal(38,4)"]),
        ("spark", ["string", "int", "timestamp_ntz", "decimal(38,4)"]),
        ("databricks", ["string", "int", "timestamp_ntz", "decimal(38,4)"]),
        ("bigquery", ["string", "int64", "datetime", "bignumeric"]),
        ("snowflake", ["text", "integer", "timestamp_ntz", "decimal(38,4)"]),
    ],
)
def test_a_contract_is_in_the_words_of_the_engine(dialect, spelled):
    kinds = ("text", "integer", "timestamp", "decimal(38,4)")
    columns = [{"name": f"c{at}", "data_type": kind} for at, kind in enumerate(kinds)]
    model = add_contract({"name": "mine", "columns": columns, "config": {"meta": {"a": 1}}}, dialect)
    assert [column["data_type"] for column in model["columns"]] == spelled
    assert model["config"] == {"meta": {"a": 1}, "contract": {"enforced": True}}


@pytest.mark.parametrize("dialect", [name for name in DIALECTS if not find_dialect(name).infers_stated_types])
def test_every_model_of_gold_is_cast_where_the_engine_infers_others(dialect):
    root = MODELS[0].parents[2]
    files = {
        f"models/{path.relative_to(root).as_posix()}": path.read_text()
        for path in (*MODELS, *(one.with_suffix(".sql") for one in MODELS))
    }
    cast = cast_gold(files, dialect)
    assert cast.keys() == files.keys()
    for name, text in cast.items():
        if name.endswith(".sql"):
            (model,) = yaml.safe_load(files[name.replace(".sql", ".yml")])["models"]
            if find_column_family(model):
                assert text == files[name]
                continue
            assert files[name].strip() in text
            listed = re.findall(r"^    cast\((\w+) as ([\w(),]+)\) as (\w+)", text.split("from (")[0], re.M)
            assert [one for one, _, other in listed if one == other] == [c["name"] for c in model["columns"]]
