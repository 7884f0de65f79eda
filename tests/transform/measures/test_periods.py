"""Periods of many random shops against plain Python (reference_periods.py): the shipped SQL, run without dbt."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import duckdb
import pytest

from engines.projects import HERE, shape
from patron.project.project import Project
from patron.project.settings import ProjectSettings
from patron.transform.render.dbt_project import render_project_files
from transform.compiled_sql import model_sql
from transform.measures.reference_lines import Line
from transform.measures.reference_periods import DAY, PeriodAnswers

MODELS = (
    *(
        "calendar",
        "periods",
        "order_measures",
        "fully_refunded_orders",
        "customer_days",
        "day_lines",
        "day_measures",
        "period_customers",
    ),
    *("churn_by_period", "purchase_frequency_weekly", "repeat_purchase_rate"),
)
FIRST = dt.date(2023, 12, 20)


def sql_of(window_days: int, as_of: str) -> dict[str, str]:
    """Model -> its SQL for DuckDB, in a shop with this churn window."""
    names = ("order_id", "ordered_at", "customer_id", "quantity", "unit_price")
    entities = {"order_lines": {"columns": {name: name for name in names}}}
    settings = {
        "shop": {"name": "Periods"},
        "sources": {"till": {"files": "*.csv", "entities": entities}},
        "churn": {"low_days": 1, "medium_days": 2, "window_days": window_days},
    }
    project = Project(HERE, ProjectSettings.model_validate(settings))
    files = render_project_files(project, {"till": shape("till", list(names), [], "UTC")}, "duckdb", {}, as_of)
    return model_sql(files)


def random_lines(chance: random.Random, days: int) -> list[Line]:
    """Customers of all habits; some orders have lines on two days, some are guests', some lines no sale."""
    lines = []
    for number in range(chance.randrange(1, 120)):
        who = chance.choice([None, *(f"c{n}" for n in range(chance.choice([3, 12])))])
        day = chance.randrange(days)
        for _ in range(chance.randrange(1, 3)):
            at = dt.datetime.combine(FIRST + min(day, days - 1) * DAY, dt.time(12))
            kind = chance.choice(["sale", "sale", "sale", "return"])
            order = str(number if chance.random() < 0.9 else chance.randrange(number + 1))
            lines.append(Line("till", order, at, who, None, Decimal(1), Decimal(5), Decimal(0), kind))
            day += chance.choice([0, 0, 1, 9])
    return lines


def built(lines: list[Line], as_of: dt.date, models: dict[str, str]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    for schema in ("silver", "measures", "gold"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        "create table measures.as_of as select ?::date as as_of_date, ?::date as first_date", [as_of, FIRST]
    )
    connection.execute(
        "create table silver.order_lines (source_name text, id_namespace text, order_id text, ordered_at timestamp, "
        "order_date date, customer_id text, line_kind text, quantity decimal(18, 4), line_gross_amount decimal(18, 4), "
        "line_discount_amount decimal(18, 4), line_amount decimal(18, 4), _row_key bigint)"
    )
    rows = [
        (one.source, one.source, one.order_id, one.at, one.day, one.customer, one.kind, 1, 5, 0, 5, row_key)
        for row_key, one in enumerate(lines)
    ]
    connection.executemany(f"insert into silver.order_lines values ({', '.join('?' * 12)})", rows)
    for name in MODELS:
        schema = "gold" if name in MODELS[-3:] else "measures"
        connection.execute(f"create table {schema}.{name} as {models[name]}")
    return connection


@pytest.mark.parametrize("window_days", [3, 6, 7, 20, 29, 30, 31, 90])
@pytest.mark.parametrize("as_of", ["latest", "2024-02-18", "2024-03-31"])
def test_periods_are_what_sets_of_customers_say(window_days: int, as_of: str) -> None:
    models = sql_of(window_days, as_of)
    for seed in range(6):
        chance = random.Random(f"{seed} {window_days} {as_of}")
        lines = random_lines(chance, chance.choice([3, 40, 75]))
        latest = max(line.day for line in lines)
        last = latest if as_of == "latest" else dt.date.fromisoformat(as_of)
        calendar = [FIRST + n * DAY for n in range((last - FIRST).days + 1)]
        answers = PeriodAnswers([line for line in lines if line.day <= last], calendar, window_days)
        connection = built(lines, last, models)
        for table, (keys, expected) in answers.tables().items():
            answer = connection.execute(f"select * from {table}")
            names = [column[0] for column in answer.description]
            rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
            found = {row[keys[0]] if len(keys) == 1 else tuple(row[k] for k in keys): row for row in rows}
            assert len(found) == len(rows)
            assert found == expected, f"{table} of seed {seed}"
