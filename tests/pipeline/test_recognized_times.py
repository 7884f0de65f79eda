"""Shops whose mapping gives no format for its times: read from the values, kept, or asked for."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pytest

from patron.errors import SettingsError
from patron.pipeline.check.check import check
from patron.pipeline.run import run
from patron.project.project import Project
from patron.transform.time_formats import recognize
from shops.building import add_files, build_silver, run_shop, write_project

COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "unit_price": "total"}


def till(at=None, *, columns=None, files="*.csv", timezone="Europe/Berlin", **source) -> dict:
    """A shop of one source of lines. at: the mapping of ordered_at, if not the plain column."""
    mapped = COLUMNS | ({"ordered_at": at} if at else {}) | (columns or {})
    return {
        "shop": {"name": "Till", "currency": "EUR", "timezone": timezone},
        "predictions": {"churn": {"enabled": False}},
        "sources": {"lines": {"files": files, "entities": {"order_lines": {"columns": mapped}}} | source},
    }


def lines(*times) -> list[dict]:
    return [{"number": str(place), "at": at, "who": f"c{place}", "total": "5"} for place, at in enumerate(times, 1)]


def times(shop) -> dict[str, dt.datetime]:
    return {row["order_id"]: row["ordered_at"] for row in shop.rows("silver.order_lines")}


def time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


class TestShops:
    @pytest.mark.parametrize(
        ("written", "expected", "news"),
        [
            ("13/03/2024 10:05", "2024-03-13 10:05", "%d/%m/%Y %H:%M"),
            ("3/13/24 10:05 PM", "2024-03-13 22:05", "%m/%d/%y %I:%M %p"),
            ("2024-03-13 10:05:00 +0100", "2024-03-13 10:05", None),
            ("2024-07-13T10:05:00Z", "2024-07-13 12:05", None),
            ("13-Mar-14", "2014-03-13", "%d-%b-%y"),
            ("1709287200", "2024-03-01 11:00", "epoch seconds"),
            ("1709287200123", "2024-03-01 11:00:00.123", "epoch milliseconds"),
            ("20240313", "2024-03-13", "%Y%m%d"),
            ("Wed, 13 Mar 2024 10:05:33 +0000", "2024-03-13 11:05:33", "%a, %d %b %Y %H:%M:%S %z"),
        ],
    )
    def test_a_column_is_read_as_its_values_show(self, tmp_path, written, expected, news):
        shop = build_silver(write_project(tmp_path, till(), {"lines.csv": lines(written)}))
        assert times(shop) == {"1": time(expected)}
        assert shop.report.news == ([f"ordered_at of lines is read as {news}."] if news else [])
        shop.run_silver()
        assert shop.report.news == []

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ([1709287200, 1709373600], ["2024-03-01 11:00", "2024-03-02 11:00"]),
            ([1709287200.0, None, 1709373600.0], ["2024-03-01 11:00", "2024-03-02 11:00"]),
            ([1709287200123], ["2024-03-01 11:00:00.123"]),
            ([20240301, 20240302], ["2024-03-01", "2024-03-02"]),
        ],
    )
    def test_numbers_are_read_too(self, tmp_path, values, expected):
        rows = [json.dumps(line | {"at": at}) for line, at in zip(lines(*values), values, strict=True)]
        folder = write_project(tmp_path, till(files="*.jsonl"), {"lines.jsonl": "\n".join(rows) + "\n"})
        shop = build_silver(folder)
        assert sorted(times(shop).values()) == [time(one) for one in expected]

    def test_native_times_stay_as_they_are(self, tmp_path):
        import pyarrow as pa
        import pyarrow.parquet as pq

        folder = write_project(tmp_path, till(files="*.parquet"), {})
        (folder / "data").mkdir()
        held = lines(time("2024-03-04 10:05"), time("2024-04-03"))
        pq.write_table(pa.Table.from_pylist(held), folder / "data/lines.parquet")
        shop = build_silver(folder)
        assert sorted(times(shop).values()) == [time("2024-03-04 10:05"), time("2024-04-03")]

    def test_dates_of_customers_are_read_too(self, tmp_path):
        settings = till()
        people = {
            "files": "people.csv",
            "entities": {"customers": {"columns": {"customer_id": "id", "birth_date": "b"}}},
        }
        settings["sources"]["people"] = people
        settings["sources"]["lines"]["files"] = "lines.csv"
        people_rows = [{"id": "c1", "b": "31.12.1980"}, {"id": "c2", "b": "01.02.1990"}]
        folder = write_project(tmp_path, settings, {"lines.csv": lines("2024-03-01"), "people.csv": people_rows})
        shop = build_silver(folder)
        found = {row["customer_id"]: row["birth_date"] for row in shop.rows("silver.customers")}
        assert found == {"c1": dt.date(1980, 12, 31), "c2": dt.date(1990, 2, 1)}

    def test_a_year_of_two_digits_among_four_is_not_the_year_14(self, tmp_path):
        settings = till(columns={})
        people = {
            "files": "people*.csv",
            "entities": {"customers": {"columns": {"customer_id": "id", "birth_date": "b"}}},
        }
        settings["sources"]["people"] = people
        settings["sources"]["lines"]["files"] = "lines.csv"
        folder = write_project(
            tmp_path, settings, {"lines.csv": lines("2024-03-01"), "people1.csv": [{"id": "c1", "b": "31.12.1980"}]}
        )
        shop = build_silver(folder)
        add_files(folder, {"people2.csv": [{"id": "c2", "b": "31.12.14"}]})
        shop.run_silver()
        assert [row["customer_id"] for row in shop.rows("silver.customers")] == ["c1"]
        (bad,) = shop.rows("quarantine.quarantined_rows")
        assert bad["quarantine_reason"] == "birth_date: 31.12.14 is not a valid date"

    def test_looked_up_times_are_read_as_their_own_source_has_them(self, tmp_path):
        settings = {
            "shop": {"name": "Heads", "currency": "EUR"},
            "predictions": {"churn": {"enabled": False}},
            "sources": {
                "heads": {"files": "heads.csv"},
                "items": {
                    "files": "items.csv",
                    "lookups": {"heads": {"on": "number"}},
                    "entities": {
                        "order_lines": {
                            "columns": {"order_id": "number", "ordered_at": "heads.at", "unit_price": "total"}
                        }
                    },
                },
            },
        }
        heads = [{"number": "1", "at": "13/03/2024"}, {"number": "2", "at": "04/03/2024"}]
        items = [{"number": "1", "total": "5"}, {"number": "2", "total": "5"}]
        shop = build_silver(write_project(tmp_path, settings, {"heads.csv": heads, "items.csv": items}))
        assert times(shop) == {"1": time("2024-03-13"), "2": time("2024-03-04")}

    def test_an_expression_of_text_is_read_too(self, tmp_path):
        settings = till("replace(at, 'on ', '')")
        shop = build_silver(write_project(tmp_path, settings, {"lines.csv": lines("on 13/03/2024", "on 04/03/2024")}))
        assert times(shop) == {"1": time("2024-03-13"), "2": time("2024-03-04")}

    def test_an_optional_column_is_looked_at_when_it_comes(self, tmp_path):
        settings = till(files="lines.csv")
        columns = {"customer_id": "id", "signed_up_at": {"expression": "since", "optional": True}}
        settings["sources"]["people"] = {"files": "people*.csv", "entities": {"customers": {"columns": columns}}}
        folder = write_project(tmp_path, settings, {"lines.csv": lines("2024-03-01"), "people1.csv": [{"id": "c1"}]})
        shop = build_silver(folder)
        add_files(folder, {"people2.csv": [{"id": "c2", "since": "31.12.2023"}]})
        shop.run_silver()
        found = {row["customer_id"]: row["signed_up_at"] for row in shop.rows("silver.customers")}
        assert found == {"c1": None, "c2": time("2023-12-31")}

    def test_rows_of_another_kind_decide_nothing(self, tmp_path):
        settings = till()
        settings["sources"]["lines"]["entities"]["order_lines"]["where"] = "total <> '0'"
        held = [*lines("13/03/2024", "04/03/2024"), lines("12/31/2024")[0] | {"number": "9", "total": "0"}]
        shop = build_silver(write_project(tmp_path, settings, {"lines.csv": held}))
        assert times(shop) == {"1": time("2024-03-13"), "2": time("2024-03-04")}


def shop_of_documents(at="meta.at", *, files="*.jsonl", **mapping) -> dict:
    """A shop whose orders are documents with a list of parcels, each with a list of items."""
    columns = {
        **{"order_id": "id", "ordered_at": at, "customer_id": "customer.id"},
        **{"line_number": "_position", "unit_price": "parcels.items.total"},
    }
    return {
        "shop": {"name": "Parcels", "currency": "EUR", "timezone": "Europe/Berlin"},
        "predictions": {"churn": {"enabled": False}},
        "sources": {
            "orders": {
                "files": files,
                "entities": {"order_lines": {"explode": "parcels.items", "columns": columns} | mapping},
            }
        },
    }


def documents(*times) -> str:
    """One order for each time, which stands at every level: of the document, of its parcels and of their items."""
    orders = [
        {
            "id": str(place),
            "meta": {"at": at},
            "customer": {"id": f"c{place}"},
            "parcels": [{"at": at, "items": [{"total": "5", "at": at}]}],
        }
        for place, at in enumerate(times, 1)
    ]
    return "".join(json.dumps(order) + "\n" for order in orders)


class TestDocuments:
    @pytest.mark.parametrize(
        ("at", "written", "expected", "news"),
        [
            ("meta.at", "13/03/2024 10:05", "2024-03-13 10:05", "%d/%m/%Y %H:%M"),
            ("parcels.at", "1709287200", "2024-03-01 11:00", "epoch seconds"),
            ("parcels.items.at", "3/13/24 10:05 PM", "2024-03-13 22:05", "%m/%d/%y %I:%M %p"),
            ("replace(parcels.items.at, ' h', '')", "13.03.2024 10:05 h", "2024-03-13 10:05", "%d.%m.%Y %H:%M"),
            ("parcels.items.at", "2024-07-13T10:05:00Z", "2024-07-13 12:05", None),
        ],
    )
    def test_a_value_inside_is_read_as_its_values_show(self, tmp_path, at, written, expected, news):
        folder = write_project(tmp_path, shop_of_documents(at), {"orders.jsonl": documents(written)})
        shop = build_silver(folder)
        assert times(shop) == {"1": time(expected)}
        assert shop.report.news == ([f"ordered_at of orders is read as {news}."] if news else [])
        shop.run_silver()
        assert shop.report.news == []

    def test_a_number_inside_is_read_too(self, tmp_path):
        folder = write_project(tmp_path, shop_of_documents(), {"orders.jsonl": documents(1709287200, 1709373600)})
        assert times(build_silver(folder)) == {"1": time("2024-03-01 11:00"), "2": time("2024-03-02 11:00")}

    def test_values_inside_a_column_of_objects_are_read_too(self, tmp_path):
        import pyarrow as pa
        import pyarrow.parquet as pq

        folder = write_project(tmp_path, shop_of_documents("parcels.items.at", files="*.parquet"), {})
        (folder / "data").mkdir()
        held = [json.loads(line) for line in documents("13.03.2024", "04.03.2024").splitlines()]
        pq.write_table(pa.Table.from_pylist(held), folder / "data/orders.parquet")
        assert times(build_silver(folder)) == {"1": time("2024-03-13"), "2": time("2024-03-04")}

    @pytest.mark.parametrize("at", ["meta.at", "parcels.items.at"])
    def test_a_value_that_fits_both_orders_is_asked_about(self, tmp_path, at):
        folder = write_project(tmp_path, shop_of_documents(at), {"orders.jsonl": documents("03/04/2024", "05/06/2024")})
        with pytest.raises(SettingsError, match="can be read day first or month first"):
            run(Project.load(folder))

    def test_elements_of_another_kind_decide_nothing(self, tmp_path):
        settings = shop_of_documents("parcels.items.at", where="parcels.items.total <> '0'")
        held = documents("13/03/2024", "04/03/2024") + documents("12/31/2024").replace('"total": "5"', '"total": "0"')
        shop = build_silver(write_project(tmp_path, settings, {"orders.jsonl": held}))
        assert times(shop) == {"1": time("2024-03-13"), "2": time("2024-03-04")}

    def test_a_column_of_the_document_is_told_by_a_condition_inside(self, tmp_path):
        settings = shop_of_documents("at", where="customer.id <> 'c3'")
        held = documents("13/03/2024", "04/03/2024", "12/31/2024").splitlines()
        rows = [json.dumps(order | {"at": order["meta"]["at"]}) for order in map(json.loads, held)]
        shop = build_silver(write_project(tmp_path, settings, {"orders.jsonl": "\n".join(rows)}))
        assert times(shop) == {"1": time("2024-03-13"), "2": time("2024-03-04")}


class TestDoubt:
    def test_a_column_that_fits_both_orders_is_asked_about(self, tmp_path):
        folder = write_project(tmp_path, till(), {"lines.csv": lines("03/04/2024 10:00", "05/06/2024 11:00")})
        with pytest.raises(SettingsError) as asked:
            run(Project.load(folder))
        assert "Every value of ordered_at in lines can be read day first or month first" in asked.value.what
        assert "03/04/2005 would be 3 April 2005 or 4 March 2005" in asked.value.what
        assert '`format: "%d/%m/%Y %H:%M"` (day first) or `format: "%m/%d/%Y %H:%M"` (month first)' in asked.value.do
        assert "sources.lines.entities.order_lines.columns.ordered_at" in asked.value.where
        assert "03/04/2024" not in str(asked.value)
        assert not (folder / ".patron/published/current.json").exists()

    def test_a_doubt_of_a_sample_is_looked_at_in_all_rows(self, tmp_path, monkeypatch):
        monkeypatch.setattr(recognize, "SAMPLE_ROWS", 2)
        held = lines("01/02/2024", "31/01/2024", "03/04/2024", "05/06/2024")
        shop = build_silver(write_project(tmp_path, till(), {"lines.csv": held}))
        assert times(shop)["1"] == time("2024-02-01")

    def test_a_doubt_of_some_files_is_looked_at_in_all(self, tmp_path, monkeypatch):
        monkeypatch.setattr(recognize, "SAMPLE_FILES", 1)
        files = {
            f"{place}.csv": [lines(at)[0] | {"number": str(place)}]
            for place, at in enumerate(["01/02/2024", "31/01/2024", "03/04/2024"])
        }
        shop = build_silver(write_project(tmp_path, till(), files))
        assert times(shop)["0"] == time("2024-02-01")

    def test_the_answer_is_one_line(self, tmp_path):
        folder = write_project(tmp_path, till(), {"lines.csv": lines("03/04/2024")})
        with pytest.raises(SettingsError):
            run(Project.load(folder))
        answered = till({"expression": "at", "format": "%m/%d/%Y"})
        shop = build_silver(write_project(folder, answered, {}))
        assert times(shop) == {"1": time("2024-03-04")}
        assert shop.report.news == []

    def test_a_format_of_the_mapping_wins_over_the_values(self, tmp_path):
        settings = till({"expression": "at", "format": "%m/%d/%Y"})
        shop = build_silver(write_project(tmp_path, settings, {"lines.csv": lines("13/03/2024", "04/03/2024")}))
        assert times(shop) == {"2": time("2024-04-03")}

    def test_both_orders_in_one_column_are_asked_about(self, tmp_path):
        folder = write_project(tmp_path, till(), {"lines.csv": lines("13/03/2024", "01/02/2024", "03/13/2024")})
        with pytest.raises(SettingsError, match="can only be read day first, others only month first"):
            run(Project.load(folder))


class TestLaterLandings:
    def test_they_do_not_change_what_was_read(self, tmp_path):
        folder = write_project(tmp_path, till(), {"a.csv": lines("13/03/2024", "04/03/2024")})
        shop = run_shop(folder)
        add_files(
            folder, {"b.csv": [lines("03/31/2024")[0] | {"number": "8"}, lines("05/03/2024")[0] | {"number": "9"}]}
        )
        shop.run()
        expected = {"1": time("2024-03-13"), "2": time("2024-03-04"), "9": time("2024-03-05")}
        assert times(shop) == expected
        (bad,) = shop.rows("quarantine.quarantined_rows")
        assert bad["quarantine_reason"] == "ordered_at: 03/31/2024 is not a valid timestamp"
        assert not check(shop.project, against_full=True).failed

        for own in (folder / ".patron").iterdir():  # all but the lake
            if own.name != "lake":
                shutil.rmtree(own) if own.is_dir() else own.unlink()
        shop.run()
        assert times(shop) == expected
        assert shop.report.news == []

    def test_a_first_landing_without_a_time_decides_nothing(self, tmp_path):
        folder = write_project(tmp_path, till() | {"quarantine": {"stop_above_rate": 1}}, {"a.csv": lines("soon")})
        shop = run_shop(folder)
        assert times(shop) == {}
        add_files(folder, {"b.csv": [lines("31/03/2024")[0] | {"number": "9"}]})
        shop.run()
        assert times(shop) == {"9": time("2024-03-31")}
        assert not check(shop.project, against_full=True).failed

    def test_iso_stays_iso(self, tmp_path):
        folder = write_project(tmp_path, till(), {"a.csv": lines("2024-03-13")})
        shop = run_shop(folder)
        add_files(folder, {"b.csv": [lines("31/03/2024")[0] | {"number": "9"}]})
        shop.run()
        assert times(shop) == {"1": time("2024-03-13")}

    def test_a_table_that_was_made_anew_is_looked_at_anew(self, tmp_path):
        folder = write_project(tmp_path, till(), {"a.csv": lines("13/03/2024")})
        shop = run_shop(folder)
        shutil.rmtree(folder / ".patron/lake/lines")
        (folder / "data/a.csv").unlink()
        add_files(folder, {"b.csv": lines("03/31/2024")})
        shop.run()
        assert times(shop) == {"1": time("2024-03-31")}
