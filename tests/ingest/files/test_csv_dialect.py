from __future__ import annotations

import pytest

from patron.errors import SettingsError
from patron.ingest.files.csv_dialect import Dialect, sniff, unwrap_header
from patron.ingest.source import FileSource

AUTO = FileSource("till", ())


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n2,5;3,5\n", ";"),
        ("a\tb c\n1\tx, y\n", "\t"),
        ("a|b\n1|2;3,4\n", "|"),
        ('"a;b";c\n"1;2";3\n', ";"),
        ("name\nx\ny\n", ","),
        ("name\nLondon, UK\nParis\n", ";"),  # anything that divides no value
        ("a,b\n1\n2\n", ","),
        ("a,b,c\n", ","),
        ("a;b;c", ";"),
        ('"id,""x"",""y"""\n1,2,3\n4,5,6\n', ","),
        ("sep=|\na,b|c\n1,2|3\n", "|"),
        ("", ","),
        ('a,b\n"1\n1",2\n3,4\n', ","),
    ],
)
def test_delimiters(head: str, delimiter: str) -> None:
    assert sniff(head, AUTO).delimiter == delimiter


def test_the_file_s_name_decides_between_equals() -> None:
    assert sniff("a|b\tc\n1|2\t3\n", AUTO, ".tsv").delimiter == "\t"
    assert sniff("a|b\tc\n1|2\t3\n", AUTO, ".psv").delimiter == "|"


def test_single_quotes_are_quotes_only_where_they_wrap_values() -> None:
    assert sniff("a,b\n'x,y',1\n'z',2\n", AUTO).quote == "'"
    assert sniff("a,b\nO'Neil,1\nD'Arcy,2\n", AUTO).quote == '"'


def test_what_is_set_is_not_guessed() -> None:
    given = FileSource("till", (), delimiter="tab", quote="none", escape="\\")
    assert sniff("a,b\n1,2\n", given) == Dialect("\t", "", "\\")


@pytest.mark.parametrize("setting", [{"delimiter": "::"}, {"delimiter": "none"}, {"quote": "é"}, {"escape": "ab"}])
def test_a_setting_is_one_character(setting: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="cannot be a"):
        sniff("a,b\n", FileSource("till", (), **setting))  # type: ignore[arg-type]


def test_a_wrapped_header_is_taken_apart() -> None:
    assert unwrap_header(['id,"x","y"'], Dialect()) == ["id", "x", "y"]
    assert unwrap_header(["id"], Dialect()) == ["id"]
