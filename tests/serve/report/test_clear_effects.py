"""The table of what goes with value: the clear effects, the clearest first, and none where nothing is clear."""

from __future__ import annotations

import duckdb
import pytest

from patron.project.number_format import Formats
from patron.project.settings.shop import Shop
from patron.serve.report.queries.value import query_clear_effects
from patron.serve.report.sections.covariates import build_covariate_table

EFFECTS = [
    ("purchases", "channel", "app", "web", 2.014, 1.8, 2.25, 0.001, "higher"),
    ("leaving", "channel", "app", "web", 0.98, 0.8, 1.2, 0.9, "no clear difference"),
    ("leaving", "region", "south", "north", 0.5, 0.4, 0.62, 0.0001, "lower"),
    ("spend", "region", "other", "north", None, None, None, None, "too few to compare"),
]


@pytest.fixture
def connection():
    gold = duckdb.connect()
    gold.execute("create schema gold")
    gold.execute(
        "create table gold.covariate_effects (process text, covariate text, level text, reference_level text, multiplier"
        " double, multiplier_low_95 double, multiplier_high_95 double, adjusted_p_value double, reading text)"
    )
    return gold


def test_clear_effects_are_listed_the_clearest_first(connection):
    connection.executemany(f"insert into gold.covariate_effects values ({', '.join('?' * 9)})", EFFECTS)
    formats = Formats.of(Shop(name="Tea", currency="GBP"))
    table = build_covariate_table(query_clear_effects(connection), formats)
    rows = [[str(cell) for cell in row.cells] for row in table.rows]
    assert rows == [
        ["Region: south", "north", "How soon they leave", "0.50", "0.40", "0.62"],
        ["Channel: app", "web", "How often they buy", "2.01", "1.80", "2.25"],
    ]
    assert "does not say why" in table.note


def test_where_nothing_is_clear_there_is_no_table(connection):
    assert build_covariate_table(query_clear_effects(connection), Formats.of(Shop(name="Tea", currency="GBP"))) is None
