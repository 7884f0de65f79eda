"""Customer ids as they count, against the same in plain Python."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from patron.project.settings.customers import GUESTS, Customers
from patron.transform.render.customer_ids import identify, is_guest
from patron.transform.render.write_sql import write

V = exp.column("v")


def answer(given_ids: list[str], customers: Customers) -> list[tuple[str | None, bool | None]]:
    condition = is_guest(V, customers)
    guest = "null" if condition is None else write(condition, "duckdb")
    sql = f"select {write(identify(V, customers), 'duckdb')}, {guest} from (select ?::text as v)"
    connection = duckdb.connect()
    return [connection.execute(sql, [one]).fetchone() for one in given_ids]


def expect(given_id: str, customers: Customers) -> str | None:
    """The same by hand."""
    lowered = given_id.lower()
    name, _, rest = given_id.partition("@")
    if name and rest and "@" not in rest:
        is_named = f"{lowered.partition('@')[0]}@" in customers.guest_words
        if is_named or lowered in customers.guest_words:
            return None
        return lowered if customers.normalize_emails else given_id
    is_bare_name = name and not rest and "@" in given_id
    return None if lowered in customers.guest_words and not is_bare_name else given_id


IDS = st.one_of(
    st.sampled_from(GUESTS).map(str.upper),
    st.sampled_from(GUESTS).map(str.title),
    st.builds(
        "{}@{}".format, st.sampled_from(["Ann", "GUEST", "no-reply", "shop"]), st.sampled_from(["X.com", "shop.de"])
    ),
    st.text("aA0-@x%_' ", min_size=1).map(str.strip).filter(bool),
    st.integers(-2, 3).map(str),
)
SETTINGS = st.sampled_from(
    [
        Customers(),
        Customers(normalize_emails=False),
        Customers(guests=()),
        Customers(guests=(), normalize_emails=False),
        Customers(more_guests=("Till@Shop.de", "  K-0 ", "@x", "a@x@")),
        Customers(guests=("0",)),
    ]
)


@settings(deadline=None)
@given(st.lists(IDS, min_size=1, max_size=10), SETTINGS)
def test_ids_count_as_said(given_ids: list[str], customers: Customers) -> None:
    found = answer(given_ids, customers)
    assert [value for value, _ in found] == [expect(one, customers) for one in given_ids]
    if customers.guest_words:
        assert [guest for _, guest in found] == [expect(one, customers) is None for one in given_ids]


def test_an_id_that_is_missing_is_missing() -> None:
    ((value, guest),) = answer([None], Customers())  # type: ignore[list-item]
    assert (value, guest) == (None, False)
