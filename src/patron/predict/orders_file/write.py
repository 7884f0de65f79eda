"""Joins scores to customers and writes them in batches, so that the table is never in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.contract.outgoing_text import FORMULA, NUMBER
from patron.files import replace_file, translate_disk_errors
from patron.predict.clv.scores import DAYS, YEARS
from patron.predict.models.prediction_intervals import BOUNDS
from patron.predict.orders_file.fit_and_score import expected_spend

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.orders_file.fit_and_score import Histories
    from patron.predict.orders_file.group_orders import GroupedOrders

_ROWS = 1 << 18
_AHEAD = (*(f"{what}_{days}d" for days in DAYS for what in ("expected_purchases", "probability_of_purchase")),)
_BASES = ["own purchases", "similar customers"]


FIRST_COLUMNS = ["customer_id", "repeat_count", "recency_days", "age_days", "prediction_basis", "probability_alive"]
"""What a file begins with that is written here."""


class ScoreWriter:
    """Writes one row per customer, and sums the predictions. margin: of spend, 0 to 1."""

    def __init__(
        self,
        grouped: GroupedOrders,
        histories: Histories,
        scores: pa.Table,
        spend: GammaGamma | None,
        margin: float,
    ) -> None:
        self.grouped, self.histories = grouped, histories
        self.scores = {name: scores.column(name).to_numpy() for name in scores.column_names}
        self.spend, self.margin = spend, margin
        self.totals = {f"predicted_clv_{years}y": 0.0 for years in YEARS} | {"expected_purchases_365d": 0.0}

    def write(self, to: Path) -> None:
        """Write to a temporary file first, so that `to` is complete or unchanged. Raises EngineError."""
        schema = self.build_piece(slice(0, 0)).schema
        with translate_disk_errors(to), replace_file(to) as new, _open_writer(new, to.suffix.lower(), schema) as writer:
            is_csv = to.suffix.lower() == ".csv"
            for piece in self._iterate_pieces():
                writer.write(_escape_ids(piece) if is_csv else piece)

    def _iterate_pieces(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches; each is built while the previous one is written."""
        size = len(self.histories.cell)
        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(self.build_piece, slice(0, _ROWS))
            for start in range(_ROWS, size + _ROWS, _ROWS):
                piece = ahead.result()
                if start < size:
                    ahead = pool.submit(self.build_piece, slice(start, start + _ROWS))
                self._add(piece)
                yield piece

    def _add(self, piece: pa.RecordBatch) -> None:
        import pyarrow.compute as pc

        for name in self.totals:
            self.totals[name] += pc.sum(piece.column(name)).as_py() or 0.0

    def build_piece(self, rows: slice) -> pa.RecordBatch:
        """Build the batch of some customers; columns that depend on spend are null if it is not predicted."""
        import pyarrow as pa

        seen, buyers, cell = self.histories, self.grouped.buyers, self.histories.cell[rows]
        net = (buyers.spent[rows] + buyers.refunded[rows]) / self.grouped.scale
        each = expected_spend(self.spend, buyers.purchase_days[rows], net)
        found = {
            "customer_id": self.grouped.ids(buyers.code[rows]),
            "repeat_count": seen.repeat_count[rows],
            "recency_days": seen.recency_days[rows],
            "age_days": seen.age_days[rows],
            "prediction_basis": pa.DictionaryArray.from_arrays((seen.repeat_count[rows] == 0).astype(np.int8), _BASES),
        }
        for name in ("probability_alive", *_AHEAD, "expected_purchases_horizon"):
            found[name] = pa.array(self.scores[name][cell], from_pandas=True)  # NaN where it is withheld
        values = self._compute_values(each, cell, net)
        unknown = pa.nulls(len(cell), pa.float64())
        known = {name: unknown if v is None else pa.array(v, from_pandas=True) for name, v in values.items()}
        return pa.record_batch({**found, **known})

    def _compute_values(self, each: Floats | None, cell: npt.NDArray[np.intp], net: Floats) -> dict[str, Floats | None]:
        def compute_value(name: str) -> Floats | None:
            return None if each is None else each * self.margin * self.scores[name][cell]

        found = {"expected_spend": each}
        for years in YEARS:
            for bound in ("", *(f"_{bound}" for bound in BOUNDS)):
                what = "discounted_spends" if bound else "discounted_purchases"
                found[f"predicted_clv_{years}y{bound}"] = compute_value(f"{what}_{years}y{bound}")
        residual = compute_value("discounted_purchases_residual")
        total = None if residual is None else net * self.margin + residual
        return {**found, "residual_clv": residual, "total_clv": total}


def _escape_ids(piece: pa.RecordBatch) -> pa.RecordBatch:
    """Give ids that a spreadsheet might run as a formula an apostrophe, as in every other CSV file."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = piece.column(0)
    if not pa.types.is_string(ids.type) and not pa.types.is_large_string(ids.type):
        return piece
    is_formula = pc.and_not(pc.match_substring_regex(ids, FORMULA), pc.match_substring_regex(ids, NUMBER))
    if not pc.any(is_formula).as_py():
        return piece
    escaped = pc.if_else(is_formula, pc.binary_join_element_wise(pa.scalar("'", ids.type), ids, ""), ids)
    return piece.set_column(0, piece.schema.field(0), escaped)


def _open_writer(file: Path, kind: str, schema: pa.Schema) -> Any:
    """Open a CSV or Parquet writer; without dictionaries and with fast compression, as the numbers hardly repeat."""
    import pyarrow.csv
    import pyarrow.parquet

    if kind == ".csv":
        return pyarrow.csv.CSVWriter(str(file), schema)
    return pyarrow.parquet.ParquetWriter(str(file), schema, compression="snappy", use_dictionary=["prediction_basis"])
