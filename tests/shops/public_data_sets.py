"""Small invented shops with the columns of public data sets, each with its right orders, buyers and net revenue."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Rows = list[dict[str, Any]]

CENT = Decimal("0.01")


@dataclass(frozen=True)
class PublicShop:
    """Files, and what they come to. answers: for questions that a person must answer, the position of the choice."""

    files: dict[str, Rows]
    net: Decimal
    orders: int
    buyers: int
    questions: int = 0


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT)


def _hex(dice: random.Random) -> str:
    return f"{dice.getrandbits(128):032x}"


@dataclass(frozen=True)
class _Sale:
    order: int
    customer: int
    at: dt.datetime
    product: int
    quantity: int
    price: Decimal
    rate: Decimal


def _draw_sales(seed: int, orders: int = 400, customers: int = 120, products: int = 25) -> list[_Sale]:
    dice = random.Random(seed)
    prices = [Decimal(dice.randint(250, 9000)) / 100 for _ in range(products)]
    sales = []
    for order in range(1, orders + 1):
        customer = dice.randint(1, customers)
        at = dt.datetime(2023, 1, 1, 8) + dt.timedelta(days=dice.randint(0, 500), minutes=dice.randint(0, 600))
        for product in dice.sample(range(products), dice.choice([1, 1, 2, 3, 4])):
            rate = dice.choice([Decimal(0), Decimal(0), Decimal("0.05"), Decimal("0.1"), Decimal("0.2")])
            sales.append(_Sale(order, customer, at, product, dice.randint(1, 6), prices[product], rate))
    return sales


def _count(sales: list[_Sale]) -> tuple[int, int]:
    return len({sale.order for sale in sales}), len({sale.customer for sale in sales})


def superstore() -> PublicShop:
    """One flat file; Sales is the line's total after a discount given as a share; dates are month first."""
    sales, dice = _draw_sales(1), random.Random(1)
    rows = []
    for number, sale in enumerate(sales, start=1):
        total = (sale.quantity * sale.price * (1 - sale.rate)).quantize(Decimal("0.0001"))
        rows.append(
            {
                "Row ID": number,
                "Order ID": f"CA-2016-{100000 + sale.order}",
                "Order Date": f"{sale.at.month}/{sale.at.day}/{sale.at.year}",
                "Ship Date": f"{sale.at.month}/{sale.at.day}/{sale.at.year}",
                "Ship Mode": "Standard Class",
                "Customer ID": f"CG-{10000 + sale.customer}",
                "Customer Name": f"Customer {sale.customer}",
                "Segment": dice.choice(["Consumer", "Corporate"]),
                "Country": "United States",
                "City": "Henderson",
                "State": "Kentucky",
                "Postal Code": 42420,
                "Region": "South",
                "Product ID": f"FUR-BO-{10000000 + sale.product}",
                "Category": "Furniture",
                "Sub-Category": "Chairs",
                "Product Name": f"Chair no. {sale.product}, black",
                "Sales": total,
                "Quantity": sale.quantity,
                "Discount": sale.rate,
                "Profit": (total * Decimal("0.2")).quantize(Decimal("0.0001")),
            }
        )
    net = sum((row["Sales"] for row in rows), Decimal(0))
    return PublicShop({"Sample - Superstore.csv": rows}, net, *_count(sales))


def northwind() -> PublicShop:
    """Heads and lines, with a discount given as a share; products with categories of their own."""
    sales = _draw_sales(2, products=40)
    heads = {
        sale.order: {
            "orderID": 10247 + sale.order,
            "customerID": f"CUST{sale.customer:03}",
            "employeeID": 1 + sale.order % 9,
            "orderDate": sale.at.date(),
            "requiredDate": sale.at.date() + dt.timedelta(28),
            "shippedDate": sale.at.date() + dt.timedelta(6),
            "shipperID": 1 + sale.order % 3,
            "freight": Decimal(sale.order % 50) + Decimal("0.25"),
        }
        for sale in sales
    }
    lines = [
        {
            "orderID": 10247 + sale.order,
            "productID": sale.product + 1,
            "unitPrice": sale.price,
            "quantity": sale.quantity,
            "discount": sale.rate,
        }
        for sale in sales
    ]
    customers = [
        {
            "customerID": f"CUST{number:03}",
            "companyName": f"Company {number}",
            "contactName": f"Person {number}",
            "contactTitle": "Owner",
            "city": "Berlin",
            "country": "Germany",
        }
        for number in range(1, 121)
    ]
    products = [
        {
            "productID": number + 1,
            "productName": f"Article {number}",
            "quantityPerUnit": "10 boxes",
            "unitPrice": Decimal("12.50"),
            "discontinued": 0,
            "categoryID": 1 + number % 8,
        }
        for number in range(40)
    ]
    categories = [
        {"categoryID": n, "categoryName": f"Category {n}", "description": f"Words on {n}"} for n in range(1, 9)
    ]
    employees = [
        {"employeeID": n, "employeeName": f"Employee {n}", "title": "Rep", "city": "Seattle", "country": "USA"}
        for n in range(1, 10)
    ]
    shippers = [{"shipperID": n, "companyName": f"Carrier {n}"} for n in range(1, 4)]
    net = sum(((s.quantity * s.price * (1 - s.rate)).quantize(Decimal("0.0001")) for s in sales), Decimal(0))
    files = {
        "orders.csv": list(heads.values()),
        "order_details.csv": lines,
        "customers.csv": customers,
        "products.csv": products,
        "categories.csv": categories,
        "employees.csv": employees,
        "shippers.csv": shippers,
    }
    return PublicShop(files, net, *_count(sales))


def adventure_works() -> PublicShop:
    """Heads with subtotal, tax and freight; lines with a discount given as a share, and their total."""
    sales = _draw_sales(3)
    lines = []
    subtotals: dict[int, Decimal] = {}
    for number, sale in enumerate(sales, start=1):
        total = sale.quantity * sale.price * (1 - sale.rate)
        subtotals[sale.order] = subtotals.get(sale.order, Decimal(0)) + total
        lines.append(
            {
                "SalesOrderID": 43658 + sale.order,
                "SalesOrderDetailID": number,
                "CarrierTrackingNumber": "4911-403C-98",
                "OrderQty": sale.quantity,
                "ProductID": 700 + sale.product,
                "SpecialOfferID": 1,
                "UnitPrice": sale.price,
                "UnitPriceDiscount": sale.rate,
                "LineTotal": f"{total:.6f}",
                "rowguid": f"B207C96D-{number}",
                "ModifiedDate": "2014-05-31 00:00:00",
            }
        )
    heads = {}
    for sale in sales:
        subtotal = subtotals[sale.order]
        tax, freight = _cents(subtotal * Decimal("0.08")), _cents(subtotal * Decimal("0.025"))
        heads[sale.order] = {
            "SalesOrderID": 43658 + sale.order,
            "RevisionNumber": 8,
            "OrderDate": sale.at.strftime("%Y-%m-%d 00:00:00"),
            "DueDate": (sale.at + dt.timedelta(12)).strftime("%Y-%m-%d 00:00:00"),
            "ShipDate": (sale.at + dt.timedelta(7)).strftime("%Y-%m-%d 00:00:00"),
            "Status": 5,
            "OnlineOrderFlag": 1,
            "SalesOrderNumber": f"SO{43658 + sale.order}",
            "PurchaseOrderNumber": f"PO{522000000 + sale.order}",
            "AccountNumber": f"10-4020-{sale.customer:06}",
            "CustomerID": 29000 + sale.customer,
            "SalesPersonID": 279,
            "TerritoryID": 5,
            "ShipMethodID": 5,
            "SubTotal": _cents(subtotal),
            "TaxAmt": tax,
            "Freight": freight,
            "TotalDue": _cents(subtotal) + tax + freight,
            "ModifiedDate": "2014-06-07 00:00:00",
        }
    net = sum((Decimal(line["LineTotal"]).quantize(Decimal("0.0001")) for line in lines), Decimal(0))
    return PublicShop(
        {"SalesOrderHeader.csv": list(heads.values()), "SalesOrderDetail.csv": lines}, net, *_count(sales)
    )


def olist() -> PublicShop:
    """A customer id for each order, and the person behind it in another file; freight; payments; reviews."""
    dice = random.Random(4)
    people = {number: _hex(dice) for number in range(1, 121)}
    sales = _draw_sales(4, customers=120)
    ids = {sale.order: (_hex(dice), _hex(dice)) for sale in sales}
    products = {number: _hex(dice) for number in range(25)}
    heads, customers, payments, reviews = [], [], [], []
    items: Rows = []
    for sale in sales:
        order, customer = ids[sale.order]
        if not items or items[-1]["order_id"] != order:
            heads.append(
                {
                    "order_id": order,
                    "customer_id": customer,
                    "order_status": "canceled" if sale.order % 40 == 0 else "delivered",
                    "order_purchase_timestamp": sale.at,
                    "order_approved_at": sale.at + dt.timedelta(minutes=10),
                    "order_delivered_carrier_date": sale.at + dt.timedelta(2),
                    "order_delivered_customer_date": sale.at + dt.timedelta(8),
                    "order_estimated_delivery_date": (sale.at + dt.timedelta(20)).date(),
                }
            )
            customers.append(
                {
                    "customer_id": customer,
                    "customer_unique_id": people[sale.customer],
                    "customer_zip_code_prefix": 14409,
                    "customer_city": "franca",
                    "customer_state": "SP",
                }
            )
        number = 1 + sum(item["order_id"] == order for item in items)
        items.append(
            {
                "order_id": order,
                "order_item_id": number,
                "product_id": products[sale.product],
                "seller_id": _hex(random.Random(sale.product)),
                "shipping_limit_date": sale.at + dt.timedelta(5),
                "price": sale.price,
                "freight_value": Decimal("13.29") + sale.product,
            }
        )
    for order in dict.fromkeys(item["order_id"] for item in items):
        amount = sum((i["price"] + i["freight_value"] for i in items if i["order_id"] == order), Decimal(0))
        payments.append(
            {
                "order_id": order,
                "payment_sequential": 1,
                "payment_type": "credit_card",
                "payment_installments": 2,
                "payment_value": amount,
            }
        )
        reviews.append(
            {
                "review_id": _hex(dice),
                "order_id": order,
                "review_score": 1 + len(reviews) % 5,
                "review_comment_title": None,
                "review_comment_message": "muito bom" if len(reviews) % 3 == 0 else None,
                "review_creation_date": "2018-01-18 00:00:00",
                "review_answer_timestamp": "2018-01-18 21:46:59",
            }
        )
    catalogue = [
        {
            "product_id": key,
            "product_category_name": f"categoria_{n % 7}",
            "product_name_lenght": 40,
            "product_photos_qty": 1,
        }
        for n, key in products.items()
    ]
    translated = [
        {"product_category_name": f"categoria_{n}", "product_category_name_english": f"category_{n}"} for n in range(7)
    ]
    counted = [sale for sale in sales if sale.order % 40]
    net = sum((sale.price for sale in counted), Decimal(0))
    files = {
        "olist_orders_dataset.csv": heads,
        "olist_order_items_dataset.csv": items,
        "olist_order_payments_dataset.csv": payments,
        "olist_order_reviews_dataset.csv": reviews,
        "olist_customers_dataset.csv": customers,
        "olist_products_dataset.csv": catalogue,
        "product_category_name_translation.csv": translated,
    }
    return PublicShop(files, net, *_count(counted))


def zomato() -> PublicShop:
    """Orders without an id, but with a row number: a day, a user and a restaurant are an order."""
    dice, rows = random.Random(5), []
    for number in range(600):
        day = dt.date(2017, 10, 10) + dt.timedelta(dice.randint(0, 300))
        rows.append(
            {
                "": number,
                "order_date": day,
                "sales_qty": dice.randint(1, 100),
                "sales_amount": dice.randint(100, 50000),
                "currency": "INR",
                "user_id": 10000 + dice.randint(1, 150),
                "r_id": 200000 + dice.randint(1, 30),
            }
        )
    users = [
        {"": n, "user_id": 10001 + n, "name": f"User {n}", "Age": 20 + n % 30, "Gender": "Female"} for n in range(150)
    ]
    places = [
        {"": n, "id": 200001 + n, "name": f"Place {n}", "city": "Delhi", "rating": "4.1", "cost": "Rs 200"}
        for n in range(30)
    ]
    net = sum((Decimal(row["sales_amount"]) for row in rows), Decimal(0))
    orders = len({(row["order_date"], row["user_id"], row["r_id"]) for row in rows})
    buyers = len({row["user_id"] for row in rows})
    return PublicShop({"orders.csv": rows, "users.csv": users, "restaurant.csv": places}, net, orders, buyers)


def groceries() -> PublicShop:
    """A member, a day and an item: neither orders nor prices; what a line is worth must be asked."""
    dice, rows = random.Random(6), []
    for _ in range(900):
        day = dt.date(2014, 1, 1) + dt.timedelta(dice.randint(0, 600))
        rows.append(
            {
                "Member_number": 1000 + dice.randint(1, 200),
                "Date": day.strftime("%d-%m-%Y"),
                "itemDescription": dice.choice(["whole milk", "rolls/buns", "tropical fruit", "pip fruit", "yogurt"]),
            }
        )
    orders = len({(row["Member_number"], row["Date"]) for row in rows})
    buyers = len({row["Member_number"] for row in rows})
    return PublicShop({"Groceries_dataset.csv": rows}, Decimal(len(rows)), orders, buyers, questions=1)


def lifetimes_sample() -> PublicShop:
    """Transactions of a day, a customer and an amount."""
    dice, rows = random.Random(7), []
    for _ in range(800):
        day = dt.date(2013, 1, 1) + dt.timedelta(dice.randint(0, 700))
        rows.append({"date": day, "id": dice.randint(1, 200), "amount": Decimal(dice.randint(500, 9000)) / 100})
    net = sum((row["amount"] for row in rows), Decimal(0))
    orders = len({(row["date"], row["id"]) for row in rows})
    return PublicShop({"transactions.csv": rows}, net, orders, len({row["id"] for row in rows}))


def complete_journey() -> PublicShop:
    """Baskets; sales_value is what was paid for all pieces, after the discounts beside it."""
    sales, dice, rows = _draw_sales(8, orders=600, products=30), random.Random(8), []
    for sale in sales:
        gross = sale.quantity * sale.price
        retail = _cents(gross * sale.rate)
        coupon = Decimal("0.55") if dice.random() < 0.03 and gross - retail > 1 else Decimal("0.00")
        rows.append(
            {
                "household_id": sale.customer,
                "store_id": 300 + sale.order % 9,
                "basket_id": 31198570000 + sale.order,
                "product_id": 800000 + sale.product,
                "quantity": sale.quantity,
                "sales_value": gross - retail - coupon,
                "retail_disc": retail,
                "coupon_disc": coupon,
                "coupon_match_disc": Decimal("0.00"),
                "week": 1,
                "transaction_timestamp": sale.at,
            }
        )
    net = sum((row["sales_value"] for row in rows), Decimal(0))
    return PublicShop({"transactions.csv": rows}, net, *_count(sales))


SHOPS = {
    shop.__name__: shop
    for shop in (superstore, northwind, adventure_works, olist, zomato, groceries, lifetimes_sample, complete_journey)
}
