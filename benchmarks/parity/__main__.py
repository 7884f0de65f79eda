"""Compares gold on DuckDB and on Spark for each shop, and writes the table of docs/engines.md.

    python -m benchmarks.parity [SHOP ...] [--parts]

Without --parts the files arrive whole; with it, in three parts, each followed by a run. Shops that are not named keep
their rows of the last time. The real files are compared where PATRON_REAL_DATA names their folder.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.parity.compare import Comparison, compare_parts, compare_whole
from benchmarks.parity.shops import REAL, SMALL
from benchmarks.shops import HERE, real_data

RESULTS = HERE / "results" / "parity.json"
PAGE = HERE.parent / "docs" / "engines.md"
BEGIN, END = "<!-- written by benchmarks.parity -->", "<!-- end -->"


def summarize(compared: Iterable[Comparison]) -> list[dict[str, Any]]:
    """Sum the tables of each shop and time up, with the names of those that differ."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in compared:
        row = found.setdefault(
            (one.shop, one.when), {"shop": one.shop, "when": one.when, "tables": 0, "rows": 0, "mismatches": {}}
        )
        row["tables"] += 1
        row["rows"] += one.rows
        if one.mismatches:
            row["mismatches"][one.table] = one.mismatches[:5]
    return list(found.values())


def write_table(rows: list[dict[str, Any]]) -> str:
    """Write the rows as a table in Markdown."""
    lines = ["| shop | files | gold tables | rows | mismatches |", "|---|---|---:|---:|---|"]
    for row in rows:
        differing = ", ".join(f"`{table}`" for table in sorted(row["mismatches"])) or "none"
        lines.append(f"| {row['shop']} | {row['when']} | {row['tables']} | {row['rows']:,} | {differing} |")
    return "\n".join(lines)


def keep(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put new rows in place of those of the same shop and time."""
    old = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else []
    new = {(row["shop"], row["when"]): row for row in [*old, *rows]}
    kept = sorted(new.values(), key=lambda row: (row["shop"], row["when"] != "whole", row["when"]))
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return kept


def main() -> int:
    """Compare, keep what was found, and return 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shops", nargs="*", metavar="SHOP", help=f"of {', '.join([*SMALL, REAL])}")
    parser.add_argument("--parts", action="store_true")
    chosen = parser.parse_args()
    shops = chosen.shops or [*SMALL, *([REAL] if real_data() else [])]
    compare = compare_parts if chosen.parts else compare_whole
    rows: list[dict[str, Any]] = []
    for shop in shops:
        with tempfile.TemporaryDirectory() as folder:
            rows += summarize(compare(shop, Path(folder)))
        kept = keep(rows)
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n\n{write_table(kept)}\n\n{END}{after}", encoding="utf-8")
        sys.stdout.write(f"{write_table(rows)}\n")
    return int(any(row["mismatches"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
