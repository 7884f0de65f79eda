"""`patron retention`: renewals by hand, what it writes and refuses, and the truth of simulated contracts."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import patron
from faults.projects import patron as command
from patron.errors import PatronError, SettingsError, SourceError
from patron.predict import ShiftedBetaGeometric
from patron.predict.orders_file import TooLittleError
from patron.predict.subscriptions_file import retention
from patron.predict.subscriptions_file.periods import Period, parse_period
from patron.predict.subscriptions_file.retention import count_renewals
from patron.predict.subscriptions_file.subscriptions import Columns, read_subscriptions

ALPHA, BETA = 1.2, 4.0


def drawn(customers: int = 4_000, seed: int = 1) -> pa.Table:
    """Monthly contracts from 2022 to 2024: each ends on a renewal day, with a probability of its own."""
    rng = np.random.default_rng(seed)
    start = np.datetime64("2022-01-01") + rng.integers(0, 1_000, customers)
    lifetime = np.minimum(rng.geometric(rng.beta(ALPHA, BETA, customers)), 600)
    end = [renewal_day(day.astype(dt.date), int(months)) for day, months in zip(start, lifetime, strict=True)]
    ends = [day if day <= dt.date(2024, 12, 31) else None for day in end]
    ids = [f"c{number}" for number in range(customers)]
    return pa.table(
        {"customer_id": ids, "started_at": start, "ended_at": ends, "price": rng.integers(5, 50, customers)}
    )


def renewal_day(start: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(start.month - 1 + months, 12)
    after = dt.date(start.year + year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(
        dt.date(start.year + year, month + 1, 1) + dt.timedelta(days=start.day - 1), after - dt.timedelta(days=1)
    )


def written(folder: Path, table: pa.Table, name: str = "subscriptions.parquet") -> Path:
    path = folder / name
    pq.write_table(table, path) if path.suffix == ".parquet" else pyarrow.csv.write_csv(table, path)
    return path


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("month", Period(1, 0)),
        ("Year", Period(12, 0)),
        ("30 days", Period(0, 30)),
        ("2 weeks", Period(0, 14)),
        ("3 months", Period(3, 0)),
    ],
)
def test_periods_are_parsed(text: str, period: Period) -> None:
    assert parse_period(text) == period


@pytest.mark.parametrize("text", ["fortnight", "0 days", "", "month month", "-3 days"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="is not a period"):
        parse_period(text)


@pytest.mark.parametrize("months", [1, 3, 12])
def test_renewal_days_are_those_of_a_calendar(months: int) -> None:
    """Count the renewal days one by one, up to days around each of them."""
    rng, period = np.random.default_rng(2), Period(months, 0)
    for _ in range(150):
        start = dt.date(2023, 1, 1) + dt.timedelta(days=int(rng.integers(0, 800)))
        due = renewal_day(start, months * int(rng.integers(1, 6)))
        for end in (due - dt.timedelta(days=1), due, due + dt.timedelta(days=int(rng.integers(1, 30)))):
            by_hand = sum(renewal_day(start, months * number) <= end for number in range(1, 40))
            found = period.count_completed(np.array([start], "datetime64[D]"), np.array([end], "datetime64[D]"))
            assert found.tolist() == [by_hand], (start, end)


def test_renewals_by_hand(tmp_path: Path) -> None:
    rows = [
        ("renewed twice", "2024-01-31", None, 2, False),  # on the last of February and of March
        ("left on the renewal day", "2024-01-10", "2024-03-10", 2, True),
        ("left within a period", "2024-01-10", "2024-02-20", 2, True),
        ("left on the first day", "2024-01-10", "2024-01-10", 1, True),
        ("has ended, and is paid until April 20", "2024-01-20", "2024-03-25", 2, False),
        ("ends later", "2024-01-10", "2024-06-01", 2, False),
        ("just started", "2024-03-31", None, 0, False),
    ]
    table = pa.table(
        {
            "customer_id": [row[0] for row in rows],
            "started_at": [row[1] for row in rows],
            "ended_at": [row[2] for row in rows],
        }
    )
    found = read_subscriptions(str(written(tmp_path, table)), Columns(), "2024-03-31")
    tenure, has_left = count_renewals(found, Period(1, 0))
    by_customer = dict(
        zip(found.customer.to_pylist(), zip(tenure.tolist(), has_left.tolist(), strict=True), strict=True)
    )
    assert by_customer == {row[0]: row[3:] for row in rows}


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_the_truth_of_simulated_contracts_comes_out(tmp_path: Path, kind: str) -> None:
    table = drawn()
    to = tmp_path / f"out.{kind}"
    done = retention(written(tmp_path, table, f"in.{kind}"), to, amount="price", as_of="2024-12-31", gross_margin=0.5)
    for name, truth in (("alpha", ALPHA), ("beta", BETA)):
        assert abs(done.parameters[name] - truth) < 3 * done.standard_errors[name]
    for step in done.curve:
        assert step.observed == pytest.approx(step.retention_rate, abs=0.04)
    out = (pq.read_table(to) if kind == "parquet" else pyarrow.csv.read_csv(to)).to_pylist()
    assert len(out) == done.subscriptions == 4_000
    model, rate = ShiftedBetaGeometric.from_params(done.parameters), 1.1 ** (1 / 12) - 1
    price = dict(zip(table["customer_id"].to_pylist(), table["price"].to_pylist(), strict=True))
    for row in out[:200]:
        if not row["is_active"]:
            assert (row["retention_rate"], row["expected_renewals"], row["residual_clv"]) == (None, 0, 0)
            continue
        periods = float(model.discounted_lifetime(rate, row["renewal_count"]))
        assert row["discounted_periods"] == pytest.approx(periods)
        assert row["residual_clv"] == pytest.approx(price[row["customer_id"]] * 0.5 * periods)
        assert row["residual_clv_low_95"] < row["residual_clv"] < row["residual_clv_high_95"]
        assert row["retention_rate"] == pytest.approx(float(model.retention_rate(row["renewal_count"])))
        assert 0 < row["expected_renewals"] < 12
    assert done.totals["residual_clv"] == pytest.approx(sum(row["residual_clv"] for row in out))


def test_a_forecast_holds(tmp_path: Path) -> None:
    """Measured a year earlier, the renewals of the next 12 months are those that came."""
    table = drawn(12_000, 4)
    done = retention(written(tmp_path, table), tmp_path / "out.parquet", as_of="2023-12-31")
    out = pq.read_table(tmp_path / "out.parquet").to_pylist()
    ends = dict(zip(table["customer_id"].to_pylist(), table["ended_at"].to_pylist(), strict=True))
    came = 0
    for row in (row for row in out if row["is_active"]):
        days = [renewal_day(row["started_date"], row["renewal_count"] + ahead) for ahead in range(1, 13)]
        end = ends[row["customer_id"]]
        came += sum(end is None or day < end for day in days)
    assert done.totals["expected_renewals"] == pytest.approx(came, rel=0.04)


def test_rows_that_are_no_subscription_are_left_out_and_counted(tmp_path: Path) -> None:
    odd = pa.table(
        {
            "customer_id": [" ", None, "x", "y"],
            "started_at": ["2023-01-01", "2023-01-01", None, "2025-02-01"],
            "ended_at": [None] * 4,
        }
    )
    table = drawn(500).select(["customer_id", "started_at", "ended_at"])
    table = table.set_column(1, "started_at", table["started_at"].cast(pa.string())).set_column(
        2, "ended_at", table["ended_at"].cast(pa.string())
    )
    joined = pa.concat_tables([table, odd.cast(table.schema)])
    done = retention(written(tmp_path, joined), tmp_path / "out.csv", as_of="2024-12-31")
    assert done.left_out == {"without a customer": 2, "without a start": 1, "that start later": 1}
    assert (done.rows, done.subscriptions) == (504, 500)


def edited(**columns: list[object]) -> pa.Table:
    rows = {
        "customer_id": ["a", "b"],
        "started_at": ["2024-01-01"] * 2,
        "ended_at": [None, "2024-02-01"],
        "price": ["1", "2"],
    }
    return pa.table({**rows, **columns})


@pytest.mark.parametrize(
    ("table", "options", "error", "words"),
    [
        (edited(), {"customer": "customer"}, SettingsError, "no column customer "),
        (edited(), {"amount": "fee"}, SettingsError, "no column fee "),
        (
            edited(started_at=["soon", "2024-01-01"]),
            {},
            SourceError,
            "1 values of started_at are not a time, such as 'soon'",
        ),
        (edited(price=["1", "free"]), {"amount": "price"}, SourceError, "1 values of price are not an amount"),
        (edited(ended_at=["2023-12-01", None]), {}, SourceError, "1 subscriptions end before they start, such as a on"),
        (edited(started_at=[None, None], ended_at=[None, None]), {}, SourceError, "No subscription has a start"),
        (edited(), {}, TooLittleError, "2 subscriptions \\(100 needed\\)"),
        (edited(), {"period": "moon"}, SettingsError, "moon is not a period"),
        (edited(), {"as_of": "soon"}, SettingsError, "soon is not a valid date"),
        (edited(), {"discount_rate": 0}, SettingsError, "discount rate of 0"),
        (edited(), {"gross_margin": 1.5}, SettingsError, "margin of 1.5"),
        (edited(), {"horizon": 0}, SettingsError, "horizon of 0"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_written(tmp_path, table, options, error, words) -> None:
    with pytest.raises(error, match=words):
        retention(written(tmp_path, table), tmp_path / "out.csv", **options)
    assert not (tmp_path / "out.csv").exists()


def test_contracts_of_one_length_are_too_little(tmp_path: Path) -> None:
    ends = ["2024-02-01"] * 50 + [None] * 100
    table = pa.table(
        {"customer_id": [f"c{number}" for number in range(150)], "started_at": ["2024-01-01"] * 150, "ended_at": ends}
    )
    with pytest.raises(TooLittleError, match="of one length"):
        retention(written(tmp_path, table), tmp_path / "out.csv")


def test_the_input_is_not_overwritten(tmp_path: Path) -> None:
    path = written(tmp_path, drawn(200))
    with pytest.raises(SettingsError, match="would be overwritten"):
        retention(path, path)
    with pytest.raises(PatronError, match="No such file"):
        retention(tmp_path / "nothing.csv", tmp_path / "out.csv")


def test_a_file_of_somebody_else_is_kept_unless_it_is_said(tmp_path: Path) -> None:
    path, to = written(tmp_path, drawn(200)), tmp_path / "out.csv"
    to.write_text("a,note\n1,mine\n")
    with pytest.raises(SettingsError, match="patron did not write it"):
        retention(path, to)
    assert to.read_text() == "a,note\n1,mine\n"
    retention(path, to, overwrite=True)
    first = to.read_bytes()
    retention(path, to)  # one that it wrote itself is replaced
    assert to.read_bytes() == first


def test_the_command_prints_the_curve_or_one_document(tmp_path: Path) -> None:
    path, to = written(tmp_path, drawn(800)), tmp_path / "out.csv"
    shown = command("retention", str(path), "--amount", "price", "--to", str(to))
    assert (shown.code, "Fitted sBG (alpha" in shown.out, "Wrote 800 subscriptions" in shown.out) == (0, True, True)
    document = json.loads(command("retention", str(path), "--to", str(to), "--json").out)
    assert document["model"] == "sBG" and len(document["curve"]) == 12
    few = command("retention", str(written(tmp_path, edited(), "few.csv")), "--to", str(to))
    assert few.code == 3
    assert patron.retention is retention
