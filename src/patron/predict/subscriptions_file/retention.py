"""Fits the sBG on subscriptions, and writes how long each is expected to last and what it is still worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.errors import SettingsError
from patron.predict.one_table import TooLittleError, check_margin, check_output
from patron.predict.subscriptions_file.periods import Period, parse_period
from patron.predict.subscriptions_file.result import Retention, Step
from patron.predict.subscriptions_file.subscriptions import Columns, Subscriptions, read_subscriptions

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.shifted_beta_geometric import ShiftedBetaGeometric
    from patron.predict.subscriptions_file.periods import Counts

LEAST_SUBSCRIPTIONS, LEAST_ENDED = 100, 20
_CURVE, _DRAWS, _SEED = 12, 200, 20_110_101
_FIRST_COLUMNS = ("customer_id", "started_date", "ended_date", "is_active", "renewal_count")
_BOUNDS = {"low_95": 0.025, "high_95": 0.975}


def retention(
    subscriptions: str | Path,
    to: str | Path,
    *,
    customer: str = "customer_id",
    start: str = "started_at",
    end: str = "ended_at",
    amount: str = "",
    period: str = "month",
    as_of: str = "latest",
    horizon: int = 12,
    discount_rate: float = 0.1,
    gross_margin: float = 1.0,
    overwrite: bool = False,
) -> Retention:
    """Predict how long each subscription of a table lasts, and write it to a file.

    subscriptions: Parquet or CSV files, a path or a pattern with *; one row per subscription, with columns `customer`,
    `start` (a day or a time), `end` (from when it no longer counts; empty while it runs) and, if named, `amount` (paid
    per period). to: a .parquet or .csv file. period: month, quarter, year, week, or a number such as 30 days. as_of:
    latest (the last day in the table), today, or YYYY-MM-DD. horizon: renewals that are counted ahead. discount_rate:
    per year, above 0. gross_margin: share of the amount that is margin. overwrite: a file that this function did not
    write, too.

    Raises SettingsError (columns, options, `to`), SourceError (files, values), TooLittleError (too little data).
    """
    from patron.predict import ShiftedBetaGeometric

    target, length = Path(to), parse_period(period)
    _check_options(horizon, discount_rate, gross_margin)
    check_output(target, str(subscriptions), "subscriptions", _FIRST_COLUMNS, overwrite=overwrite)
    found = read_subscriptions(str(subscriptions), Columns(customer, start, end, amount), as_of)
    tenure, has_left = count_renewals(found, length)
    _check_enough(tenure, has_left)
    model = ShiftedBetaGeometric().fit(*_group(tenure, has_left))
    rate = (1 + discount_rate) ** length.years - 1
    table = _predict(found, tenure - has_left, model, horizon, rate, gross_margin)
    _write(table, target)
    return Retention(
        to=target,
        as_of_date=found.as_of_date,
        rows=found.rows,
        left_out=found.left_out,
        subscriptions=len(tenure),
        active=int(found.is_active.sum()),
        parameters=dict(model.params_),
        standard_errors=dict(model.standard_errors_),
        curve=_compare(model, tenure, has_left),
        totals=_add_up(table),
        notes=[model.convergence_.message],
    )


def count_renewals(found: Subscriptions, period: Period) -> tuple[Counts, np.ndarray]:
    """Return (tenure, has_left), (n,), as of the last renewal day that has come.

    Who has ended a subscription whose paid period still runs has made its renewals, and is not yet known to be fewer
    than those who would have ended theirs later in the period.
    """
    as_of = np.full(len(found.start), np.datetime64(found.as_of_date, "D"))
    due = period.count_completed(found.start, as_of)
    begun = period.count_begun(found.start, np.where(found.is_active, as_of, found.end))
    has_left = ~found.is_active & (begun <= due)
    tenure: Counts = np.where(has_left, begun, due)
    return tenure, has_left


def _group(tenure: Counts, has_left: np.ndarray) -> tuple[Counts, np.ndarray, Counts]:
    """Count the subscriptions of each tenure and outcome."""
    keys, counts = np.unique(2 * tenure + has_left, return_counts=True)
    return keys // 2, keys % 2 > 0, counts


def _predict(
    found: Subscriptions, renewals: Counts, model: ShiftedBetaGeometric, horizon: int, rate: float, margin: float
) -> pa.Table:
    """Build a row per subscription; equal numbers of renewals are computed once, and those that ended expect none."""
    import pyarrow as pa

    distinct, which = np.unique(renewals, return_inverse=True)
    drawn = np.array([one.discounted_lifetime(rate, distinct) for one in model.draws(_DRAWS, _SEED)])
    lifetimes = {"": model.discounted_lifetime(rate, distinct)}
    lifetimes |= {f"_{name}": np.quantile(drawn, chance, axis=0) for name, chance in _BOUNDS.items()}
    is_active = found.is_active
    columns: dict[str, Any] = {
        "customer_id": found.customer,
        "started_date": pa.array(found.start, pa.date32()),
        "ended_date": pa.array(found.end, pa.date32()),
        "is_active": pa.array(is_active),
        "renewal_count": pa.array(renewals, pa.int64()),
        "retention_rate": pa.array(model.retention_rate(distinct)[which], mask=~is_active),
        "expected_renewals": np.where(is_active, model.expected_periods(horizon, distinct)[which], 0.0),
    }
    each = {name: np.where(is_active, values[which], 0.0) for name, values in lifetimes.items()}
    columns |= {f"discounted_periods{name}": values for name, values in each.items()}
    if found.amount is not None:
        columns |= {f"residual_clv{name}": _value(found.amount, margin, values) for name, values in each.items()}
    return pa.table(columns)


def _value(amount: Floats, margin: float, periods: Floats) -> pa.Array:
    """Return amount x margin x periods; null where there is no amount and something to value."""
    import pyarrow as pa

    values = np.where(periods > 0, amount * margin * periods, 0.0)
    return pa.array(values, from_pandas=True)


def _compare(model: ShiftedBetaGeometric, tenure: Counts, has_left: np.ndarray) -> list[Step]:
    """Compare the observed share of renewals with the model's, for the first of them."""
    steps = []
    for renewal in range(1, min(_CURVE, int(tenure.max())) + 1):
        due, left = int((tenure >= renewal).sum()), int((has_left & (tenure == renewal)).sum())
        rates = float(model.retention_rate(renewal - 1)), float(model.survival(renewal))
        steps.append(Step(renewal, due, 1 - left / due if due else None, *rates))
    return steps


def _add_up(table: pa.Table) -> dict[str, float]:
    import pyarrow.compute as pc

    names = [name for name in ("expected_renewals", "discounted_periods", "residual_clv") if name in table.column_names]
    return {name: float(pc.sum(table[name]).as_py() or 0.0) for name in names}


def _write(table: pa.Table, to: Path) -> None:
    """Write to a temporary file first, so that `to` is complete or unchanged. Raises EngineError."""
    import pyarrow.csv
    import pyarrow.parquet

    from patron.files import replace_file, translate_disk_errors

    with translate_disk_errors(to), replace_file(to) as new:
        if to.suffix.lower() == ".csv":
            pyarrow.csv.write_csv(table, str(new))
        else:
            pyarrow.parquet.write_table(table, str(new))


def _check_enough(tenure: Counts, has_left: np.ndarray) -> None:
    """Raise TooLittleError if there are too few subscriptions, or too few that ended."""
    missing = []
    if len(tenure) < LEAST_SUBSCRIPTIONS:
        missing.append(f"{len(tenure):,} subscriptions ({LEAST_SUBSCRIPTIONS} needed)")
    if has_left.sum() < LEAST_ENDED:
        missing.append(f"{has_left.sum():,} of them were not renewed ({LEAST_ENDED} needed)")
    if missing:
        raise TooLittleError(f"Nothing is predicted: {' and '.join(missing)}.", do="wait for more renewals")
    if len(np.unique(tenure[tenure > 0])) < 2:
        what = "Nothing is predicted: all subscriptions are of one length, so how customers differ cannot be seen."
        raise TooLittleError(what, do="wait for a second renewal, or name a shorter --period")


def _check_options(horizon: int, discount_rate: float, margin: float) -> None:
    check_margin(margin)
    if not 0 < discount_rate <= 1:
        do = "use a rate per year above 0, up to 1: without one, some contracts never end"
        raise SettingsError(f"A discount rate of {discount_rate} is not valid.", where="--discount-rate", do=do)
    if not 1 <= horizon <= 1_200:
        raise SettingsError(f"A horizon of {horizon} is not valid.", where="--horizon", do="use 1 to 1,200 renewals")
