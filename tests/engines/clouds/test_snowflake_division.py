"""Whole-number division in Snowflake, whose quotients have six places and are rounded there."""

from __future__ import annotations

import re
from importlib import resources

import duckdb
import jinja2
import pytest
import sqlglot
from sqlglot import exp

MACROS = resources.files("patron").joinpath("transform/sql/macros/dialect.sql").read_text(encoding="utf-8")
DIVISION = re.search(r"\{% macro snowflake__whole_divide\(a, b\) %\}(.*)\{% endmacro %\}", MACROS)


def divide_as_snowflake(a: int, b: int) -> int:
    """The macro's SQL, on DuckDB with Snowflake's quotients."""
    tree = sqlglot.parse_one(jinja2.Template(DIVISION[1]).render(a=a, b=b), read="snowflake")
    for quotient in list(tree.find_all(exp.Div)):
        copy = f"round(cast({quotient.this.sql()} as double) / {quotient.expression.sql()}, 6)"
        quotient.replace(sqlglot.parse_one(copy, read="duckdb"))
    return int(duckdb.sql(f"select {tree.sql('duckdb')}").fetchone()[0])


@pytest.mark.parametrize(
    ("a", "b", "whole"),
    [(0, 7, 0), (6, 7, 0), (7, 7, 1), (20, 7, 2), (9_999_999, 10_000_000, 0), (2 * 10**13 - 1, 10**13, 1)],
)
def test_a_quotient_just_below_a_whole_number_stays_below(a, b, whole):
    assert a // b == whole
    assert divide_as_snowflake(a, b) == whole
