"""Gold of shops made by chance, against the same in plain Python (reference.py); and batches against all at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from patron.predict.clv.scores import DAYS, YEARS
from patron.predict.models.prediction_intervals import BOUNDS
from shops import random_shop
from shops.building import OBSERVED, BuiltShop, add_files, write_project
from transform.measures.reference import Answers
from transform.measures.reference_periods import PeriodAnswers

# each example is a whole run of a project, and a failing one says its seed: no shrinking
FEW_RUNS = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


ELSEWHERE = {
    *("campaign_attribution", "campaign_funnel", "campaign_performance", "support_impact", "daily_metrics_by_channel"),
    *("customer_visit_segments", "visit_segment_summary", "spending_by_visit", "spending_by_loyalty"),
    *("period_metrics", "product_margin", "promotion_impact", "signup_metrics"),
    *("cohort_retention", "cohort_retention_pivoted", "customer_order_gaps", "lapsed_top_spenders"),
    *("monthly_order_value", "golden_baskets"),
    *("product_affinity", "product_affinity_coverage", "region_ordering_times", "region_hours", "category_ranking"),
    *("loyalty_uplift", "loyalty_uplift_summary", "basket_shift", "basket_shift_summary"),
    *("fct_orders", "dim_courier", "dim_location", "dim_time", "delivery_quality", "delivery_impact"),
    *("survey_segments", "review_sentiment", "review_analytics", "customer_clusters", "cluster_profiles"),
    *("survival_by_cohort", "return_after_loss", "new_customer_value", "covariate_effects"),
    *("prediction_status",),
    *("model_scores", "model_calibration", "model_tracking", "customer_events"),
}
"""Tables worked out by hand instead: test_contacts_*.py, test_cafe.py, test_delivery_*.py, and the real files; those of
the business questions, by references of their own: test_questions_*.py."""

ELSEWHERE_COLUMNS = set(
    "gender email_domain is_email_valid age_years age_band income_band credit_band sign_up_age_days home_store_id "
    "stated_order_count stated_order_gap_days stated_order_amount loyalty_account_count loyalty_tier loyalty_tier_rank "
    "points_earned points_redeemed loyalty_tenure_days engagement_level preferred_channel "
    "preferred_channel_share channel_count interaction_count resolved_interaction_count escalated_interaction_count "
    "resolution_rate last_contact_date days_since_last_contact session_count conversion_count last_campaign "
    "last_session_date unit_margin_amount price_tier margin_rate assumed return_rate "
    "churn_probability_30d churn_probability_60d churn_probability_90d driver_1 driver_2 driver_3 churn_model "
    "quarantined_count quarantined_amount "
    "prediction_basis probability_alive expected_spend expected_purchases_horizon residual_clv total_clv".split()
)
ELSEWHERE_COLUMNS |= {f"{what}_{days}d" for what in ("expected_purchases", "probability_of_purchase") for days in DAYS}
ELSEWHERE_COLUMNS |= {f"predicted_next_purchase_date{end}" for end in ("", "_low_80", "_high_80")}
ELSEWHERE_COLUMNS |= {
    f"probability_of_{count}_90d" for count in ("no_purchase", "1_purchase", "2_purchases", "3_or_more_purchases")
}
ELSEWHERE_COLUMNS |= {"expected_amount_90d"}
ELSEWHERE_COLUMNS |= {f"predicted_clv_{years}y{bound}" for years in YEARS for bound in ("", *(f"_{b}" for b in BOUNDS))}
"""Columns of the wide tables, likewise: test_bands.py too, and tests/predict."""


def assert_gold_is(shop: BuiltShop, made: random_shop.RandomShop) -> None:
    """Every row and column: decimals exact, floats to 1e-12."""
    answers = Answers(made.lines(), made.on_file(), made.articles(), made.rules)
    periods = PeriodAnswers(answers.lines, answers.calendar, answers.rules.window_days)
    tables = answers.tables() | periods.tables()
    told = {name.removeprefix("gold.") for name in tables} | {"dim_churn_group", "dim_clv_tier"}
    assert set(shop.gold_tables()) <= told | OBSERVED | ELSEWHERE
    for table, (key, expected) in tables.items():
        found = shop.by(table, *key)
        assert set(found) == set(expected), f"{table} of seed {made.seed}: other keys"
        for row_key, row in expected.items():
            assert_same_row(found[row_key], row, f"{table} {row_key} of seed {made.seed}")


def assert_same_row(found: dict[str, Any], expected: dict[str, Any], where: str) -> None:
    assert set(expected) <= set(found) <= set(expected) | ELSEWHERE_COLUMNS, where
    for name, value in expected.items():
        same = found[name] == (pytest.approx(value, rel=1e-12, abs=1e-12) if isinstance(value, float) else value)
        assert same, f"{where}: {name} is {found[name]!r}, not {value!r}"
        assert not isinstance(value, Decimal) or not isinstance(found[name], float), f"{where}: {name} is a float"


@FEW_RUNS
@given(seed=st.integers(0, 2**32))
def test_gold_is_what_the_reference_says(seed, tmp_path_factory):
    made = random_shop.random_shop(seed)
    folder = write_project(tmp_path_factory.mktemp("random"), random_shop.settings(made), made.files())
    shop = BuiltShop(folder)
    shop.run()
    assert_gold_is(shop, made)
    assert all(
        row["row_count"]
        == row["silver_count"] + row["duplicate_count"] + row["quarantined_count"] + row["filtered_count"]
        for row in shop.rows("quarantine.row_accounting")
    )


@pytest.mark.parametrize("seed", [7])
def test_batches_one_run_after_another_give_the_same_as_all_at_once(seed, tmp_path):
    """The reference is of all rows at once: what came in three landings must agree with it."""
    made = random_shop.random_shop(seed)
    first, *later = range(random_shop.BATCHES)
    shop = BuiltShop(write_project(tmp_path, random_shop.settings(made), made.files([first])))
    shop.run()
    for batch in later:
        add_files(shop.folder, made.files([batch]))
        assert shop.run().is_new
    assert_gold_is(shop, made)
    before = shop.gold()
    again = shop.run()
    assert (again.is_new, sum(landing.rows for landing in again.landed.values())) == (False, 0)
    assert shop.gold() == before


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1030))
def test_gold_of_many_shops(seed, tmp_path):
    made = random_shop.random_shop(seed)
    shop = BuiltShop(write_project(tmp_path, random_shop.settings(made), made.files()))
    shop.run()
    assert_gold_is(shop, made)
