"""What goes with buying more, leaving sooner and spending more: found in a run, on a shop whose effects are known."""

from __future__ import annotations

import datetime as dt
import math
import random
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binom

from patron.predict import MBGNBD
from patron.predict.clv.covariate_effects import fit_effects
from patron.predict.clv.covariate_levels import drop_determined, list_levels
from patron.predict.season.clock import Clock
from patron.project.settings import ProjectSettings
from patron.simulate import histories
from shops.building import BuiltShop, write_project

START, DAYS, CUSTOMERS = dt.date(2022, 1, 1), 720, 2400
FASTER = {"web": 1.0, "app": 2.0, "store": 1.0}
DEARER = {"coffee": 1.0, "tea": 1.5}
SOONER = {"north": 1.0, "south": 4.0}

PLAIN = Clock(dt.date(2024, 1, 1))


def draw_buyer(draw: random.Random, number: int) -> dict:
    """A customer of the MBG/NBD with these multipliers: of the rate, of the odds of leaving, of spend."""
    who = {"id": f"c{number:04}", "channel": draw.choices(list(FASTER), [5, 3, 2])[0]}
    who |= {"category": draw.choices(list(DEARER), [3, 2])[0], "region": draw.choices(list(SOONER), [3, 2])[0]}
    who |= {"gender": draw.choices(["f", "m", ""], [3, 2, 1])[0], "country": "UK"}
    rate = draw.gammavariate(2.0, 1 / 60) * FASTER[who["channel"]]
    leaves = draw.betavariate(0.8 * SOONER[who["region"]], 3.0)
    at, days = draw.uniform(0, 400), []
    while at < DAYS:
        days.append(int(at))
        if draw.random() < leaves:
            break
        at += draw.expovariate(rate)
    scale = 60.0 * DEARER[who["category"]] / draw.gammavariate(6.0, 1.0)
    return who | {"days": sorted(set(days)), "spend": [scale * draw.gammavariate(4.0, 0.25) for _ in days]}


@pytest.fixture(scope="module")
def buyers() -> list[dict]:
    draw = random.Random(11)
    return [draw_buyer(draw, number) for number in range(CUSTOMERS)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory, buyers) -> BuiltShop:
    lines, people = [], []
    for who in buyers:
        people.append({name: who[name] for name in ("id", "region", "gender", "country")})
        for number, (day, spent) in enumerate(zip(who["days"], who["spend"], strict=False)):
            # later orders come through any channel and hold any article: only the first says how they came
            channel = who["channel"] if number == 0 else ("web", "app", "store")[(day + number) % 3]
            article = who["category"] if number == 0 else ("coffee", "tea")[day % 2]
            lines.append(
                {"order": f"{who['id']}-{number}", "customer": who["id"], "at": START + dt.timedelta(days=day)}
                | {"amount": f"{max(spent, 0.01):.2f}", "channel": channel, "sku": article}
            )
    columns = {"order_id": "order", "customer_id": "customer", "ordered_at": "at", "product_id": "sku"}
    columns |= {"quantity": {"expression": "1"}, "unit_price": "amount", "channel": "channel"}
    customers = {"customer_id": "id", "region": "region", "gender": "gender", "country": "country"}
    touched = {"touch_id": "touch", "customer_id": "customer", "touched_at": "at", "campaign": "name"}
    settings = {
        "shop": {"name": "Known", "currency": "GBP", "timezone": "UTC"},
        "as_of": str(START + dt.timedelta(days=DAYS)),
        "predictions": {
            "purchases": {"model": "mbg_nbd"},
            "evaluation": {"least_history_days": 3000},
            "churn": {"enabled": False},
        },
        "sources": {
            "till": {"files": "lines*.csv", "entities": {"order_lines": {"columns": columns}}},
            "mail": {"files": "touches*.csv", "entities": {"campaign_touches": {"columns": touched}}},
            "people": {"files": "people*.csv", "entities": {"customers": {"columns": customers}}},
            "articles": {
                "files": "articles*.csv",
                "entities": {
                    "products": {"columns": {"product_id": "sku", "product_name": "name", "category": "category"}}
                },
            },
        },
    }
    articles = [{"sku": name, "name": name.title(), "category": name} for name in DEARER]
    # a campaign for whoever has bought twice: it says how often they bought, and nothing of how they came
    touches = [
        {
            "touch": who["id"],
            "customer": who["id"],
            "at": START + dt.timedelta(days=who["days"][1] + 1),
            "name": "Thanks",
        }
        for who in buyers
        if len(who["days"]) > 1
    ]
    files = {"lines.csv": lines, "people.csv": people, "articles.csv": articles, "touches.csv": touches}
    built = BuiltShop(write_project(tmp_path_factory.mktemp("known"), settings, files))
    built.run()
    return built


@pytest.fixture(scope="module")
def effects(shop) -> dict[tuple[str, str, str], dict]:
    return {(row["process"], row["covariate"], row["level"]): row for row in shop.rows("gold.covariate_effects")}


def test_known_effects_are_found_and_the_others_are_not(effects):
    clear = {key: row["reading"] for key, row in effects.items() if row["reading"] in {"higher", "lower"}}
    assert clear == {
        ("purchases", "channel", "app"): "higher",
        ("leaving", "region", "south"): "higher",
        ("spend", "category", "tea"): "higher",
    }


def test_the_truth_is_within_the_intervals(effects, buyers):
    truths = [
        (effects["purchases", "channel", "app"], 2.0),
        (effects["purchases", "channel", "store"], 1.0),
        (effects["leaving", "region", "south"], 4.0),
        (effects["spend", "category", "tea"], 1.5),
    ]
    for row, truth in truths:
        assert row["multiplier_low_95"] < truth < row["multiplier_high_95"], row
        assert row["multiplier"] == pytest.approx(math.exp(row["effect"]))
    first = [who["channel"] for who in buyers]
    assert effects["purchases", "channel", "app"]["customer_count"] == first.count("app")
    assert effects["purchases", "channel", "app"]["reference_count"] == first.count("web")


def test_every_level_is_compared_with_the_largest_in_each_process(effects, buyers):
    levels = {(key[1], key[2], row["reference_level"]) for key, row in effects.items()}
    genders = {name: sum(who["gender"] == name for who in buyers) for name in ("f", "m", "")}
    assert genders["f"] == max(genders.values())
    assert {("channel", "app", "web"), ("channel", "store", "web")} <= levels
    assert {("region", "south", "north"), ("gender", "m", "f"), ("gender", "not known", "f")} <= levels
    assert len(effects) == 3 * len(levels) == 18
    assert not any(covariate in {"country", "campaign"} for covariate, *_ in levels)


def test_readings_are_adjusted_by_hand_over_all_effects(effects):
    rows = sorted(effects.values(), key=lambda row: row["p_value"])
    adjusted = [min(1.0, row["p_value"] * len(rows) / (rank + 1)) for rank, row in enumerate(rows)]
    least = np.minimum.accumulate(adjusted[::-1])[::-1]
    for row, by_hand in zip(rows, least, strict=True):
        z = row["effect"] / row["standard_error"]
        assert row["p_value"] == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), rel=1e-5, abs=1e-300)
        assert row["adjusted_p_value"] == pytest.approx(by_hand, rel=1e-9)
        assert row["compared_count"] == 18
        assert (row["reading"] == "no clear difference") == (by_hand > 0.05)


def test_they_are_those_of_the_models_on_the_customers_themselves(effects, buyers):
    """A second route: frequency, recency and age from what was drawn, with zeros and ones by hand."""
    is_kept = [who for who in buyers if who["days"]]
    days = [who["days"] for who in is_kept]
    x, last, now = (
        np.array([one(own) for own in days], dtype=float)
        for one in (lambda own: len(own) - 1, lambda own: own[-1] - own[0], lambda own: DAYS - own[0])
    )
    largest = {
        name: max({who[name] for who in is_kept}, key=lambda level: sum(who[name] == level for who in is_kept))
        for name in ("channel", "region", "gender", "category")
    }
    columns = {
        f"{name} {level}": [float(who[name] == level) for who in is_kept]
        for name, most in largest.items()
        for level in sorted({who[name] for who in is_kept} - {most})
    }
    model = MBGNBD().fit(x, last / 7, now / 7, purchase_covariates=columns, dropout_covariates=columns)
    for one in model.effects_:
        covariate, level = one.covariate.split(" ", 1)
        process = {"purchase": "purchases", "dropout": "leaving"}[one.process]
        row = effects[process, covariate, level or "not known"]
        assert row["effect"] == pytest.approx(one.estimate, abs=0.02 * one.standard_error)
        assert row["standard_error"] == pytest.approx(one.standard_error, rel=0.01)


def test_without_covariates_nothing_is_asked_of_the_warehouse():
    config = ProjectSettings.model_validate(
        {
            "shop": {"name": "None"},
            "sources": {"till": {"files": "*"}},
            "predictions": {"purchases": {"covariates": []}},
        }
    ).predictions.purchases
    assert fit_effects(None, MBGNBD(), config, tells_leaving=True, buyers=1000, clock=PLAIN) == []


def test_nothing_is_said_of_leaving_where_the_model_does_not_tell_it():
    rng = np.random.default_rng(3)
    x = rng.poisson(2, 400).astype(float)
    figures = {"repeat_count": x, "recency_days": np.where(x > 0, 300.0, 0.0), "age_days": np.full(400, 360.0)}
    figures |= {"kept_day_count": x + 1, "mean_spend": rng.gamma(5, 3, 400)}
    absent = dict.fromkeys(("campaign", "region", "country", "gender", "category"), [None] * 400)
    table = pa.table({**figures, "channel": ["web", "app"] * 200, **absent})
    warehouse = SimpleNamespace(query=lambda _: table)
    settings = ProjectSettings.model_validate({"shop": {"name": "All"}, "sources": {"till": {"files": "*"}}})
    for is_told, processes in ((True, {"purchases", "leaving", "spend"}), (False, {"purchases", "spend"})):
        rows = fit_effects(
            warehouse, MBGNBD(), settings.predictions.purchases, tells_leaving=is_told, buyers=len(x), clock=PLAIN
        )
        assert {row["process"] for row in rows} == processes


@pytest.mark.soak
def test_in_shops_without_effects_hardly_any_is_called_clear():
    """At most 5% of the tables have a clear effect, adjusted for all of them as in gold."""
    settings = ProjectSettings.model_validate({"shop": {"name": "All"}, "sources": {"till": {"files": "*"}}})
    alarms, shops = 0, 200
    for seed in range(shops):
        rng = np.random.default_rng(seed)
        truth = {"r": 0.8, "alpha": 8.0, "a": 0.8, "b": 2.5}
        x, last, now = histories.mbg_nbd(truth, rng.uniform(10, 104, 1000), rng)
        spend = {"p": 6.25, "q": 3.74, "gamma": 15.44}
        figures = {"repeat_count": x, "recency_days": last * 7, "age_days": now * 7, "kept_day_count": x + 1}
        figures |= {"mean_spend": histories.mean_values(spend, x + 1, rng)}
        facts = {
            name: rng.choice([f"{name} {level}" for level in range(count)], 1000, p=rng.dirichlet(np.full(count, 4.0)))
            for name, count in {"channel": 3, "region": 5, "gender": 2, "category": 4}.items()
        }
        absent = dict.fromkeys(("campaign", "country"), pa.nulls(1000, pa.string()))
        table = pa.table({**figures, **facts, **absent})
        warehouse = SimpleNamespace(query=lambda _, table=table: table)
        rows = fit_effects(
            warehouse, MBGNBD(), settings.predictions.purchases, tells_leaving=True, buyers=1000, clock=PLAIN
        )
        z = [row["effect"] / row["standard_error"] for row in rows if row["customer_count"] >= 30]
        chances = sorted(math.erfc(abs(one) / math.sqrt(2)) for one in z)
        alarms += min(p * len(chances) / (rank + 1) for rank, p in enumerate(chances)) <= 0.05
    assert alarms <= binom.ppf(1 - 1e-3, shops, 0.05)


def test_of_very_many_buyers_a_sample_is_asked_for():
    asked = []
    empty = SimpleNamespace(query=lambda sql: asked.append(sql) or pa.table({"channel": pa.array([], pa.string())}))
    settings = ProjectSettings.model_validate(
        {
            "shop": {"name": "All"},
            "sources": {"till": {"files": "*"}},
            "predictions": {"purchases": {"covariates": ["channel"]}},
        }
    )
    for buyers in (20_000, 80_000):
        fit_effects(empty, MBGNBD(), settings.predictions.purchases, tells_leaving=True, buyers=buyers, clock=PLAIN)
    assert "where" not in asked[0]
    assert "where substring(sample_key, 1, 8) < '40000000'" in asked[1]


def test_small_levels_are_pooled_and_absence_is_a_level():
    values = ["web"] * 90 + ["app"] * 40 + ["kiosk"] * 5 + ["fax"] * 5 + [None] * 35 + ["phone"] * 30
    levels = {level.name: level for level in list_levels("channel", values)}
    assert list(levels) == ["app", "not known", "phone", "other"]
    assert {level.reference for level in levels.values()} == {"web"}
    assert [level.customers for level in levels.values()] == [40, 35, 30, 10]
    assert levels["other"].column.tolist() == [0.0] * 130 + [1.0] * 10 + [0.0] * 65
    assert list_levels("channel", ["web"] * 50) == []
    assert list_levels("channel", [None] * 50) == []
    assert list_levels("channel", [str(number) for number in range(50)]) == []
    many = [level.name for level in list_levels("region", [f"r{number % 20}" for number in range(2000)])]
    assert (len(many), many[-1]) == (6, "other")


def test_what_another_covariate_tells_is_left_out():
    where = ["north", "south", "east"] * 60
    regions = list_levels("region", where)
    countries = list_levels("country", ["UK" if name == "north" else "FR" for name in where])
    rows = np.arange(len(where))
    assert drop_determined([*regions, *countries], rows) == regions
    assert drop_determined([*countries, *regions], rows) == countries
    northern = np.flatnonzero(np.array(where) == "north")
    assert drop_determined(regions, northern) == []
