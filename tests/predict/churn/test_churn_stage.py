"""Churn in a run: trained once, reused until the data changed enough, withheld with a reason, read by gold."""

from __future__ import annotations

import shutil

import pytest

from patron.engines import engine
from patron.predict.churn.learners import NAMES
from patron.predict.churn.refit import find_reason_to_train
from patron.predict.churn.stage import run_churn
from patron.project.settings.predictions import ChurnPrediction
from predict.churn.churn_shop import ChurnShop, drawn_events, sale

EVENTS = drawn_events(11, 500, 400)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return ChurnShop(tmp_path_factory.mktemp("stage"), EVENTS, 400)


@pytest.fixture(scope="module")
def trained(shop):
    return run_churn(shop.warehouse, shop.folder, shop.settings)


def with_churn(shop, **changed):
    churn = shop.settings.predictions.churn.model_copy(update=changed)
    return shop.settings.model_copy(
        update={"predictions": shop.settings.predictions.model_copy(update={"churn": churn})}
    )


def scores(shop):
    return shop.rows("select * from predictions.churn_scores order by customer_id")


def test_a_model_is_trained_once_and_then_reused(shop, trained):
    assert (trained.is_trained, trained.reason, trained.withheld) == (True, "there is no model yet", {})
    before = scores(shop)
    asked_for = shop.rows("select customer_id from predictions.churn_features order by customer_id")
    assert [row["customer_id"] for row in before] == [row["customer_id"] for row in asked_for]
    assert trained.scored_count == len(before) > 100
    again = run_churn(shop.warehouse, shop.folder, shop.settings)
    assert (again.is_trained, again.reason, again.scored_count) == (False, "", len(before))
    assert scores(shop) == before
    measures = shop.rows("select distinct model, measure from predictions.churn_model_scores")
    assert {row["model"] for row in measures} == {*NAMES, "recency"}
    assert len(shop.rows("select * from predictions.churn_model_calibration")) == 3 * 4 * 10


def test_scores_do_not_depend_on_the_batch_size(shop, trained, monkeypatch):
    before = scores(shop)
    added: list[int] = []
    append = shop.warehouse.append
    monkeypatch.setattr(shop.warehouse, "append", lambda *to: added.append(to[2].num_rows) or append(*to))
    monkeypatch.setattr(engine, "_ROWS_AT_ONCE", 40)
    assert run_churn(shop.warehouse, shop.folder, shop.settings).scored_count == len(before)
    assert scores(shop) == before
    assert len(added) > 3
    assert max(added) <= 40


def test_a_damaged_model_is_trained_again(shop, trained):
    before = scores(shop)
    (shop.folder / "churn" / "churn.json").write_text("spoiled")
    again = run_churn(shop.warehouse, shop.folder, shop.settings)
    assert again.is_trained
    assert again.reason.startswith("The churn model cannot be read")
    assert scores(shop) == before


def test_changed_settings_train_the_model_again(shop, trained):
    again = run_churn(shop.warehouse, shop.folder, with_churn(shop, most_rows=1500))
    assert (again.is_trained, again.reason) == (True, "its settings changed")
    sample = shop.rows("select count(*) as n from predictions.churn_training")[0]["n"]
    assert 500 < sample <= 1500
    everybody = run_churn(shop.warehouse, shop.folder, shop.settings)
    assert everybody.reason == "its settings changed"
    assert shop.rows("select count(*) as n from predictions.churn_training")[0]["n"] > 1500


def test_most_drivers_limits_who_gets_drivers(shop, trained):
    run_churn(shop.warehouse, shop.folder, with_churn(shop, most_drivers=10))
    result = shop.rows("select count(driver_1) as n, count(*) as customers from predictions.churn_scores")[0]
    assert result["n"] == 10 < result["customers"]
    run_churn(shop.warehouse, shop.folder, with_churn(shop, most_drivers=0))
    assert shop.rows("select count(driver_1) as n from predictions.churn_scores")[0]["n"] == 0


def basis(**changed):
    usual = {"as_of_date": "2024-03-01", "customer_day_count": 1000, "settings": {"cutoffs": 12}, "features": ["a"]}
    return usual | changed


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({}, ""),
        ({"as_of_date": "2024-03-30"}, ""),
        ({"as_of_date": "2024-03-31"}, "as_of moved by 30 days since it was trained"),
        ({"as_of_date": "2024-02-29"}, "as_of moved by -1 days since it was trained"),
        ({"customer_day_count": 1099}, ""),
        ({"customer_day_count": 1100}, "purchase days changed by +10% since it was trained"),
        ({"customer_day_count": 900}, "purchase days changed by -10% since it was trained"),
        ({"customer_day_count": 901}, ""),
        ({"customer_day_count": 890}, "purchase days changed by -11% since it was trained"),
        ({"settings": {"cutoffs": 6}}, "its settings changed"),
        ({"features": ["a", "b"]}, "the mapped columns changed"),
        ({"as_of_date": None}, "there is no longer an as_of date"),
    ],
)
def test_when_a_model_is_trained_again(now, why):
    assert find_reason_to_train(basis(), basis(**now), ChurnPrediction()) == why


def why_not(shop):
    result = run_churn(shop.warehouse, shop.folder, shop.settings)
    assert (result.is_trained, result.scored_count, scores(shop)) == (False, 0, [])
    assert not (shop.folder / "churn").exists()
    assert shop.rows("select scored, not_scored from predictions.churn_status") == [
        {"scored": None, "not_scored": result.reason}
    ]
    return result.reason


def test_too_few_customers_withhold_every_window(tmp_path):
    reason = why_not(ChurnShop(tmp_path, {"lines": [sale(str(n), n * 3, f"c{n % 7}") for n in range(100)]}, 300))
    assert reason.startswith("withheld: 30 days: 7 customers with an order (80 needed); 60 days: ")


def test_too_short_a_history_withholds_every_window(tmp_path):
    shop = ChurnShop(tmp_path, {"lines": [sale(str(n), n % 120, f"c{n}") for n in range(200)]}, 120)
    assert "120 days of sales (150 needed)" in why_not(shop)


def test_an_empty_shop_is_withheld(tmp_path):
    shop = ChurnShop(tmp_path, {}, 10)
    with shop.warehouse._connect("emptying") as connection:
        connection.execute("delete from measures.as_of where 1 = 1")
    assert "0 customers with an order" in why_not(shop)


def test_a_disabled_prediction_writes_no_scores(shop, trained):
    result = run_churn(shop.warehouse, shop.folder, with_churn(shop, enabled=False))
    assert (result.scored_count, scores(shop)) == (0, [])
    assert result.reason == "predictions.churn.enabled is false"
    shutil.rmtree(shop.folder / "churn")


def test_a_withheld_model_is_stored_until_there_is_reason_to_train_again(tmp_path, monkeypatch):
    """Enough customers and days, but nobody churns: the examples are read once to find that out."""
    lines = [sale(f"{who}-{on}", on, f"c{who}") for who in range(100) for on in range(who % 7, 300, 7)]
    shop, read = ChurnShop(tmp_path, {"lines": lines}, 300), []
    query = shop.warehouse.query
    monkeypatch.setattr(shop.warehouse, "query", lambda sql: read.append(sql) or query(sql))

    def tries(settings):
        read.clear()
        result = run_churn(shop.warehouse, shop.folder, settings)
        assert (result.is_trained, result.scored_count, scores(shop)) == (False, 0, [])
        return result.reason, any(sql.startswith("select * from predictions.churn_training") for sql in read)

    reason, reads_examples = tries(shop.settings)
    assert reads_examples and "90 days: 0 examples of customers who churned to train on (40 needed)" in reason
    assert tries(shop.settings) == (reason, False)
    assert tries(with_churn(shop, least_leavers=45))[1]
