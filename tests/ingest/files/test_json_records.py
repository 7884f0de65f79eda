"""The records of documents as Python's own parser finds them, wherever a block ends."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from patron.ingest.files.json_records import MarkReader, RecordCutter, outline

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(['"', "\\", "{[", "]},", '\\"'])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


def blocks_of(text: str, size: int) -> list[bytes]:
    raw = text.encode()
    return [raw[start : start + size] for start in range(0, len(raw), size)]


def cut(text: str, size: int, *path: str) -> list[Any]:
    return [json.loads(record) for block in RecordCutter(path).cut(blocks_of(text, size)) for _, record in block]


def find(value: Any, path: tuple[str, ...]) -> list[Any]:
    """The records of a document by Python's parser."""
    if isinstance(value, list):
        return value if not path else [record for each in value for record in find(each, path)]
    if isinstance(value, dict):
        return [value] if not path else find(value[path[0]], path[1:]) if path[0] in value else []
    return []


@settings(max_examples=200, deadline=None)
@given(value=values, size=st.integers(1, 40), indent=st.sampled_from([None, 0, 2]), is_ascii=st.booleans())
def test_the_records_of_a_document(value: Any, size: int, indent: int | None, is_ascii: bool) -> None:
    for wrapped, path in (([value], ()), ({"a": value, "b": [value]}, ("b",)), ({"x": {"y": value}}, ("x", "y"))):
        text = json.dumps(wrapped, indent=indent, ensure_ascii=is_ascii)
        assert cut(text, size, *path) == find(wrapped, path)


@settings(max_examples=100, deadline=None)
@given(documents=st.lists(st.dictionaries(texts, values, max_size=3), max_size=4), size=st.integers(1, 40))
def test_documents_one_after_the_other(documents: list[dict[str, Any]], size: int) -> None:
    text = "\n".join(json.dumps(document, indent=1) for document in documents)
    assert cut(text, size) == documents


@settings(max_examples=100, deadline=None)
@given(
    document=st.dictionaries(texts, values | st.lists(st.dictionaries(texts, values)), max_size=5),
    size=st.integers(1, 40),
)
def test_the_outline_of_a_document(document: dict[str, Any], size: int) -> None:
    found = outline(blocks_of(json.dumps(document), size))
    assert found.keys == list(document)
    assert found.is_alone
    assert found.lists == {
        name: list(next(each for each in value if isinstance(each, dict)))
        for name, value in document.items()
        if isinstance(value, list) and any(isinstance(each, dict) for each in value)
    }
    assert found.empty == [name for name, value in document.items() if value == []]
    assert not outline(blocks_of(json.dumps(document) + "\n{}", size)).is_alone


def test_a_record_says_its_line() -> None:
    text = '{"orders": [\n\n  {"id": 1},\n  {"id":\n 2}]}'
    assert [record for block in RecordCutter(("orders",)).cut(blocks_of(text, 3)) for record in block] == [
        (3, b'{"id": 1}'),
        (4, b'{"id":\n 2}'),
    ]


def test_an_escape_over_the_end_of_a_block() -> None:
    reader = MarkReader()
    assert reader.read(b'["a\\')[0] == b'["a'
    block, marks = reader.read(b'",{"]')
    assert (block, list(marks.places)) == (b'\\",{"]', [5])
