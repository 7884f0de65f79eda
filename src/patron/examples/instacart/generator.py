"""A year of a grocer that delivers, in the columns and with the traps of the public Instacart files.

When people order comes from patron.simulate. What is added here is the shop, its customers' habits and fates, and
baskets in which some articles belong together, so that every question about it has a known answer.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from patron.examples.instacart.carts import FIRST_ORDER_FACTOR, LOYAL_ORDERS, LOYALTY_UPLIFT, Carts, Order
from patron.examples.instacart.shelves import Article, aisles, departments, draw_articles
from patron.examples.instacart.shoppers import HABITS, Shopper, address_row, draw_shoppers, number_weekday

HEADERS = {
    "orders.csv": "order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order",
    "order_products__prior.csv": "order_id,product_id,add_to_cart_order,reordered",
    "order_products__train.csv": "order_id,product_id,add_to_cart_order,reordered",
    "products.csv": "product_id,product_name,aisle_id,department_id",
    "aisles.csv": "aisle_id,aisle",
    "departments.csv": "department_id,department",
    "users.csv": "user_id,address1,address2,city,state,zip",
}
CAP_DAYS = 30
_TRAIN = 0.64
_FOREIGN_ORDERS = 60

Rows = Iterable[tuple[object, ...]]


def generate(folder: Path, *, customers: int = 360, seed: int = 1) -> dict[str, Any]:
    """Write the shop of some `customers` people (fewer: who orders less than four times is no part) to `folder`.

    The truth: files; customers, orders, orders_without_lines, lines (of orders on file), foreign_lines (of others),
    broken_lines; amount and cost of the lines by the assumed prices, and by_department, name -> (amount, cost);
    histories, customer -> times of their orders; capped_gaps; by customer id: loyal (more than ten orders with
    lines), growing, shrinking, golden, lapsed; pairs of products that belong together; habits, region -> (weekday
    with 0 for Sunday, hour); first_order_factor and loyalty_uplift, what they do to a basket's size.
    """
    rng = random.Random(seed)
    articles = draw_articles(rng)
    carts = Carts(articles, rng)
    shoppers = draw_shoppers(customers, seed, rng)
    orders = [order for shopper in shoppers for order in carts.orders(shopper)]
    placed = _place_orders(orders, shoppers, rng)
    lines = _list_lines(placed, "prior"), _list_lines(placed, "train")
    foreign = _draw_foreign_lines(placed, articles, rng)
    broken = [(lines[1][-1][0], rng.choice(articles).product_id, "", "")]
    tables: dict[str, Rows] = {
        "orders.csv": _build_order_rows(placed, shoppers, rng),
        "order_products__prior.csv": sorted([*lines[0], *foreign], key=lambda line: (line[0], line[2])),
        "order_products__train.csv": [*lines[1], *broken],
        "products.csv": [article[:4] for article in articles],
        "aisles.csv": aisles(),
        "departments.csv": departments(),
        "users.csv": [address_row(shopper, rng) for shopper in shoppers],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        _write(folder / name, HEADERS[name], rows)
    kept = [product for each in lines for _, product, *_ in each]
    return {
        "files": [folder / name for name in HEADERS],
        "foreign_lines": len(foreign),
        "broken_lines": len(broken),
        **_summarize_orders(placed, shoppers),
        **_summarize_amounts(kept, {article.product_id: article for article in articles}),
        "pairs": carts.pairs,
        "habits": dict(HABITS),
        "first_order_factor": FIRST_ORDER_FACTOR,
        "loyalty_uplift": LOYALTY_UPLIFT,
    }


def _place_orders(orders: list[Order], shoppers: list[Shopper], rng: random.Random) -> list[tuple[int, str, Order]]:
    """Give each order a random id and its set: the last one of a customer is train, or test and has no lines."""
    ids = rng.sample(range(1, 10 * len(orders)), len(orders))
    last = {shopper.customer_id: len(shopper.times) for shopper in shoppers}
    sets = ["prior" if o.number < last[o.customer_id] else "train" if rng.random() < _TRAIN else "test" for o in orders]
    return list(zip(ids, sets, orders, strict=True))


def _list_lines(placed: list[tuple[int, str, Order]], eval_set: str) -> list[tuple[int, int, int, int]]:
    return [
        (order_id, product, place, int(again))
        for order_id, own_set, order in sorted(placed)
        if own_set == eval_set
        for place, (product, again) in enumerate(order.products, 1)
    ]


def _draw_foreign_lines(placed: list[tuple[int, str, Order]], articles: list[Article], rng: random.Random) -> list[Any]:
    """Draw lines of orders that orders.csv lacks."""
    known = {order_id for order_id, _, _ in placed}
    others = [number for number in range(1, 20 * len(placed)) if number not in known]
    return [
        (order_id, article.product_id, place, rng.randint(0, 1))
        for order_id in rng.sample(others, _FOREIGN_ORDERS)
        for place, article in enumerate(rng.sample(articles, rng.randint(1, 8)), 1)
    ]


def _build_order_rows(placed: list[tuple[int, str, Order]], shoppers: list[Shopper], rng: random.Random) -> Rows:
    times = {shopper.customer_id: shopper.times for shopper in shoppers}
    for order_id, eval_set, order in placed:
        own, number = times[order.customer_id], order.number
        gap = _count_gap(own, number) if number > 1 else rng.choice(("", "NULL"))
        at = own[number - 1]
        yield order_id, order.customer_id, eval_set, number, number_weekday(at), at.hour, gap


def _count_gap(times: list[Any], number: int) -> int:
    """Count the days since the order before, which the files do not count beyond the cap."""
    days: int = (times[number - 1].date() - times[number - 2].date()).days
    return min(days, CAP_DAYS)


def _write(file: Path, header: str, rows: Rows) -> None:
    with file.open("w", newline="", encoding="utf-8") as text:
        text.write(f"{header}\r\n")
        csv.writer(text).writerows(rows)


def _summarize_orders(placed: list[tuple[int, str, Order]], shoppers: list[Shopper]) -> dict[str, Any]:
    with_lines = Counter(order.customer_id for _, eval_set, order in placed if eval_set != "test")
    gaps = [_count_gap(each.times, number) for each in shoppers for number in range(2, len(each.times) + 1)]
    return {
        "customers": len(shoppers),
        "orders": len(placed),
        "orders_without_lines": len(placed) - with_lines.total(),
        "histories": {shopper.customer_id: shopper.times for shopper in shoppers},
        "capped_gaps": gaps.count(CAP_DAYS),
        "loyal": {customer for customer, count in with_lines.items() if count > LOYAL_ORDERS},
        **{
            kind: {shopper.customer_id for shopper in shoppers if shopper.kind == kind}
            for kind in ("growing", "shrinking", "golden", "lapsed")
        },
    }


def _summarize_amounts(kept: list[int], articles: dict[int, Article]) -> dict[str, Any]:
    by_department = {name: (Decimal(0), Decimal(0)) for _, name in departments()}
    names = dict(departments())
    for product in kept:
        article = articles[product]
        amount, cost = by_department[names[article.department_id]]
        by_department[names[article.department_id]] = amount + article.price, cost + article.cost
    return {
        "lines": len(kept),
        "amount": sum(amount for amount, _ in by_department.values()),
        "cost": sum(cost for _, cost in by_department.values()),
        "by_department": by_department,
    }
