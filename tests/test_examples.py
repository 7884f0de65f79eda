"""The shipped cafe and customer 360: generated, run, held against the generators' truth; and the questions of their pages."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from patron.answers import ask
from patron.checks import check
from patron.scaffold import init
from shops.building import BuiltShop, picked

DOCS = Path(__file__).parent.parent / "docs"


def built(name, tmp_path_factory):
    shop = BuiltShop(init(tmp_path_factory.mktemp("examples") / name, name))
    shop.run()
    module = importlib.import_module(f"patron.examples.{name}.generator")
    return shop, module.generate(tmp_path_factory.mktemp(f"{name}_again"))


@pytest.fixture(scope="module")
def cafe(tmp_path_factory):
    return built("cafe", tmp_path_factory)


@pytest.fixture(scope="module")
def customer360(tmp_path_factory):
    return built("customer360", tmp_path_factory)


def test_the_cafe_gives_the_generators_truth(cafe):
    shop, truth = cafe
    last = shop.rows("gold.kpi_overall")[-1]
    assert picked(last, "net_amount", "order_count") == (truth["amount"], truth["receipts"])
    lines = shop.rows("silver.order_lines")
    assert len(lines) == truth["lines"]
    assert sum(row["customer_id"] is None for row in lines) == truth["guest_lines"]
    assert sum(row["is_amount_mismatch"] for row in lines) == truth["mismatched_lines"]
    assert sum(row["promotion_id"] is not None for row in lines) == truth["promoted_lines"]
    assert sum(row["stated_amount"] for row in lines) == truth["stated_amount"]
    assert not check(shop.project).failed


def test_promotions_of_the_cafe_are_seen_to_work(cafe):
    """They make people come more often, by the generator's own uplift; matched customers tell, within the interval."""
    shop, truth = cafe
    row = shop.by("gold.promotion_impact", "comparison", "measure")[
        "matched on window and earlier spend", "order_count"
    ]
    assert row["promoted_count"] > 50
    uplift = [row[name] / row["other_mean"] for name in ("difference_low", "difference_high")]
    assert uplift[0] < truth["promotion_uplift"] < uplift[1]


def test_customer_360_gives_the_generators_truth(customer360):
    shop, truth = customer360
    assert sum(row["net_amount"] for row in shop.rows("gold.daily_metrics")) == truth["completed_amount"]
    assert sum(row["raw_amount"] for row in shop.rows("measures.ledger")) == truth["all_amount"]
    campaigns = shop.rows("gold.campaign_performance")
    assert sum(row["session_count"] for row in campaigns) == truth["sessions"]
    assert sum(row["conversion_count"] for row in campaigns) == truth["conversions"]
    assert sum(row["revenue_amount"] for row in campaigns) == truth["session_revenue"]
    assert sum(row["returned_count"] for row in campaigns) == truth["returns"]
    invalid = [row for row in shop.rows("silver.customers") if row["is_email_valid"] is False]
    assert len(invalid) == truth["invalid_emails"]
    assert not check(shop.project).failed


def test_conversion_rates_lie_around_the_true_ones(customer360):
    shop, truth = customer360
    rows = shop.by("gold.campaign_performance", "campaign")
    inside = [
        rows[name]["conversion_rate_low"] < rate < rows[name]["conversion_rate_high"]
        for name, rate in truth["conversion_rates"].items()
    ]
    assert sum(inside) >= 5  # of six intervals of 95%


def test_escalation_is_seen_to_cost_purchases(customer360):
    shop, truth = customer360
    assert truth["escalation_factor"] < 1
    row = shop.by("gold.support_impact", "comparison", "group_name", "outcome")[
        "escalation", "escalated", "later_purchase"
    ]
    assert row["difference"] < 0


@pytest.mark.parametrize("label", ["segment", "churn_risk", "clv_tier", "preferred_channel", "engagement_level"])
def test_every_label_has_its_customers(customer360, label):
    shop, _ = customer360
    found = {row[label] for row in shop.rows("gold.customer_360")} - {None}
    expected = {
        "segment": {row["segment"] for row in shop.rows("gold.dim_rfm_segment")},
        "churn_risk": {"Critical", "High", "Medium", "Low"},
        "clv_tier": {"Bronze", "Silver", "Gold", "Platinum"},
        "preferred_channel": {"online", "in store", "Omnichannel"},
        "engagement_level": {"None", "Low", "Medium", "High"},
    }
    assert found == expected[label]


def questions(page: str) -> list[str]:
    """The queries of a page, as it shows them."""
    return re.findall(r"```sql\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("sql", questions("cafe.md"))
def test_questions_of_the_cafe_have_answers(cafe, sql):
    assert ask(cafe[0].project, sql).rows


@pytest.mark.parametrize("sql", questions("customer360.md"))
def test_questions_of_customer_360_have_answers(customer360, sql):
    assert ask(customer360[0].project, sql).rows
