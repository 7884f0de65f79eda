"""The food delivery example's files: the shape and the traps of the public ones, and a truth that adds up."""

from __future__ import annotations

import csv
import random
import re
from collections import Counter, defaultdict
from datetime import date, datetime

import pytest

from patron.errors import SourceError
from patron.examples.food_delivery.assumptions import customer_id, write
from patron.examples.food_delivery.generator import generate
from patron.examples.food_delivery.survey import WORDS
from patron.predict.sentiment import score

PUBLIC = (
    "ID,Delivery_person_ID,Delivery_person_Age,Delivery_person_Ratings,Restaurant_latitude,Restaurant_longitude,"
    "Delivery_location_latitude,Delivery_location_longitude,Order_Date,Time_Orderd,Time_Order_picked,"
    "Weatherconditions,Road_traffic_density,Vehicle_condition,Type_of_order,Type_of_vehicle,multiple_deliveries,"
    "Festival,City"
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return generate(tmp_path_factory.mktemp("food_delivery"))


@pytest.fixture(scope="module")
def rows(written):
    return [row for path in written["files"][:2] for row in table(path)]


@pytest.fixture(scope="module")
def answers(written):
    return table(written["files"][2])


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header(path):
    return path.read_text(encoding="utf-8").splitlines()[0]


def test_headers_are_the_public_ones(written):
    train, test, survey = map(header, written["files"])
    assert (train, test) == (f"{PUBLIC},Time_taken(min)", PUBLIC)
    assert survey.startswith("Age,Gender,Marital Status,Occupation,Monthly Income,Educational Qualifications,Family")
    assert survey.endswith("Politeness,Freshness ,Temperature,Good Taste ,Good Quantity,Output,Reviews")
    assert survey.count(",") == 54


def test_headers_are_those_of_the_real_files(written, real_data):
    folder = real_data / "food_delivery"
    if not folder.is_dir():
        pytest.skip(f"no food_delivery in {real_data}")
    for path in written["files"][1:]:
        assert header(path) == header(folder / path.name)


def test_values_look_like_the_public_ones(rows):
    patterns = {
        "ID": r"0x[0-9a-f]{1,4} ",
        "Delivery_person_ID": r"[A-Z]+RES\d\dDEL0[1-3] ",
        "Delivery_person_Age": r"\d\d|NaN ",
        "Delivery_person_Ratings": r"[45](\.\d)?|NaN ",
        "Restaurant_latitude": r"0|-?\d\d\.\d{6}",
        "Order_Date": r"\d\d-0[12]-2023",
        "Time_Orderd": r"\d\d:\d[05]:00|NaN ",
        "Time_Order_picked": r"\d\d:\d[05]:00",
        "Weatherconditions": r"conditions (Sunny|Windy|Stormy|Sandstorms|Cloudy|Fog|NaN)",
        "Road_traffic_density": r"(Low|Medium|High|Jam|NaN) ",
        "Festival": r"(Yes|No) ",
        "Time_taken(min)": r"\(min\) \d\d",
    }
    for row in rows:
        for name, pattern in patterns.items():
            assert name not in row or re.fullmatch(pattern, row[name]), (name, row[name])
    for name in ("Delivery_person_Age", "Time_Orderd", "City", "multiple_deliveries"):
        assert 0.01 < sum(row[name] == "NaN " for row in rows) / len(rows) < 0.06


def test_truth_adds_up_to_the_files(written, rows):
    assert written["deliveries"] == len({row["ID"] for row in rows}) == len(rows) == 5000
    assert written["timed_deliveries"] == sum("Time_taken(min)" in row for row in rows) == 4500
    assert written["untimed_orders"] == sum(row["Time_Orderd"] == "NaN " for row in rows)
    assert written["couriers"] == len({row["Delivery_person_ID"] for row in rows})
    assert written["restaurants"] == len({row["Delivery_person_ID"].partition("DEL")[0] for row in rows})
    assert written["placeless_deliveries"] == sum(float(row["Restaurant_longitude"]) == 0 for row in rows)
    assert written["negative_places"] == sum(float(row["Restaurant_longitude"]) < 0 for row in rows)
    times = [(row["Time_Orderd"], row["Time_Order_picked"]) for row in rows if row["Time_Orderd"] != "NaN "]
    assert written["past_midnight"] == sum(picked < ordered for ordered, picked in times)
    traps = ("untimed_orders", "placeless_deliveries", "negative_places", "past_midnight")
    assert min(written[name] for name in traps) > 20


def test_traffic_and_weather_cost_their_minutes(written, rows):
    """Within half a minute or so: some 700 deliveries a kind of weather, whose minutes spread by about 6."""
    for column, truth in (("Road_traffic_density", "traffic_minutes"), ("Weatherconditions", "weather_minutes")):
        minutes = defaultdict(list)
        for row in rows:
            if "Time_taken(min)" in row:
                value = row[column].replace("conditions ", "").strip()
                minutes[value].append(int(row["Time_taken(min)"].removeprefix("(min) ")))
        means = {value: sum(found) / len(found) for value, found in minutes.items()}
        base = next(value for value, more in written[truth].items() if more == 0)
        for value, more in written[truth].items():
            assert means[value] - means[base] == pytest.approx(more, abs=1.2)


def test_survey_adds_up(written, answers):
    assert written["answers"] == len(answers) == 200
    people = defaultdict(set)
    for row in answers:
        people[customer_id(row)].add(tuple(row.values()))
    assert len(people) == written["customers"] == 150
    assert Counter(map(len, people.values())) == {1: 142, 2: 8}
    nothing = {"", "-", "nil", "no", "none", "na"}
    reviews = {(customer_id(row), row["Reviews"]) for row in answers if row["Reviews"].lower() not in nothing}
    assert len(reviews) == written["reviews"] == sum(written["sentiments"].values())
    assert any("\r\n" in text for _, text in reviews)


@pytest.mark.parametrize("sentiment", ["positive", "negative", "neutral"])
def test_words_sound_as_the_truth_says(sentiment):
    for text in WORDS[sentiment]:
        found = score(text)["sentiment_score"]
        assert {"positive": found > 0.4, "negative": found < -0.4, "neutral": found == 0}[sentiment], text


def test_same_seed_same_files(tmp_path):
    one, two, other = (generate(tmp_path / str(n), deliveries=300, seed=seed) for n, seed in enumerate((1, 1, 2)))
    contents = [[path.read_bytes() for path in each["files"]] for each in (one, two, other)]
    assert contents[0] == contents[1]
    assert all(mine != others for mine, others in zip(contents[0], contents[2], strict=True))


# What is assumed


@pytest.fixture(scope="module")
def assumed(written, tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    write(folder, written["files"][0].parent)
    return folder / "assumptions"


def test_each_slot_has_a_customer_of_the_survey_and_an_amount(assumed, answers):
    slots = table(assumed / "order_slots.csv")
    assert [row["slot"] for row in slots] == [f"{slot:03x}" for slot in range(0x1000)]
    assert {row["customer_id"] for row in slots} <= {customer_id(row) for row in answers}
    assert all(re.fullmatch(r"[1-9]\d+\.00", row["order_amount"]) for row in slots)
    assert min(float(row["order_amount"]) for row in slots) >= 60


def test_some_order_often_and_some_rarely(assumed):
    counts = Counter(row["customer_id"] for row in table(assumed / "order_slots.csv"))
    often = [count for _, count in counts.most_common(15)]
    assert sum(often) > 0.25 * 4096  # the top tenth
    assert min(counts.values()) <= 4


def test_reviews_are_of_days_with_orders(assumed, answers, rows):
    dates = {row["customer_id"]: date.fromisoformat(row["reviewed_at"]) for row in table(assumed / "review_dates.csv")}
    assert dates.keys() == {customer_id(row) for row in answers}
    days = [datetime.strptime(row["Order_Date"], "%d-%m-%Y").date() for row in rows]
    assert min(days) <= min(dates.values()) <= max(dates.values()) <= max(days)


def test_the_same_survey_gives_the_same_files_in_any_order(assumed, written, tmp_path):
    """Rows that stand elsewhere in the survey change nobody's orders."""
    lines = table(written["files"][2])
    random.Random(3).shuffle(lines)
    (tmp_path / "data").mkdir()
    for path in written["files"][:2]:
        (tmp_path / "data" / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "data" / "onlinedeliverydata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    write(tmp_path, tmp_path / "data")
    for name in ("order_slots.csv", "review_dates.csv"):
        assert (tmp_path / "assumptions" / name).read_bytes() == (assumed / name).read_bytes()


@pytest.mark.parametrize(
    ("files", "output"),
    [
        ({}, "no rows in onlinedeliverydata.csv"),
        ({"onlinedeliverydata.csv": "Age,Gender\n1,2\n"}, "no column"),
        ({"onlinedeliverydata.csv": "x", "test.csv": "ID,Order_Date\n0x1,01-01-2023\n"}, "no column"),
        ({"onlinedeliverydata.csv": None}, "no rows in train.csv or test.csv"),
    ],
)
def test_without_a_survey_or_deliveries_it_says_so(written, tmp_path, files, output):
    for name, content in files.items():
        (tmp_path / name).write_text(written["files"][2].read_text() if content is None else content)
    with pytest.raises(SourceError, match=output):
        write(tmp_path, tmp_path)
    assert not (tmp_path / "assumptions").exists()
