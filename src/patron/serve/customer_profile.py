"""The profile of one customer in sentences: value, habits, churn risk and next step."""

from __future__ import annotations

from typing import Any

from patron.contract.metrics import select
from patron.errors import PatronError, find_nearest
from patron.project.project import Project


class UnknownCustomerError(PatronError):
    """No customer has that ID."""

    exit_code = 3
    kind = "unknown_customer"


def load_profile(project: Project, customer_id: str) -> dict[str, Any]:
    """Load the customer's row of gold.customer_360, with their value percentile and, of the shop, its currency and
    comeback rate: the share of the losses of customers that ended with a new order (None if none was lost).

    Raises UnknownCustomerError, with the nearest IDs; NothingBuiltError before the first run.
    """
    from patron.publish.reader import open_published

    with open_published(project.published) as connection:
        found = connection.execute("select * from customer_360 where customer_id = ?", [customer_id])
        row = found.fetchone()
        if row is None:
            raise _explain_unknown(connection, customer_id)
        names = [column[0] for column in found.description or []]
        facts = dict(zip(names, row, strict=True))
        cursor = connection.execute("select * from customer_clv where customer_id = ?", [customer_id])
        values = cursor.fetchone() or ()
        clv = dict(zip([column[0] for column in cursor.description or []], values, strict=False))
        (comeback_rate,) = connection.execute(_COMEBACK_RATE).fetchone() or (None,)
    predicted = {name: clv.get(name) for name in _CLV_COLUMNS}
    return {**facts, **predicted, "currency": project.settings.shop.currency, "comeback_rate": comeback_rate}


_COMEBACK_RATE = select(["comeback_rate"], table="churn_by_period", where="period_kind = 'month'")
_CLV_COLUMNS = (
    *("clv_percentile_rate", "prediction_basis", "predicted_clv_1y_low_80", "predicted_clv_1y_high_80"),
    "probability_of_purchase_90d",
    *(f"predicted_next_purchase_date{end}" for end in ("", "_low_80", "_high_80")),
)


def load_timeline(project: Project, customer_id: str) -> list[dict[str, Any]]:
    """Load the customer's rows of gold.customer_history, oldest first; empty for one who never ordered.

    Raises UnknownCustomerError, with the nearest IDs; NothingBuiltError before the first run.
    """
    from patron.publish.reader import open_published

    with open_published(project.published) as connection:
        sql = "select * exclude (customer_id) from customer_history where customer_id = ? order by valid_from_date"
        found = connection.execute(sql, [customer_id])
        names = [column[0] for column in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        known = "select 1 from customer_360 where customer_id = ?"
        if not rows and connection.execute(known, [customer_id]).fetchone() is None:
            raise _explain_unknown(connection, customer_id)
    return rows


def _explain_unknown(connection: Any, customer_id: str) -> UnknownCustomerError:
    sql = "select customer_id from customer_360 order by abs(length(customer_id) - length(?)), customer_id limit 5000"
    known = [row[0] for row in connection.execute(sql, [customer_id]).fetchall()]
    near = find_nearest(customer_id, known, count=3) or known[:3]
    do = f"the nearest IDs: {', '.join(near)}" if near else "the shop has no customers; run `patron run`"
    return UnknownCustomerError(f"There is no customer {customer_id!r}.", where="gold.customer_360", do=do)


def to_sentences(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Describe a profile as (heading, sentence) pairs, leaving out what is unknown."""
    money = _make_money_format(facts["currency"])
    lines = [("Customer", _describe_identity(facts)), *_describe_attributes(facts)]
    if not facts["order_count"]:
        by = f" by {facts['as_of_date']}" if facts["as_of_date"] else ""
        return [*lines, ("Orders", f"No orders that count as a sale{by}."), *_describe_contacts(facts)]
    since, last = facts["first_order_date"], facts["last_order_date"]
    days = f"on {_pluralize(facts['purchase_day_count'], 'day')}, {since} to {last}" if since != last else f"on {since}"
    lines.append(("Orders", f"{_pluralize(facts['order_count'], 'order')} {days}."))
    value = f"{money(facts['net_amount'])} to date, {money(facts['average_order_value'])} per order"
    share = facts["clv_percentile_rate"]
    rank = f"; {facts['clv_tier']} tier, worth at least as much as {share:.0%} of customers" if share else ""
    lines.append(("Lifetime value", f"{value}{rank}."))
    gross, off, back = (money(abs(facts[f"{part}_amount"])) for part in ("gross", "discount", "refund"))
    lines.append(("Ledger", f"{gross} gross, {off} discounts, {back} refunds."))
    lines.append(
        ("Formula CLV", f"{money(facts['formula_clv_revenue'])} revenue, {money(facts['formula_clv_profit'])} profit.")
    )
    lines += _describe_expectations(facts, money)
    scores = "-".join(str(facts[f"{axis}_score"]) for axis in ("recency", "frequency", "monetary"))
    lines.append(("Segment", f"{facts['segment']} (recency-frequency-monetary {scores})."))
    last_order = f"order {_pluralize(facts['days_since_last_order'], 'day')} before {facts['as_of_date']}"
    silence = "Churned; last" if facts["is_churned"] else "Last"
    returns = ""
    if facts["is_churned"] and facts["comeback_rate"] is not None:
        returns = f" {facts['comeback_rate']:.0%} of the customers lost so far have come back."
    lines.append(("Silence", f"{silence} {last_order}.{returns}"))
    lines += _describe_contacts(facts)
    lines.append(("Next step", f"{facts['recommended_action']}."))
    return lines


def _describe_expectations(facts: dict[str, Any], money: Any) -> list[tuple[str, str]]:
    """Describe the expected margin and purchases; empty if they are not predicted."""
    if facts.get("predicted_clv_1y") is None:
        return []
    bounds = f"{money(facts['predicted_clv_1y_low_80'])} to {money(facts['predicted_clv_1y_high_80'])}"
    basis = (
        ""
        if facts["prediction_basis"] == "own purchases"
        else "; estimated from similar customers, as all purchases are on one day"
    )
    chance = f"{_write_chance(facts['probability_of_purchase_90d'])} chance of an order in 90 days"
    year = f"{money(facts['predicted_clv_1y'])} margin over the next year (80% interval: {bounds})"
    return [
        ("Expected", f"{chance} ({facts['expected_purchases_90d']:.1f} expected); {year}{basis}."),
        *_describe_next_purchase(facts),
    ]


def _write_chance(probability: float) -> str:
    """Write a probability that is never certain, such as "over 99%"."""
    return "over 99%" if probability > 0.99 else "under 1%" if probability < 0.01 else f"{probability:.0%}"


def _describe_next_purchase(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Describe when half of such customers have bought again; empty if fewer than half ever will."""
    if (middle := facts.get("predicted_next_purchase_date")) is None:
        return []
    low, high = (facts[f"predicted_next_purchase_date_{end}_80"] for end in ("low", "high"))
    interval = f"80% interval: {low} to {high}" if high else f"80% interval: from {low}, without an end"
    return [("Next purchase", f"By {middle} for half of such customers ({interval}).")]


def _describe_attributes(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Describe age, income, credit and membership, as far as they are known."""
    age = f"{facts['age_years']} years old" if facts["age_years"] is not None else ""
    income = f"{facts['income_band']} income" if facts["income_band"] else ""
    credit = f"{facts['credit_band']} credit" if facts["credit_band"] else ""
    since = f"signed up {facts['signed_up_at']:%Y-%m-%d}" if facts["signed_up_at"] else ""
    member = (
        ""
        if facts["is_loyalty_member"] is None
        else "loyalty member"
        if facts["is_loyalty_member"]
        else "not a loyalty member"
    )
    known = [part for part in (age, income, credit, since, member) if part]
    return [("Profile", f"{', '.join(known)}.")] if known else []


def _describe_contacts(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Describe channels, loyalty, support and campaigns, as far as they are known."""
    lines = []
    if facts["preferred_channel"]:
        share = f"{facts['preferred_channel_share']:.0%} of orders"
        is_mixed = facts["channel_count"] > 1 and facts["preferred_channel"] == "Omnichannel"
        detail = f"; no channel exceeds {share}" if is_mixed else f", {share}"
        lines.append(("Channel", f"{facts['preferred_channel']}{detail}."))
    if facts["loyalty_account_count"]:
        accounts = _pluralize(facts["loyalty_account_count"], "account")
        points = f", {facts['points_earned']:,.0f} points earned" if facts["points_earned"] is not None else ""
        lines.append(("Loyalty", f"{facts['loyalty_tier'] or 'No tier'}, {accounts}{points}."))
    if facts["interaction_count"]:
        settled = (
            f"{facts['resolved_interaction_count']:,} resolved, {facts['escalated_interaction_count']:,} escalated"
        )
        contacts = _pluralize(facts["interaction_count"], "contact")
        lines.append(("Support", f"{contacts}, {settled}; the latest on {facts['last_contact_date']}."))
    if facts["session_count"]:
        sessions = f"{_pluralize(facts['session_count'], 'session')}, {facts['conversion_count']:,} with an order"
        last = f"; the latest from {facts['last_campaign']}" if facts["last_campaign"] else ""
        lines.append(("Campaigns", f"{sessions}{last}."))
    return lines


def _pluralize(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _describe_identity(facts: dict[str, Any]) -> str:
    named = [facts["customer_name"], facts["email"], facts["city"], facts["region"], facts["country"]]
    return ", ".join([facts["customer_id"], *(str(part) for part in named if part)])


def _make_money_format(currency: str) -> Any:
    return lambda amount: f"{currency} {amount:,.2f}"
