"""A synthetic shop as files: Parquet, CSV or JSON lines, with the truth in a folder beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from patron.errors import SettingsError
from patron.simulate.columns import LINE_SCHEMA
from patron.simulate.dirt import Dirt
from patron.simulate.jsonlines import write_json_lines
from patron.simulate.ledger import Ledger
from patron.simulate.shop import simulate_shop
from patron.simulate.spec import ShopSpec

Format = Literal["parquet", "csv", "jsonl"]


@dataclass(frozen=True)
class WrittenShop:
    """The result of write_shop.

    lines: rows in the files, duplicates included.
    kinds, amounts: by kind, lines and their sum of quantity x unit price in currency, before any dirt.
    dirt: spoiled lines by trouble.
    outcomes: how many lines a good reader quarantines, finds twice, and keeps though untidy.
    """

    files: tuple[Path, ...]
    truth: Path
    lines: int
    kinds: dict[str, int]
    amounts: dict[str, Decimal]
    dirt: dict[str, int]
    outcomes: dict[str, int]


def write_shop(
    spec: ShopSpec, folder: Path | str, format: Format = "parquet", *, rows_per_file: int = 1_000_000
) -> WrittenShop:
    """Write a shop's order lines to `folder/lines-00000.<format>`, ..., in the order of time.

    The truth goes to `folder/truth/customers.parquet` (one row a customer) and `folder/truth/written.json`.
    """
    folder = Path(folder)
    _refuse_contradictions(spec, folder, format)
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    shop, ledger, dirt = simulate_shop(spec), Ledger(), Dirt(spec.dirty_rate, spec.seed)
    files, lines = [], 0
    for number, batch in enumerate(shop.batches(rows_per_file)):
        ledger.add(batch)
        table = pa.Table.from_batches([batch])
        table = dirt.spread(_to_text(table)) if spec.dirty_rate else table
        files.append(folder / f"lines-{number:05d}.{format}")
        _WRITERS[format](table, files[-1])
        lines += table.num_rows
    pa.parquet.write_table(shop.truth, folder / "truth" / "customers.parquet")
    written = WrittenShop(
        files=tuple(files),
        truth=folder / "truth",
        lines=lines,
        kinds=dict(ledger.lines),
        amounts=ledger.amounts,
        dirt=dict(dirt.counts),
        outcomes=dirt.outcomes(),
    )
    _write_summary(written)
    return written


def _refuse_contradictions(spec: ShopSpec, folder: Path, format: str) -> None:
    if format not in _WRITERS:
        raise SettingsError(f"There is no format {format!r}.", do=f"Choose one of {', '.join(_WRITERS)}.")
    if spec.dirty_rate and format == "parquet":
        what = "dirty_rate is above 0, but the typed columns of Parquet cannot hold dirt."
        raise SettingsError(what, where="ShopSpec.dirty_rate", do="Write csv or jsonl, or set dirty_rate to 0.")
    if any(folder.glob("lines-*")):
        what = "The folder already holds a shop; the old files would mix with the new."
        raise SettingsError(what, where=str(folder), do="Name another folder, or empty this one.")


def _to_text(table: Any) -> Any:
    return table.cast(pa.schema([(field.name, pa.string()) for field in LINE_SCHEMA]))


def _write_parquet(table: Any, path: Path) -> None:
    pa.parquet.write_table(table, path)


def _write_csv(table: Any, path: Path) -> None:
    """Write CSV without quotes, since no value contains a comma or a quote; pyarrow would quote every text."""
    plain = pa.csv.WriteOptions(quoting_style="none", quoting_header="none")
    pa.csv.write_csv(table, path, plain)


def _write_summary(written: WrittenShop) -> None:
    summary = {
        "files": [path.name for path in written.files],
        "lines": written.lines,
        "kinds": written.kinds,
        "amounts": {kind: str(amount) for kind, amount in written.amounts.items()},
        "dirt": written.dirt,
        "outcomes": written.outcomes,
    }
    (written.truth / "written.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


_WRITERS: dict[str, Callable[[Any, Path], None]] = {
    "parquet": _write_parquet,
    "csv": _write_csv,
    "jsonl": write_json_lines,
}
