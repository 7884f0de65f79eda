from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.errors import SourceError
from patron.ingest.files import text_stream


def test_each_key_is_a_text_column(folder) -> None:
    folder.write(
        "a.jsonl",
        '{"id": 7, "name": "x \\"y\\" é", "ok": true, "tags": [1, "a"], "at": {"x": 1}, "none": null}\n'
        '\n {"big": 123456789012345678901234567890, "id": "8"} \r\n',
    )
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (2, 0)
    first, second = folder.rows()
    assert first == {
        "id": "7", "name": 'x "y" é', "ok": "true", "tags": '[1,"a"]', "at": '{"x":1}', "none": None, "big": None,
    }  # fmt: skip
    assert (second["id"], second["big"]) == ("8", "123456789012345678901234567890")


def test_lines_that_are_no_objects_are_set_aside(folder) -> None:
    folder.write(
        "a.jsonl", b'{"id": "\xc3\xa9"}\n{"id": 2\n[3]\n4\nnull\n{}\n{"id": "\xc3\xa9"}\n{"id": "\xff"}\n{"id": 9'
    )
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (2, 7)
    assert [row["id"] for row in folder.rows()] == ["é", "é"]
    assert [(line, reason) for _, line, reason, _ in folder.rejected()] == [
        (2, "not valid JSON"),
        (3, "not a JSON object with keys"),
        (4, "not a JSON object with keys"),
        (5, "not a JSON object with keys"),
        (6, "not a JSON object with keys"),
        (8, "not valid JSON"),
        (9, "not valid JSON"),
    ]
    assert folder.rejected()[5][3] == '{"id": "\\xff"}'


def test_a_file_without_any_object(folder) -> None:
    folder.write("a.jsonl", "oops\n{}\n")
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (0, 2)


def test_an_object_of_nulls_is_a_row(folder) -> None:
    folder.write("a.jsonl", '{"id": null}\n{"id": 1}\n')
    folder.land()
    assert folder.rows() == [{"id": None}, {"id": "1"}]


def test_awkward_keys(folder) -> None:
    row = {"a/b": 1, "m~n": 2, "it's": 3, 'q"': 4, "A": 5, "a": 6, "": 7, "x y": 8, "_row_key": 9}
    folder.write("a.jsonl", json.dumps(row))
    folder.land(required_columns=("a/b", "x y"))
    assert list(folder.rows()[0].values()) == [str(value) for value in row.values()]
    headers = folder.lake.table("till").headers()
    assert headers["a"] == "a_2"
    assert headers["_row_key"] == "_row_key_2"


ITEMS = [{"sku": 'é\\"]}'}]
ORDERS = [{"id": 1, "items": ITEMS}, {"id": 2, "items": []}, {"id": 3, "note": None}]
WRITTEN = {
    "a list over many lines": json.dumps(ORDERS, indent=1),
    "a list on one line": json.dumps(ORDERS),
    "a list with a record a line": "[\n" + ",\n".join(map(json.dumps, ORDERS)) + "\n]\n",
    "an object with a list": json.dumps({"orders": ORDERS, "next": None, "count": 3}, indent=2),
    "an object with a list on one line": json.dumps({"meta": {"page": [1]}, "orders": ORDERS}),
    "records over many lines, one after the other": "\n".join(json.dumps(order, indent=3) for order in ORDERS),
    "records with a blank line between": "\n\n".join(map(json.dumps, ORDERS)),
    "pages, one a line": "\n".join(json.dumps({"orders": [order]}) for order in ORDERS),
}


@pytest.mark.parametrize("block", [1, 5, 64, 2**20])
@pytest.mark.parametrize("written", WRITTEN)
def test_records_are_found_however_the_document_is_written(folder, monkeypatch, written: str, block: int) -> None:
    monkeypatch.setattr(text_stream, "BLOCK_BYTES", block)
    folder.write("a.json", WRITTEN[written])
    landing = folder.land(required_columns=("id",))
    assert (landing.rows, landing.rejected_rows) == (3, 0)
    items = json.dumps(ITEMS, ensure_ascii=False, separators=(",", ":"))
    assert [(row["id"], row["items"]) for row in folder.rows()] == [("1", items), ("2", "[]"), ("3", None)]


class TestWhereTheRecordsAre:
    def refusal(self, folder, document: object, **settings) -> SourceError:
        folder.write("a.json", json.dumps(document, indent=1))
        with pytest.raises(SourceError) as caught:
            folder.land(**settings)
        assert not folder.lake.table("till").exists
        return caught.value

    def test_several_lists_are_refused(self, folder) -> None:
        error = self.refusal(folder, {"orders": [{"id": 1}], "customers": [{"id": 2}]})
        assert "several lists of objects: orders, customers" in error.what
        assert "records: orders" in str(error.do)

    def test_a_named_list(self, folder) -> None:
        folder.write("a.json", json.dumps({"data": {"orders": {"edges": [{"id": 1}, {"id": 2}]}, "customers": [{}]}}))
        folder.land(records="data.orders.edges")
        assert folder.rows() == [{"id": "1"}, {"id": "2"}]

    def test_lists_on_the_way_are_gone_through(self, folder) -> None:
        pages = [{"orders": [{"id": 1}]}, {"orders": []}, {"orders": None}, {"orders": {"id": 2}}, {"error": "late"}]
        folder.write("a.json", json.dumps(pages))
        folder.land(records="orders")
        assert folder.rows() == [{"id": "1"}, {"id": "2"}]

    def test_a_list_that_is_not_there(self, folder) -> None:
        error = self.refusal(folder, {"orders": [{"id": 1}]}, records="order")
        assert "no order, where `records` says" in error.what

    def test_a_page_without_records(self, folder) -> None:
        folder.write("1.json", json.dumps({"orders": [{"id": 1}]}))
        folder.write("2.json", json.dumps({"orders": [], "next": None}))
        landing = folder.land(required_columns=("id",))
        assert (landing.files_landed, landing.rows, landing.rejected_rows) == (2, 1, 0)
        assert landing.warnings == ["2.json: the file has no rows"]

    def test_an_order_without_items_is_no_empty_page(self, folder) -> None:
        error = self.refusal(folder, {"id": 1, "items": []}, required_columns=("id", "email"))
        assert "no column 'email'" in error.what

    def test_one_order_with_its_items(self, folder) -> None:
        """The columns that the mapping needs tell an order with a list from a page with orders."""
        folder.write("a.json", json.dumps({"id": 1, "items": [{"sku": "A"}, {"sku": "B"}]}, indent=1))
        folder.land(required_columns=("id", "items.sku"))
        assert folder.rows() == [{"id": "1", "items": '[{"sku":"A"},{"sku":"B"}]'}]

    def test_a_document_that_could_be_both(self, folder) -> None:
        document = {"id": 1, "parts": [{"id": 2}]}
        error = self.refusal(folder, document, required_columns=("id",))
        assert "could be one record, and so could each element of parts" in error.what
        folder.land(required_columns=("id",), records=".")
        assert [row["id"] for row in folder.rows()] == ["1"]
        folder.land(name="other", required_columns=("id",), records="parts")
        assert folder.rows("other") == [{"id": "2"}]

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ('[\n{"id": 1},\n{"id": 2', 3),
            ('[{"id": 1},\n{"id": "2}]', 2),
            ('{"orders": [{"id": 1}}', 1),
            ('[\n{"id": 1}\n]\n]', 4),
            ('[\n{"id": 1}\n]\noops', 4),
        ],
    )
    def test_a_broken_document_says_where(self, folder, text: str, line: int) -> None:
        folder.write("a.json", text)
        with pytest.raises(SourceError, match=rf"\(line {line}\)"):
            folder.land()

    def test_a_broken_record_is_set_aside_with_its_line(self, folder) -> None:
        folder.write("a.json", '[\n {"id": 1},\n\n {"id": nope},\n 7,\n {"id": 2}\n]')
        folder.land()
        assert folder.rows() == [{"id": "1"}, {"id": "2"}]
        assert folder.rejected() == [
            ("a.json", 4, "not valid JSON", '{"id": nope}'),
            ("a.json", 5, "not a JSON object with keys", "7"),
        ]


def test_numbers_keep_what_a_double_cannot_hold(folder) -> None:
    folder.write(
        "a.json", '[{"id": 9007199254740993, "price": 20.10, "items": [{"id": 90071992547409931, "price": 0.3}]}]'
    )
    folder.land()
    assert folder.rows() == [
        {"id": "9007199254740993", "price": "20.1", "items": '[{"id":90071992547409931,"price":0.3}]'}
    ]


def test_a_missing_key_stops_everything(folder) -> None:
    folder.write("a.jsonl", '{"id": 1}\n')
    with pytest.raises(SourceError, match="no column 'name'"):
        folder.land(required_columns=("name",))


def test_blocks_do_not_show(folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_stream, "BLOCK_BYTES", 7)
    lines = [f'{{"id": {number}, "k{number % 3}": "é"}}' for number in range(50)]
    lines[20] = "broken"
    folder.write("a.jsonl.gz", gzip.compress("\n".join(lines).encode()))
    folder.land()
    assert [row["id"] for row in folder.rows()] == [str(number) for number in range(50) if number != 20]
    assert folder.rejected() == [("a.jsonl.gz", 21, "not valid JSON", "broken")]


scalars = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
objects = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3), scalars, min_size=1, max_size=4
)


def text_of(value: object) -> str | None:
    return value if isinstance(value, str) or value is None else json.dumps(value)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(objects, min_size=1, max_size=6))
def test_what_was_written_is_read(rows, tmp_path_factory: pytest.TempPathFactory) -> None:
    import pyarrow as pa

    from patron.ingest.files.content_hash import Fingerprint
    from patron.ingest.files.found_file import FoundFile
    from patron.ingest.files.json_file import JsonFile
    from patron.ingest.files.reader import list_original_names
    from patron.ingest.source import FileSource

    path = tmp_path_factory.getbasetemp() / "written.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    file = JsonFile(Fingerprint(FoundFile(path, "f"), "", 0, 0), FileSource("f", (), format="jsonl"))
    read = pa.Table.from_batches(file.batches(None), file.columns)  # type: ignore[arg-type]
    names = list_original_names(file.columns)
    assert names == list(dict.fromkeys(key for row in rows for key in row))
    for row, values in zip(rows, zip(*(column.to_pylist() for column in read.columns), strict=True), strict=True):
        assert dict(zip(names, values, strict=True)) == {name: text_of(row.get(name)) for name in names}
