"""Mutations of an export before it is written: what must land is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from benchmarks.fuzz.exports import Export

_ODD_CELLS = (
    *(
        'say "hi"',
        '"',
        '""',
        "a,b;c|d\te",
        "two\nlines",
        "a\r\nb",
        "\n",
        " ",
        " padded ",
        "=1+1",
        "+44 20",
        "-",
        "\\",
        '\\"',
    ),
    *("1.234,56", "1,234.56", "(5.00)", "1e5", "0x1F", "1_000", "٣٫٥", "−5", "５", "1/2", "$10", "10 €", "NaN", "inf"),
    *("31/12/2024", "12/31/24", "1-Jan-24", "20240230", "1709287200", "1709287200000", "2024-02-30", "0000-00-00"),
    *("NULL", "null", "N/A", "#N/A", "true", "nan", "\\N", "{}", "[]", '{"a": 1}', "{{ x }}", "{% raw %}", "'; drop"),
    *("e\u0301", "\ufeffx", "\u202eabc", "🙂", "a\u200bb", "\u2028", "\x1b[31m", "\x07", "ß", "İ", "\x85", "\xa0"),
)
_ODD_NAMES = ("", " ", "_row_key", "_batch_id", 'a "b"', "a,b", "two\nlines", "Ä", "select", "x" * 300, "{{ x }}", "1")


def mutate_table(export: Export, random: Random) -> Export:
    """Change the table in one to three ways."""
    for _ in range(random.randint(1, 3)):
        export = random.choice(_MUTATIONS)(export, random)
    return export


def _put_odd_cells(export: Export, random: Random) -> Export:
    rows = [list(row) for row in export.rows]
    for _ in range(random.randint(1, 6)):
        random.choice(rows)[random.randrange(1, len(export.header))] = random.choice(_ODD_CELLS)
    return replace(export, rows=tuple(map(tuple, rows)))


def _put_long_cell(export: Export, random: Random) -> Export:
    rows = [list(row) for row in export.rows]
    size = random.choice((300, 5_000, 70_000, 300_000))
    random.choice(rows)[random.randrange(1, len(export.header))] = random.choice(("x", 'x"y,', "long\n")) * (size // 4)
    return replace(export, rows=tuple(map(tuple, rows)))


def _reorder_columns(export: Export, random: Random) -> Export:
    order = random.sample(range(len(export.header)), len(export.header))
    rows = tuple(tuple(row[place] for place in order) for row in export.rows)
    return replace(export, header=tuple(export.header[place] for place in order), rows=rows)


def _rename_column(export: Export, random: Random) -> Export:
    header = list(export.header)
    place = random.randrange(len(header))
    header[place] = random.choice((*_ODD_NAMES, f" {header[place]} ", header[place].upper(), header[place][:-1] or "x"))
    return replace(export, header=tuple(header))


def _repeat_name(export: Export, random: Random) -> Export:
    header = list(export.header)
    header[random.randrange(len(header))] = random.choice(header)
    return replace(export, header=tuple(header))


def _drop_rows(export: Export, random: Random) -> Export:
    return replace(export, rows=export.rows[: random.randint(1, len(export.rows))])


def _repeat_row(export: Export, random: Random) -> Export:
    return replace(export, rows=(*export.rows, random.choice(export.rows)))


_MUTATIONS: tuple[Callable[[Export, Random], Export], ...] = (
    *(_put_odd_cells, _put_odd_cells, _put_odd_cells, _put_long_cell),
    *(_reorder_columns, _rename_column, _repeat_name, _drop_rows, _repeat_row),
)
