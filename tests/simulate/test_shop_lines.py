"""The lines of a simulated shop: the same for a seed, in order, and adding up."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta

import pyarrow as pa
import pytest

from patron.errors import SettingsError
from patron.simulate import ShopSpec, plan_shop, simulate_shop
from patron.simulate.ledger import Ledger
from patron.simulate.streams import Subject, stream

SPEC = ShopSpec(
    customers=900,
    start=date(2023, 3, 1),
    days=400,
    seed=11,
    products=60,
    refund_rate=0.1,
    charge_rate=0.2,
    discount_rate=0.1,
    guest_rate=0.2,
    closed_weekdays=(6,),
    opening_hours=(9, 17),
    promotion_days=tuple(date(2023, 3, 1) + timedelta(days=d) for d in range(0, 400, 10)),
)


@pytest.fixture(scope="module")
def shop():
    return simulate_shop(SPEC)


@pytest.fixture(scope="module")
def rows(shop):
    return shop.table().to_pylist()


def within(observed: float, expected: float, deviation: float) -> bool:
    """Whether a result lies within four standard deviations of what theory expects."""
    return abs(observed - expected) <= 4 * deviation


def test_same_seed_same_shop_other_seed_other_shop(shop):
    assert simulate_shop(SPEC).table().equals(shop.table())
    other = ShopSpec(customers=900, seed=12)
    assert not simulate_shop(other).table().equals(simulate_shop(ShopSpec(customers=900, seed=13)).table())


@pytest.mark.parametrize("size", [97, 1000, 10**6])
def test_lines_do_not_depend_on_the_batch_size(shop, size):
    batches = list(shop.batches(rows=size))
    assert pa.Table.from_batches(batches).combine_chunks().equals(shop.table().combine_chunks())
    assert all(batch.num_rows == size for batch in batches[:-1])


def test_truth_does_not_depend_on_whether_lines_were_read(shop):
    assert simulate_shop(SPEC).truth.equals(shop.truth)


def test_lines_come_in_order_of_time_and_are_numbered_on_each_order(rows):
    keys = [(row["ordered_at"], row["order_id"], row["line_number"]) for row in rows]
    assert keys == sorted(keys)
    assert len({key[1:] for key in keys}) == len(keys)
    lines_of = Counter(row["order_id"] for row in rows)
    last_number = {row["order_id"]: row["line_number"] for row in rows}
    assert last_number == dict(lines_of)


def test_an_order_has_one_time_customer_and_country(rows):
    orders = {(r["order_id"], r["ordered_at"], r["customer_id"], r["country"]) for r in rows}
    assert len(orders) == len({order[0] for order in orders})


def test_nothing_happens_outside_the_period_or_behind_closed_doors(rows):
    times = [row["ordered_at"] for row in rows]
    assert min(times).date() >= SPEC.start
    assert max(times).date() < SPEC.start + timedelta(days=SPEC.days)
    assert all(9 <= time.hour < 17 and time.weekday() != 6 for time in times)


def test_kinds_have_the_signs_of_their_kind(rows):
    signs = {(row["kind"], row["quantity"] > 0) for row in rows}
    assert signs == {("sale", True), ("return", False), ("discount", False), ("charge", True)}
    assert all(row["unit_price"] > 0 and row["quantity"] != 0 for row in rows)


def test_shares_of_guests_discounts_charges_and_returns_are_those_of_the_spec(rows):
    sales = [row for row in rows if row["kind"] == "sale"]
    orders = {row["order_id"]: row["customer_id"] for row in sales}
    n = len(orders)
    counts = Counter(row["kind"] for row in rows)
    # Guest orders are Poisson given the others, so their share g varies by (1 - g) sqrt(g / n).
    guests, g = sum(customer is None for customer in orders.values()), SPEC.guest_rate
    assert within(guests / n, g, (1 - g) * math.sqrt(g / n))
    for kind, rate in (("discount", SPEC.discount_rate), ("charge", SPEC.charge_rate)):
        assert within(counts[kind] / n, rate, math.sqrt(rate * (1 - rate) / n))
    safe = SPEC.start + timedelta(days=SPEC.days - 40)
    early = {row["order_id"] for row in sales if row["ordered_at"].date() < safe}
    m = sum(row["order_id"] in early for row in sales)
    returned = sum(row["returned_order_id"] in early for row in rows)
    assert within(returned / m, SPEC.refund_rate, math.sqrt(SPEC.refund_rate * (1 - SPEC.refund_rate) / m))


def test_refunds_never_exceed_what_was_sold_and_come_later_at_the_price_paid(rows):
    sold, sold_at = defaultdict(int), {}
    for row in rows:
        if row["kind"] == "sale":
            sold[row["order_id"], row["customer_id"], row["product_id"], row["unit_price"]] += row["quantity"]
            sold_at[row["order_id"]] = row["ordered_at"]
    returns = [row for row in rows if row["kind"] == "return"]
    assert returns
    for row in returns:
        key = row["returned_order_id"], row["customer_id"], row["product_id"], row["unit_price"]
        sold[key] += row["quantity"]
        assert row["ordered_at"] > sold_at[row["returned_order_id"]]
    assert min(sold.values()) >= 0


def test_an_article_has_its_price_a_changed_price_and_promotions_on_their_days_only(rows):
    prices = defaultdict(set)
    for row in rows:
        if row["kind"] == "sale" and row["ordered_at"].date() not in SPEC.promotion_days:
            prices[row["product_id"]].add(row["unit_price"])
    counts = Counter(len(p) for p in prices.values())
    assert set(counts) == {1, 2}
    promoted = {
        row["product_id"]
        for row in rows
        if row["kind"] == "sale" and row["unit_price"] not in prices[row["product_id"]]
    }
    assert within(len(promoted), 60 * SPEC.promotion_share, math.sqrt(60 * 0.3 * 0.7))


def test_truth_counts_the_orders_that_the_lines_hold(shop, rows):
    orders = {(r["customer_id"], r["order_id"]) for r in rows if r["kind"] == "sale" and r["customer_id"]}
    counted = Counter(customer for customer, _ in orders)
    truth = dict(zip(shop.truth["customer_id"].to_pylist(), shop.truth["order_count"].to_pylist(), strict=True))
    assert counted == truth


def test_each_subject_and_slice_has_random_numbers_of_its_own():
    starts = {stream(1, subject, index).random() for subject in Subject for index in range(20)}
    assert len(starts) == 20 * len(Subject)


def test_a_customer_is_acquired_by_their_first_order_and_buys_nothing_after_leaving(shop, rows):
    first, last = {}, {}
    for row in rows:
        if row["kind"] == "sale" and row["customer_id"]:
            first.setdefault(row["customer_id"], row["ordered_at"])
            last[row["customer_id"]] = row["ordered_at"]
    for customer in shop.truth.to_pylist():
        assert first[customer["customer_id"]] == customer["acquired_at"]
        assert (customer["left_at"] is None) == customer["is_alive"]
        assert customer["is_alive"] or last[customer["customer_id"]] <= customer["left_at"]


def test_ledger_adds_up_to_the_lines_by_kind(shop, rows):
    ledger = Ledger()
    for batch in shop.batches(rows=333):
        ledger.add(batch)
    amounts = defaultdict(int)
    for row in rows:
        amounts[row["kind"]] += row["quantity"] * row["unit_price"]
    assert ledger.amounts == amounts
    assert ledger.lines == Counter(row["kind"] for row in rows)


def test_product_names_and_ids_are_distinct_beyond_the_words_there_are():
    from patron.simulate.catalogue import draw_catalogue

    catalogue = draw_catalogue(ShopSpec(customers=1, products=30_000))
    assert len(set(catalogue.ids)) == len(set(catalogue.names)) == 30_002


@pytest.mark.parametrize(
    "settings",
    [
        {"seed": 1},
        {"seed": 2, "days": 90, "refund_rate": 0.1},
        {"seed": 3, "lines_per_order": 12, "guest_rate": 0.5},
    ],
)
def test_a_planned_shop_has_about_the_requested_lines(settings):
    spec = plan_shop(100_000, **settings)
    assert simulate_shop(spec).table().num_rows == pytest.approx(100_000, rel=0.1)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("customers", 0),
        ("seed", -1),
        ("guest_rate", 1.0),
        ("spend_q", 1.0),
        ("lines_per_order", 0.5),
        ("weekly_amplitude", 1.1),
        ("opening_hours", (9, 9)),
        ("closed_weekdays", tuple(range(7))),
        ("countries", ()),
    ],
)
def test_settings_that_make_no_shop_are_refused_by_name(setting, value):
    with pytest.raises(SettingsError) as refused:
        ShopSpec(**{"customers": 10, setting: value})
    assert refused.value.where == f"ShopSpec.{setting}"


def test_the_door_opens_without_heavy_libraries():
    code = "import sys, patron.simulate; assert not {'numpy', 'pyarrow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
