"""Customers who are none: guests by a list, e-mail addresses in two spellings, and ids that do not name a person."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from patron.pipeline.check.check import check
from patron.pipeline.check.customer_ids import mask_id
from patron.project.settings.customers import GUESTS
from shops.building import BuiltShop, add_files, run_shop, table_rows, write_project

COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "unit_price": "total"}


def till(columns=None, *, files="lines.csv", customers=None, **sources) -> dict:
    """A shop of one source of lines, and perhaps others."""
    mapped = {"files": files, "entities": {"order_lines": {"columns": COLUMNS | (columns or {})}}}
    settings = {
        "shop": {"name": "Till", "currency": "EUR"},
        "predictions": {"churn": {"enabled": False}},
        "sources": {"lines": mapped, **sources},
    }
    return settings | ({"customers": customers} if customers else {})


def source(file: str, entity: str, **columns: str) -> dict:
    return {"files": file, "entities": {entity: {"columns": columns}}}


def lines(*ids) -> list[dict]:
    return [
        {"number": str(place), "at": f"2024-03-{1 + place % 28:02} 10:00", "who": one, "total": "5.00"}
        for place, one in enumerate(ids)
    ]


def nets(shop: BuiltShop) -> dict[str, Decimal]:
    return {row["customer_id"]: row["net_amount"] for row in shop.rows("gold.customer_360")}


def findings(shop: BuiltShop, section: str = "customers") -> dict[str, tuple[str, str]]:
    found = [one for one in check(shop.project).findings if one.section == section]
    return {one.name: (one.status, one.detail) for one in found}


class TestGuests:
    def test_every_word_of_the_list_is_nobody_and_its_money_counts(self, build_shop):
        words = [word for word in GUESTS if not word.endswith("@")]
        ids = [
            *words,
            *(f" {word.upper()} " for word in words),
            *(f"{word}x.com" for word in GUESTS if word.endswith("@")),
        ]
        shop = build_shop("words", till(), {"lines.csv": lines(*ids, "ann", None)})
        assert nets(shop) == {"ann": 5}
        overall = shop.rows("gold.kpi_overall")[-1]
        assert (overall["net_amount"], overall["order_count"]) == (5 * (len(ids) + 2), len(ids) + 2)
        status, detail = findings(shop)["lines as order_lines"]
        assert status == "pass"
        assert detail.startswith(f"{len(ids):,} rows have a customer id of customers.guests (")
        assert "@" not in detail

    def test_zero_is_a_guest_among_numbers(self, tmp_path):
        rows = [json.dumps(line) for line in lines(0, 17, -1, 18)]
        shop = run_shop(write_project(tmp_path, till(files="*.jsonl"), {"lines.jsonl": "\n".join(rows) + "\n"}))
        assert nets(shop) == {"17": 5, "18": 5}
        assert "0 (1)" in findings(shop)["lines as order_lines"][1]

    def test_a_customer_called_guest_is_left_out_and_accounted_for(self, build_shop):
        people = table_rows("""
            id    | name
            Guest | Walk-in
            ann   | Ann
        """)
        visits = [{"id": "N/A", "at": "2024-03-01"}, {"id": "ann", "at": "2024-03-02"}]
        settings = till(
            people=source("people.csv", "customers", customer_id="id", customer_name="name"),
            visits=source("visits.csv", "visits", customer_id="id", visited_at="at"),
        )
        files = {"lines.csv": lines("ann", "GUEST"), "people.csv": people, "visits.csv": visits}
        shop = build_shop("people", settings, files)
        assert [row["customer_id"] for row in shop.rows("silver.customers")] == ["ann"]
        assert [row["customer_id"] for row in shop.rows("silver.visits")] == ["ann"]
        assert shop.rows("quarantine.quarantined_rows") == []
        accounts = {row["source_name"]: row["filtered_count"] for row in shop.rows("quarantine.row_accounting")}
        assert accounts == {"lines": 0, "people": 1, "visits": 1}
        assert not check(shop.project, against_full=True).failed
        assert "left out, as it needs a customer" in findings(shop)["people as customers"][1]

    def test_a_number_without_a_customer_is_left_out_too(self, tmp_path):
        settings = till(people=source("people.jsonl", "customers", customer_id="id"))
        people = "".join(json.dumps({"id": one}) + "\n" for one in (0, 17))
        shop = run_shop(write_project(tmp_path, settings, {"lines.csv": lines("17"), "people.jsonl": people}))
        assert [row["customer_id"] for row in shop.rows("silver.customers")] == ["17"]
        assert not check(shop.project).failed

    def test_the_list_can_be_replaced_and_added_to(self, build_shop):
        ids = ("Guest", "Till@Shop.de", "nobody")
        replaced = till(customers={"guests": ["nobody"], "more_guests": ["till@shop.de"]})
        shop = build_shop("replaced", replaced, {"lines.csv": lines(*ids)})
        assert nets(shop) == {"Guest": 5}
        assert findings(shop)["lines as order_lines"] == (
            "pass",
            "2 rows have a customer id of customers.guests (nobody (1), e-mail addresses (1)); each is a guest's",
        )
        off = till(customers={"guests": []})
        assert nets(build_shop("off", off, {"lines.csv": lines(*ids)})) == {
            "Guest": 5,
            "till@shop.de": 5,
            "nobody": 5,
        }

    def test_an_id_of_an_expression_and_of_another_namespace(self, build_money):
        settings = till({"customer_id": r"regexp_replace(who, '\.0$', '')"})
        settings["sources"]["lines"]["entities"]["order_lines"]["namespace"] = {"customer_id": "source"}
        shop = build_money("expression", settings, {"lines.csv": lines("17.0", "guest", "0.0")})
        assert nets(shop) == {"lines:17": 5}

    def test_a_first_row_of_a_guest_fills_down_as_a_guest(self, build_money):
        settings = till()
        settings["sources"]["lines"]["entities"]["order_lines"]["fill_down"] = ["customer_id"]
        rows = [line | {"number": "1"} for line in lines("Guest", None)]
        rows += [line | {"number": "2"} for line in lines("ann", None)]
        assert nets(build_money("filled", settings, {"lines.csv": rows})) == {"ann": 10}


class TestEmails:
    def test_one_address_is_one_customer_in_every_entity(self, build_shop):
        settings = till(
            people=source("people.csv", "customers", customer_id="id", customer_name="name"),
            calls=source(
                "calls.csv", "service_interactions", interaction_id="ticket", customer_id="id", contacted_at="at"
            ),
        )
        files = {
            "lines.csv": lines("Alice@Example.com ", "alice@example.com", "BEN", "ben"),
            "people.csv": [{"id": "ALICE@example.com", "name": "Alice"}],
            "calls.csv": [{"ticket": "1", "id": "aLice@example.com", "at": "2024-03-02"}],
        }
        shop = build_shop("emails", settings, files)
        assert nets(shop) == {"alice@example.com": 10, "BEN": 5, "ben": 5}
        (customer,) = shop.rows("silver.customers")
        (call,) = shop.rows("silver.service_interactions")
        assert customer["customer_id"] == call["customer_id"] == "alice@example.com"

    def test_a_later_landing_in_another_case_updates_the_customer(self, tmp_path):
        settings = till(people=source("people*.csv", "customers", customer_id="id", customer_name="name"))
        files = {"lines.csv": lines("ann@x.de"), "people1.csv": [{"id": "ann@x.de", "name": "A"}]}
        shop = run_shop(write_project(tmp_path, settings, files))
        add_files(shop.folder, {"people2.csv": [{"id": "ANN@X.DE", "name": "Ann"}]})
        shop.run()
        assert [row["customer_name"] for row in shop.rows("silver.customers")] == ["Ann"]
        assert not check(shop.project, against_full=True).failed

    def test_it_can_be_switched_off(self, build_money):
        settings = till(customers={"normalize_emails": False})
        shop = build_money("as they are", settings, {"lines.csv": lines("A@x.de", "a@x.de")})
        assert nets(shop) == {"A@x.de": 5, "a@x.de": 5}


class TestIdsThatNameNobody:
    def test_one_id_with_an_absurd_share_is_told(self, build_shop):
        ids = ["till@shop.de"] * 60 + [f"c{place % 30}" for place in range(120)]
        shop = build_shop("shared", till(), {"lines.csv": lines(*ids)})
        (warning,) = [one for one in shop.report.warnings if "one customer id" in one]
        assert warning.startswith("one customer id (t•••) has 60 of 180 orders (33%)")
        assert "more_guests" in warning
        assert "@" not in warning
        assert findings(shop)["customers.guests"] == ("warn", warning)

    @pytest.mark.parametrize(
        "ids",
        [
            ["x"] * 49 + [f"c{place % 30}" for place in range(60)],  # too few orders
            ["x"] * 60 + [f"c{place % 18}" for place in range(120)],  # too few customers
            ["x"] * 60 + [f"c{place % 30}" for place in range(240)],  # a fifth is no absurd share
            ["x"] * 60 + [None] * 300 + [f"c{place % 30}" for place in range(60)],  # guests count among the orders
        ],
    )
    def test_a_good_customer_is_not(self, tmp_path, ids):
        shop = run_shop(write_project(tmp_path, till(), {"lines.csv": lines(*ids)}))
        assert not [one for one in shop.report.warnings if "one customer id" in one]

    def test_a_new_id_for_each_order_is_told_with_a_better_column(self, build_shop):
        orders = [
            {"order": f"o{place}", "customer_id": f"k{place}", "at": f"2024-03-{1 + place % 28:02}", "total": "5"}
            for place in range(250)
        ]
        people = [
            {"customer_id": f"k{place}", "customer_unique_id": f"p{place % 230}", "customer_zip_code": str(place % 9)}
            for place in range(250)
        ]
        settings = {
            "shop": {"name": "Market", "currency": "EUR"},
            "predictions": {"churn": {"enabled": False}},
            "sources": {
                "orders": source(
                    *("orders.csv", "orders"),
                    **{"order_id": "order", "ordered_at": "at", "customer_id": "customer_id", "order_amount": "total"},
                ),
                "people": source("people.csv", "customers", customer_id="customer_id"),
            },
        }
        shop = build_shop("market", settings, {"orders.csv": orders, "people.csv": people})
        (warning,) = [one for one in shop.report.warnings if "of its own" in one]
        assert warning.startswith("orders: each order has a customer id of its own (250 ids for 250 orders)")
        assert warning.endswith("such as customer_unique_id of people (230 values in 250 rows)")
        assert findings(shop)["orders"] == ("warn", warning.removeprefix("orders: "))

    @pytest.mark.parametrize("ids", [range(199), [place % 248 for place in range(250)]])
    def test_a_shop_whose_customers_come_back_is_not(self, tmp_path, ids):
        shop = run_shop(write_project(tmp_path, till(), {"lines.csv": lines(*(f"c{one}" for one in ids))}))
        assert not [one for one in shop.report.warnings if "of its own" in one]

    @pytest.mark.parametrize(
        ("customer_id", "shown"),
        [
            ("17850", "17850"),
            ("C-1042", "C-1042"),
            ("till:17", "till:17"),
            ("ann@x.de", "a•••"),
            ("Joan Miller", "J•••"),
            ("joan", "j•••"),
            ("+4917012345678", "+•••"),
            ("004917012345678", "0•••"),
        ],
    )
    def test_only_plain_codes_are_shown(self, customer_id, shown):
        assert mask_id(customer_id) == shown
