"""The real files of UCI Online Retail: known totals, and everything again by a second route over the files."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from patron.examples.scaffold import init
from patron.pipeline.check.check import check
from shops.building import OBSERVED, BuiltShop, Row, picked
from transform.measures.refunded_orders import Document, find_refunded

D = Decimal

pytestmark = pytest.mark.real_data

LAST_DAY = dt.date(2011, 12, 9)
AS_OF = LAST_DAY


def rows_landed(report) -> int:
    return sum(landing.rows for landing in report.landed.values())


def linked(days: list[Path], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for day in days:
        (folder / day.name).symlink_to(day)


@pytest.fixture(scope="module")
def shop(online_retail_days, tmp_path_factory) -> BuiltShop:
    """The shipped example on all 305 files at once."""
    folder = tmp_path_factory.mktemp("online_retail")
    linked(online_retail_days, folder / "files")
    init(folder / "shop", "online_retail", folder / "files")
    built = BuiltShop(folder / "shop")
    built.run()
    return built


@pytest.fixture(scope="module")
def whole(shop) -> dict[str, list[Row]]:
    return shop.gold()


def build_in_batches(batches: list[list[Path]], folder: Path, models: Path) -> BuiltShop:
    """A run after each batch of files; before the last it is given `models`, since a model says when it was fitted."""
    linked(batches[0], folder / "files")
    init(folder / "shop", "online_retail", folder / "files")
    built = BuiltShop(folder / "shop")
    built.run()
    for batch in batches[1:]:
        linked(batch, folder / "files")
        if batch is batches[-1]:
            shutil.copytree(models, built.project.models, dirs_exist_ok=True)
        assert rows_landed(built.run()) > 0
    return built


class TestKnownTotals:
    def test_bronze_holds_every_row_of_every_file(self, shop):
        (held,) = shop.query("select count(*) as n, count(distinct _source_file) as files from bronze.receipts")
        assert held == {"n": 541_909, "files": 305}
        assert rows_landed(shop.report) == 541_909

    def test_row_accounting_closes(self, shop):
        accounting = shop.by("quarantine.row_accounting", "entity")
        names = ("row_count", "silver_count", "duplicate_count", "quarantined_count", "filtered_count")
        assert picked(accounting["order_lines"], *names) == (541_909, 541_909, 0, 0, 0)
        assert picked(accounting["customers"], *names) == (541_909, 4_372, 541_909 - 135_080 - 4_372, 0, 135_080)
        for row in accounting.values():
            assert row["row_count"] == sum(row[name] for name in names[1:])

    def test_exact_duplicates_are_counted(self, shop):
        rows = [finding.detail for finding in check(shop.project).findings if finding.section == "rows"]
        assert [detail for detail in rows if "exact" in detail] == [
            "541,909 in = 541,909 silver + 0 duplicates + 0 quarantined + 0 filtered (5,268 exact duplicates among them)"
        ]

    def test_ledger_before_classification(self, shop):
        ledger = shop.rows("measures.ledger")
        assert sum(row["raw_amount"] for row in ledger) == D("9747747.934")
        assert len(ledger) == 305

    def test_check_finds_nothing_wrong(self, shop):
        now = dt.datetime.now(dt.UTC)
        assert [finding for finding in check(shop.project, now=now).findings if finding.status == "fail"] == []

    def test_customer_17850(self, shop):
        names = ("order_count", "gross_amount", "refund_amount", "net_amount", "tenure_days", "days_since_last_order")
        row = shop.by("gold.customer_360", "customer_id")["17850"]
        assert picked(row, *names) == (34, D("5391.21"), D("-102.58"), D("5288.63"), 373, 372)
        assert picked(row, "churn_group", "is_churned", "country") == ("Churned", True, "United Kingdom")

    def test_counts(self, shop, whole):
        assert len(whole["customer_360"]) == 4_372
        assert len(whole["dim_date"]) == len(whole["engagement_daily"]) == len(whole["kpi_overall"]) == 374
        assert {row["as_of_date"] for row in whole["customer_360"]} == {AS_OF}
        assert sum(row["score_triple_count"] for row in whole["dim_rfm_segment"]) == 125

    def test_last_kpi_agrees_with_the_customers(self, whole):
        last = whole["kpi_overall"][-1]
        buyers = whole["fct_customer_metrics"]
        assert last["kpi_date"] == LAST_DAY
        assert last["customer_count"] == len(buyers)
        assert last["churned_customer_count"] == sum(row["is_churned"] for row in buyers)
        assert last["repeat_customer_count"] == sum(row["order_count"] > 1 for row in buyers)
        assert last["order_count"] - last["guest_order_count"] == sum(row["order_count"] for row in buyers)


@pytest.fixture(scope="module")
def files(online_retail_days):
    """Lines of known customers that are goods, read from the files by DuckDB alone."""
    with duckdb.connect() as connection:
        folder = online_retail_days[0].parent
        connection.execute(
            f"""
            create table bought as
            with raw as (
                select InvoiceNo as invoice, StockCode as code, lower(coalesce(Description, '')) as words,
                    Quantity::bigint as pieces, UnitPrice::decimal(18, 4) as price,
                    InvoiceDate::timestamp as moment, InvoiceDate::timestamp::date as day, split_part(CustomerID, '.', 1) as who
                from read_csv('{folder}/*.csv', all_varchar = true, header = true)
                where CustomerID is not null
            )
            select *, pieces * price as amount,
                not starts_with(invoice, 'C') and pieces > 0 and price > 0 as is_sale
            from raw
            where words not like '%adjust bad debt%'
                and code not in ('POST', 'DOT', 'C2', 'BANK CHARGES', 'CRUK', 'AMAZONFEE', 'M', 'm', 'S')
                and not (price <> 0 and code <> 'D' and regexp_matches(words,
                    'postage|bank charges|cruk commission|mailout|amazon fee|carriage'))
            """
        )
        yield connection


class TestSecondRoute:
    """From the files, in SQL written for this test: other expressions, joins of days to days, no windows."""

    def test_every_customers_orders_money_and_days(self, shop, files):
        sql = f"""
            select who,
                count(distinct invoice) filter (where is_sale and code <> 'D') as order_count,
                coalesce(sum(amount) filter (where is_sale and code <> 'D'), 0) as gross_amount,
                coalesce(sum(amount) filter (where is_sale or code = 'D' or pieces < 0), 0) as net_amount,
                date '{AS_OF}' - max(day) filter (where is_sale and code <> 'D') as days_since_last_order,
                date '{AS_OF}' - min(day) filter (where is_sale and code <> 'D') as tenure_days
            from bought group by who
        """
        names = ("order_count", "gross_amount", "net_amount", "days_since_last_order", "tenure_days")
        expected = {who: tuple(rest) for who, *rest in files.execute(sql).fetchall()}
        measured = shop.by("gold.customer_360", "customer_id")
        bought = {who: row for who, row in expected.items() if row[0]}
        assert {who: picked(row, *names) for who, row in measured.items() if row["order_count"]} == bought
        # who only had charges, corrections or refunds
        others = {who: picked(row, *names[:3]) for who, row in measured.items() if not row["order_count"]}
        assert others == {who: expected.get(who, (0, 0, 0))[:3] for who in others}

    def test_purchases_of_the_models(self, shop, files):
        """Days with a receipt that no credit note gave back in full."""
        sql = """
            select who, invoice, min(day), min(moment), coalesce(sum(amount) filter (where is_sale or code = 'D'), 0),
                coalesce(-sum(amount) filter (where pieces < 0 and code <> 'D'), 0), bool_or(is_sale and code <> 'D')
            from bought group by who, invoice
        """
        rows = files.execute(sql).fetchall()
        refunded = find_refunded(
            Document(who, invoice, day, moment, round(sold, 2), round(back, 2), None)
            for who, invoice, day, moment, sold, back, _ in rows
        )
        days: dict[str, set] = {}
        for who, invoice, day, *_, has_sale in rows:
            if has_sale and invoice not in refunded:
                days.setdefault(who, set()).add(day)
        measured = shop.by("measures.customer_measures", "customer_id")
        assert {who: row["kept_day_count"] for who, row in measured.items() if row["kept_day_count"]} == {
            who: len(own) for who, own in days.items()
        }
        assert len(refunded) > 100
        assert measured["12346"]["repeat_count"] is None  # 77,183.60, and back within the hour
        assert measured["16446"]["repeat_count"] == 0  # 168,469.60 likewise; what is left is 2.90

    def test_engagement_of_every_day(self, shop, files):
        sql = """
            with days as (select unnest(generate_series(min(day), max(day), interval 1 day))::date as day from bought),
            came as (select distinct who, day from bought where is_sale and code <> 'D')
            select days.day,
                count(distinct who) filter (where came.day = days.day) as dau,
                count(distinct who) filter (where came.day > days.day - 7) as wau,
                count(distinct who) as mau
            from days left join came on came.day between days.day - 29 and days.day
            group by days.day order by days.day
        """
        expected = files.execute(sql).fetchall()
        names = ("activity_date", "dau", "wau", "mau")
        assert [picked(row, *names) for row in shop.rows("gold.engagement_daily")] == expected
        assert len(expected) == 374

    def test_quantile_scores_by_counting(self, shop):
        """Strictly worse buyers, counted from the values that gold shows."""
        rows = shop.rows("gold.customer_rfm")
        for value, score, sign in [
            ("days_since_last_order", "recency_score", -1),
            ("order_count", "frequency_score", 1),
            ("net_amount", "monetary_score", 1),
        ]:
            counts = Counter(sign * row[value] for row in rows)
            worse, so_far = {}, 0
            for amount in sorted(counts):
                worse[amount] = so_far
                so_far += counts[amount]
            assert all(row[score] == 5 * worse[sign * row[value]] // len(rows) + 1 for row in rows)


def test_a_second_run_lands_nothing_and_changes_nothing(shop, whole):
    again = shop.run()
    assert (rows_landed(again), again.is_new) == (0, False)
    assert shop.gold() == whole


def measured(gold: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Without what each run observed: three runs see three days."""
    return {name: rows for name, rows in gold.items() if name not in OBSERVED}


@pytest.mark.soak
def test_three_batches_give_the_same_as_all_at_once(online_retail_days, tmp_path, shop, whole):
    batches = [
        [day for day in online_retail_days if day.name < "2011-02"],
        [day for day in online_retail_days if "2011-02" <= day.name < "2011-03-15"],
        [day for day in online_retail_days if day.name >= "2011-03-15"],
    ]
    assert measured(build_in_batches(batches, tmp_path, shop.project.models).gold()) == measured(whole)


@pytest.mark.soak
def test_a_month_at_a_time_gives_the_same_as_all_at_once(online_retail_days, tmp_path, shop, whole):
    months = sorted({day.name[:7] for day in online_retail_days})
    assert len(months) == 13
    batches = [[day for day in online_retail_days if day.name.startswith(month)] for month in months]
    assert measured(build_in_batches(batches, tmp_path, shop.project.models).gold()) == measured(whole)
