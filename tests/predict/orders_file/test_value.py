"""`patron value`: what it writes, what it refuses, and what it says; never a NaN."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import patron
from patron.cli.app import main
from patron.errors import EngineError, PatronError, SettingsError, SourceError
from patron.predict import MBGNBD, GammaGamma, ParetoNBD
from patron.predict.clv.scores import KEY
from patron.predict.orders_file import TooLittleError, build_settings, value
from patron.predict.orders_file import fit_and_score as modelled
from patron.simulate import histories

PARAMS = {"r": 0.7, "alpha": 4.0, "a": 0.8, "b": 4.0}
FEW = build_settings(least_customers=10, least_repeaters=5, least_days=14)
START = dt.datetime(2023, 1, 1)


def drawn(customers: int = 600, seed: int = 1, days: int = 500) -> pa.Table:
    """Orders drawn from the model's own law."""
    rng = np.random.default_rng(seed)
    age = rng.random(customers) * days / 7
    x, last, age = histories.mbg_nbd(PARAMS, age, rng)
    mean = rng.standard_gamma(4.0, customers) * 10
    rows = []
    for who in range(customers):
        moments = np.sort(rng.random(int(x[who]) + 1)) * last[who]
        moments[0], moments[-1] = 0.0, last[who]
        for moment in moments:
            at = START + dt.timedelta(days=days - 7 * (age[who] - moment))
            rows.append((who + 1, at, round(mean[who] * rng.gamma(5.0) / 5, 2) + 0.01))
    return pa.table(dict(zip(("customer_id", "ordered_at", "amount"), map(list, zip(*rows, strict=True)), strict=True)))


@pytest.fixture(scope="module")
def orders() -> pa.Table:
    return drawn()


def written(folder, table, name="orders.parquet"):
    path = folder / name
    pq.write_table(table, path) if path.suffix == ".parquet" else pyarrow.csv.write_csv(table, path)
    return path


def valued(folder, table, **output):
    done = value(written(folder, table), folder / "clv.parquet", **output)
    return done, pq.read_table(folder / "clv.parquet")


def all_are_numbers(table) -> bool:
    columns = [c for c in table.columns if pa.types.is_floating(c.type)]
    return all(c.null_count == 0 and all(math.isfinite(v) for v in c.to_pylist()) for c in columns)


def test_parameters_are_found_again_and_the_values_follow(tmp_path, orders):
    done, table = valued(tmp_path, orders, gross_margin=0.4)
    for name, number in PARAMS.items():
        assert abs(done.parameters[name] - number) < 4 * done.standard_errors[name]
    assert (done.exact, done.model, done.customers) == (True, "MBG/NBD", 600)
    assert all_are_numbers(table) and table["customer_id"].to_pylist() == list(range(1, 601))
    model, spend = MBGNBD.from_params(done.parameters), GammaGamma.from_params(done.spend)
    x, last, now = (table[name].to_numpy() for name in ("repeat_count", "recency_days", "age_days"))
    ahead = model.discounted_purchases(365 / 7, np.log1p(0.1) * 7 / 365, x, last / 7, now / 7, step=365 / 12 / 7)
    own = orders.group_by("customer_id").aggregate([("amount", "sum")]).sort_by("customer_id")["amount_sum"].to_numpy()
    each = spend.expected_spend(x + 1, own / (x + 1))
    np.testing.assert_allclose(table["expected_spend"], each, rtol=1e-9)
    np.testing.assert_allclose(table["predicted_clv_1y"], each * 0.4 * ahead, rtol=1e-9)
    assert done.totals["predicted_clv_1y"] == pytest.approx(float((each * 0.4 * ahead).sum()))
    basis = np.array(table["prediction_basis"].to_pylist())
    assert set(basis[x == 0]) == {"similar customers"} and set(basis[x > 0]) == {"own purchases"}


def test_csv_in_and_out_is_the_same_as_parquet(tmp_path, orders):
    _, expected = valued(tmp_path, orders)
    folder = tmp_path / "by-part"
    folder.mkdir()
    written(folder, orders.slice(0, 1_000), "a.csv")
    written(folder, orders.slice(1_000), "b.csv")
    value(folder / "*.csv", tmp_path / "clv.csv")
    found = pyarrow.csv.read_csv(tmp_path / "clv.csv").sort_by("customer_id")
    for name in ("repeat_count", "age_days", "predicted_clv_3y", "predicted_clv_5y_high_95", "residual_clv"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9)


def test_only_the_slow_model_is_fitted_on_bins_within_its_error(monkeypatch):
    rng = np.random.default_rng(5)
    x, last, age = histories.mbg_nbd(PARAMS, rng.integers(7, 700, 9_000) / 7, rng)
    last = np.where(x > 0, np.maximum(np.floor(last * 7), 1), 0)
    key, count = np.unique(np.stack([x, last, age * 7]).round().astype(int), axis=1, return_counts=True)
    cells = pa.table(dict(zip((*KEY, "customer_count"), [*key, count], strict=True)))
    exact = modelled.fit_purchases(cells, ParetoNBD, build_settings())
    monkeypatch.setattr(modelled, "EXACT_CELLS", {"Pareto/NBD": 1_000})
    binned = modelled.fit_purchases(cells, ParetoNBD, build_settings())
    assert exact.convergence_.exact and not binned.convergence_.exact
    assert modelled.fit_purchases(cells, MBGNBD, build_settings()).convergence_.exact
    for name, error in exact.standard_errors_.items():
        assert 0 < abs(binned.params_[name] - exact.params_[name]) < 0.05 * error


def test_rows_that_are_no_purchase_are_counted_and_reported(tmp_path, orders, capsys):
    def column(kind, first):
        return pa.array([first, first, first], kind)

    at, amount = orders.schema.field("ordered_at").type, pa.float64()
    guests = pa.table([column(pa.int64(), None), column(at, START), column(amount, 5.0)], orders.schema.names)
    undated = pa.table([column(pa.int64(), 1), column(at, None), column(amount, 5.0)], orders.schema.names)
    unpriced = pa.table([column(pa.int64(), 1), column(at, START), column(amount, None)], orders.schema.names)
    refunds = pa.table([pa.array([9_999, 1]), pa.array([START] * 2, at), pa.array([-4.0, -2.0])], orders.schema.names)
    both = pa.concat_tables([orders, guests, undated, unpriced, refunds])
    written(tmp_path, both)
    with pytest.raises(SystemExit) as left:
        main(["value", str(tmp_path / "orders.parquet"), "--to", str(tmp_path / "clv.parquet")])
    output = " ".join(capsys.readouterr().out.split())
    assert left.value.code == 0
    assert "Left out: orders 3 without a customer, 3 without a time, 3 without an amount." in output
    assert (
        "who kept nothing they paid for (refunds or free orders only)" in output
        and "Correlation of frequency and mean order value" in output
    )
    plain, _ = valued(tmp_path, orders)
    assert plain.customers == 600


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda t: t.slice(0, 1), r"1 buyers \(200 needed\)"),
        (lambda t: t.set_column(0, "customer_id", pa.array(range(t.num_rows))), "0 repeat customers"),
        (lambda t: t.set_column(2, "amount", pa.array([-1.0] * t.num_rows)), "there are no purchases"),
    ],
)  # fmt: skip
def test_too_little_data_is_refused(tmp_path, orders, change, what):
    with pytest.raises(TooLittleError, match=what) as result:
        valued(tmp_path, change(orders))
    assert result.value.exit_code == 3 and result.value.do and not (tmp_path / "clv.parquet").exists()


def test_identical_customers_are_refused(tmp_path):
    days = [START, START + dt.timedelta(days=30), START + dt.timedelta(days=90)]
    table = pa.table(
        {"customer_id": np.repeat(range(300), 3), "ordered_at": pa.array(days * 300), "amount": [5.0] * 900}
    )
    with pytest.raises(TooLittleError, match="All 300 customers have the same history"):
        valued(tmp_path, table)


def test_equal_amounts_withhold_the_value_but_not_the_purchases(tmp_path, orders):
    each_day = {
        (who, at.date()): at for who, at in zip(*(orders[n].to_pylist() for n in orders.schema.names[:2]), strict=True)
    }
    rows = [(who, at, 5.0) for (who, _), at in each_day.items()]
    done, table = valued(
        tmp_path, pa.table(dict(zip(orders.schema.names, map(list, zip(*rows, strict=True)), strict=True)))
    )
    assert "no value is predicted" in done.notes[-1] and done.totals == {}
    assert table["probability_alive"].null_count == 0
    assert table["predicted_clv_1y"].null_count == table["total_clv"].null_count == table.num_rows


def test_who_buys_every_day_and_who_gives_all_back(tmp_path, orders):
    """500 purchase days of one customer, and refunds above all that was paid: numbers all the same."""
    every = pa.table({
        "customer_id": [77_777] * 500,
        "ordered_at": pa.array([START + dt.timedelta(days=i) for i in range(500)], orders.schema.field(1).type),
        "amount": [1e9] * 500,
    })  # fmt: skip
    done, table = valued(tmp_path, pa.concat_tables([orders, every]))
    row = table.filter(pa.compute.equal(table["customer_id"], 77_777)).to_pylist()[0]
    assert (row["repeat_count"], row["age_days"]) == (499, 499) and 0 < row["probability_alive"] <= 1
    assert row["expected_purchases_30d"] == pytest.approx(30, rel=0.15) and all_are_numbers(table)
    back = pa.table(
        {"customer_id": [1], "ordered_at": pa.array([START], orders.schema.field(1).type), "amount": [-1e9]}
    )
    done, table = valued(tmp_path, pa.concat_tables([orders, back]))
    assert done.customers == 600 and all_are_numbers(table)
    spent = table.filter(pa.compute.equal(table["customer_id"], 1))["expected_spend"].to_pylist()
    assert spent[0] == min(table["expected_spend"].to_pylist())  # the least of all, though not below nothing


def test_a_lifetime_ends_where_it_is_set_to(tmp_path, orders):
    by_years = {}
    for years in (1, 5, 20):
        _, table = valued(tmp_path, orders, settings=build_settings(lifetime_years=years))
        by_years[years] = sum(table["residual_clv"].to_pylist())
        if years < 20:
            assert table["residual_clv"].to_pylist() == pytest.approx(table[f"predicted_clv_{years}y"].to_pylist())
    assert by_years[1] < by_years[5] < by_years[20]


@pytest.mark.parametrize("model", ["bg_nbd", "pareto_nbd"])
def test_another_model(tmp_path, orders, model):
    done, table = valued(tmp_path, orders, settings=build_settings(model=model))
    assert done.model.lower() == model.replace("_", "/") and all_are_numbers(table)


@pytest.mark.parametrize(
    ("options", "kind", "what", "do"),
    [
        ({"customer": "custmer_id"}, SettingsError, "There is no column custmer_id", "--customer: customer_id"),
        ({"at": "amount"}, SourceError, "amount is DOUBLE, not a time", "--at"),
        ({"amount": "ordered_at"}, SourceError, "not an amount", "--amount"),
        ({"as_of": "soon"}, SettingsError, "soon is not a valid date", "YYYY-MM-DD"),
        ({"as_of": "1999-01-01"}, SourceError, "There are no orders up to 1999-01-01", "later"),
        ({"gross_margin": 3.0}, SettingsError, "A margin of 3.0", "0 to 1"),
        ({"settings": build_settings(model="mbg_cnbd_k")}, SettingsError, "needs the gaps", "mbg_nbd"),
        ({"memory_limit": "lots"}, SettingsError, "not a valid amount of memory", "4GB"),
    ],
)
def test_wrong_options_are_refused(tmp_path, orders, options, kind, what, do):
    with pytest.raises(kind, match=what) as result:
        valued(tmp_path, orders, **options)
    assert do in result.value.do


def test_wrong_settings_are_refused():
    with pytest.raises(SettingsError, match="greater than or equal to 30") as result:
        build_settings(horizon_days=3)
    assert result.value.where == "--horizon-days"


@pytest.mark.parametrize(
    ("column", "bad", "what"),
    [
        ("ordered_at", ["2023-01-01", "yesterday"], "1 values are not a time, such as 'yesterday'"),
        ("amount", ["5.00", "five"], "1 values are not an amount, such as 'five'"),
        ("amount", [5.0, math.nan], "they must be numbers"),
        ("amount", [5.0, math.inf], "they must be numbers"),
        ("amount", [5.0, 1e16], "they must be numbers below 10"),
        ("ordered_at", [None, None], "None of 2 orders has a time"),
        ("customer_id", [None, None], "None of 2 orders has a customer"),
    ],
)
def test_values_that_cannot_be_read(tmp_path, column, bad, what):
    plain = {"customer_id": [1, 2], "ordered_at": [START, START], "amount": [5.0, 5.0]}
    kind = {"ordered_at": pa.timestamp("us"), "customer_id": pa.int64()}.get(column) if bad[0] is None else None
    with pytest.raises(SourceError, match=what):
        valued(tmp_path, pa.table({**plain, column: pa.array(bad, kind)}))


def test_files_that_are_not_there_or_empty(tmp_path, orders):
    with pytest.raises(SourceError, match="No such file"):
        value(tmp_path / "none.parquet", tmp_path / "clv.parquet")
    with pytest.raises(SourceError, match="has no rows"):
        valued(tmp_path, orders.slice(0, 0))
    for name in ("bad.parquet", "bad.csv"):
        (tmp_path / name).write_bytes(b"" if name.endswith("csv") else b"no parquet at all")
        with pytest.raises(PatronError):
            value(tmp_path / name, tmp_path / "clv.parquet")


@pytest.mark.parametrize("to", ["clv.xlsx", "nowhere/clv.parquet", "folder.parquet"])
def test_an_output_that_cannot_be_written_is_refused_before_any_work(tmp_path, orders, to):
    (tmp_path / "folder.parquet").mkdir()
    with pytest.raises(SettingsError) as result:
        value(written(tmp_path, orders), tmp_path / to)
    assert result.value.where == "--to"


def test_the_orders_are_never_written_over(tmp_path, orders):
    path = written(tmp_path, orders)
    with pytest.raises(SettingsError, match="overwritten"):
        value(path, path)


def test_a_full_disk_leaves_what_was_there(tmp_path, orders, monkeypatch):
    import errno

    from patron.predict.orders_file.write import ScoreWriter

    done, _ = valued(tmp_path, orders)
    before = done.to.read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ScoreWriter, "_add", full)
    with pytest.raises(EngineError, match="The disk refused to write"):
        value(tmp_path / "orders.parquet", done.to)
    assert done.to.read_bytes() == before and len(list(tmp_path.iterdir())) == 2


def test_text_ids_blank_ids_and_other_names(tmp_path, orders):
    names = ["shopper", "day", "paid"]
    text = [f"C{n}" if n % 50 else " " for n in orders["customer_id"].to_pylist()]
    days = [at.date() for at in orders["ordered_at"].to_pylist()]
    table = pa.table([pa.array(text), pa.array(days), orders["amount"].cast(pa.string())], names)
    done, found = valued(tmp_path, table, customer="shopper", at="day", amount="paid")
    assert done.left_out.guests == text.count(" ") and done.customers == len(set(text)) - 1
    assert set(found["customer_id"].to_pylist()) == set(text) - {" "}


def test_one_json_document(tmp_path, orders, capsys):
    with pytest.raises(SystemExit):
        main(["value", str(written(tmp_path, orders)), "--to", str(tmp_path / "clv.csv"), "--json"])
    result = json.loads(capsys.readouterr().out)
    assert result["customers"] == 600 and result["as_of_date"] == str(result["as_of_date"])
    assert patron.value is value


def test_the_pages_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = Path(__file__).parents[3] / "docs" / "predictions.md"
    block = re.search(r"```python\n(.*?)```", page.read_text(), flags=re.DOTALL)
    exec(compile(block[1], str(page), "exec"), {})
    assert "'predicted_clv_1y_high_95'" in capsys.readouterr().out
