"""What `init` makes of folders: by values rather than words, in several languages, and what it asks instead of guessing."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from patron.errors import SettingsError, SourceError
from patron.examples.first_mapping.mapped import write_scalar
from patron.project.project import Project
from shops.building import table_rows
from shops.mapped_folders import count_lines, map_folder

DAYS = [dt.date(2024, 3, 1) + dt.timedelta(n) for n in range(40)]


def lines(names: str, rows: list[tuple]) -> list[dict]:
    return [dict(zip(names.split(" | "), row, strict=True)) for row in rows]


def sales(
    names: str = "order id | order date | customer id | product | quantity | price", count: int = 40
) -> list[dict]:
    """Lines of 20 orders, two each; names: the headers of order, day, customer, product, quantity, price."""
    rows = []
    for n in range(count):
        order = n // 2
        rows.append(
            (
                f"R{order:03}",
                DAYS[order],
                f"K{order % 7:02}",
                f"Article {n % 5}",
                1 + n % 3,
                Decimal(500 + 111 * (n % 5)) / 100,
            )
        )
    return lines(names, rows)


NET = sum((row["quantity"] * row["price"] for row in sales()), Decimal(0))

LANGUAGES = {
    "German": "Bestellnummer | Bestelldatum | Kundennummer | Artikelbezeichnung | Menge | Einzelpreis",
    "French": "Numéro de commande | Date de commande | Code client | Désignation | Quantité | Prix unitaire",
    "Spanish": "Número de pedido | Fecha de pedido | Código cliente | Descripción | Cantidad | Precio unitario",
    "Portuguese": "Número do pedido | Data do pedido | Código do cliente | Nome do produto | Qtde | Preço unitário",
    "Italian": "Numero ordine | Data ordine | Codice cliente | Descrizione | Quantità | Prezzo unitario",
    "Dutch": "Bestelnummer | Besteldatum | Klantnummer | Omschrijving | Aantal | Stukprijs",
    "Polish": "Numer zamówienia | Data zamówienia | Numer klienta | Nazwa produktu | Ilość | Cena jednostkowa",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_trades_words_are_known_in(language, tmp_path):
    names = LANGUAGES[language]
    mapped = map_folder(tmp_path, {"umsatz.csv": sales(names)})
    order, when, who, what, pieces, price = names.split(" | ")
    columns = mapped.columns("umsatz")
    assert mapped.questions == 0
    assert {key: columns[key] for key in ("order_id", "ordered_at", "customer_id", "product_name")} == {
        "order_id": order,
        "ordered_at": when,
        "customer_id": who,
        "product_name": what,
    }
    assert (columns["quantity"], columns["unit_price"]) == (pieces, price)


def test_every_file_is_read_and_a_family_is_one_source(tmp_path):
    first, second = sales()[:20], sales()[20:]
    people = [{"id": f"K{n:02}", "name": f"Person {n}", "city": "Bonn"} for n in range(7)]
    files = {
        "a/notes.txt.md": "read me",
        "sales_2024_01.csv": first,
        "sales_2024_02.csv": second,
        "customers.csv": people,
    }
    mapped = map_folder(tmp_path, files)
    settings = Project.load(mapped.folder).settings
    assert {name: source.files for name, source in settings.sources.items()} == {
        "customers": ("customers.csv",),
        "sales": ("sales_*.csv",),
    }
    assert mapped.columns("customers", "customers") == {"customer_id": "id", "customer_name": "name", "city": "city"}
    assert count_lines(mapped.run()) == (NET, 20, 7)


def test_a_key_is_found_by_values_whatever_its_header(tmp_path):
    heads = [{"ref": f"R{n:03}", "order date": DAYS[n], "customer id": f"K{n % 7:02}"} for n in range(20)]
    items = [
        {"sale_ref": r["order id"], "product": r["product"], "qty": r["quantity"], "price": r["price"]} for r in sales()
    ]
    mapped = map_folder(tmp_path, {"sales.csv": heads, "items.csv": items})
    assert mapped.questions == 0
    assert mapped.columns("items")["customer_id"] == 'sales."customer id"'
    assert count_lines(mapped.run()) == (NET, 20, 7)


def test_a_total_is_told_from_a_price_by_the_quantity(tmp_path):
    rows = [row | {"line total": row["quantity"] * row["price"]} for row in sales()]
    assert map_folder(tmp_path / "both", {"s.csv": rows}).columns("s")["line_amount"] == "line total"
    for row in rows:
        del row["price"]
    columns = map_folder(tmp_path / "total", {"s.csv": rows}).columns("s")
    assert columns["line_amount"] == "line total"
    assert "unit_price" not in columns


def test_a_total_called_price_is_asked_about(tmp_path):
    rows = [row | {"price": row["quantity"] * row["price"]} for row in sales()]
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert mapped.columns("s")["unit_price"] == "CHANGE_ME"
    assert "the price of a piece or the total of the line?" in mapped.text


@pytest.mark.parametrize(
    ("discounts", "expected"),
    [
        (["0.1", "0", "0.2"], "a share of the price"),
        (["1.10", "0", "0.20"], "discount"),
    ],
)
def test_a_rate_is_never_above_one(discounts, expected, tmp_path):
    rows = [row | {"discount": discounts[n % 3]} for n, row in enumerate(sales())]
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert expected in next(line for line in mapped.text.splitlines() if "line_discount_amount" in line)


def test_a_discount_that_may_be_either_is_asked_about(tmp_path):
    rows = [row | {"discount": "0.5" if n % 3 else "0", "price": "0.90"} for n, row in enumerate(sales())]
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert mapped.columns("s")["line_discount_amount"] == "CHANGE_ME"


def test_a_total_beside_a_discount_is_asked_about_where_no_price_is_steadier(tmp_path):
    rows = [
        {k: v for k, v in row.items() if k not in ("price", "product")}
        | {"amount": Decimal(n + 2), "discount": Decimal(150 + n) / 100}
        for n, row in enumerate(sales())
    ]
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert mapped.columns("s")["line_amount"] == "CHANGE_ME"
    assert 'Is "amount" before or after "discount"?' in mapped.text


def test_a_discount_repeated_on_all_lines_is_the_orders(tmp_path):
    rows = [row | {"discount": Decimal(100 + n // 2) / 100 * 2} for n, row in enumerate(sales())]
    columns = map_folder(tmp_path, {"s.csv": rows}).columns("s")
    assert columns["order_discount_amount"] == "discount"
    assert "line_discount_amount" not in columns


def test_an_orders_discount_beside_totals_of_lines_is_asked_about_unless_the_orders_total_proves_it(tmp_path):
    rows = [
        {k: v for k, v in row.items() if k != "price"}
        | {"amount": row["price"] * row["quantity"], "discount": Decimal(2 + n // 2)}
        for n, row in enumerate(sales())
    ]
    asked = map_folder(tmp_path / "asked", {"s.csv": rows})
    assert asked.columns("s")["order_discount_amount"] == "CHANGE_ME"
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        first["order total"] = second["order total"] = first["amount"] + second["amount"] - first["discount"]
    assert map_folder(tmp_path / "before", {"s.csv": rows}).columns("s")["order_discount_amount"] == "discount"
    for row in rows:
        row["order total"] += row["discount"]
    after = map_folder(tmp_path / "after", {"s.csv": rows})
    assert after.questions == 0
    assert "order_discount_amount" not in after.columns("s")


def test_a_discount_repeated_on_two_orders_only_is_asked_about(tmp_path):
    rows = [row | {"discount": "2.00" if n < 4 else "0"} for n, row in enumerate(sales())]
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert "on the line, or on the whole order and repeated on its lines?" in mapped.text
    assert mapped.questions == 1


def test_totals_of_orders_prove_what_a_discount_is(tmp_path):
    rows = [row | {"discount amount": "0.50", "order total": None} for row in sales()]
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        total = sum((row["quantity"] * row["price"] for row in (first, second)), Decimal(0)) - Decimal("0.50")
        first["order total"] = second["order total"] = total
    columns = map_folder(tmp_path, {"s.csv": rows}).columns("s")
    assert columns["order_discount_amount"] == "discount amount"


def test_values_on_first_rows_are_filled_down(tmp_path):
    rows = [
        row | {"status": "paid" if n % 2 == 0 else None, "shipping": "4.90" if n % 2 == 0 else None}
        for n, row in enumerate(sales())
    ]
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert "fill_down: [status]" in mapped.text
    assert mapped.columns("s")["order_shipping_amount"] == "shipping"
    assert Project.load(mapped.folder).settings.orders.spend_statuses == ("paid",)


def test_statuses_that_nobody_knows_are_asked_about(tmp_path):
    rows = [row | {"status": ("paid", "paid", "cancelled", "zorp")[n // 2 % 4]} for n, row in enumerate(sales())]
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert "Do orders with these statuses count as spend: zorp?" in mapped.text
    with pytest.raises(SettingsError, match="CHANGE_ME"):
        Project.load(mapped.folder)


def test_a_refunded_order_without_its_amount_is_no_spend(tmp_path):
    rows = [row | {"status": ("paid", "refunded")[n // 2 % 2]} for n, row in enumerate(sales())]
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert Project.load(mapped.folder).settings.orders.spend_statuses == ("paid",)


def test_a_date_that_can_be_read_both_ways_is_asked_about(tmp_path):
    rows = [row | {"order date": f"0{1 + n // 2 % 9}/0{1 + n // 2 % 7}/2024"} for n, row in enumerate(sales())]
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert 'Is "order date" written day first or month first?' in mapped.text
    with pytest.raises(SettingsError, match="CHANGE_ME"):
        Project.load(mapped.folder)


def test_an_answer_in_the_terminal_is_written(tmp_path):
    rows = [row | {"order date": f"0{1 + n // 2 % 9}/0{1 + n // 2 % 7}/2024"} for n, row in enumerate(sales())]
    asked = []

    def answer(question):
        asked.append(question.text)
        return 1

    mapped = map_folder(tmp_path, {"s.csv": rows}, answer=answer)
    assert len(asked) == 1
    assert mapped.questions == 0
    assert mapped.columns("s")["ordered_at"] == {"expression": "order date", "format": "%m/%d/%Y"}


def test_numbers_that_start_again_every_day_get_the_day(tmp_path):
    rows = [row | {"order id": n // 2 % 4} for n, row in enumerate(sales())]
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert count_lines(mapped.run())[1] == 20


def test_amounts_in_parentheses_are_negative(tmp_path):
    rows = table_rows("""
    order id | order date | customer id | product | quantity | amount
    1        | 2024-03-01 | ann         | Mug     | 2        | $20.00
    2        | 2024-03-02 | ben         | Mug     | 1        | $10.00
    3        | 2024-03-03 | ann         | Mug     | -1       | ($10.00)
    4        | 2024-03-04 | cem         | Vase    | 1        | 7.50-
    """)
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert count_lines(mapped.run())[0] == Decimal("12.50")


def test_a_customer_id_of_each_order_is_said(tmp_path):
    rows = [{"order id": n, "order date": "2024-03-01", "customer id": f"c{n}", "total": 5} for n in range(60)]
    assert "comes twice" in map_folder(tmp_path, {"orders.csv": rows}).text


def test_tax_and_postage_are_no_part_of_an_orders_goods(tmp_path):
    rows = [
        {"order id": n, "order date": "2024-03-01", "customer id": n % 9, "total": 17 + n, "tax": 2, "shipping": 5}
        for n in range(30)
    ]
    mapped = map_folder(tmp_path / "asked", {"orders.csv": rows})
    assert mapped.columns("orders", "orders")["order_amount"] == "CHANGE_ME"
    proven = [row | {"subtotal": 10 + row["order id"]} for row in rows]
    assert (
        map_folder(tmp_path / "proven", {"orders.csv": proven}).columns("orders", "orders")["order_amount"]
        == "subtotal"
    )


def test_files_that_cannot_be_read_are_named_with_the_reason(tmp_path):
    mapped = map_folder(tmp_path, {"s.csv": sales(), "broken.parquet": "not parquet"})
    assert "# Left out: broken.parquet (" in mapped.text


def test_a_folder_without_files_is_refused(tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(SourceError, match="No file of"):
        map_folder(tmp_path, {})


def test_a_file_of_returns_with_positive_amounts_is_asked_about(tmp_path):
    returned = [row | {"order id": f"X{n}", "quantity": 1} for n, row in enumerate(sales()[:4])]
    files = {"sales.csv": sales(), "returns.csv": returned}
    mapped = map_folder(tmp_path, files, answer=lambda question: 0)
    assert mapped.questions == 0
    assert count_lines(mapped.run())[0] == NET - sum((row["price"] for row in returned), Decimal(0))
    assert map_folder(tmp_path / "asked", files).questions == 1


def test_numbers_that_start_again_in_every_store_every_day_get_both(tmp_path):
    rows = [
        row
        | {
            "order id": n // 2 % 2,
            "store id": f"S{n // 2 % 3}",
            "order date": DAYS[n // 12],
            "customer id": f"K{n // 2}",
        }
        for n, row in enumerate(sales())
    ]
    mapped = map_folder(tmp_path, {"s.csv": rows})
    assert mapped.columns("s")["order_id"].split(" || ")[0] == '"order date"'
    assert count_lines(mapped.run())[1] == 20


def test_two_shops_with_the_same_numbers_are_not_heads_and_lines(tmp_path):
    online = [
        {
            "order id": n,
            "date time": f"2024-03-{n + 10:02} 10:00",
            "customer id": n % 5,
            "product id": n % 3,
            "amount": 10 + n,
        }
        for n in range(1, 19)
    ]
    store = [
        {"transaction id": n, "date time": f"2024-04-{n + 10:02} 10:00", "customer id": n % 5, "amount": 5}
        for n in range(1, 19)
    ]
    shop = map_folder(tmp_path, {"online.csv": online, "store.csv": store}).run()
    assert count_lines(shop)[0] == sum(10 + n for n in range(1, 19)) + 5 * 18


def test_customers_are_known_by_what_sales_know_them_by(tmp_path):
    rows = [
        {k: v for k, v in row.items() if k != "customer id"} | {"email": f"k{n // 2 % 7}@example.test"}
        for n, row in enumerate(sales())
    ]
    people = [{"id": n, "email": f"k{n}@example.test", "name": f"Person {n}"} for n in range(7)]
    mapped = map_folder(tmp_path, {"s.csv": rows, "customers.csv": people})
    assert mapped.columns("customers", "customers")["customer_id"] == "email"
    assert len(mapped.run().rows("silver.customers")) == 7


def test_files_without_orders_are_refused(tmp_path):
    with pytest.raises(SourceError, match="No file has columns that look like those of orders"):
        map_folder(tmp_path, {"a.csv": "x,y\n1,2\n"})


def test_heads_with_a_total_beside_lines_without_products_are_one_shop(tmp_path):
    heads = [
        {"order_id": f"R{n:03}", "placed_at": DAYS[n], "customer": f"K{n % 7:02}", "total": None} for n in range(20)
    ]
    items = [
        {"order_id": row["order id"], "line": n % 2 + 1, "qty": row["quantity"], "price": row["price"]}
        for n, row in enumerate(sales())
    ]
    for head in heads:
        head["total"] = sum((i["qty"] * i["price"] for i in items if i["order_id"] == head["order_id"]), Decimal(0))
    mapped = map_folder(tmp_path, {"orders.csv": heads, "items.csv": items})
    assert mapped.questions == 0
    assert mapped.columns("orders", "orders")["order_amount"] == "total"
    assert count_lines(mapped.run()) == (NET, 20, 7)


def test_a_lone_column_of_times_is_the_orders_whatever_its_header(tmp_path):
    rows = [{"at" if k == "order date" else k: v for k, v in row.items()} for row in sales()]
    assert map_folder(tmp_path, {"s.csv": rows}).columns("s")["ordered_at"] == "at"


def test_days_and_customers_alone_ask_what_a_line_is_worth(tmp_path):
    """An id that comes back on other days is a customer's; of the kind are event logs without money."""
    rows = [{"date": day.isoformat(), "id": str(n % 7)} for n, day in enumerate(DAYS)]
    mapped = map_folder(tmp_path, {"visits.csv": rows})
    assert "What is a line worth?" in mapped.text and mapped.questions == 1
    columns = mapped.columns("visits")
    assert columns["customer_id"] == "id" and columns["order_id"] == "date || '/' || coalesce(id, '')"


def test_an_order_partly_refunded_by_an_unknown_amount_is_asked_about(tmp_path):
    rows = [row | {"status": ("paid", "partially_refunded")[n // 2 % 2]} for n, row in enumerate(sales())]
    assert "count as spend: partially_refunded?" in map_folder(tmp_path, {"s.csv": rows}).text


def test_documents_with_a_list_of_items_are_lines(tmp_path):
    documents = {}
    for row in sales():
        order = documents.setdefault(
            row["order id"],
            {
                "id": row["order id"],
                "created_at": f"{row['order date']}T10:00:00Z",
                "customer": {"id": row["customer id"]},
                "items": [],
            },
        )
        order["items"].append({"sku": row["product"], "quantity": row["quantity"], "price": str(row["price"])})
    text = "\n".join(json.dumps(order) for order in documents.values())
    mapped = map_folder(tmp_path, {"orders.jsonl": text})
    assert mapped.questions == 0
    assert mapped.columns("orders")["product_id"] == "items.sku"
    assert count_lines(mapped.run()) == (NET, 20, 7)


@pytest.mark.parametrize("header", ["2024-02-30", "!!timestamp x", "!!int x", "*x", "a: b"])
def test_a_header_that_yaml_reads_as_something_else_stands_in_quotes(header):
    assert write_scalar(header) == f"'{header}'"
