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


@pytest.mark.parametrize(
    ("content", "what"), [("[\n{}]", "one JSON array"), ('{\n  "a": 1\n}\n', "goes over several lines")]
)
def test_a_document_is_not_lines(folder, content: str, what: str) -> None:
    folder.write("a.json", content)
    with pytest.raises(SourceError, match=what) as caught:
        folder.land()
    assert "jq -c" in str(caught.value.do)


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
    from patron.ingest.files.find_files import FoundFile
    from patron.ingest.files.jsonl_file import JsonLinesFile
    from patron.ingest.files.reader import list_original_names

    path = tmp_path_factory.getbasetemp() / "written.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    file = JsonLinesFile(Fingerprint(FoundFile(path, "f"), "", 0, 0), "auto")
    read = pa.Table.from_batches(file.batches(None), file.columns)  # type: ignore[arg-type]
    names = list_original_names(file.columns)
    assert names == list(dict.fromkeys(key for row in rows for key in row))
    for row, values in zip(rows, zip(*(column.to_pylist() for column in read.columns), strict=True), strict=True):
        assert dict(zip(names, values, strict=True)) == {name: text_of(row.get(name)) for name in names}
