"""Value at stake: how much of what is expected of a customer rests on their coming back at all.

The margin expected in the next year, times the probability that they buy nothing in the next 90 days. Expected value
allows for leaving already, so it ranks customers and segments, and does not forecast a loss.
"""

from __future__ import annotations


def value_at_stake(customers: str = "", churn: str = "") -> str:
    """The SQL of a customer's value at stake. customers: alias of customer_360 or customer_clv; churn: of
    customer_churn; empty where columns stand alone. Null where nothing is predicted.
    """
    worth, silent = (f"{alias}." if alias else "" for alias in (customers, churn))
    return f"{worth}predicted_clv_1y * {silent}churn_probability_90d"
