"""The corner shop: small enough that every figure is worked out by hand in tests/measures/test_corner_*.py.

Line kinds by the default rules. Measured at 2024-07-01, the day after its last line, unless said otherwise:
30 days before that is 2024-06-01, 60 is 05-02, 90 is 04-02.

    who  what for
    ann  four orders, two of them on one day; a discount, and a refund two days after her last order
    bob cat dan eve fay gus   silent for 30, 31, 60, 61, 90, 91 days: both sides of each churn limit
    dan  one order rung up around midnight: one order, two purchase days
    hal  net 0.0005 in two orders: the average ends in exactly half of the fourth place
    ned  net -0.0005 in two orders: the same below zero
    ivy  sent goods back before her first order
    ret  only sent goods back; zed was only given something; joe is on file and never came
    guests: one order and one refund
"""

from __future__ import annotations

from typing import Any

from shops.building import Row, table_rows

LINES = table_rows("""
receipt | sold_at             | who | code | what     | pieces | price   | off  | stated
G1      | 2024-04-01 09:00:00 | gus | P1   | Tea      | 6      | 10.00   |      | 60.00
A1      | 2024-04-02 10:00:00 | ann | P1   | Tea      | 2      | 10.00   |      |
A1      | 2024-04-02 10:00:00 | ann | P2   | Biscuits | 1      | 5.00    | 0.50 | 4.50
F1      | 2024-04-02 11:00:00 | fay | P3   | Sugar    | 3      | 1.00    |      | 3.10
IR      | 2024-04-05 12:00:00 | ivy | P3   | Sugar    | -3     | 1.00    |      |
H1      | 2024-04-10 09:30:00 | hal | P4   | Pin      | 2      | 0.0001  |      |
N1      | 2024-04-11 09:30:00 | ned | P4   | Pin      | 2      | 0.0001  |      |
E1      | 2024-05-01 08:00:00 | eve | P1   | Tea      | 10     | 10.00   |      |
D1      | 2024-05-01 23:50:00 | dan | P2   | Biscuits | 1      | 5.00    |      |
D1      | 2024-05-02 00:10:00 | dan | P5   | Milk     | 1      | 2.50    |      |
A2      | 2024-05-15 09:00:00 | ann | P1   | Tea      | 3      | 10.00   |      |
A3      | 2024-05-15 17:00:00 | ann | P6   | Jam      | 1      | 4.00    |      |
C1      | 2024-05-31 23:59:59 | cat | P1   | Tea      | 2      | 10.00   |      |
B1      | 2024-06-01 00:00:00 | bob | P1   | Tea      | 2      | 10.00   |      |
H2      | 2024-06-01 10:00:00 | hal | P4   | Pin      | 3      | 0.0001  |      |
N2      | 2024-06-01 11:00:00 | ned | P4   | Pin      | 3      | 0.0001  |      |
X1      | 2024-06-01 12:00:00 |     | P7   | Jar      | 1      | 9.99    |      |
N3      | 2024-06-02 09:00:00 | ned | P4   | Pin      | -10    | 0.0001  |      |
R1      | 2024-06-10 09:00:00 | ret | P5   | Milk     | -2     | 3.00    |      |
Z1      | 2024-06-10 10:00:00 | zed | P8   | Sample   | 1      | 0.00    |      |
Q1      | 2024-06-10 11:00:00 |     | P9   | Slip     | 1      | -4.00   |      |
Q2      | 2024-06-10 11:00:00 |     | P9   | Slip     | 0      | 7.00    |      |
A4      | 2024-06-20 15:00:00 | ann | P1   | Tea      | 1      | 10.00   |      |
A4R     | 2024-06-22 15:00:00 | ann | P1   | Tea      | -1     | 10.00   |      |
I1      | 2024-06-30 10:00:00 | ivy | P7   | Jar      | 1.5    | 10.00   |      |
X2      | 2024-06-30 18:00:00 |     | P7   | Jar      | -1     | 2.00    |      |
""")

MEMBERS = table_rows("""
id  | name     | mail          | land            | town  | since                     | card | changed
ann | Ann Old  | ann@old.test  | UK              | Leeds | 2023-01-01 08:00:00       | no   | 2023-01-01 00:00:00
joe | Joe      |               | Unspecified     |       | 2024-02-02T10:00:00+02:00 |      | 2024-02-02 00:00:00
ann | Ann      | ann@new.test  | eire            | Cork  | 2023-01-01 08:00:00       | yes  | 2024-06-01 00:00:00
zed | Zed      |               | Channel Islands |       |                           | 0    | 2024-03-03 00:00:00
ret | Ret      |               | Japan           | Kyoto |                           | 1    |
ann | Ann Late | ann@late.test | France          | Paris | 2023-01-01 08:00:00       | yes  | 2023-12-31 00:00:00
""")
"""Ann's newest version is the one changed last, not the one that came last. The shop is at UTC: joe came at 08:00."""

ARTICLES = table_rows("""
code | what      | kind  | cost
P1   | Black tea | Drink | 4.20
P2   | Biscuits  | Food  | 1.10
P10  | Honey     | Food  | 2.00
""")

FILES = {"till.csv": LINES, "members.csv": MEMBERS, "articles.csv": ARTICLES}


def settings(**more: Any) -> Row:
    """patron.yaml of the corner shop; `more` are its other top-level settings."""
    return {
        "shop": {"name": "Corner", "currency": "GBP"},
        "as_of": "2024-07-01",
        "sources": {
            "till": {
                "files": "till.csv",
                "entities": {
                    "order_lines": {
                        "columns": {
                            "order_id": "receipt",
                            "ordered_at": "sold_at",
                            "customer_id": "who",
                            "product_id": "code",
                            "product_name": "what",
                            "quantity": "pieces",
                            "unit_price": "price",
                            "line_discount_amount": "off",
                            "stated_amount": "stated",
                        }
                    }
                },
            },
            "members": {
                "files": "members.csv",
                "entities": {
                    "customers": {
                        "columns": {
                            "customer_id": "id",
                            "customer_name": "name",
                            "email": "mail",
                            "country": "land",
                            "city": "town",
                            "signed_up_at": "since",
                            "is_loyalty_member": "card",
                            "updated_at": "changed",
                        }
                    }
                },
            },
            "articles": {
                "files": "articles.csv",
                "entities": {
                    "products": {
                        "columns": {
                            "product_id": "code",
                            "product_name": "what",
                            "category": "kind",
                            "unit_cost": "cost",
                        }
                    }
                },
            },
        },
        **more,
    }
