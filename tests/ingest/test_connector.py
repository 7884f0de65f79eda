"""The seam for kinds of sources: nothing outside `ingest` knows one kind from another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

import patron
from patron.errors import SettingsError, SourceError
from patron.ingest.connector import KINDS, SourceSettings, connect
from patron.ingest.source import SourceContext
from patron.lake import Lake

PACKAGE = Path(patron.__file__).parent


def context(folder: Path) -> SourceContext:
    return SourceContext("till", "patron.yaml: sources.till.files", folder, "data")


@pytest.mark.parametrize(
    ("content", "kind", "is_changelog"),
    [
        ({"files": "*.csv"}, "files", False),
        ({"postgres": {"table": "t"}}, "postgres", True),
        ({"kafka": {"topics": "t"}}, "kafka", False),
        ({"kafka": {"topics": "t", "key": "id"}}, "kafka", True),
    ],
)
def test_the_keys_of_a_source_choose_its_kind(content, kind, is_changelog):
    settings = SourceSettings.model_validate(content)
    assert (settings.kind.name, settings.kind.is_changelog) == (kind, is_changelog)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "The source has neither `files` nor `postgres` nor `kafka` nor `delta`."),
        ({"postgres": {"table": "t"}, "files": "*.csv"}, "`postgres` and `files` do not go together"),
        ({"kafka": {"topics": "t"}, "files": "*.csv"}, "`kafka` and `files` do not go together"),
        ({"delta": {"table": "t"}, "files": "*.csv"}, "`delta` and `files` do not go together"),
        ({"postgres": {"table": "t"}, "csv": {"quote": "none"}}, "`postgres` and `csv` do not go together"),
    ],
)
def test_a_source_is_of_exactly_one_kind(content, message):
    with pytest.raises(ValidationError, match=re.escape(message)):
        SourceSettings.model_validate(content)


def test_files_are_described_and_land_once(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("id\n1\n2\n")
    connector, lake = connect(SourceSettings(files=("*.csv",)), context(tmp_path)), Lake(tmp_path / "lake")
    assert connector.describe() == "1 files, 0.0 MB"
    assert [connector.land(lake).rows for _ in range(2)] == [2, 0]
    reread = connector.reread(lake)
    assert reread is not None
    assert reread.rows_before == 0


def test_a_source_without_files_says_where_it_looked(tmp_path):
    connector = connect(SourceSettings(files=("*.csv",)), context(tmp_path))
    with pytest.raises(SourceError, match=r"no file matches \*\.csv"):
        connector.describe()
    assert "There is no folder" in str(connector.explain_no_rows())


def test_a_table_is_checked_before_any_server_is_queried(tmp_path, monkeypatch):
    monkeypatch.delenv("PATRON_POSTGRES", raising=False)
    connector = connect(SourceSettings.model_validate({"postgres": {"table": "t"}}), context(tmp_path))
    with pytest.raises(SettingsError, match="PATRON_POSTGRES is not set"):
        connector.check()


def test_nothing_outside_ingest_asks_which_kind_a_source_is():
    """No module reads a kind's own keys of a source, nor compares the name of a kind."""
    names = "|".join(kind.name for kind in KINDS)
    asks = re.compile(
        rf"kind\.name (==|!=|in) |isinstance\([^)]*(FilesSettings|PostgresSettings|KafkaSettings|DeltaSettings|FileSource|TableSource|TopicSource|DeltaSource)"
        rf"|sources\[[^]]*\]\.({names})\b|\bsource\.({names})\b|\.postgres is (not )?None"
    )
    found = [
        f"{path.relative_to(PACKAGE)}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if not path.is_relative_to(PACKAGE / "ingest")
        for line in path.read_text(encoding="utf-8").splitlines()
        if asks.search(line)
    ]
    assert found == []
