"""Predicts the lifetime value of each customer of an orders table."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import EngineError, SettingsError, SourceError
from patron.predict.one_table import TooLittleError, check_margin, check_output
from patron.predict.orders_file.result import Valuation

if TYPE_CHECKING:
    import duckdb

    from patron.predict.orders_file.group_orders import GroupedOrders
    from patron.project.settings.predictions import PurchasePredictions

_SHARE_OF_ENGINE = 4
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*(MB|GB)", re.IGNORECASE)
_LEAST_MEMORY = 500e6


def value(
    orders: str | Path,
    to: str | Path,
    *,
    customer: str = "customer_id",
    at: str = "ordered_at",
    amount: str = "amount",
    as_of: str = "latest",
    gross_margin: float = 0.3,
    settings: PurchasePredictions | None = None,
    memory_limit: str = "4GB",
    threads: int | None = None,
    overwrite: bool = False,
) -> Valuation:
    """Predict the lifetime value of each customer of an orders table, and write it to a file.

    orders: Parquet or CSV files, a path or a pattern with *; one row per order, with columns `customer` (null or
    blank: a guest), `at` (a day or a time), `amount` (above 0: a sale; below: a refund; 0: a giveaway). to: a .parquet
    or .csv file with one row per buyer, columns as in gold.customer_clv and the history they are predicted from. as_of:
    latest (the day of the last order), today, or YYYY-MM-DD. gross_margin: 0 to 1. settings: the model, horizon,
    discount rate, and least amounts of data. memory_limit: about how much memory to use. threads: all cores
    by default. overwrite: a file that this function did not write, too.

    Raises SettingsError (columns, options, `to`), SourceError (files, values), TooLittleError (too little data),
    EngineError.
    """
    from patron.predict.orders_file.group_orders import compute_rows_per_pass, group_orders
    from patron.predict.orders_file.orders_file import Columns, open_orders
    from patron.predict.orders_file.write import FIRST_COLUMNS
    from patron.project.settings.predictions import PurchasePredictions

    target, memory = Path(to), _parse_bytes(memory_limit)
    if settings and settings.model == "mbg_cnbd_k":
        raise SettingsError(
            "mbg_cnbd_k needs the gaps between purchases, which are not kept here.",
            where="--model",
            do="use mbg_nbd, or a project: `patron run` fits it",
        )
    seconds = _Seconds()
    check_margin(gross_margin)
    check_output(target, str(orders), "orders", FIRST_COLUMNS, overwrite=overwrite)
    workers = threads or os.cpu_count() or 1
    with _open_engine(memory, workers) as (engine, scratch), seconds.time("orders to customers"):
        read = open_orders(engine, str(orders), Columns(customer, at, amount), scratch)
        found = group_orders(engine, read, as_of, rows_a_pass=compute_rows_per_pass(memory), threads=workers)
    return _predict(found, target, gross_margin, settings or PurchasePredictions(), seconds)


def build_settings(**values: object) -> PurchasePredictions:
    """Build settings of a prediction from values by name, defaults for the rest. Raises SettingsError."""
    from pydantic import ValidationError

    from patron.project.settings.predictions import PurchasePredictions

    try:
        return PurchasePredictions.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        option = "--" + "-".join(str(part) for part in first["loc"]).replace("_", "-")
        raise SettingsError(f"{first['input']} is not valid: {first['msg']}.", where=option) from error


def _predict(
    found: GroupedOrders, to: Path, margin: float, settings: PurchasePredictions, seconds: _Seconds
) -> Valuation:
    from patron.predict import GammaGamma
    from patron.predict.clv.fit import UNLESS_EVALUATED, fit_spend, load_model_class
    from patron.predict.clv.tables import withhold_alive
    from patron.predict.orders_file.fit_and_score import (
        find_collapse_in,
        fit_purchases,
        group_histories,
        group_spend,
        score,
    )
    from patron.predict.orders_file.write import ScoreWriter

    if not len(found.buyers.code):
        raise TooLittleError("Nothing is predicted: there are no purchases.", do="check the amounts: sales are above 0")
    with seconds.time("customers to cells"):
        seen = group_histories(found)
    with seconds.time("fit"):
        model = fit_purchases(
            seen.cells, load_model_class(UNLESS_EVALUATED if settings.model == "auto" else settings.model), settings
        )
        spend = fit_spend(group_spend(found))
        spend_model = GammaGamma.from_dict(spend["model"]) if "model" in spend else None
    with seconds.time("scores"):
        scores = score(model, spend_model, seen.cells, settings)
        collapse = find_collapse_in(model, seen.cells)
        if collapse:
            scores = withhold_alive(scores)
    with seconds.time("joined and written"):
        joined = ScoreWriter(found, seen, scores, spend_model, margin)
        joined.write(to)
    note = f"no value is predicted: {spend['withheld']}" if "withheld" in spend else spend["spend_and_frequency"]
    assert model.convergence_ is not None
    return Valuation(
        to=to,
        as_of_date=found.as_of_date,
        rows=found.rows,
        left_out=found.left_out,
        customers=len(found.buyers.code),
        not_buyers=found.not_buyers,
        cells=seen.cells.num_rows,
        model=model.name,
        parameters=dict(model.params_),
        standard_errors=dict(model.standard_errors_),
        exact=model.convergence_.exact,
        spend=dict(spend_model.params_) if spend_model else {},
        totals=joined.totals if spend_model else {},
        notes=[model.convergence_.message, *([collapse] if collapse else []), note],
        seconds=seconds.by_clock,
        processor_seconds=seconds.of_processor,
    )


@contextmanager
def _open_engine(memory: int, threads: int) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """Open an in-memory database that spills into a temporary folder, which is removed. Raises EngineError."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="patron-value-") as scratch:
        config = {
            "threads": threads,
            "memory_limit": f"{max(memory // _SHARE_OF_ENGINE, int(_LEAST_MEMORY)) // 1_000_000}MB",
            "temp_directory": scratch,
            "preserve_insertion_order": "false",
        }
        try:
            with duckdb.connect(config=config) as engine:
                yield engine, Path(scratch)
        except duckdb.OutOfMemoryException as error:
            do = "raise --memory-limit, or free disk space in the temporary folder"
            raise EngineError(f"Out of memory: {str(error).splitlines()[0]}", do=do) from error
        except duckdb.ConversionException as error:  # Parquet's statistics pass over a NaN, so that it is met here
            what = f"Some amounts are not valid; they must be numbers: {str(error).splitlines()[0]}"
            raise SourceError(what, do="fix these rows, or leave them out, and run again") from error
        except duckdb.Error as error:
            raise EngineError(str(error).splitlines()[0], do="check the named columns") from error


@dataclass
class _Seconds:
    """The duration of each stage: elapsed, and CPU time over all threads."""

    by_clock: dict[str, float] = field(default_factory=dict)
    of_processor: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        clock, processor = time.perf_counter(), time.process_time()
        yield
        self.by_clock[stage] = time.perf_counter() - clock
        self.of_processor[stage] = time.process_time() - processor


def _parse_bytes(limit: str) -> int:
    match = _MEMORY.fullmatch(limit.strip())
    if match is None or float(match[1]) * (1e9 if match[2].upper() == "GB" else 1e6) < _LEAST_MEMORY:
        raise SettingsError(
            f"{limit} is not a valid amount of memory.", where="--memory-limit", do="use 500MB or more, such as 4GB"
        )
    return int(float(match[1]) * (1e9 if match[2].upper() == "GB" else 1e6))
