"""Excel workbooks, written by openpyxl or by hand, land with every value as the sheet shows it."""

from __future__ import annotations

import datetime as dt
import re
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from patron.errors import SettingsError, SourceError
from shops.building import run_shop, write_project

HEADER = ["Invoice", "StockCode", "Quantity", "InvoiceDate", "Price", "Customer ID"]
SOLD = [536365, "85123A", 6, dt.datetime(2010, 12, 1, 8, 26), 2.55, 17850.0]
BACK = ["C536379", 22632, -1, dt.datetime(2010, 12, 1, 9, 41, 7), 27.5, None]


def save(folder: Any, name: str, **sheets: list[list[Any]]) -> Path:
    """A workbook with a sheet for each list of rows."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder.write(name, b"")
    workbook.save(path)
    return path


def rewrite(path: Path, member: str, old: str, new: str) -> None:
    """The workbook with a text of one of its parts replaced."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[member]
    parts[member] = parts[member].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def refusal(folder: Any, **settings: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        folder.land(**settings)
    assert not folder.lake.table("till").exists
    return caught.value


def test_values_are_as_the_sheet_shows_them(folder) -> None:
    save(folder, "a.xlsx", Sales=[HEADER, SOLD, BACK])
    landing = folder.land(required_columns=("Customer ID",))
    assert (landing.files_landed, landing.rows, landing.rejected_rows, landing.warnings) == (1, 2, 0, [])
    assert [list(row.values()) for row in folder.rows()] == [
        ["536365", "85123A", "6", "2010-12-01 08:26:00", "2.55", "17850"],
        ["C536379", "22632", "-1", "2010-12-01 09:41:07", "27.5", None],
    ]
    assert folder.lake.table("till").headers()["Customer ID"] == "Customer_ID"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "007"),
        (" x ", " x "),
        ("  ", None),
        (12345.0, "12345"),
        (12345678901234.0, "12345678901234"),
        (1e20, "100000000000000000000"),
        (0.1 + 0.2, "0.3"),  # openpyxl writes 15 digits, as Excel does
        (1e-7, "0.0000001"),
        (True, "true"),
        (False, "false"),
        (dt.date(2024, 2, 29), "2024-02-29 00:00:00"),
        (dt.datetime(2024, 2, 29, 1, 2, 3, 500_000), "2024-02-29 01:02:03.500000"),
        (dt.time(9, 30), "09:30:00"),
        (dt.timedelta(hours=30, minutes=5), "30:05:00"),
        ("#N/A", "#N/A"),
        ("Zoë — 東京", "Zoë — 東京"),
    ],
)
def test_a_value(folder, value: object, text: str | None) -> None:
    save(folder, "a.xlsx", Sales=[["a", "b"], [value, "kept"]])
    folder.land()
    assert folder.rows() == [{"a": text, "b": "kept"}]


@pytest.mark.parametrize(("stored", "text"), [("2.5499999999999998", "2.55"), ("12345.0", "12345"), ("1E3", "1000")])
def test_a_number_as_excel_stores_it(folder, stored: str, text: str) -> None:
    path = save(folder, "a.xlsx", Sales=[["a"], [77]])
    rewrite(path, "xl/worksheets/sheet1.xml", "<v>77</v>", f"<v>{stored}</v>")
    folder.land()
    assert folder.rows() == [{"a": text}]


def test_dates_that_count_from_1904(folder) -> None:
    workbook = Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    workbook.active.append(["at"])
    workbook.active.append([dt.datetime(2024, 3, 1, 10)])
    workbook.save(folder.write("a.xlsx", b""))
    folder.land()
    assert folder.rows() == [{"at": "2024-03-01 10:00:00"}]


def test_a_column_of_mixed_types_is_not_lost(folder) -> None:
    values = [1, "two", dt.datetime(2024, 3, 1), 4.5, None, True]
    save(folder, "a.xlsx", Sales=[["n", "a"], *([number, value] for number, value in enumerate(values))])
    folder.land()
    assert [row["a"] for row in folder.rows()] == ["1", "two", "2024-03-01 00:00:00", "4.5", None, "true"]


class TestSheets:
    def test_named_sheets_are_one_file_that_lands_once(self, folder) -> None:
        save(folder, "a.xlsx", **{"Year 1": [HEADER, SOLD], "Year 2": [[*HEADER, "Country"], [*BACK, "EIRE"]]})
        landing = folder.land(sheets=("Year 1", "Year 2"))
        assert (landing.files_landed, landing.rows) == (1, 2)
        assert [(row["Invoice"], row["Country"]) for row in folder.rows()] == [("536365", None), ("C536379", "EIRE")]
        (folder.data / "a.xlsx").rename(folder.data / "b.xlsx")
        assert folder.land(sheets=("Year 1", "Year 2")).files_already_landed == 1

    def test_several_unnamed_sheets_are_refused_with_their_names(self, folder) -> None:
        save(folder, "a.xlsx", **{"Year 1": [HEADER, SOLD], "Year 2": [HEADER, BACK]})
        error = refusal(folder)
        assert error.what == "the workbook has several sheets: Year 1, Year 2"
        assert "sheets: [Year 1, Year 2]" in str(error.do)

    def test_empty_and_hidden_sheets_need_no_choice(self, folder) -> None:
        workbook = Workbook()
        workbook.active.append(["a"])
        workbook.active.append([1])
        workbook.create_sheet("Sheet2")
        hidden = workbook.create_sheet("Lists")
        hidden.append(["b"])
        hidden.append([2])
        hidden.sheet_state = "hidden"
        workbook.save(folder.write("a.xlsx", b""))
        folder.land()
        assert folder.rows() == [{"a": "1"}]
        folder.land(name="lists", sheets=("Lists",))
        assert folder.rows("lists") == [{"b": "2"}]

    def test_a_sheet_that_is_not_there(self, folder) -> None:
        save(folder, "a.xlsx", Sales=[HEADER, SOLD])
        error = refusal(folder, sheets=("Sale",))
        assert error.what == "the workbook has no sheet 'Sale'"
        assert "Sales" in str(error.do)

    def test_no_rows_at_all(self, folder) -> None:
        save(folder, "a.xlsx", Sales=[], Other=[])
        assert "the file has no rows" in folder.land().warnings[0]


class TestRows:
    def test_blank_rows_and_a_title_above_the_header(self, folder) -> None:
        rows = [["Sales of May"], [], HEADER, SOLD, [None] * 6, BACK, [None, "  "]]
        save(folder, "a.xlsx", Sales=rows)
        error = refusal(folder, required_columns=("Invoice",))
        assert "no column 'Invoice'" in error.what
        assert folder.land(header_row=3).rows == 2
        assert [row["Invoice"] for row in folder.rows()] == ["536365", "C536379"]

    def test_a_header_row_that_is_blank(self, folder) -> None:
        save(folder, "a.xlsx", Sales=[["a"], [], [1]])
        assert "row 2 of the sheet 'Sales' is blank" in refusal(folder, header_row=2).what

    def test_blank_rows_above_the_header(self, folder) -> None:
        save(folder, "a.xlsx", Sales=[[], [], ["a"], [1]])
        folder.land()
        assert folder.rows() == [{"a": "1"}]

    def test_a_value_beyond_the_header_is_set_aside(self, folder) -> None:
        save(folder, "a.xlsx", Sales=[["a", None, "a"], [1, 2, 3], [4, 5, 6, "note"]])
        landing = folder.land()
        assert (landing.rows, landing.rejected_rows) == (1, 1)
        assert folder.rows() == [{"a": "1", "column_2": "2", "a_2": "3"}]
        assert folder.rejected() == [
            ("a.xlsx", 3, "Sales: a value in a column that has no name in row 1", "4\t5\t6\tnote")
        ]

    def test_merged_cells_are_told(self, folder) -> None:
        workbook = Workbook()
        for row in (["order", "item"], [1, "a"], [None, "b"]):
            workbook.active.append(row)
        workbook.active.merge_cells("A2:A3")
        workbook.save(folder.write("a.xlsx", b""))
        landing = folder.land()
        assert "merges cells of several rows, such as A2:A3" in landing.warnings[0]
        assert folder.rows() == [{"order": "1", "item": "a"}, {"order": None, "item": "b"}]

    def test_a_wrong_dimension_hides_no_rows(self, folder) -> None:
        path = save(folder, "a.xlsx", Sales=[["a"], [1], [2]])
        rewrite(path, "xl/worksheets/sheet1.xml", 'ref="A1:A3"', 'ref="A1:A1"')
        folder.land()
        assert folder.rows() == [{"a": "1"}, {"a": "2"}]

    def test_more_rows_than_a_batch(self, folder, monkeypatch) -> None:
        monkeypatch.setattr("patron.ingest.files.workbook_file._BATCH_ROWS", 4)
        save(folder, "a.xlsx", Sales=[["a"], *([number] for number in range(9))])
        folder.land()
        assert [row["a"] for row in folder.rows()] == [str(number) for number in range(9)]


class TestFormulas:
    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            ('<c r="A2"><f>1+1</f><v>2</v></c>', "2"),
            ('<c r="A2" t="str"><f>""</f><v></v></c>', None),
            ('<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        ],
    )
    def test_the_computed_value_lands(self, folder, cell: str, text: str | None) -> None:
        path = save(folder, "a.xlsx", Sales=[["a", "b"], ["=1+1", "x"]])
        with zipfile.ZipFile(path) as archive:
            written = re.search(r'<c r="A2"[^>]*>.*?</c>', archive.read("xl/worksheets/sheet1.xml").decode())
        assert written is not None
        rewrite(path, "xl/worksheets/sheet1.xml", written[0], cell)
        folder.land()
        assert folder.rows() == [{"a": text, "b": "x"}]

    def test_a_formula_without_a_value_is_refused(self, folder) -> None:
        save(folder, "a.xlsx", Sales=[["a", "total"], [1, 2], [3, "=SUM(B2:B2)"]])
        assert "the cell B3 of the sheet 'Sales' holds a formula that was never computed" in refusal(folder).what


class TestFilesThatAreNoWorkbooks:
    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"a,b\n1,2\n"])
    def test_a_broken_workbook(self, folder, content: bytes) -> None:
        folder.write("a.xlsx", content)
        error = refusal(folder)
        assert error.what.startswith("the workbook cannot be read")
        assert error.where == "a.xlsx"

    def test_a_workbook_that_was_cut_short(self, folder) -> None:
        path = save(folder, "a.xlsx", Sales=[HEADER, *[SOLD] * 200])
        path.write_bytes(path.read_bytes()[:-300])
        assert refusal(folder).what.startswith("the workbook cannot be read")

    def test_a_damaged_sheet(self, folder) -> None:
        path = save(folder, "a.xlsx", Sales=[HEADER, *[SOLD] * 200])
        rewrite(path, "xl/worksheets/sheet1.xml", "</sheetData>", "<sheetData>")
        assert refusal(folder).what.startswith("the workbook cannot be read")

    @pytest.mark.parametrize(
        ("name", "content", "what"),
        [
            ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "Excel before 2007 (.xls)"),
            ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a password"),
            ("a.xlsb", b"PK\x03\x04", "a binary workbook (.xlsb)"),
            ("a.ods", b"PK\x03\x04", "an OpenDocument workbook (.ods)"),
        ],
    )
    def test_other_workbooks_say_what_to_do(self, folder, name: str, content: bytes, what: str) -> None:
        folder.write(name, content)
        error = refusal(folder)
        assert what in error.what
        assert "save it" in str(error.do)

    def test_text_with_the_ending_of_a_workbook_is_text(self, folder) -> None:
        folder.write("export.xls", "a\tb\n1\t2\n")
        folder.land()
        assert folder.rows() == [{"a": "1", "b": "2"}]


def test_workbooks_differ_in_columns_as_other_files_do(folder) -> None:
    save(folder, "1.xlsx", Sales=[["a", "b"], [1, 2]])
    folder.write("2.csv", "A,c\n3,4\n")
    landing = folder.land()
    assert folder.rows() == [{"a": "1", "b": "2", "c": None}, {"a": "3", "b": None, "c": "4"}]
    assert any("'c' is new" in warning for warning in landing.warnings)


def test_without_the_extra_the_run_says_which(folder, monkeypatch) -> None:
    save(folder, "a.xlsx", Sales=[HEADER, SOLD])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(SettingsError, match="extra xlsx is not installed") as caught:
        folder.land()
    assert "patron[xlsx]" in str(caught.value.do)


def test_a_shop_of_two_sheets(tmp_path) -> None:
    """Ids, dates and money come out of the cells as they went in: 6 x 2.55 - 27.50, on the days of the sheets."""
    columns = {
        "order_id": "Invoice",
        "product_id": "StockCode",
        "quantity": "Quantity",
        "ordered_at": "InvoiceDate",
        "unit_price": "Price",
        "customer_id": "Customer ID",
    }
    source = {"files": "*.xlsx", "sheets": ["Year 1", "Year 2"], "entities": {"order_lines": {"columns": columns}}}
    settings = {
        "shop": {"name": "Two years", "currency": "GBP"},
        "predictions": {"churn": {"enabled": False}},
        "sources": {"till": source},
    }
    folder = write_project(tmp_path / "shop", settings, {})
    (folder / "data").mkdir()
    later = [536366, "85123A", 2, dt.datetime(2011, 12, 1, 8, 26), 3, 17850]
    workbook = Workbook()
    workbook.active.title = "Year 1"
    for sheet, rows in ((workbook.active, [SOLD, BACK]), (workbook.create_sheet("Year 2"), [later])):
        for row in (HEADER, *rows):
            sheet.append(row)
    workbook.save(folder / "data" / "retail.xlsx")
    shop = run_shop(folder)
    sql = "select order_id, product_id, customer_id, order_date, line_amount, line_kind from silver.order_lines order by all"
    assert [tuple(row.values()) for row in shop.query(sql)] == [
        ("536365", "85123A", "17850", dt.date(2010, 12, 1), Decimal("15.30"), "sale"),
        ("536366", "85123A", "17850", dt.date(2011, 12, 1), Decimal("6.00"), "sale"),
        ("C536379", "22632", None, dt.date(2010, 12, 1), Decimal("-27.50"), "return"),
    ]
    assert shop.run().landed["till"].files_already_landed == 1
