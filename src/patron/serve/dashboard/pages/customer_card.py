"""One customer's profile: value, chance of an order and what drives it, history and next step."""

from __future__ import annotations

from typing import Any

import streamlit as st

from patron.serve.dashboard.data import Result
from patron.serve.dashboard.pages.customer_timeline import draw_customer_timeline
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.charts import draw_footer, draw_heading
from patron.serve.dashboard.widgets.definitions import load_definitions
from patron.serve.dashboard.widgets.escape import html
from patron.serve.dashboard.widgets.labels import format_value, label
from patron.serve.dashboard.widgets.tables import draw_table
from patron.serve.dashboard.widgets.tiles import Tile, draw_tiles

_CARD = "select * from gold.customer_360 where customer_id = ?"
_WORTH = """
select prediction_basis, predicted_clv_1y_low_80, predicted_clv_1y_high_80, probability_of_purchase_90d
from gold.customer_clv
where customer_id = ?
"""
_RISK = """
select churn_probability_30d, churn_probability_60d, churn_probability_90d, driver_1, driver_2, driver_3, churn_model
from gold.customer_churn
where customer_id = ?
"""
_LABELS = """
select valid_from_date, valid_to_date, segment, clv_tier, churn_group
from gold.customer_history
where customer_id = ?
order by valid_from_date desc
"""
_KNOWN = (
    *("email", "city", "region", "country", "gender", "age_band", "income_band", "credit_band", "signed_up_at"),
    *("loyalty_tier", "points_earned", "preferred_channel", "interaction_count", "resolved_interaction_count"),
    *("last_contact_date", "session_count", "conversion_count", "last_campaign", "visit_count", "discount_usage_rate"),
)


def draw_customer_card(view: View, customer_id: str) -> bool:
    """Draw the profile; return False where no customer has that ID."""
    found = view.data.rows(_CARD, [customer_id])
    if not found:
        return False
    facts = found.first()
    _draw_name(facts)
    draw_tiles(_build_value_tiles(view, facts))
    left, right = st.columns(2, gap="large")
    with left:
        _draw_next_step(facts)
        _draw_risk(view, facts)
    with right:
        _draw_attributes(view, facts, found)
    draw_customer_timeline(view, customer_id)
    if labels := view.data.rows(_LABELS, [customer_id]):
        draw_table(
            "Segments over time",
            labels,
            view.formats,
            definition=["customer_history.segment", "customer_history.clv_tier", "customer_history.churn_group"],
            labels={"valid_from_date": "From", "valid_to_date": "Until"},
            note="The customer's labels on each measured day.",
        )
    return True


def _draw_name(facts: dict[str, Any]) -> None:
    name = facts["customer_name"] or f"Customer {facts['customer_id']}"
    known = [
        f"Customer {facts['customer_id']}" if facts["customer_name"] else None,
        facts["city"],
        facts["region"],
        facts["country"],
    ]
    where = ", ".join(str(part) for part in known if part)
    churned = "Churned" if facts["is_churned"] else None
    chips = [facts["segment"], f"{facts['clv_tier']} value" if facts["clv_tier"] else None, churned]
    figure = "".join(f'<span class="chip">{html(chip)}</span>' for chip in chips if chip)
    st.html(f'<div class="card"><h2>{html(name)}</h2><p>{html(where)}</p><p>{figure}</p></div>')


def _build_value_tiles(view: View, facts: dict[str, Any]) -> list[Tile]:
    formats = view.formats
    silent = facts["days_since_last_order"]
    ago = f"{formats.count(silent)} {'day' if silent == 1 else 'days'} before {formats.day(facts['as_of_date'])}"
    found = [
        Tile(
            "Lifetime value to date",
            formats.money(facts["historical_clv"], cents=abs(facts["historical_clv"] or 0) < 1000),
            against=_rank(view, facts),
            means=_define("historical_clv"),
        ),
        Tile("Orders", formats.count(facts["order_count"]), means=_define("order_count")),
        Tile(
            "Average order value",
            formats.money(facts["average_order_value"], cents=True),
            means=_define("average_order_value"),
        ),
    ]
    if silent is not None:
        found.append(
            Tile("Last order", formats.day(facts["last_order_date"]), against=ago, means=_define("last_order_date"))
        )
    if facts["predicted_clv_1y"] is not None:
        found += _build_expected_tiles(view, facts)
    return found


def _rank(view: View, facts: dict[str, Any]) -> str:
    share = facts["clv_percentile_rate"]
    return f"at least that of {view.formats.share(share)} of customers" if share else ""


def _build_expected_tiles(view: View, facts: dict[str, Any]) -> list[Tile]:
    formats = view.formats
    value = view.data.first(_WORTH, [facts["customer_id"]])
    low, high = value["predicted_clv_1y_low_80"], value["predicted_clv_1y_high_80"]
    between = f"80% interval: {formats.money(low)} to {formats.money(high)}" if low is not None else ""
    if high is not None and round(high) == round(low) == 0:
        between = "most likely no order"
    alive = "" if value["prediction_basis"] == "own purchases" else "estimated from similar customers"
    return [
        Tile(
            "Expected margin, next year",
            formats.money(facts["predicted_clv_1y"]),
            against=between,
            means=_define("predicted_clv_1y"),
        ),
        Tile(
            "Chance of an order, next 90 days",
            formats.chance(value["probability_of_purchase_90d"]),
            against=alive,
            means=_define("probability_of_purchase_90d", "customer_clv"),
        ),
    ]


def _define(column: str, table: str = "customer_360") -> str:
    return load_definitions([f"{table}.{column}"])[0].text


def _draw_next_step(facts: dict[str, Any]) -> None:
    if facts["recommended_action"]:
        draw_heading("Recommended action")
        st.html(f'<div class="banner"><strong>{html(facts["recommended_action"])}</strong></div>')


def _draw_risk(view: View, facts: dict[str, Any]) -> None:
    risk = view.data.rows(_RISK, [facts["customer_id"]])
    known = risk.first()
    if not risk or known["churn_probability_90d"] is None:
        return
    bars = "".join(_write_bar(view, f"{days} days", known[f"churn_probability_{days}d"]) for days in (30, 60, 90))
    reasons = [known[f"driver_{place}"] for place in (1, 2, 3) if known[f"driver_{place}"]]
    items = "".join(f"<li>{html(reason[:1].upper() + reason[1:])}</li>" for reason in reasons)
    draw_heading("Chance of no order, and what drives it")
    st.html(f'<dl class="bars">{bars}</dl>' + (f'<ul class="sentences">{items}</ul>' if items else ""))
    draw_footer(
        f"Chance of no order of {facts['customer_id']}",
        risk,
        ["customer_churn.churn_probability_90d", "customer_churn.driver_1", "customer_churn.churn_model"],
    )


def _write_bar(view: View, name: str, rate: float) -> str:
    width = max(0.0, min(100.0, 100 * float(rate)))
    text = html(view.formats.chance(rate))
    return f'<div><dt>Next {html(name)}</dt><dd><i style="width:{width:.1f}%"></i><b>{text}</b></dd></div>'


def _draw_attributes(view: View, facts: dict[str, Any], found: Result) -> None:
    """Draw the other attributes; unknown ones and zeros are left out."""
    known = {name: facts[name] for name in _KNOWN if facts[name] not in (None, 0)}
    if not known:
        return
    draw_heading("Profile")
    texts = {name: format_value(name, value, view.formats) for name, value in known.items()}
    rows = "".join(
        f'<tr><th scope="row">{html(label(name))}</th><td>{html(text)}</td></tr>' for name, text in texts.items()
    )
    st.html(f'<table class="figures known"><caption>Profile</caption><tbody>{rows}</tbody></table>')
    draw_footer("Profile", found, [f"customer_360.{name}" for name in known])
