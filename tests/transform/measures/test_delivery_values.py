"""The public delivery file's values, clean: tests/shops/delivery.py maps them; and the real file, where it is present."""

from __future__ import annotations

import datetime as dt

from shops import delivery
from shops.building import BuiltShop, picked, write_project


def test_blanks_and_words_for_nothing_are_gone(delivery_shop):
    rows = delivery_shop.by("silver.deliveries", "delivery_id")
    assert set(rows) == {f"0x{n}" for n in range(1, 8)}  # `0x1 ` was written
    columns = ("weather", "traffic", "vehicle", "city_type", "is_festival", "multiple_delivery_count")
    assert picked(rows["0x1"], *columns) == ("Windy", "Jam", "motorcycle", "Urban", False, 0)
    assert picked(rows["0x3"], *columns) == ("Windy", "Low", "motorcycle", None, None, None)  # `NaN `
    assert rows["0x4"]["weather"] is None  # `conditions NaN`: nothing is left of it
    assert picked(rows["0x4"], "is_festival", "vehicle_condition", "order_type") == (True, 0, "Buffet")


def test_days_and_times_of_day_become_times(delivery_shop):
    rows = delivery_shop.by("silver.deliveries", "delivery_id")
    assert rows["0x2"]["ordered_at"] == dt.datetime(2024, 1, 3, 12, 30)  # 03-01-2024 is a day of January
    assert rows["0x5"]["picked_up_at"] == dt.datetime(2024, 1, 10, 0, 10)  # 00:10 after 23:55
    assert rows["0x6"]["ordered_at"] == dt.datetime(2024, 2, 1, 10)  # no time of the order: that of the pick-up


def test_minutes_are_read_out_of_their_words(delivery_shop):
    rows = delivery_shop.by("silver.deliveries", "delivery_id")
    assert {key: row["stated_delivery_minutes"] for key, row in rows.items()} == {
        **{"0x1": 24, "0x2": 36, "0x3": None, "0x4": 50, "0x5": 20, "0x6": 30, "0x7": 30},
    }


def test_nothing_is_bad(delivery_shop):
    assert delivery_shop.rows("quarantine.quarantined_rows") == []


def test_couriers_are_as_they_were_last_seen(delivery_shop):
    staff = delivery_shop.by("silver.staff", "staff_id")
    assert picked(staff["XRES1DEL01"], "age_years", "rating") == (29, 4.9)
    assert picked(staff["XRES1DEL02"], "age_years", "rating") == (None, None)


def test_the_real_file(real_data, tmp_path):
    text = (real_data / "food_delivery" / "test.csv").read_text(encoding="utf-8")
    mapping = delivery.deliveries_mapping(order_id=None)
    settings = {"shop": {"name": "Real"}, "sources": {"deliveries": {"files": "test.csv", **mapping}}}
    shop = BuiltShop(write_project(tmp_path, settings, {"test.csv": text}))
    shop.run()
    assert shop.rows("quarantine.quarantined_rows") == []
    told = shop.query("""
        select count(*) as rows_in_all, count(distinct staff_id) as couriers, count(weather) as weathers,
            count(traffic) as traffics, count(city_type) as cities, count(is_festival) as festivals,
            count(multiple_delivery_count) as trips, count(from_latitude) as places,
            count(case when cast(picked_up_at as date) > ordered_date then 1 end) as after_midnight,
            min(ordered_date) as first_day, max(ordered_date) as last_day
        from silver.deliveries
    """)[0]
    # counted in the file: 158 `conditions NaN`, 154, 324, 65 and 238 `NaN `, 870 restaurants at 0, 0, 202 past midnight
    assert list(told.values()) == [
        *(11_399, 1_297, 11_399 - 158, 11_399 - 154, 11_399 - 324, 11_399 - 65, 11_399 - 238, 11_399 - 870, 202),
        *(dt.date(2022, 2, 11), dt.date(2022, 4, 6)),
    ]
    assert len(shop.rows("gold.dim_courier")) == 1_297
    assert shop.by("gold.delivery_quality", "factor", "factor_value")["all", "all"]["delivery_count"] == 11_399
