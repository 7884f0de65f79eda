"""No group of a comparison is chosen by what comes later: the same shop with another future has the same groups.

The future of everybody after a day is given to somebody else: orders, promotions, contacts and deliveries. As of stays the
same day, so only what happens after time zero differs.
"""

from __future__ import annotations

import pytest
from benchmarks.placebo.draw import DAYS, Spec
from benchmarks.placebo.shop import FIRST, PlaceboShop, draw_shop

SPEC = Spec(customers=600)
FOLLOW_UP, CHURN_WINDOW, WINDOW = 30, 90, 28
"""Days by the settings that patron starts with: of support and deliveries, of churn, and of promotions and loyalty."""

ANOTHER_FUTURE = """
update {table} set customer_id = 'c' || (599 - cast(substr(customer_id, 2) as bigint))
where {date} > date '{first}' + {last_day}
"""
DATES = {
    "silver.order_lines": "order_date",
    "silver.service_interactions": "contacted_date",
    "measures.delivery_measures": "ordered_date",
}
HISTORY = "customer_id, order_band, recency_band"
KNOWN = {
    "measures.support_cohort": f"{HISTORY}, interaction_count, resolved_count, escalated_count",
    "measures.delivery_cohort": f"{HISTORY}, delivery, counted_after, calendar_band, delivery_seconds, traffic, weather",
    "measures.promotion_windows": "customer_id, window_number, window_order_count, is_promoted, before_net_amount",
    "measures.loyalty_windows": "customer_id, window_number, window_order_count, is_crosser, pace_band, before_net_amount",
    "gold.spending_by_visit": "visit_number, observed_visit_count",
    "gold.survey_segments": "attribute, answer, followed_count",
}
"""What is known at time zero: who is compared, in which group, and with whom."""

OUTCOMES = {
    "measures.support_cohort": "customer_id, bought_again, is_retained",
    "measures.delivery_cohort": "customer_id, delivery, bought_again",
    "measures.promotion_windows": "customer_id, window_number, after_net_amount",
    "measures.loyalty_windows": "customer_id, window_number, after_net_amount",
    "gold.spending_by_visit": "visit_number, followed_visit_count",
    "gold.survey_segments": "attribute, answer, churned_count",
}
LAST_WINDOW = 8
CASES = {
    "measures.support_cohort": (DAYS - 1 - FOLLOW_UP, ""),
    "measures.delivery_cohort": (DAYS - 1 - FOLLOW_UP, ""),
    "measures.promotion_windows": ((LAST_WINDOW + 1) * WINDOW - 1, f"where window_number <= {LAST_WINDOW}"),
    "measures.loyalty_windows": ((LAST_WINDOW + 1) * WINDOW - 1, f"where window_number <= {LAST_WINDOW}"),
    "gold.spending_by_visit": (DAYS - 1 - CHURN_WINDOW, ""),
    "gold.survey_segments": (DAYS - 1 - CHURN_WINDOW, ""),
}
"""Table -> the last day that both futures share, and the rows whose time zero has come by then."""


@pytest.fixture(scope="module")
def shop():
    return PlaceboShop()


def read(shop: PlaceboShop, table: str, columns: str, rows: str) -> list[tuple]:
    schema, name = table.split(".")
    if schema == "gold":
        shop.read(name)
    return shop.connection.execute(f"select {columns} from {table} {rows} order by all").fetchall()


@pytest.mark.parametrize("table", CASES)
def test_another_future_changes_outcomes_and_no_group(shop, table):
    last_day, rows = CASES[table]
    draw_shop(shop, SPEC, 1)
    groups, outcomes = (read(shop, table, columns[table], rows) for columns in (KNOWN, OUTCOMES))
    for changed, date in DATES.items():
        shop.connection.execute(ANOTHER_FUTURE.format(table=changed, date=date, first=FIRST, last_day=last_day))
    shop.build()
    assert groups
    assert read(shop, table, KNOWN[table], rows) == groups
    assert read(shop, table, OUTCOMES[table], rows) != outcomes


def test_contacts_after_time_zero_are_no_exposure(shop):
    draw_shop(shop, SPEC, 1)
    before = read(shop, "measures.support_cohort", KNOWN["measures.support_cohort"], "")
    shop.connection.execute(f"""
        insert into silver.service_interactions (customer_id, contacted_date, is_resolved, is_escalated)
        select customer_id, date '{FIRST}' + {DAYS - FOLLOW_UP}, true, true from measures.customer_totals
    """)
    shop.build()
    assert read(shop, "measures.support_cohort", KNOWN["measures.support_cohort"], "") == before


def test_a_promotion_in_the_window_after_takes_nobody_out_of_the_comparison(shop):
    draw_shop(shop, SPEC, 1)
    others = "where not is_promoted and window_number = 5"
    before = read(shop, "measures.promotion_windows", "customer_id", others)
    shop.connection.execute(
        f"update silver.order_lines set promotion_id = 'p' where order_date > date '{FIRST}' + {6 * WINDOW - 1}"
    )
    shop.build()
    assert read(shop, "measures.promotion_windows", "customer_id", others) == before
