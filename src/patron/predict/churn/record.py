"""The record of the learners in use: what they had predicted at past cutoffs, and what customers then did."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.predict.churn.race import Race
    from patron.predict.churn.training import Examples


def to_record(race: Race, days: int) -> pa.Table:
    """Build a row for each example of the race's tests, with what the chosen learner had predicted.

    Columns: days (the window), as_of_date (the cutoff), sample_key (of the customer), repeat_count, recency_days and
    age_days (their purchases as known at the cutoff), has_left, probability (of no purchase, 0 to 1).
    """
    import pyarrow as pa

    tests = [test for _, test in race.splits]
    return pa.concat_tables(
        _to_rows(test, days, pa.array(p)) for test, p in zip(tests, race.predicted[race.chosen], strict=True)
    )


def join_records(first: pa.Table | None, second: pa.Table) -> pa.Table:
    """Put the record of another window below."""
    import pyarrow as pa

    return second if first is None else pa.concat_tables([first, second])


def _to_rows(test: Examples, days: int, probability: pa.Array) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = test.rows
    age, silent, bought = (
        pc.cast(rows[name], pa.int64()) for name in ("tenure_days", "days_since_last_order", "purchase_day_count")
    )
    return pa.table(
        {
            "days": pa.array([days] * rows.num_rows, pa.int64()),
            "as_of_date": pc.cast(rows["as_of_date"], pa.date32()),
            "sample_key": rows["sample_key"],
            "repeat_count": pc.subtract(bought, 1),
            "recency_days": pc.subtract(age, silent),
            "age_days": age,
            "has_left": pa.array(test.has_left),
            "probability": probability,
        }
    )
