"""From when customers seen for the first time are new ones, against plain Python and shops with a known beginning."""

from __future__ import annotations

import datetime as dt
from functools import cache

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.projects import HERE, shape
from patron.project.project import Project
from patron.project.settings import ProjectSettings
from patron.transform.render.dbt_project import render_project_files
from transform.compiled_sql import model_sql
from transform.measures.reference_wash_out import EVEN, OLDER, TOO_FEW, find_wash_out

FIRST = dt.date(2023, 1, 15)


@cache
def sql_of(opened: str | None) -> str:
    names = ("order_id", "ordered_at", "customer_id", "quantity", "unit_price")
    entities = {"order_lines": {"columns": {name: name for name in names}}}
    shop = {"name": "Tea", **({"opened": opened} if opened else {})}
    declared = {"shop": shop, "sources": {"till": {"files": "*.csv", "entities": entities}}}
    project = Project(HERE, ProjectSettings.model_validate(declared))
    files = render_project_files(project, {"till": shape("till", list(names), [], "UTC")}, "duckdb", {}, "2024-01-01")
    return model_sql(files)["wash_out"]


def measure(first_days: list[int], days: int, opened: str | None = None) -> tuple[int | None, str]:
    """Return (wash_out_days, wash_out_reason). first_days: of each customer, counted from FIRST."""
    with duckdb.connect() as engine:
        engine.execute("create schema measures")
        engine.execute("create table measures.as_of (as_of_date date, first_date date)")
        engine.execute("insert into measures.as_of values (?, ?)", [FIRST + dt.timedelta(days=days - 1), FIRST])
        engine.execute("create table measures.customer_measures (first_order_date date, order_count bigint)")
        if first_days:
            rows = [[FIRST + dt.timedelta(days=day)] for day in first_days]
            engine.executemany("insert into measures.customer_measures values (?, 1)", rows)
        (row,) = engine.execute(sql_of(opened)).fetchall()
    start, found, since, reason = row
    assert start == FIRST
    assert since == (None if found is None else FIRST + dt.timedelta(days=found))
    return found, reason


def draw_first_days(seed: int, days: int, daily: float, extra: float, fall_days: float) -> list[int]:
    rng = np.random.default_rng(seed)
    expected = daily + extra * np.exp(-np.arange(days) / fall_days)
    return np.repeat(np.arange(days), rng.poisson(expected)).tolist()


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 10_000),
    st.integers(100, 800),
    st.sampled_from([0.05, 0.5, 2.0]),
    st.sampled_from([0.0, 1.0, 5.0]),
    st.sampled_from([20.0, 90.0, 300.0]),
)
def test_equals_plain_python(seed: int, days: int, daily: float, extra: float, fall_days: float) -> None:
    first_days = draw_first_days(seed, days, daily, extra, fall_days)
    assert measure(first_days, days) == find_wash_out(first_days, days)


def test_a_young_shop_has_no_wash_out() -> None:
    assert measure(draw_first_days(1, 400, 2.0, 0.0, 1.0), 400) == (0, EVEN)


def test_a_cohort_that_was_chosen_is_not_judged() -> None:
    """As in CDNOW: all customers begin in the first weeks, nobody later."""
    assert measure([number % 84 for number in range(2_000)], 545) == (None, TOO_FEW)


@pytest.mark.parametrize(
    ("opened", "days", "reason"),
    [
        ("2022-12-20", 0, "the data begin with the shop"),
        ("2023-02-01", 0, "the data begin with the shop"),
        ("2018-06-01", 60, "the shop is older than the data"),
    ],
)
def test_the_day_the_shop_opened_decides(opened: str, days: int, reason: str) -> None:
    falling = draw_first_days(1, 400, 2.0, 8.0, 30.0)
    assert measure(falling, 400) == (60, OLDER)
    assert measure(falling, 400, opened) == (days, reason)


def test_the_wash_out_is_at_most_half_the_data() -> None:
    linear = [day for day in range(400) for _ in range((400 - day) // 20)]
    found, reason = measure(linear, 400)
    assert (found, reason) == (200, OLDER)
