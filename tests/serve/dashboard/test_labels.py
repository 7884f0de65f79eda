"""Every gold column has a plain label, and every value is written as the shop writes."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

import patron
from patron.project.number_format import Formats
from patron.serve.dashboard.widgets.definitions import load_definitions
from patron.serve.dashboard.widgets.labels import (
    format_value,
    get_format,
    is_number,
    label,
    to_plain_words,
    wants_cents,
)

GOLD = sorted((Path(patron.__file__).parent / "transform/sql/models/gold").rglob("*.yml"))
COLUMNS = sorted({(p.stem, c["name"]) for p in GOLD for c in yaml.safe_load(p.read_text())["models"][0]["columns"]})
FORMATS = Formats("en_GB", "GBP")


def test_no_label_is_a_column():
    for _, column in COLUMNS:
        output = label(column)
        assert output[0].isupper() or output[0].isdigit(), column
        assert "_" not in output, column
        assert len(output) <= 40, column


def test_no_definition_speaks_of_columns():
    for table, column in COLUMNS:
        (found,) = load_definitions([f"{table}.{column}"])
        assert re.search(r"\b[a-z]+(_[a-z0-9]+)+\b", found.text) is None, found


def test_a_definition_of_nothing_is_refused():
    with pytest.raises(KeyError):
        load_definitions(["daily_metrics.no_such_column"])


@pytest.mark.parametrize(
    ("column", "value", "output"),
    [
        ("net_amount", Decimal("1234.5"), "£1,234.50"),
        ("churn_rate", 0.1234, "12.3%"),
        ("order_count", 12345, "12,345"),
        ("cohort_month_date", dt.date(2011, 12, 1), "Dec 2011"),
        ("last_order_date", dt.date(2011, 12, 9), "9 Dec 2011"),
        ("is_churned", True, "Yes"),
        ("segment", "Lost", "Lost"),
        ("segment", None, "–"),
        ("unit_count", Decimal("172.0000"), "172"),
    ],
)
def test_values_are_written(column, value, output):
    assert format_value(column, value, FORMATS) == output


def test_kinds():
    assert [get_format(name) for name in ("historical_clv", "factor_value", "stickiness", "customer_id")] == [
        "money",
        "",
        "share",
        "",
    ]
    assert is_number([None, 1, Decimal(2)])
    assert not is_number([True, False])
    assert wants_cents([Decimal(999), None])
    assert not wants_cents([Decimal(1000)])


def test_plain_words_of_names():
    assert to_plain_words("no source maps order_lines.promotion_id") == "No source maps promotion id of order lines"
