"""No value of a personal column leaves a shop unasked: not on a page, in a report or list, nor by an error or a record."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest

from faults.projects import patron
from patron.contract.personal_data import MASK, list_personal_columns
from patron.project.run_status import read_last_run
from patron.publish.reader import open_published, open_snapshot
from patron.publish.snapshot import load_current
from patron.serve.dashboard.registry import load_pages
from patron.serve.dashboard.sign_in.access import User
from shops.building import BuiltShop

PERSONS = [
    {
        "id": f"k{number}",
        "name": f"Zenobia Q{number}uist",
        "mail": f"zq{number}@quist{number}.test",
        "tel": f"+4990{number}12345",
        "home": f"Quince Lane {number}",
        "born": f"1961-03-1{number}",
    }
    for number in range(1, 6)
]
STAFF = [{"no": "s1", "staff": "Wolfram Kurier"}]
TEXTS = [f"Ask Gwendolyn about parcel {number}" for number in range(1, 6)]
BAD = {
    "id": "k9",
    "name": "Yolanda Bad",
    "mail": "yb@bad.test",
    "tel": "+4999",
    "home": "Bad Lane 9",
    "born": "Yolanda Day",
}
VALUES = (
    *(value for person in [*PERSONS, BAD] for name, value in person.items() if name != "id"),
    *(person["mail"].partition("@")[2] for person in [*PERSONS, BAD]),
    *("Wolfram Kurier", "Gwendolyn"),
)
OWN = ("lake", "warehouse.duckdb", "warehouse.tables", "published", "bad_rows", "history")
"""Folders of .patron that hold the rows themselves, for the owner alone; published is looked at table by table."""

ENTITIES = {
    "people": {
        "customers": {
            "columns": {
                "customer_id": "id",
                "customer_name": "name",
                "email": "mail",
                "phone": "tel",
                "address": "home",
                "birth_date": "born",
            }
        }
    },
    "staff": {"staff": {"columns": {"staff_id": "no", "staff_name": "staff"}}},
    "reviews": {
        "reviews": {
            "columns": {
                "review_id": "nr",
                "customer_id": "who",
                "rating": "stars",
                "review_text": "words",
                "reviewed_at": "at",
            }
        }
    },
    "trips": {"deliveries": {"columns": {"delivery_id": "nr", "ordered_at": "at", "staff_id": "by"}}},
    "till": {
        "order_lines": {
            "columns": {
                "order_id": "nr",
                "ordered_at": "at",
                "customer_id": "who",
                "product_id": "what",
                "unit_price": "price",
            }
        }
    },
}


@pytest.fixture(scope="module")
def shop(build_once) -> BuiltShop:
    """Five persons with everything that is personal, and one bad row; only read."""
    lines = [
        {
            "nr": 10 * day + number,
            "at": f"2024-0{1 + day % 6}-1{number}",
            "who": f"k{number}",
            "what": "tea",
            "price": day + 1,
        }
        for day in range(9)
        for number in range(1, 6)
    ]
    reviews = [
        {"nr": number, "who": f"k{number}", "stars": number, "words": text, "at": f"2024-02-1{number}"}
        for number, text in enumerate(TEXTS, start=1)
    ]
    trips = [{"nr": number, "at": f"2024-02-1{number}", "by": "s1"} for number in range(1, 6)]
    rows = {"people": [*PERSONS, BAD], "staff": STAFF, "reviews": reviews, "trips": trips, "till": lines}
    sources = {name: {"files": f"{name}.csv", "entities": mapped} for name, mapped in ENTITIES.items()}
    quarantine = {"stop_above_rate": 0.9}
    settings = {"shop": {"name": "Persons"}, "quarantine": quarantine, "sources": sources}
    return build_once("persons", settings, {f"{name}.csv": listed for name, listed in rows.items()})


def found_in(text: str) -> list[str]:
    return [value for value in VALUES if value.lower() in text.lower()]


def test_the_values_are_there_for_the_owner(shop):
    """Otherwise nothing below could fail."""
    with open_published(shop.project.published) as gold:
        names = {name for table in ("dim_customer", "dim_courier", "review_sentiment") for name in columns(gold, table)}
        assert {"customer_name", "email", "phone", "address", "courier_name", "review_text"} <= names
        assert found_in(str(gold.execute("select * from dim_customer").fetchall()))


def columns(gold: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in gold.execute(f"describe {table}").fetchall()]


def test_a_reader_without_permission_finds_them_in_no_table(shop):
    snapshot = load_current(shop.project.published)
    with open_snapshot(shop.project.published, snapshot, list_personal_columns()) as gold:
        masked = set()
        for table in snapshot.tables:
            rows = gold.execute(f"select * from {table}").fetchall()
            assert found_in(str(rows)) == [], table
            masked |= {table for row in rows if MASK in row}
    assert {"dim_customer", "customer_360", "dim_courier", "review_sentiment"} <= masked


@pytest.mark.parametrize("path", [page.path for listed in load_pages().values() for page in listed])
def test_a_reader_without_permission_finds_them_on_no_page(shop, sheet, path):
    with patch("patron.serve.dashboard.app.require_user", return_value=User("reader", frozenset())):
        page = sheet(shop.project).open(path)
    assert found_in(page.markup + page.text()) == []


def test_no_record_holds_them(shop):
    for path in shop.project.state.rglob("*"):
        if path.is_file() and path.relative_to(shop.project.state).parts[0] not in OWN:
            assert found_in(path.read_bytes().decode("utf-8", errors="replace")) == [], path
    folder = shop.project.published / load_current(shop.project.published).name
    assert found_in((folder / "about.json").read_text()) == []


def test_no_report_holds_them(shop, tmp_path):
    report = tmp_path / "report.html"
    assert patron("report", "--period", "2024-06", "--to", report, folder=shop.folder).code == 0
    assert found_in(report.read_text()) == []


FAILURES = {
    "a header of values": ("people.csv", ",".join(PERSONS[0].values()) + "\n", 3),
    "a cell in a header": ("till.csv", "nr,at,who,what,Zenobia Q1uist\n", 3),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_an_error_of_a_run_is_told_without_them(shop, sheet, tmp_path, failure):
    name, content, code = FAILURES[failure]
    folder = Path(shutil.copytree(shop.folder, tmp_path / "copy"))
    (folder / "data" / f"{name[:-4]}2.csv").write_text(content)
    settings = json.loads((folder / "patron.yaml").read_text())
    settings["sources"][name[:-4]]["files"] = f"{name[:-4]}*.csv"
    (folder / "patron.yaml").write_text(json.dumps(settings))
    outcome = patron("run", folder=folder)
    assert outcome.code == code
    assert found_in(outcome.err), "the terminal tells the owner what is wrong"
    copy = BuiltShop(folder).project
    assert "cannot be read" in read_last_run(copy.state).failure
    assert found_in((copy.state / "last_run.json").read_text()) == []
    text = sheet(copy).open("overview").text()
    assert "The last run failed" in text
    assert found_in(text) == []


def test_settings_that_are_wrong_are_told_without_them(shop, sheet, tmp_path):
    folder = Path(shutil.copytree(shop.folder, tmp_path / "copy"))
    project = BuiltShop(folder).project
    (folder / "patron.yaml").write_text("shop: {name: Persons, owner: Zenobia Q1uist}\n")
    assert found_in(patron("check", folder=folder).err) in (["Zenobia Q1uist"], [])
    text = sheet(project).open("overview").text()
    assert "patron.yaml" in text
    assert found_in(text) == []
