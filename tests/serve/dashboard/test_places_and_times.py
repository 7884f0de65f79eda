"""The page of places and times: hours, regions and stores are gold's."""

from __future__ import annotations

from gold_rows import gold, records

from patron.project.number_format import Formats


def test_a_chosen_region_is_gold(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    page = sheet(retailer).open("places_and_times")
    page.choose("Region", "Oregon")
    assert "region=Oregon" in page.url
    sql = (
        "select order_count, preferred_weekday, preferred_hour from gold.region_ordering_times where region = 'Oregon'"
    )
    orders, weekday, hour = gold(retailer, sql)[0]
    assert page.tile("Orders") == formats.count(orders)
    assert page.tile("Busiest weekday") == formats.weekday(weekday)
    assert page.tile("Busiest hour") == formats.hour(hour)
    assert [row[0] for row in page.table("Customers and value by region")] == ["Oregon"]
    hours = records(page.csv("Orders by weekday and hour"))
    assert sum(int(row["Orders"]) for row in hours) == orders


def test_a_weekday_of_all_regions_is_gold(retailer, sheet):
    page = sheet(retailer).open("places_and_times")
    page.choose("Weekday", "Saturday")
    assert "weekday=6" in page.url
    sql = """
    select region, hour_of_day, order_count
    from gold.region_hours
    where weekday = 6 and hour_of_day is not null
    """
    shown = records(page.csv("Orders by region and hour"))
    assert {(row["Region"], int(row["Hour of day"]), int(row["Orders"])) for row in shown} == set(gold(retailer, sql))


def test_regions_are_worth_what_gold_says(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    shown = {
        row[0]: row[1:3] for row in sheet(retailer).open("places_and_times").table("Customers and value by region")
    }
    sql = (
        "select region, customer_count, total_historical_clv from gold.region_ordering_times where region <> 'unknown'"
    )
    for region, customers, worth in gold(retailer, sql):
        assert shown[region] == [formats.count(customers), formats.money(worth)]
    assert "Unknown" in shown


def test_without_regions_all_orders_are_shown_with_the_reason(retail, sheet):
    page = sheet(retail).open("places_and_times")
    assert "No regions" in page.text()
    sql = "select isodow(order_date), hour(ordered_at), count(*) from gold.fct_orders group by all order by 1, 2"
    shown = records(page.csv("Orders by weekday and hour"))
    assert [tuple(int(row[name]) for name in ("Weekday", "Hour of day", "Orders")) for row in shown] == gold(
        retail, sql
    )
    assert not page.has_menu("Weekday")


def test_stores_are_gold(cafe, sheet):
    page = sheet(cafe).open("places_and_times")
    shown = records(page.csv("Top stores by sales"))
    sql = "select location_id, sum(order_amount) from gold.fct_orders group by all order by 2 desc"
    assert [row["Sales before refunds"] for row in shown] == [str(amount) for _, amount in gold(cafe, sql)]
