"""Values inside columns and elements of lists, as DuckDB reads them and as plain Python does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import jinja2
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.errors import SettingsError
from patron.ingest.column_names import join_nested, split_nested
from patron.lake import ROWS_PER_BATCH
from patron.project.mapping.expressions import Expression, column_key
from patron.project.mapping.mappings import ColumnMapping, EntityMapping
from patron.transform.render.nested_rows import FAULT, add_nested, has_nested_rows, render_nested
from patron.transform.render.type_casts import SourceShape
from transform.compiled_sql import shipped_macros

MACROS = shipped_macros()
TECHNICAL = {"_source_file": "f", "_ingested_at": None}


def shape_of(*columns: str, text: bool = True) -> SourceShape:
    known = {column_key(name): name for name in columns}
    return SourceShape("shop", known, columns, frozenset(columns if text else ()), frozenset(), (), "UTC")


def land(records: list[dict[str, Any]], first: int = 0, batch: int = 1) -> list[dict[str, Any]]:
    """Records as bronze has them: words as they are, anything else as JSON text."""
    names = dict.fromkeys(name for record in records for name in record)
    return [
        {name: as_text(record.get(name)) for name in names}
        | {"_row_key": batch * ROWS_PER_BATCH + first + number, "_batch_id": batch, **TECHNICAL}
        for number, record in enumerate(records)
    ]


def as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read(rows: list[dict[str, Any]], names: list[str], *explode: str) -> list[dict[str, Any]]:
    """The rows that the select gives, in order of their keys."""
    columns = [name for name in rows[0] if not name.startswith("_")]
    text = render_nested("landed", names, explode, shape_of(*columns), "duckdb")
    sql = jinja2.Environment().from_string(text, globals=MACROS).render()
    with duckdb.connect() as engine:
        landed = pa.Table.from_pylist(rows, pa.schema([(c, kind_of(c)) for c in rows[0]]))
        engine.register("landed", landed)
        return engine.execute(f"select * from ({sql}) order by _row_key").to_arrow_table().to_pylist()


def kind_of(column: str) -> pa.DataType:
    return pa.int64() if column in ("_row_key", "_batch_id") else pa.string()


def picked(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


class TestValuesInsideColumns:
    def test_a_field_of_an_object(self) -> None:
        customer = {"id": 9007199254740993, "email": "zoë@example.com", "address": {"city": "Köln", "lines": [1, 2]}}
        rows = land([{"id": 1, "customer": customer}, {"id": 2, "customer": None}, {"id": 3, "customer": {}}])
        names = ["customer.id", "customer.email", "customer.address", "customer.address.city", "customer.address.lines"]
        assert picked(read(rows, names), "id", *names, FAULT) == [
            ("1", "9007199254740993", "zoë@example.com", '{"city":"Köln","lines":[1,2]}', "Köln", "[1,2]", None),
            ("2", None, None, None, None, None, None),
            ("3", None, None, None, None, None, None),
        ]

    @pytest.mark.parametrize("empty", [None, "", " ", [], {}])
    def test_what_is_empty_has_no_fields(self, empty: object) -> None:
        rows = land([{"customer": empty}, {"customer": {"address": empty}}])
        assert picked(read(rows, ["customer.address.city"]), "customer.address.city", FAULT) == [(None, None)] * 2

    @pytest.mark.parametrize("odd", ["ann", 7, True, [{"id": 1}], "{cut", "[cut"])
    def test_what_is_no_object_is_a_fault(self, odd: object) -> None:
        """A reference in place of an object, or an object that became a list: the value is not simply missing."""
        words = "customer: not an object, so customer.id cannot be read (the elements of a list need `explode`)"
        assert picked(read(land([{"customer": odd}]), ["customer.id"]), "customer.id", FAULT) == [(None, words)]

    def test_keys_of_any_letters(self) -> None:
        keys = ["a.b", "it's", 'q"', "x y", "a/b", "m~n", "{{ x }}", "\\", "ü", "0", "a[0]", "%", "$"]
        names = [join_nested(("box", key)) for key in keys]
        rows = land([{"box": {key: number for number, key in enumerate(keys)}}])
        assert picked(read(rows, names), *names) == [tuple(str(number) for number in range(len(keys)))]

    def test_a_column_with_a_dot_in_its_name_comes_first(self) -> None:
        rows = land([{"a.b": "whole", "a": {"b": "inside", "c": "other"}}])
        shape = shape_of("a.b", "a")
        mapping = EntityMapping({"x": ColumnMapping("here", Expression.parse('"a.b"', "here", has_nested=True))})
        assert not has_nested_rows(mapping, shape)
        assert picked(read(rows, ["a.c"]), "a.b", "a.c") == [("whole", "other")]

    def test_native_lists_and_objects(self) -> None:
        shape = shape_of("items", "buyer", text=False)
        text = render_nested("landed", ["items.sku", "buyer.id"], ("items",), shape, "duckdb")
        sql = jinja2.Environment().from_string(text, globals=MACROS).render()
        rows = [{"items": [{"sku": "A"}, {"sku": "B"}], "buyer": {"id": 7}, "_row_key": 5, "_batch_id": 0, **TECHNICAL}]
        with duckdb.connect() as engine:
            engine.register("landed", pa.Table.from_pylist(rows))
            found = engine.execute(f"select * from ({sql}) order by _row_key").to_arrow_table().to_pylist()
        assert picked(found, "items.sku", "buyer.id") == [("A", "7"), ("B", "7")]


class TestElements:
    def test_each_element_is_a_row(self) -> None:
        items = [{"sku": "MUG", "price": "20.00", "tax": {"rate": 0.19}}, {"sku": "PLA", "price": 30.1}, {}]
        orders = [{"id": 1, "items": items}, {"id": 2, "items": []}, {"id": 3, "items": None}, {"id": 4}]
        names = ["items.sku", "items.price", "items.tax.rate"]
        assert picked(read(land(orders), names, "items"), "id", "_position", *names, FAULT) == [
            ("1", 1, "MUG", "20.00", "0.19", None),
            ("1", 2, "PLA", "30.1", None, None),
            ("1", 3, None, None, None, None),
        ]

    def test_lists_in_lists(self) -> None:
        refunds = [
            {"at": "m", "parts": [{"sum": 1}, {"sum": 2}]},
            {"at": "t", "parts": []},
            {"at": "w", "parts": {"sum": 3}},
        ]
        found = read(land([{"id": 1, "refunds": refunds}]), ["refunds.at", "refunds.parts.sum"], "refunds", "parts")
        assert picked(found, "id", "_position", "refunds.at", "refunds.parts.sum") == [
            ("1", 1, "m", "1"),
            ("1", 2, "m", "2"),
            ("1", 3, "w", "3"),
        ]

    def test_the_name_of_the_list_is_one_element(self) -> None:
        found = read(land([{"id": 1, "tags": ["a", "b c", 3, None, {"x": 1}]}]), [], "tags")
        assert [row["tags"] for row in found] == ["a", "b c", "3", None, '{"x":1}']

    @pytest.mark.parametrize(
        "odd", ["later", [["x"]], ["x"], "[cut", [{"parts": "x"}], [{"parts": ["x"]}], {"parts": 7}]
    )
    def test_what_cannot_be_read_stays_a_row_with_its_fault(self, odd: object) -> None:
        found = read(land([{"id": 1, "refunds": odd}]), ["refunds.parts.sum"], "refunds", "parts")
        assert [(row["id"], row["refunds.parts.sum"]) for row in found] == [("1", None)]
        assert "not an object" in found[0][FAULT]

    def test_keys_are_unique_and_grow_within_their_landing(self) -> None:
        orders = [{"id": number, "items": list(range(number))} for number in range(5)]
        rows = land(orders, batch=3) + land(orders, batch=4)
        keys = [row["_row_key"] for row in read(rows, [], "items")]
        assert keys == [3 * ROWS_PER_BATCH + n for n in range(10)] + [4 * ROWS_PER_BATCH + n for n in range(10)]

    def test_the_elements_of_a_landing_do_not_depend_on_others(self) -> None:
        orders = [{"id": number, "items": [{"n": 1}] * number} for number in range(4)]
        old, new = land(orders), land(orders, batch=2)
        both = read(old + new, ["items.n"], "items")
        assert both == read(old, ["items.n"], "items") + read(new, ["items.n"], "items")


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=4).filter(
    lambda text: text.strip() and text.strip()[0] not in "{["
)
numbers = st.integers(-(2**70), 2**70)


def lists_of(element: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A list of objects as APIs send it: sometimes missing, null, or one object in place of a list."""
    return st.none() | element | st.lists(element, max_size=3)


contents = st.fixed_dictionaries({}, optional={"sku": words | st.none(), "n": numbers})
boxes = st.fixed_dictionaries({}, optional={"no": numbers, "contents": lists_of(contents)})
parcels = st.fixed_dictionaries(
    {}, optional={"to": st.fixed_dictionaries({}, optional={"zip": words}), "boxes": lists_of(boxes)}
)
orders = st.fixed_dictionaries({"id": numbers}, optional={"parcels": lists_of(parcels), "note": words | st.none()})


def elements(value: Any) -> Iterator[dict[str, Any]]:
    yield from value if isinstance(value, list) else [] if value is None else [value]


@settings(max_examples=150, deadline=None)
@given(documents=st.lists(orders, min_size=1, max_size=4))
def test_three_lists_deep(documents: list[dict[str, Any]]) -> None:
    expected = [
        (
            str(order["id"]),
            order.get("note"),
            parcel.get("to", {}).get("zip"),
            as_text(box.get("no")),
            each.get("sku"),
            as_text(each.get("n")),
        )
        for order in documents
        for parcel in elements(order.get("parcels"))
        for box in elements(parcel.get("boxes"))
        for each in elements(box.get("contents"))
    ]
    rows = [{"id": None, "note": None, "parcels": None} | row for row in land(documents)]
    names = ["parcels.to.zip", "parcels.boxes.no", "parcels.boxes.contents.sku", "parcels.boxes.contents.n"]
    found = read(rows, names, "parcels", "boxes", "contents")
    assert picked(found, "id", "note", *names) == expected
    assert not any(row[FAULT] for row in found)


class TestNames:
    @pytest.mark.parametrize("parts", [("a", "b"), ("a b", "c"), ("a.b", "c"), ('q"', "x"), ("a", "", "b"), ("ü", "0")])
    def test_what_was_joined_is_split(self, parts: tuple[str, ...]) -> None:
        assert split_nested(join_nested(parts)) == parts

    @pytest.mark.parametrize("name", ["plain", "Customer ID", 'q"', "a.", ".a", "a..b", ""])
    def test_a_plain_name_is_one(self, name: str) -> None:
        assert split_nested(name) == (name,)

    @pytest.mark.parametrize(
        ("text", "columns"),
        [
            ("a.b", ["a.b"]),
            ("a.b.c.d.e.f", ["a.b.c.d.e.f"]),
            ('"x y"."p.q".z', ['x y."p.q".z']),
            ("upper(a.b) || c", ["a.b", "c"]),
            ("order.id", ["order.id"]),
        ],
    )
    def test_an_expression_reads_them(self, text: str, columns: list[str]) -> None:
        assert sorted(Expression.parse(text, "here", has_nested=True).columns) == sorted(columns)

    def test_rules_read_none(self) -> None:
        with pytest.raises(SettingsError, match="names a table"):
            Expression.parse("a.b", "here")

    def test_a_list_that_is_not_there(self) -> None:
        with pytest.raises(SettingsError, match="no column 'itms'"):
            add_nested(shape_of("items"), EntityMapping({}, explode=("itms",)))
