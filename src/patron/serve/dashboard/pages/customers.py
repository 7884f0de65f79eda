"""Customers: search, and one customer's profile."""

from __future__ import annotations

from typing import Any

import streamlit as st

from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.pages.customer_card import draw_customer_card
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.escape import markdown

_CHOSEN = "customer"
_QUERY = "find"
_MOST = 25

_FOUND = """
select customer_id, customer_name, email, city, country, segment, clv_tier, churn_group, historical_clv
from gold.customer_360
where {filters}
    and (
        customer_id = ?
        or contains(lower(customer_id), lower(?))
        or contains(lower(customer_name), lower(?))
        or contains(lower(email), lower(?))
    )
order by customer_id = ? desc, historical_clv desc nulls last, customer_id
limit ?
"""
_BEST = """
select customer_id, customer_name, email, city, country, segment, clv_tier, churn_group, historical_clv
from gold.customer_360
where {filters}
order by historical_clv desc nulls last, customer_id
limit ?
"""


def render(view: View) -> None:
    """Draw the search, or the profile of the customer in the URL."""
    chosen = st.query_params.get(_CHOSEN)
    if chosen is None:
        _search(view)
        return
    st.button("All customers", icon=":material/arrow_back:", type="tertiary", on_click=_close)
    if not draw_customer_card(view, chosen):
        draw_empty_state(f"No customer {chosen[:80]}", "Search by ID, name or email.")


def _search(view: View) -> None:
    if _QUERY in st.query_params:
        st.session_state.setdefault(_QUERY, st.query_params[_QUERY])
    query = st.text_input(
        "Search customers",
        key=_QUERY,
        placeholder="ID, name or email" if view.user.may_see_persons else "ID",
        icon=":material/search:",
        max_chars=200,
    ).strip()
    _remember(query)
    condition, parameters = view.filters.customers()
    if query:
        found = view.data.rows(_FOUND.format(filters=condition), [*parameters, *[query] * 5, _MOST + 1])
    else:
        found = view.data.rows(_BEST.format(filters=condition), [*parameters, _MOST])
    if not found:
        draw_empty_state(
            f"No customers match “{query[:80]}”" if query else "No customers match these filters",
            "Shorten the search or change the filters.",
        )
        return
    more = len(found.rows) > _MOST
    prompt = (
        f"Showing the first {_MOST} matches. Refine your search to narrow them down."
        if more
        else ""
        if query
        else "Top customers by lifetime value to date"
    )
    st.caption(prompt or _count_matches(view, len(found.rows)))
    with st.container(gap="xxsmall", key="customers-found"):
        for row in found.records()[:_MOST]:
            st.button(
                _describe_customer(view, row),
                key=f"open-{row['customer_id']}",
                on_click=_open,
                args=(row["customer_id"],),
                width="stretch",
            )


def _count_matches(view: View, count: int) -> str:
    return "1 match" if count == 1 else f"{view.formats.count(count)} matches"


def _describe_customer(view: View, row: dict[str, Any]) -> str:
    """Return one line of Markdown: name in bold, then place, segment, whether they churned, and spend."""
    name = row["customer_name"] or f"Customer {row['customer_id']}"
    spent = (
        f"{view.formats.money(row['historical_clv'])} spent" if row["historical_clv"] is not None else "no orders yet"
    )
    known = [row["customer_id"] if row["customer_name"] else None, row["city"], row["country"], row["segment"]]
    parts = [str(part) for part in known if part] + (["churned"] if row["churn_group"] == "Churned" else [])
    return f"**{markdown(name)}** · {' · '.join(markdown(part) for part in parts)} · {markdown(spent)}"


def _remember(query: str) -> None:
    if query:
        st.query_params[_QUERY] = query
    elif _QUERY in st.query_params:
        del st.query_params[_QUERY]


def _open(customer_id: str) -> None:
    st.query_params[_CHOSEN] = customer_id


def _close() -> None:
    del st.query_params[_CHOSEN]


PAGE = Page(
    path="customers",
    title="Customers",
    question="Who is this customer, what is their value, and what should happen next?",
    icon=":material/person_search:",
    render=render,
    filters=FilterSpec(("segment", "region", "channel")),
    needs=("customer_360",),
    opens=_CHOSEN,
)
