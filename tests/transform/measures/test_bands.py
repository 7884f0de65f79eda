"""Every band edge on both sides, what makes an e-mail address valid, and visits that a source counts."""

from __future__ import annotations

import pytest

from shops.building import picked, table_rows

LINES = table_rows("""
receipt | at         | who | what | pieces | price
1       | 2024-06-30 | e1  | P1   | 1      | 1.00
2       | 2024-06-30 | e2  | P1   | 1      | 1.00
3       | 2024-06-30 | e3  | P1   | 1      | 1.00
4       | 2024-06-30 | e4  | P1   | 1      | 1.00
5       | 2024-06-30 | e5  | P1   | 1      | 1.00
""")
PEOPLE = table_rows("""
who | mail                   | age | income  | credit
e1  | ann@example.com        | 24  | 2999.99 | 649
e2  | a.b+c@mail.example.org | 25  | 3000    | 650
e3  | no-at.example.com      | 34  | 4999.99 | 699
e4  | two@@example.com       | 35  | 5000    | 700
e5  | x@y                    | 44  | 7499.99 | 749
e6  | x@y.c                  | 45  | 7500    | 750
e7  | @example.com           | 54  |         |
e8  | a b@example.com        | 55  |         |
e9  | a..b@example.com       | 64  |         |
e10 | A@EXAMPLE.COM          | 65  |         |
e11 |                        |     |         |
e12 | dot.@example.com       | 0   |         |
e13 | a@-example.com         | 120 |         |
""")
ARTICLES = table_rows("""
what | price  | cost
P1   | 99.99  | 50
P2   | 100    | 50
P3   | 249.99 |
P4   | 250    | 250
P5   | 399.99 | 500
P6   | 400    | 100
P7   |        | 1
""")
VISITS = table_rows("""
who | at                  | count | from       | to
v1  | 2024-06-30 08:00:00 |       |            |
v1  | 2024-06-23 08:00:00 |       |            |
v1  | 2023-07-02 08:00:00 |       |            |
v1  | 2023-07-01 08:00:00 |       |            |
v2  |                     | 12    | 2024-01-01 | 2024-06-30
v2  |                     | 5     | 2023-01-01 | 2023-06-30
v3  |                     | 7     |            |
v4  | 2024-07-05 08:00:00 |       |            |
e2  |                     | 1     | 2024-06-23 | 2024-06-23
e3  |                     | 3     | 2024-06-23 | 2024-06-30
e4  |                     | 5     | 2024-06-16 | 2024-06-30
e5  |                     | 1     | 2024-06-22 | 2024-06-30
""")


@pytest.fixture(scope="module")
def shop(build_shop):
    def source(file, entity, **columns):
        quoted = {name: f'"{column}"' for name, column in columns.items()}
        return {"files": file, "entities": {entity: {"columns": quoted}}}

    lines = {"order_id": "receipt", "ordered_at": "at", "customer_id": "who", "product_id": "what"}
    lines |= {"quantity": "pieces", "unit_price": "price"}
    people = {"customer_id": "who", "email": "mail", "age_years": "age", "income_amount": "income"}
    visits = {"customer_id": "who", "visited_at": "at", "visit_count": "count"}
    settings = {
        "shop": {"name": "Bands"},
        "as_of": "2024-06-30",
        "sources": {
            "lines": source("lines.csv", "order_lines", **lines),
            "people": source("people.csv", "customers", **people, credit_score="credit"),
            "articles": source("articles.csv", "products", product_id="what", list_price="price", unit_cost="cost"),
            "visits": source("visits.csv", "visits", **visits, period_start_date="from", period_end_date="to"),
        },
    }
    files = {"lines.csv": LINES, "people.csv": PEOPLE, "articles.csv": ARTICLES, "visits.csv": VISITS}
    return build_shop("bands", settings, files)


def test_bands_of_customers(shop):
    rows = shop.by("gold.customer_360", "customer_id")
    ages = [rows[f"e{n}"]["age_band"] for n in range(1, 14)]
    pairs = ["Under 25", "25-34", "25-34", "35-44", "35-44", "45-54", "45-54", "55-64", "55-64", "65+"]
    assert ages == [*pairs, None, "Under 25", "65+"]
    assert [rows[f"e{n}"]["income_band"] for n in range(1, 8)] == [
        *("Low", "Medium", "Medium", "High", "High", "Premium"),
        None,
    ]
    assert [rows[f"e{n}"]["credit_band"] for n in range(1, 8)] == [
        *("Poor", "Fair", "Fair", "Good", "Good", "Excellent"),
        None,
    ]


def test_price_tiers_and_margins(shop):
    rows = shop.by("silver.products", "product_id")
    assert [rows[f"P{n}"]["price_tier"] for n in range(1, 8)] == [
        *("Budget", "Mid-range", "Mid-range", "Premium", "Premium", "Luxury"),
        None,
    ]
    assert picked(rows["P2"], "unit_margin_amount", "margin_rate") == (50, 0.5)
    assert rows["P5"]["margin_rate"] == pytest.approx(-100.01 / 399.99)
    assert picked(rows["P3"], "unit_margin_amount", "margin_rate") == (None, None)


def test_e_mail_addresses(shop):
    rows = shop.by("silver.customers", "customer_id")
    valid = [who for who, row in rows.items() if row["is_email_valid"]]
    assert sorted(valid) == ["e1", "e10", "e2"]
    assert rows["e11"]["is_email_valid"] is None
    assert rows["e10"]["email_domain"] == "example.com"
    assert picked(rows["e3"], "is_email_valid", "email_domain") == (False, None)


def test_visits_are_what_a_source_counts(shop):
    rows = shop.by("gold.customer_360", "customer_id")
    columns = ("visit_count", "last_year_visit_count")
    assert picked(rows["v1"], *columns) == (4, 3)  # 365 days end with 2023-07-02
    assert rows["v1"]["visits_per_week"] == pytest.approx(4 * 7 / 365)
    assert picked(rows["v2"], *columns) == (17, 12)
    assert rows["v2"]["visits_per_week"] == pytest.approx(17 * 7 / 546)
    assert picked(rows["v3"], *columns, "visits_per_week") == (7, 0, None)  # counted, but nobody knows when
    assert "v4" not in rows  # after as_of
    assert picked(rows["e1"], *columns) == (0, 0)  # orders are no visits where visits are counted


def test_visit_frequency_edges(shop):
    rows = shop.by("gold.customer_visit_segments", "customer_id")
    assert {who: picked(row, "visits_per_week", "visit_frequency") for who, row in rows.items()} == {
        "e1": (None, None),  # an order, and no visit that a source counted
        "e2": (1.0, "Regular"),
        "e3": (3.0, "Frequent"),
        "e4": (2.5, "Regular"),
        "e5": (0.875, "Occasional"),
    }
