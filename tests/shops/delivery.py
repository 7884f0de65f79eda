"""A small shop that delivers: orders, couriers, places, a survey and reviews; answers in tests/measures/test_delivery_*.py.

Measured at 2024-03-31, a Sunday. Everything is written as such files are: trailing blanks, `NaN `, `conditions Windy`,
dd-mm-yyyy, `(min) 24`, and a time of day by itself.

    c1 .. c6    customers of the survey; c1 to c4 order, c5 and c6 never do
    D1, D2      couriers; D1's rating and age change, D3 is on a delivery and nowhere else
    R1, R2      stores; R2 has no delivery, R3 is named by deliveries only
"""

from __future__ import annotations

from typing import Any

from shops.building import Row, table_rows

AS_OF = "2024-03-31"

ORDERS = table_rows("""
number | at                  | who | where | amount | state
1      | 2024-01-01 19:00:00 | c1  | R1    | 10.00  | completed
2      | 2024-01-03 12:30:00 | c1  | R1    | 20.00  | completed
3      | 2024-01-10 20:00:00 | c1  | R1    | 10.00  | completed
4      | 2024-01-02 20:00:00 | c2  | R1    | 30.00  | completed
5      | 2024-02-20 13:00:00 | c2  | R2    | 15.00  | completed
6      | 2024-01-09 23:55:00 | c3  | R1    | 40.00  | completed
7      | 2024-03-25 08:00:00 | c3  | R2    | 5.00   | completed
8      | 2024-03-30 18:00:00 | c4  | R2    | 25.00  | completed
9      | 2024-03-30 18:30:00 |     | R2    | 7.00   | completed
10     | 2024-01-04 10:00:00 | c4  | R1    | 99.00  | failed
""")

_DELIVERY_NAMES = (
    "ID Delivery_person_ID Delivery_person_Age Delivery_person_Ratings Restaurant_latitude Restaurant_longitude "
    "Delivery_location_latitude Delivery_location_longitude Order_Date Time_Orderd Time_Order_picked "
    "Weatherconditions Road_traffic_density Vehicle_condition Type_of_order Type_of_vehicle multiple_deliveries "
    "Festival City Time_taken(min) order"
).split()
_DELIVERIES = [
    # the last cell is the order; 0 degrees 1 minute north is a sixtieth of 111.195 km
    "0x1 ,XRES1DEL01 ,28,4.6,10.0,20.0,10.1,20.0,01-01-2024,19:00:00,19:10:00,conditions Windy,Jam ,0,Meal ,"
    "motorcycle ,0,No ,Urban ,(min) 24,1",
    "0x2 ,XRES1DEL02 ,NaN ,NaN ,10.0,20.0,10.1,20.0,03-01-2024,12:30:00,12:45:00,conditions Sunny,Low ,1,Snack ,"
    "scooter ,1,No ,Urban ,(min) 36,2",
    "0x3 ,XRES1DEL01 ,29,4.9,10.0,20.0,10.0,20.0,10-01-2024,20:00:00,20:05:00,conditions Windy,Low ,2,Meal ,"
    "motorcycle ,NaN ,NaN ,NaN ,NaN ,3",
    "0x4 ,XRES1DEL01 ,28,4.6,10.0,20.0,10.2,20.0,02-01-2024,20:00:00,20:20:00,conditions NaN,Jam ,0,Buffet ,"
    "motorcycle ,1,Yes ,Metropolitian ,(min) 50,4",
    "0x5 ,XRES3DEL03 ,NaN ,NaN ,0.0,0.0,10.2,20.0,09-01-2024,23:55:00,00:10:00,conditions Fog,High ,0,Drinks ,"
    "bicycle ,1,No ,Urban ,(min) 20,6",
    "0x6 ,XRES3DEL03 ,NaN ,NaN ,0.0,0.0,10.3,20.0,01-02-2024,NaN ,10:00:00,conditions Fog,NaN ,0,Drinks ,"
    "bicycle ,1,No ,Urban ,(min) 30,77",
    "0x7 ,XRES3DEL03 ,NaN ,NaN ,0.0,0.0,10.3,20.0,01-04-2024,09:00:00,10:00:00,conditions Fog,NaN ,0,Drinks ,"
    "bicycle ,1,No ,Urban ,(min) 30,NaN ",
]
DELIVERIES: list[Row] = [dict(zip(_DELIVERY_NAMES, line.split(","), strict=True)) for line in _DELIVERIES]

SURVEY: list[Row] = [
    {"id": "c1", "Name": "Ann One", "Mail": "ann@example.com", "Age": "20 ", "Marital Status": "Single",
     "Medium (P1)": "App", "It's \"late\"/~": "Agree", "Pin code": "1"},
    {"id": "c2", "Name": "Bob Two", "Mail": "bob@example.com", "Age": "31", "Marital Status": "Single ",
     "Medium (P1)": "App", "It's \"late\"/~": "Agree", "Pin code": "2"},
    {"id": "c3", "Name": "Cid Three", "Mail": "cid@example.com", "Age": "NaN ", "Marital Status": "Married",
     "Medium (P1)": "Phone", "It's \"late\"/~": "Disagree", "Pin code": "3"},
    {"id": "c4", "Name": "Dot Four", "Mail": "dot@example.com", "Age": "20", "Marital Status": "Married",
     "Medium (P1)": None, "It's \"late\"/~": "Agree", "Pin code": "4"},
    {"id": "c5", "Name": "Eve Five", "Mail": "eve@example.com", "Age": "20", "Marital Status": "Married",
     "Medium (P1)": "App", "It's \"late\"/~": None, "Pin code": "5"},
    {"id": "c6", "Name": "Fay Six", "Mail": "fay@example.com", "Age": "45", "Marital Status": "Single",
     "Medium (P1)": "App", "It's \"late\"/~": None, "Pin code": "6"},
]  # fmt: skip

REVIEWS: list[Row] = [
    {"number": 1, "who": "c1", "on": "02-01-2024", "stars": "5", "words": "VADER is smart, handsome, and funny!"},
    {"number": 2, "who": "c2", "on": "03-01-2024", "stars": "1", "words": "Today SUX!"},
    {"number": 3, "who": "c3", "on": "10-01-2024", "stars": "3", "words": "The book was good."},
    {"number": 4, "who": "c4", "on": "31-03-2024", "stars": "", "words": "The book was good."},
    {"number": 5, "who": "c1", "on": "", "stars": "4.5", "words": "<script>alert(1)</script>"},
    {"number": 6, "who": "", "on": "01-02-2024", "stars": "2", "words": "Отличная еда"},
    {"number": 7, "who": "c2", "on": "01-02-2024", "stars": "4", "words": "NaN "},
    {"number": 8, "who": "c2", "on": "01-04-2024", "stars": "4", "words": "good"},
]
"""The first two sentences are of those that VADER's authors score in their own documentation."""

PLACES = table_rows("""
code | name     | town | lat | lon
R1   | The Oven | Xton | 10.0 | 20.0
R2   | The Pan  | Yton |      |
R1   | The Oven | Xton | 10.0 | 20.0
""")

FILES = {
    "orders.csv": ORDERS,
    "deliveries.csv": DELIVERIES,
    "survey.csv": SURVEY,
    "reviews.csv": REVIEWS,
    "places.csv": PLACES,
}
_ORDERED_AT = "Order_Date || ' ' || coalesce(Time_Orderd, Time_Order_picked)"
_PICKED_AT = "strptime(Order_Date || ' ' || Time_Order_picked, '%d-%m-%Y %H:%M:%S')"
_PAST_MIDNIGHT = f"case when Time_Order_picked < Time_Orderd then {_PICKED_AT} + interval 1 day else {_PICKED_AT} end"
"""A pick-up that is earlier than its order is of the next day."""


def deliveries_mapping(order_id: str | None = '"order"') -> dict[str, Any]:
    """The mapping of the public delivery file: two entities, and how each kind of its values becomes a clean one."""
    columns: dict[str, Any] = {
        "delivery_id": "ID",
        "staff_id": "Delivery_person_ID",
        "store_id": "replace(regexp_extract(Delivery_person_ID, 'RES[0-9]+'), 'RES', 'R')",
        "ordered_at": {"expression": _ORDERED_AT, "format": "%d-%m-%Y %H:%M:%S"},
        "picked_up_at": _PAST_MIDNIGHT,
        "stated_delivery_minutes": {"expression": "replace(\"Time_taken(min)\", '(min) ', '')", "optional": True},
        "order_type": "Type_of_order",
        "weather": "replace(Weatherconditions, 'conditions ', '')",
        "traffic": "Road_traffic_density",
        "vehicle": "Type_of_vehicle",
        "vehicle_condition": "Vehicle_condition",
        "multiple_delivery_count": "multiple_deliveries",
        "city": "regexp_extract(Delivery_person_ID, '^([A-Z]+)RES', 1)",
        "city_type": "City",
        "is_festival": "Festival",
        "to_latitude": "Delivery_location_latitude",
        "to_longitude": "Delivery_location_longitude",
    }
    for name, column in {"from_latitude": "Restaurant_latitude", "from_longitude": "Restaurant_longitude"}.items():
        columns[name] = f"case when cast({column} as double) <> 0 then {column} end"  # 0, 0 is no restaurant
    if order_id:
        columns["order_id"] = order_id
    staff = {
        "staff_id": "Delivery_person_ID",
        "age_years": "Delivery_person_Age",
        "rating": "Delivery_person_Ratings",
        "updated_at": {"expression": "Order_Date", "format": "%d-%m-%Y"},
    }
    return {
        "null_values": ["NaN"],
        "entities": {"deliveries": {"key": ["delivery_id"], "columns": columns}, "staff": {"columns": staff}},
    }


def settings(**changes: Any) -> dict[str, Any]:
    """patron.yaml of the shop; `changes` replace whole parts."""
    orders = {
        "order_id": "number", "ordered_at": '"at"', "customer_id": "who", "store_id": '"where"',
        "order_amount": "amount", "status": "state",
    }  # fmt: skip
    customers = {"customer_id": "id", "customer_name": "Name", "email": "Mail", "attributes": "all"}
    reviews = {
        "review_id": "number", "customer_id": "who", "rating": "stars", "review_text": "words",
        "reviewed_at": {"expression": '"on"', "format": "%d-%m-%Y"},
    }  # fmt: skip
    places = {"store_id": "code", "store_name": "name", "city": "town", "latitude": "lat", "longitude": "lon"}
    return {
        "shop": {"name": "Delivery", "currency": "EUR"},
        "as_of": AS_OF,
        "sources": {
            "orders": {"files": "orders.csv", "entities": {"orders": {"key": ["order_id"], "columns": orders}}},
            "deliveries": {"files": "deliveries.csv", **deliveries_mapping()},
            "survey": {
                "files": "survey.csv",
                "null_values": ["NaN"],
                "entities": {"customers": {"columns": customers}},
            },
            "reviews": {"files": "reviews.csv", "null_values": ["NaN"], "entities": {"reviews": {"columns": reviews}}},
            "places": {"files": "places.csv", "entities": {"stores": {"columns": places}}},
        },
        "churn": {"low_days": 10, "medium_days": 20, "window_days": 30},
        "surveys": {"least_customers": 1, "most_answers": 4},
        **changes,
    }
