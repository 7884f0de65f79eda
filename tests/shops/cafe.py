"""A cafe in the shape of the shipped example, read by its own patron.yaml; answers in tests/measures/test_cafe.py.

Measured at Sunday 2019-04-28, after four weeks from Monday 04-01, which are also the windows of promotions (7 days).
A latte (10) costs 5.00, and the shop 2.00; what a muffin (20) costs the shop nobody knows. `!` marks a line on offer.

    card  weeks 1 | 2 | 3 | 4, amounts of their receipts
    1     10 | 5! | 5, 15 |         promoted in the second week, and came more
    2     10 | 5! |       |         promoted, and left
    3     10 | 5  | 5     |
    4     10 | 5  | 10    | 5
    5     100| 5  | 5     |
    6     50 | 5! |       |         nobody else had spent about as much before
    7     10 | 5  | 5     | 5!      promoted later than the week after the second
    8        | 5  | 5!    | 10      promoted in the third week
    9     signed up and never came; 0 is whoever shows no card
"""

from __future__ import annotations

from importlib import resources

HEADER = (
    '"transaction_id,""transaction_date"",""transaction_time"",""sales_outlet_id"",""staff_id"",""customer_id"",'
    '""instore_yn"",""order"",""line_item_id"",""product_id"",""quantity"",""line_item_amount"",""unit_price"",'
    '""promo_item_yn"""'
)
LATTES = {
    1: ("02:2", "09:1!", "16:1", "17:3"),
    2: ("02:2", "09:1!"),
    3: ("02:2", "09:1", "16:1"),
    4: ("02:2", "09:1", "16:2", "25:1"),
    5: ("02:20", "10:1", "16:1"),
    6: ("02:10", "10:1!"),
    7: ("02:2", "11:1", "18:1", "23:1!"),
    8: ("10:1", "16:1!", "24:2"),
}
"""Card -> day of April 2019 and lattes of each receipt."""

CUSTOMERS = """"customer_id","home_store","customer_first-name","customer_email","customer_since","loyalty_card_number","birthdate","gender","birth_year"
1,3,Ada Low,ada@example.com,2019-03-01,"111-111-1111",1990-04-28,F,1990
2,3,Ben Low,ben@example.com,2019-03-01,"111-111-1112",1990-04-29,M,1990
3,3,Cy Low,cy@example.com,2019-03-20,"111-111-1113",1980-01-01,M,1980
4,5,Di Low,di@example.com,2019-03-20,,1980-01-01,F,1980
5,5,Ed Low,ed@example.com,2019-04-05,"111-111-1115",1980-01-01,M,1980
6,5,Flo Low,flo@example.com,2019-04-26,"111-111-1116",1980-01-01,F,1980
7,5,Gus Low,gus@example.com,2018-12-01,"111-111-1117",1980-01-01,M,1980
8,5,Hal Low,hal@example.com,2019-03-20,"111-111-1118",1980-01-01,M,1980
9,5,Ivy Low,ivy@example.com,2019-04-20,"111-111-1119",1980-01-01,F,1980
"""
PRODUCTS = """product_id,product_group,product_category,product_type,product,product_description,unit_of_measure,current_wholesale_price,current_retail_price,tax_exempt_yn,promo_yn,new_product_yn
10,Beverages,Coffee,Espresso,Latte,Milk and coffee,12 oz,2,$5.00 ,N,Y,N
20,Food,Bakery,Pastry,Muffin,"Sweet, small",1,,$2.50 ,N,N,N
"""
OUTLETS = """sales_outlet_id,sales_outlet_type,store_square_feet,store_address,store_city,store_state_province,store_telephone,store_postal_code,store_longitude,store_latitude,manager,Neighorhood
3,retail,1300,1 Broad Street,Old Town,NY,111-222-3333,01234,-73.9,40.7,6,North
5,retail,900,2 Broad Street,Old Town,NY,111-222-3334,01234,-74.0,40.7,16,South
"""
STAFF = """staff_id,first_name,last_name,position,start_date,location,,
12,Kim,Long,Barista,8/3/2001,3,,
"""


def receipt(
    number: int,
    day: str,
    card: int,
    product: int,
    quantity: int,
    price: str,
    *,
    outlet: int = 3,
    line: int = 1,
    promo: bool = False,
    stated: str | None = None,
) -> str:
    """One line of a receipts file. day: of April 2019, as two digits."""
    amount = stated or f"{quantity * float(price):.2f}"
    offer = "Y" if promo else "N"
    return (
        f"{number},2019-04-{day},09:30:00,{outlet},12,{card},N,1,{line},{product},{quantity},{amount},{price},{offer}"
    )


def receipts() -> list[str]:
    """All lines. Numbers start again each day and in each outlet."""
    lines = [
        receipt(1, "01", 0, 20, 2, "2.50"),
        receipt(1, "01", 0, 20, 1, "2.50", line=2, stated="1.00"),
        receipt(1, "01", 0, 20, 1, "2.50", outlet=5),
    ]
    for card, bought in LATTES.items():
        for what in bought:
            day, _, pieces = what.partition(":")
            lines.append(receipt(card, day, card, 10, int(pieces.rstrip("!")), "5.00", promo=pieces.endswith("!")))
    return lines


def as_file(lines: list[str]) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


FILES = {
    "201904 sales reciepts.csv": as_file(receipts()),
    "customer.csv": CUSTOMERS,
    "product.csv": PRODUCTS,
    "sales_outlet.csv": OUTLETS,
    "staff.csv": STAFF,
}


def settings() -> str:
    """The example's own patron.yaml, measured on the last Sunday."""
    text = resources.files("patron").joinpath("examples", "cafe", "patron.yaml").read_text(encoding="utf-8")
    return text.replace("as_of: latest", "as_of: 2019-04-28 #")
