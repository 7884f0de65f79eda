"""Seven weeks of food delivery in invented towns, in the columns and with the traps of the public files.

Who ordered is not in such files: assumptions.py says it. What is true here is how traffic and weather slow a courier
down, and how each review sounds.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from pathlib import Path
from typing import Any

from patron.examples.food_delivery.couriers import (
    TRAFFIC_MINUTES,
    WEATHER_MINUTES,
    Delivery,
    draw_couriers,
    draw_deliveries,
)
from patron.examples.food_delivery.survey import HEADER as SURVEY_HEADER
from patron.examples.food_delivery.survey import Answers, answer_again, draw_answers, sentiment_of

HEADER = (
    *("ID", "Delivery_person_ID", "Delivery_person_Age", "Delivery_person_Ratings", "Restaurant_latitude"),
    *("Restaurant_longitude", "Delivery_location_latitude", "Delivery_location_longitude", "Order_Date", "Time_Orderd"),
    *("Time_Order_picked", "Weatherconditions", "Road_traffic_density", "Vehicle_condition", "Type_of_order"),
    *("Type_of_vehicle", "multiple_deliveries", "Festival", "City"),
)
TAKEN = "Time_taken(min)"
NOTHING = "NaN "
_TEST_SHARE = 0.1
_NOT_TIMED, _NOT_KNOWN, _NOWHERE, _NEGATIVE, _FESTIVE = 0.04, 0.03, 0.07, 0.01, 0.02
_TWICE, _COPIED = 8, 42


def generate(folder: Path, *, deliveries: int = 5_000, answers: int = 200, seed: int = 1) -> dict[str, Any]:
    """Write `deliveries` rows to train.csv (with the minutes) and test.csv, `answers` to onlinedeliverydata.csv.

    The truth: files; deliveries, timed_deliveries (with minutes), untimed_orders (no time of order),
    placeless_deliveries (0, 0), negative_places, past_midnight; couriers and restaurants that deliver; answers,
    customers who gave them, reviews (distinct words of a person) and sentiments, how many of these sound how;
    traffic_minutes and weather_minutes, how much longer than in low traffic or in the sun a delivery takes.
    """
    rng = random.Random(seed)
    drawn = draw_deliveries(deliveries, draw_couriers(rng), rng)
    rows = [_write_row(delivery, rng) for delivery in drawn]
    tested = int(_TEST_SHARE * deliveries)
    people, surveyed = _draw_survey(answers, rng)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "train.csv", (*HEADER, TAKEN), rows[tested:])
    _write(folder / "test.csv", HEADER, [{name: row[name] for name in HEADER} for row in rows[:tested]])
    _write(folder / "onlinedeliverydata.csv", SURVEY_HEADER, surveyed)
    return {
        "files": [folder / name for name in ("train.csv", "test.csv", "onlinedeliverydata.csv")],
        "deliveries": len(rows),
        "timed_deliveries": len(rows) - tested,
        **_count_rows(rows),
        "past_midnight": sum(_is_past_midnight(*each) for each in zip(drawn, rows, strict=True)),
        "couriers": len({delivery.courier for delivery in drawn}),
        "restaurants": len({delivery.courier.restaurant for delivery in drawn}),
        "answers": len(surveyed),
        "customers": people,
        **_summarize_reviews(surveyed),
        "traffic_minutes": dict(TRAFFIC_MINUTES),
        "weather_minutes": dict(WEATHER_MINUTES),
    }


def _write_row(delivery: Delivery, rng: random.Random) -> dict[str, str]:
    """Write a row as the files do: blanks after most words, `NaN ` for what is not known."""
    courier, knows = delivery.courier, rng.random() >= _NOT_KNOWN
    start = _start(delivery, rng)
    end = [abs(degrees) + delivery.reach for degrees in start]
    values = (
        f"{delivery.order_id} ",
        f"{courier.courier_id} ",
        str(courier.age) if knows else NOTHING,
        f"{delivery.rating:g}" if knows else NOTHING,
        *(f"{degrees:g}" if degrees == 0 else f"{degrees:.6f}" for degrees in start),
        *(f"{degrees:.6f}" for degrees in end),
        f"{delivery.ordered_at:%d-%m-%Y}",
        f"{delivery.ordered_at:%H:%M:%S}" if rng.random() >= _NOT_TIMED else NOTHING,
        f"{delivery.picked_up_at:%H:%M:%S}",
        f"conditions {delivery.weather if knows else 'NaN'}",
        f"{delivery.traffic} " if knows else NOTHING,
        str(rng.randint(0, 3)),
        f"{delivery.kind} ",
        f"{delivery.vehicle} ",
        str(delivery.trips) if rng.random() >= _NOT_KNOWN else NOTHING,
        "Yes " if rng.random() < _FESTIVE else "No ",
        f"{delivery.city_type} " if rng.random() >= _NOT_KNOWN else NOTHING,
        f"(min) {delivery.minutes}",
    )
    return dict(zip((*HEADER, TAKEN), values, strict=True))


def _start(delivery: Delivery, rng: random.Random) -> tuple[float, float]:
    """Return the restaurant's position; some rows say 0, 0, and some have the wrong hemisphere."""
    chance = rng.random()
    if chance < _NOWHERE:
        return 0, 0
    sign = -1 if chance < _NOWHERE + _NEGATIVE else 1
    return sign * delivery.courier.latitude, sign * delivery.courier.longitude


def _is_past_midnight(delivery: Delivery, row: dict[str, str]) -> bool:
    return delivery.picked_up_at.date() > delivery.ordered_at.date() and row["Time_Orderd"] != NOTHING


def _count_rows(rows: list[dict[str, str]]) -> dict[str, int]:
    return {
        "untimed_orders": sum(row["Time_Orderd"] == NOTHING for row in rows),
        "placeless_deliveries": sum(row["Restaurant_latitude"] == "0" for row in rows),
        "negative_places": sum(row["Restaurant_latitude"].startswith("-") for row in rows),
    }


def _draw_survey(answers: int, rng: random.Random) -> tuple[int, list[Answers]]:
    """Draw how many people answer, and the rows: some stand twice, and some people answered again later."""
    people = answers - _TWICE - _COPIED
    rows = draw_answers(people, rng)
    later = [answer_again(row, rng) for row in rng.sample(rows, _TWICE)]
    return people, [*rows, *rng.sample(rows, _COPIED), *later]


def _summarize_reviews(rows: list[Answers]) -> dict[str, Any]:
    written = {(row["Pin code"], row["Reviews"]): sentiment_of(row) for row in rows}
    sentiments = Counter(sentiment for sentiment in written.values() if sentiment != "none")
    return {"reviews": sentiments.total(), "sentiments": dict(sentiments)}


def _write(file: Path, header: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.DictWriter(text, header, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
