"""Five questions of grocers made by chance, against the same in plain Python (question_reference_b.py), row by row."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from shops.building import BuiltShop, Row, add_files, write_project
from shops.random_grocer import random_grocer
from transform.measures.question_reference_b import Questions

SEEDS = [2]


@pytest.fixture(scope="module", params=SEEDS)
def made(request, build_shop):
    """A shop and its questions."""
    return _made(request.param, build_shop)


def _made(seed: int, build_shop) -> tuple[BuiltShop, Questions]:
    grocer = random_grocer(seed)
    return build_shop(f"grocer{seed}", grocer.settings(), grocer.files()), Questions(grocer)


def assert_same(found: Mapping[Any, Row], expected: Mapping[Any, Row], rounded: bool = False) -> None:
    """The same keys, and the same values in the columns that the reference tells: exact, or floats to 1e-9."""
    assert set(found) == set(expected)
    for key, row in expected.items():
        for name, value in row.items():
            is_float = isinstance(value, float)
            same = pytest.approx(value, rel=1e-9, abs=1.01e-4 if rounded else 1e-9) if is_float else value
            assert found[key][name] == same, f"{key}: {name} is {found[key][name]!r}, not {value!r}"
            assert not isinstance(value, Decimal) or not isinstance(found[key][name], float), f"{name} is a float"


def assert_answers(shop: BuiltShop, questions: Questions) -> None:
    partners, coverage = questions.affinity()
    assert_same(shop.by("gold.product_affinity", "product_id", "partner_rank"), partners)
    assert_same({0: shop.rows("gold.product_affinity_coverage")[0]}, {0: coverage})
    assert_same(shop.by("gold.region_hours", "region", "weekday", "hour_of_day"), questions.region_hours())
    assert_same(shop.by("gold.region_ordering_times", "region"), questions.regions())
    assert_same(shop.by("gold.loyalty_uplift", "customer_id"), questions.loyalty())
    summary = shop.by("gold.loyalty_uplift_summary", "comparison", "measure")
    assert_same(summary, questions.loyalty_summary(), rounded=True)
    assert_same(shop.by("gold.category_ranking", "level", "department", "name"), questions.categories())
    shifts = questions.shifts()
    assert_same(shop.by("gold.basket_shift", "customer_id"), shifts)
    told = shop.rows("gold.basket_shift_summary")[0]
    assert told["judged_count"] == len(shifts)
    assert told["shrinking_count"] == sum(row["is_shrinking"] for row in shifts.values())
    assert told["buyer_count"] == len(questions.of_customer)


def test_the_two_routes_agree(made):
    assert_answers(*made)


def test_the_shops_ask_something(made):
    """No agreement about nothing."""
    _, questions = made
    assert questions.loyalty() and questions.shifts() and len(questions.regions()) > 2
    assert any(key[0] == "matched on pace" for key in questions.loyalty_summary())


def test_the_articles_that_like_each_other_are_found(made):
    _, questions = made
    partners, _ = questions.affinity()
    assert {(row["product_id"], row["partner_product_id"]) for row in partners.values()} >= {
        ("p00", "p01"),
        ("p01", "p00"),
    }


def test_two_landings_give_the_answers_of_one(tmp_path):
    """The reference is of all rows: what came in two runs, orders torn between them, must agree with it."""
    grocer = random_grocer(6)
    files = grocer.files()
    till = files.pop("till.csv")
    settings = grocer.settings()
    settings["sources"]["till"]["files"] = "till*.csv"
    shop = BuiltShop(write_project(tmp_path, settings, {**files, "till1.csv": till[::2]}))
    shop.run()
    add_files(shop.folder, {"till2.csv": till[1::2]})
    assert shop.run().is_new
    assert_answers(shop, Questions(grocer))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2000, 2020))
def test_many_grocers(seed, tmp_path):
    grocer = random_grocer(seed)
    shop = BuiltShop(write_project(tmp_path, grocer.settings(), grocer.files()))
    shop.run()
    assert_answers(shop, Questions(grocer))
