"""The instacart example's files: the shape and the traps of the public files, and a truth that adds up."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from decimal import Decimal
from importlib import resources
from itertools import pairwise
from statistics import mean

import pytest

from patron.examples.instacart.generator import generate

ORDERS, PRODUCTS, USERS = "orders.csv", "products.csv", "users.csv"
PRIOR, TRAIN = "order_products__prior.csv", "order_products__train.csv"
FIRST_LINES = {
    ORDERS: "order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order",
    PRIOR: "order_id,product_id,add_to_cart_order,reordered",
    TRAIN: "order_id,product_id,add_to_cart_order,reordered",
    PRODUCTS: "product_id,product_name,aisle_id,department_id",
    "aisles.csv": "aisle_id,aisle",
    "departments.csv": "department_id,department",
    USERS: "user_id,address1,address2,city,state,zip",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("instacart")


@pytest.fixture(scope="module")
def written(folder):
    return generate(folder)


@pytest.fixture(scope="module")
def tables(folder, written):
    return {name: table(folder / name) for name in FIRST_LINES}


@pytest.fixture(scope="module")
def kept(tables):
    """The lines that belong to an order on file and did not break off."""
    known = {row["order_id"] for row in tables[ORDERS]}
    lines = tables[PRIOR] + tables[TRAIN]
    return [row for row in lines if row["order_id"] in known and row["add_to_cart_order"]]


@pytest.fixture(scope="module")
def baskets(tables, kept):
    """Customer -> the baskets of their orders with lines, in order."""
    contents = defaultdict(list)
    for row in kept:
        contents[row["order_id"]].append(row["product_id"])
    found = defaultdict(list)
    for row in sorted(tables[ORDERS], key=lambda row: int(row["order_number"])):
        if row["order_id"] in contents:
            found[int(row["user_id"])].append(contents[row["order_id"]])
    return found


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def assumed(name):
    file = resources.files("patron").joinpath("examples", "instacart", "assumptions", name)
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def test_the_files_have_the_names_and_headers_of_the_public_ones(folder, written):
    assert written["files"] == [folder / name for name in FIRST_LINES]
    for name, first in FIRST_LINES.items():
        assert (folder / name).read_bytes().startswith(f"{first}\r\n".encode())


def test_size_is_some_25_000_lines(written):
    assert 22_000 < written["lines"] < 31_000
    assert 180 < written["customers"] < 300


def test_truth_counts_what_the_files_hold(tables, kept, written):
    orders, with_lines = tables[ORDERS], {row["order_id"] for row in kept}
    assert written["orders"] == len(orders) == len({row["order_id"] for row in orders})
    assert written["customers"] == len({row["user_id"] for row in orders}) == len(tables[USERS])
    assert written["orders_without_lines"] == sum(row["order_id"] not in with_lines for row in orders) > 20
    assert written["lines"] == len(kept) == len({(row["order_id"], row["product_id"]) for row in kept})
    all_lines = len(tables[PRIOR] + tables[TRAIN])
    assert written["lines"] + written["foreign_lines"] + written["broken_lines"] == all_lines


def test_truth_of_amounts_follows_the_assumed_prices(tables, kept, written):
    """An article costs the lowest price of its department and id mod 11 steps more; 1 - margin of it is its cost."""
    prices = {row["department_id"]: row for row in assumed("prices.csv")}
    names = {row["department_id"]: row["department"] for row in tables["departments.csv"]}
    departments = {row["product_id"]: row["department_id"] for row in tables[PRODUCTS]}
    amounts, costs = defaultdict(Decimal), defaultdict(Decimal)
    for row in kept:
        output = prices[departments[row["product_id"]]]
        price = Decimal(output["lowest_price"]) + int(row["product_id"]) % 11 * Decimal(output["price_step"])
        amounts[names[output["department_id"]]] += price
        costs[names[output["department_id"]]] += price * (1 - Decimal(output["margin_rate"]))
    assert written["by_department"] == {name: (amounts[name], costs[name]) for name in names.values()}
    assert (written["amount"], written["cost"]) == (sum(amounts.values()), sum(costs.values()))


def test_assumptions_cover_every_department_and_state(tables):
    ids = [str(number) for number in range(1, 22)]
    assert [row["department_id"] for row in assumed("prices.csv")] == ids
    assert [row["department_id"] for row in assumed("returns.csv")] == ids
    assert [row["department_id"] for row in tables["departments.csv"]] == ids
    regions = {row["state"]: row["region"] for row in assumed("regions.csv")}
    assert Counter(regions.values()) == {"South": 17, "West": 13, "Midwest": 12, "Northeast": 9}  # with DC
    assert {row["state"] for row in tables[USERS]} <= regions.keys()


def test_orders_have_number_weekday_hour_and_gap(tables, written):
    histories = defaultdict(list)
    for row in tables[ORDERS]:
        histories[int(row["user_id"])].append(row)
    assert histories.keys() == written["histories"].keys()
    capped = 0
    for customer, times in written["histories"].items():
        rows = sorted(histories[customer], key=lambda row: int(row["order_number"]))
        assert [int(row["order_number"]) for row in rows] == list(range(1, len(times) + 1))
        assert [int(row["order_dow"]) for row in rows] == [at.isoweekday() % 7 for at in times]
        assert [int(row["order_hour_of_day"]) for row in rows] == [at.hour for at in times]
        true = [(later.date() - at.date()).days for at, later in pairwise(times)]
        assert [int(row["days_since_prior_order"]) for row in rows[1:]] == [min(days, 30) for days in true]
        assert times == sorted(set(times))
        capped += sum(days >= 30 for days in true)
    assert written["capped_gaps"] == capped > 50


def test_traps_of_the_public_files(tables, folder):
    first = [row for row in tables[ORDERS] if row["order_number"] == "1"]
    assert {row["days_since_prior_order"] for row in first} == {"", "NULL"}
    assert all(re.fullmatch(r"[0-9]|1[0-9]|2[0-3]", row["order_hour_of_day"]) for row in tables[ORDERS])
    assert {row["order_hour_of_day"] for row in tables[ORDERS]} >= {"7", "8", "9"}
    assert re.search(rb"\r\n\d+,\d+,,\r\n$", (folder / TRAIN).read_bytes())
    assert any('9\\" Pie Shell' in row["product_name"] for row in tables[PRODUCTS])
    assert any(", " in row["product_name"] for row in tables[PRODUCTS])
    assert {bool(row["address2"]) for row in tables[USERS]} == {True, False}


def test_the_last_order_of_each_is_train_or_test_and_test_orders_have_no_lines(tables):
    lines = {name: {row["order_id"] for row in tables[name]} for name in (PRIOR, TRAIN)}
    last = Counter()
    for row in tables[ORDERS]:
        last[row["user_id"]] = max(last[row["user_id"]], int(row["order_number"]))
    for row in tables[ORDERS]:
        is_last = int(row["order_number"]) == last[row["user_id"]]
        assert is_last == (row["eval_set"] != "prior")
        assert (row["order_id"] in lines[PRIOR]) == (row["eval_set"] == "prior")
        assert (row["order_id"] in lines[TRAIN]) == (row["eval_set"] == "train")


def test_reordered_says_whether_the_customer_had_it_before(tables, kept):
    placed = {row["order_id"]: (int(row["user_id"]), int(row["order_number"])) for row in tables[ORDERS]}
    had = defaultdict(set)
    for row in sorted(kept, key=lambda row: placed[row["order_id"]]):
        customer, number = placed[row["order_id"]]
        before = {product for product, first in had[customer] if first < number}
        assert (row["reordered"] == "1") == (row["product_id"] in before)
        had[customer].add((row["product_id"], number))


def test_products_are_of_the_aisles_and_departments_on_the_lists(tables):
    for key, name in (("aisle_id", "aisles.csv"), ("department_id", "departments.csv")):
        assert {row[key] for row in tables[PRODUCTS]} == {row[key] for row in tables[name]}
    department = defaultdict(set)
    for row in tables[PRODUCTS]:
        department[row["aisle_id"]].add(row["department_id"])
    assert all(len(found) == 1 for found in department.values())
    assert len({row["product_name"] for row in tables[PRODUCTS]}) == len(tables[PRODUCTS]) > 200


def test_pairs_are_bought_together_far_more_often_than_by_chance(baskets, written):
    orders = [set(basket) for own in baskets.values() for basket in own]
    for pair in written["pairs"]:
        one, other = (sum(str(product) in basket for basket in orders) for product in pair)
        both = sum({str(product) for product in pair} <= basket for basket in orders)
        assert both > 80
        assert both * len(orders) / (one * other) > 10  # lift


def test_baskets_shrink_and_grow_where_the_truth_says_so(baskets, written):
    """Of the customers with six orders or more: the last three baskets against the first three."""
    changed = {}
    for customer, own in baskets.items():
        if len(own) >= 6:
            early, recent = (sum(map(len, part)) for part in (own[:3], own[-3:]))
            changed[customer] = recent / early - 1
    shrinking, growing = (changed.keys() & written[kind] for kind in ("shrinking", "growing"))
    assert min(len(shrinking), len(growing)) > 10
    assert max(changed[customer] for customer in shrinking) < -0.2
    assert min(changed[customer] for customer in growing) > 0.2
    others = [change for customer, change in changed.items() if customer not in written["shrinking"]]
    assert mean(change < -0.2 for change in others) < 0.03


def test_first_baskets_are_smaller_and_loyal_ones_larger(baskets, written):
    special = set().union(*(written[kind] for kind in ("growing", "shrinking", "golden", "lapsed")))
    first, usual, late = [], [], []
    for customer in baskets.keys() - special:
        sizes = [len(basket) for basket in baskets[customer]]
        if len(sizes) > 15:
            first.append(sizes[0])
            usual += [mean(sizes[1:10])]
            late += [mean(sizes[10:])]
    assert mean(first) / mean(usual) == pytest.approx(written["first_order_factor"], abs=0.1)
    assert mean(late) / mean(usual) - 1 == pytest.approx(written["loyalty_uplift"], abs=0.06)
    assert written["loyal"] == {customer for customer, own in baskets.items() if len(own) > 10}


def test_regions_have_their_day_and_hour(tables, written):
    regions = {row["state"]: row["region"] for row in assumed("regions.csv")}
    living = {row["user_id"]: regions[row["state"]] for row in tables[USERS]}
    weekdays, hours = defaultdict(Counter), defaultdict(Counter)
    for row in tables[ORDERS]:
        weekdays[living[row["user_id"]]][int(row["order_dow"])] += 1
        hours[living[row["user_id"]]][int(row["order_hour_of_day"])] += 1
    found = {region: (weekdays[region].most_common(1)[0][0], hours[region].most_common(1)[0][0]) for region in hours}
    assert found == written["habits"]


def test_the_golden_fill_the_largest_baskets_and_the_lapsed_are_silent(baskets, written):
    size = {customer: mean(map(len, own)) for customer, own in baskets.items()}
    others = [size[customer] for customer in size.keys() - written["golden"]]
    assert min(size[customer] for customer in written["golden"]) > max(others)
    histories = written["histories"]
    end = max(times[-1] for times in histories.values())
    assert len(written["lapsed"]) > 5
    assert all((end - histories[customer][-1]).days > 90 for customer in written["lapsed"])


@pytest.mark.parametrize("seed", [1, 2])
def test_same_seed_same_files(tmp_path, seed):
    one, two = (generate(tmp_path / name, customers=60, seed=seed) for name in ("one", "two"))
    assert [p.read_bytes() for p in one["files"]] == [p.read_bytes() for p in two["files"]]


def test_another_seed_is_another_shop(tmp_path):
    one, two = (generate(tmp_path / str(seed), customers=60, seed=seed) for seed in (4, 5))
    assert one["amount"] != two["amount"]
