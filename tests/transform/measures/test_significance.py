"""The tail of the normal distribution and the adjustment for many comparisons, against SciPy."""

from __future__ import annotations

import duckdb
import pytest
from scipy import stats

from transform.compiled_sql import shipped_macros

P_VALUES = [0.01, 0.04, None, 0.03, 0.5, 0.03, 0.0001, None, 0.9]


@pytest.fixture(scope="module")
def macros():
    return shipped_macros()


@pytest.mark.parametrize("z", [0.0, 1e-9, 0.3, -1.0, 1.959963984540054, -2.5758, 4.0, 8.0, -20.0, 36.9])
def test_the_tail_is_that_of_the_normal_distribution_to_seven_digits(z, macros, duckdb_value):
    found = duckdb_value(macros["two_sided_tail"](f"cast({z} as double)"))
    assert found == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1.3e-7)


def test_the_tail_far_out_is_the_smallest_and_no_error(macros, duckdb_value):
    assert 0 < duckdb_value(macros["two_sided_tail"]("cast(1e300 as double)")) < 1e-290
    assert duckdb_value(macros["two_sided_tail"]("cast(null as double)")) is None


def compared(macros, p_values):
    """The rows of compare_many for these p values, in the order given, from differences above 0."""
    scores = [None if p is None else float(stats.norm.isf(p / 2)) for p in p_values]
    rows = ", ".join(f"({n}, cast({'null' if z is None else z} as double), 1.0)" for n, z in enumerate(scores))
    sql = f"with rows_given(place, z_score, difference) as (values {rows}), {macros['compare_many']('rows_given')}"
    found = duckdb.sql(f"{sql} select adjusted_p_value, compared_count, reading from compared order by place")
    return found.fetchall()


def test_p_values_are_adjusted_as_scipy_does(macros):
    rows = compared(macros, P_VALUES)
    tested = [p for p in P_VALUES if p is not None]
    assert [row[0] for row in rows if row[0] is not None] == pytest.approx(
        list(stats.false_discovery_control(tested)), rel=1e-6
    )
    assert {row[1] for row in rows} == {7}
    assert [row[2] for row in rows] == [
        *("higher", "no clear difference", "too few to compare", "no clear difference", "no clear difference"),
        *("no clear difference", "higher", "too few to compare", "no clear difference"),
    ]


def test_one_comparison_needs_no_adjustment(macros):
    assert compared(macros, [0.049])[0][0] == pytest.approx(0.049, rel=1e-6)


def test_two_shares_are_tested_as_scipy_does(macros, duckdb_value):
    error = macros["standard_error_of_rates"]("56", "70", "48", "80")
    z = macros["z_of_rates"]("56 / 70.0", "48 / 80.0", f"({error})", "70", "80")
    theirs = stats.chi2_contingency([[56, 14], [48, 32]], correction=False)
    assert duckdb_value(z) == pytest.approx(theirs.statistic**0.5)
    assert duckdb_value(macros["two_sided_tail"](f"({z})")) == pytest.approx(theirs.pvalue, rel=1e-6)


def test_small_groups_are_not_tested(macros, duckdb_value):
    assert duckdb_value(macros["z_of_means"]("cast(3 as double)", "cast(1 as double)", "30", "30")) == 3
    assert duckdb_value(macros["z_of_means"]("cast(3 as double)", "cast(1 as double)", "30", "29.9")) is None
    # of 30, 5 are expected where the shares are 1/6 on average
    rates = [f"cast({share} as double) / 6" for share in (1.01, 1.01, 0.98)]
    assert duckdb_value(macros["z_of_rates"](rates[0], rates[1], "cast(1 as double)", "30", "30")) == 0
    assert duckdb_value(macros["z_of_rates"](rates[2], rates[1], "cast(1 as double)", "30", "30")) is None
