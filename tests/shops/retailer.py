"""An online retailer by the online_retail rules: lines of every kind, flags, countries, and prices that move.

Each line of KINDS says what it should become; test_line_kinds.py holds silver against that, line by line.
"""

from __future__ import annotations

from typing import Any

from shops.building import Row, table_rows

KINDS = table_rows("""
no|order|code        |name                |qty|price  |who|kind      |price_flag             |qty_flag
# bad debt, before anything else: even a price below zero without a customer
1 |A1   |B           |Adjust bad debt     |1  |-110.62|   |bad_debt  |bad_debt               |
2 |A2   |B           |ADJUST BAD DEBT 2011|1  |110.62 |c1 |bad_debt  |                       |
# discount lines, by their code: also on a credit note, also with a positive quantity
3 |C3   |D           |Discount            |-1 |27.50  |c1 |discount  |                       |discount
4 |4    |D           |Discount            |1  |2.00   |c1 |discount  |                       |
5 |5    |DCGS        |Discount case       |1  |2.00   |c1 |sale      |                       |
6 |6    |d           |small letter        |1  |2.00   |c1 |sale      |                       |
# charges by code, charged or paid back
7 |7    |POST        |POSTAGE             |2  |18.00  |c1 |charge    |                       |
8 |C8   |POST        |POSTAGE             |-1 |18.00  |c1 |charge    |                       |credit_note
9 |9    |DOT         |DOTCOM POSTAGE      |1  |569.77 |   |charge    |                       |
10|10   |C2          |CARRIAGE            |1  |50.00  |c1 |charge    |                       |
11|C11  |BANK CHARGES|Bank Charges        |-1 |15.00  |   |charge    |                       |credit_note
12|C12  |CRUK        |CRUK Commission     |-1 |1.60   |c1 |charge    |                       |credit_note
13|13   |AMAZONFEE   |AMAZON FEE          |1  |13.10  |   |charge    |                       |
14|14   |POST        |POSTAGE             |1  |0.00   |c1 |charge    |zero_price             |
15|15   |PADS        |POSTCARD            |1  |1.00   |c1 |sale      |                       |
# charges by keyword, where something was charged
16|16   |90001       |special mailout fee |1  |3.00   |c1 |charge    |                       |
17|17   |90002       |Carriage outward    |1  |4.00   |   |charge    |                       |
18|18   |90003       |postage             |5  |0.00   |c1 |free      |zero_price             |
19|19   |22000       |POLKADOT POST BOX   |1  |2.95   |c1 |sale      |                       |
# adjustments by code, in any case
20|20   |M           |Manual              |1  |5.00   |c1 |adjustment|                       |
21|C21  |m           |Manual              |-1 |5.00   |c1 |adjustment|                       |manual
22|22   |S           |SAMPLES             |1  |30.00  |   |adjustment|                       |
23|23   |M           |Manual              |1  |0.00   |c1 |adjustment|inventory_adjustment   |
24|24   |MS          |MINI SET            |1  |5.00   |c1 |sale      |                       |
# adjustments by keyword: only where nobody paid and nobody is named
25|25   |22001       |stock check         |-3 |0.00   |   |adjustment|inventory_adjustment   |stock_movement
26|26   |22001       |taig adjust         |3  |0.00   |   |adjustment|inventory_adjustment   |
27|27   |22002       |CHECKED CLOTH       |1  |0.00   |c1 |free      |inventory_adjustment   |
28|28   |22002       |CHECKED CLOTH       |1  |1.25   |   |sale      |                       |
# incomplete: neither customer nor money
29|29   |22003       |                    |10 |0.00   |   |invalid   |unknown_or_incomplete  |
30|30   |22003       |damaged             |-5 |0.00   |   |invalid   |damaged_or_written_off |stock_movement
31|31   |22003       |dotcom              |2  |0.00   |   |invalid   |logistics              |
# suspicious remarks on lines that nobody paid
32|32   |22004       |???missing          |1  |0.00   |c1 |invalid   |unknown_or_incomplete  |
33|33   |22004       |wrongly sold as sets|1  |0.00   |c1 |invalid   |bundling               |
34|34   |22004       |MISSING LINK LAMP   |1  |9.00   |c1 |sale      |                       |
35|35   |22004       |what??              |1  |0.00   |c1 |free      |unknown_or_incomplete  |
# a price below zero that nothing explains, or nothing sold
36|36   |22005       |Lamp                |1  |-3.00  |c1 |invalid   |negative_price         |
37|37   |22005       |Lamp                |0  |3.00   |c1 |invalid   |                       |zero_quantity
38|C38  |22005       |Lamp                |-1 |-3.00  |c1 |invalid   |negative_price         |credit_note
# returns: less than nothing, or a credit note of any quantity
39|C39  |22006       |Lamp                |-1 |3.00   |c1 |return    |                       |credit_note
40|40   |22006       |Lamp                |-2 |3.00   |c1 |return    |                       |negative_quantity
41|C41  |22006       |Lamp                |1  |3.00   |c1 |return    |                       |
42|C42  |22006       |Lamp                |-1 |0.00   |c1 |return    |zero_price             |credit_note
43|43   |22006       |Lamp                |-1 |0.00   |c1 |return    |zero_price             |stock_movement
44|44   |C22         |Lamp                |-1 |3.00   |c1 |return    |                       |return_stock_code
45|c45  |22006       |Lamp                |1  |3.00   |c1 |sale      |                       |
# given to a customer
46|46   |22007       |Doll                |1  |0.00   |c1 |free      |zero_price             |
47|47   |22007       |Doll                |1  |0.01   |c1 |sale      |                       |
48|48   |22007       |showroom            |1  |0.00   |c1 |free      |promotional_or_internal|
49|49   |22007       |wrongly coded 22719 |1  |0.00   |c1 |free      |coding_or_mapping      |
50|50   |22007       |dotcom sold sets    |1  |0.00   |c1 |free      |bundling               |
51|51   |22007       |crushed boxes       |1  |0.00   |c1 |free      |damaged_or_written_off |
52|52   |22007       |ebay                |1  |0.00   |c1 |free      |logistics              |
# sales, to a customer and to a guest
53|53   |22008       |Cup                 |4  |2.50   |c1 |sale      |                       |
54|54   |22008       |Cup                 |2  |2.50   |   |sale      |                       |
55|55   |            |                    |1  |2.50   |   |sale      |                       |
""")
"""One line a minute, all on 2011-03-01."""

PRICES = table_rows("""
code | day        | price | qty
# normal: one price, on several days; a refund at another price does not count as a price sold at
n1   | 2011-03-02 | 5.00  | 1
n1   | 2011-03-05 | 5.00  | 1
n1   | 2011-03-06 | 4.00  | -1
# normal: only ever sent back
n2   | 2011-03-06 | 4.00  | -1
# one change: two prices, one after the other
o1   | 2011-03-02 | 5.00  | 1
o1   | 2011-03-03 | 5.00  | 1
o1   | 2011-03-04 | 6.00  | 1
o1   | 2011-03-09 | 6.00  | 1
# one change: each price on one day only
o2   | 2011-03-02 | 5.00  | 1
o2   | 2011-03-03 | 4.00  | 1
# oscillating: 5 from 03-02 to 03-08, 4 from 03-04 to 03-05, two days each
w1   | 2011-03-02 | 5.00  | 1
w1   | 2011-03-04 | 4.00  | 1
w1   | 2011-03-05 | 4.00  | 1
w1   | 2011-03-08 | 5.00  | 1
# oscillating: the ranges touch on one day
w2   | 2011-03-02 | 5.00  | 1
w2   | 2011-03-04 | 5.00  | 1
w2   | 2011-03-04 | 4.00  | 1
w2   | 2011-03-06 | 4.00  | 1
# oscillating: the two that overlap are not neighbours in time; a one-day price starts between them
w3   | 2011-03-02 | 5.00  | 1
w3   | 2011-03-03 | 9.00  | 1
w3   | 2011-03-04 | 4.00  | 1
w3   | 2011-03-08 | 4.00  | 1
w3   | 2011-03-09 | 5.00  | 1
# oscillating: a long price holds a short one, which ends before the third, also short, begins
w4   | 2011-03-02 | 5.00  | 1
w4   | 2011-03-12 | 5.00  | 1
w4   | 2011-03-03 | 4.00  | 1
w4   | 2011-03-04 | 4.00  | 1
w4   | 2011-03-06 | 3.00  | 1
w4   | 2011-03-07 | 3.00  | 1
# complex: three prices, one after the other
c1   | 2011-03-02 | 5.00  | 1
c1   | 2011-03-03 | 5.00  | 1
c1   | 2011-03-04 | 6.00  | 1
c1   | 2011-03-05 | 6.00  | 1
c1   | 2011-03-06 | 7.00  | 1
# complex: two prices that overlap, but one sold on one day only (a slip of the pen)
c2   | 2011-03-02 | 5.00  | 1
c2   | 2011-03-04 | 50.00 | 1
c2   | 2011-03-08 | 5.00  | 1
# complex: two prices on the same single day
c3   | 2011-03-02 | 5.00  | 1
c3   | 2011-03-02 | 4.00  | 1
# complex: 4 sold twice, but on one day
c4   | 2011-03-02 | 5.00  | 1
c4   | 2011-03-04 | 4.00  | 1
c4   | 2011-03-04 | 4.00  | 1
c4   | 2011-03-08 | 5.00  | 1
# zero or manual: one gift among sales at one price
z1   | 2011-03-02 | 5.00  | 1
z1   | 2011-03-03 | 0.00  | 1
# zero or manual: sent back at nothing
z2   | 2011-03-02 | 5.00  | 1
z2   | 2011-03-04 | 4.00  | 1
z2   | 2011-03-05 | 0.00  | -1
""")
"""Sold to customer c2 unless the price or the quantity says otherwise; M and S of KINDS are manual lines."""

BEHAVIOUR = {
    **dict.fromkeys(["n1", "n2"], "normal"),
    **dict.fromkeys(["o1", "o2"], "one_off_price_change"),
    **dict.fromkeys(["w1", "w2", "w3", "w4"], "oscillating_or_promotional"),
    **dict.fromkeys(["c1", "c2", "c3", "c4"], "complex"),
    **dict.fromkeys(["z1", "z2"], "zero_or_manual"),
}

COUNTRIES = {
    "EIRE": "Ireland",
    "RSA": "South Africa",
    "USA": "United States",
    "U.S.A.": "United States",
    "UK": "United Kingdom",
    "Channel Islands": "United Kingdom",
    "European Community": None,
    "Unspecified": None,
    "channel islands": "United Kingdom",
    "United Kingdom": "United Kingdom",
    "Germany": "Germany",
    None: None,
}
"""As the source writes them: as silver has them. One guest's line each, on 2011-03-20."""


def files() -> dict[str, list[Row]]:
    kinds = [
        _line(f"2011-03-01 {9 + int(row['no']) // 60:02}:{int(row['no']) % 60:02}:00", row["order"], row["code"],
              row["name"], row["qty"], row["price"], row["who"])
        for row in KINDS
    ]  # fmt: skip
    prices = [
        _line(f"{row['day']} 12:00:00", f"p{number}", row["code"], row["code"], row["qty"], row["price"], "c2")
        for number, row in enumerate(PRICES)
    ]
    places = [
        {**_line("2011-03-20 12:00:00", f"g{number}", "g1", "Globe", 1, "8.00", None), "Country": raw}
        for number, raw in enumerate(COUNTRIES)
    ]
    return {"kinds.csv": kinds, "prices.csv": prices, "places.csv": places}


def _line(at: str, order: Any, code: Any, name: Any, quantity: Any, price: Any, customer: Any) -> Row:
    values = (order, code, name, quantity, at, price, customer and f"{customer}.0", None)
    names = "InvoiceNo StockCode Description Quantity InvoiceDate UnitPrice CustomerID Country".split()
    return dict(zip(names, values, strict=True))


def settings() -> Row:
    customer = r"regexp_replace(CustomerID, '\.0$', '')"
    return {
        "shop": {"name": "Retailer", "currency": "GBP", "timezone": "Europe/London"},
        "sources": {
            "receipts": {
                "files": "*.csv",
                "entities": {
                    "order_lines": {
                        "columns": {
                            "order_id": "InvoiceNo",
                            "ordered_at": "InvoiceDate",
                            "customer_id": customer,
                            "product_id": "StockCode",
                            "product_name": "Description",
                            "quantity": "Quantity",
                            "unit_price": "UnitPrice",
                            "country": "Country",
                        }
                    },
                    "customers": {
                        "where": "nullif(trim(CustomerID), '') is not null",
                        "columns": {"customer_id": customer, "country": "Country", "updated_at": "InvoiceDate"},
                    },
                },
            }
        },
        "rules": {"line_kinds": "online_retail", "segments": "thirteen"},
        "clv": {"gross_margin": 0.6, "tenure_unit": "weeks"},
    }
