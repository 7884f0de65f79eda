"""The verb: an orders table in, each customer's predicted value out."""

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
from patron.predict.orders_file.result import Valued

if TYPE_CHECKING:
    import duckdb

    from patron.predict.orders_file.group_orders import Grouped
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
    asked: PurchasePredictions | None = None,
    memory_limit: str = "4GB",
    threads: int | None = None,
) -> Valued:
    """Write what each customer of an orders table is expected to be worth.

    orders: Parquet or CSV files, a path or a pattern with *; one row an order, with columns `customer` (null or blank:
    a guest), `at` (a day or a time), `amount` (above 0: a sale; below: a refund; 0: given away). to: a .parquet or .csv
    file with one row a buyer, columns as in gold.customer_clv and the history that they follow from. as_of: latest (the
    day after the last order), today, or YYYY-MM-DD. gross_margin: what is left of a unit of revenue. asked: the model,
    horizon, discount rate, and how much must be known. memory_limit: about how much memory to take. threads: all cores,
    if unset.

    Raises SettingsError (columns, options, `to`), SourceError (files, values), TooLittleError (nothing can be said),
    EngineError.
    """
    from patron.predict.orders_file.group_orders import grouped, passes_rows
    from patron.predict.orders_file.orders_file import Columns, opened
    from patron.predict.orders_file.orders_file import found as found_files
    from patron.predict.orders_file.write import look_at
    from patron.project.settings.predictions import PurchasePredictions

    target, memory = Path(to), _bytes(memory_limit)
    seconds = _Seconds()
    if not 0 < gross_margin <= 1:
        raise SettingsError(f"A margin of {gross_margin} is none.", where="--gross-margin", do="say a share of 0 to 1")
    look_at(target)
    if target.exists() and any(target.samefile(path) for path in found_files(str(orders))):
        raise SettingsError("The orders would be written over.", where="--to", do="name another file")
    workers = threads or os.cpu_count() or 1
    with _engine(memory, workers) as (engine, scratch), seconds.timed("orders to customers"):
        read = opened(engine, str(orders), Columns(customer, at, amount), scratch)
        found = grouped(engine, read, as_of, rows_a_pass=passes_rows(memory), threads=workers)
    return _predicted(found, target, gross_margin, asked or PurchasePredictions(), seconds)


def predictions(**said: object) -> PurchasePredictions:
    """Settings of a prediction by name, defaults for the rest. Raises SettingsError."""
    from pydantic import ValidationError

    from patron.project.settings.predictions import PurchasePredictions

    try:
        return PurchasePredictions.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        option = "--" + "-".join(str(part) for part in first["loc"]).replace("_", "-")
        raise SettingsError(f"{first['input']} does not do: {first['msg']}.", where=option) from error


def _predicted(found: Grouped, to: Path, margin: float, asked: PurchasePredictions, seconds: _Seconds) -> Valued:
    from patron.predict import GammaGamma
    from patron.predict.clv.fit import UNLESS_EVALUATED, fit_spend, load_model_class
    from patron.predict.orders_file.fit_and_score import fitted, histories, scored, spend_cells
    from patron.predict.orders_file.result import TooLittleError
    from patron.predict.orders_file.write import Joined

    if not len(found.buyers.code):
        raise TooLittleError(
            "Nothing is predicted: nobody has bought anything.", do="look at the amounts: sales are above 0"
        )
    with seconds.timed("customers to cells"):
        seen = histories(found)
    with seconds.timed("fit"):
        model = fitted(seen.cells, load_model_class(UNLESS_EVALUATED if asked.model == "auto" else asked.model), asked)
        spend = fit_spend(spend_cells(found))
        spend_model = GammaGamma.from_dict(spend["model"]) if "model" in spend else None
    with seconds.timed("scores"):
        scores = scored(model, seen.cells, asked)
    with seconds.timed("joined and written"):
        joined = Joined(found, seen, scores, (spend_model, spend["kept_share"]), margin)
        joined.write(to)
    said = f"no value is predicted: {spend['withheld']}" if "withheld" in spend else spend["spend_and_frequency"]
    assert model.convergence_ is not None
    return Valued(
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
        kept_share=spend["kept_share"],
        totals=joined.totals if spend_model else {},
        notes=[model.convergence_.message, said],
        seconds=seconds.by_clock,
        processor_seconds=seconds.of_processor,
    )


@contextmanager
def _engine(memory: int, threads: int) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A database in memory that spills into a folder of its own, which is removed. Raises EngineError."""
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
            do = "raise --memory-limit, or free disk in the temporary folder"
            raise EngineError(f"Out of memory: {str(error).splitlines()[0]}", do=do) from error
        except duckdb.ConversionException as error:  # Parquet's statistics pass over a NaN, so that it is met here
            what = f"Amounts are among the orders that do not do; they must be numbers: {str(error).splitlines()[0]}"
            raise SourceError(what, do="mend these rows, or leave them out, and run again") from error
        except duckdb.Error as error:
            raise EngineError(str(error).splitlines()[0], do="look at the columns that are named") from error


@dataclass
class _Seconds:
    """How long each stage took, by the clock and over all threads."""

    by_clock: dict[str, float] = field(default_factory=dict)
    of_processor: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        clock, processor = time.perf_counter(), time.process_time()
        yield
        self.by_clock[stage] = time.perf_counter() - clock
        self.of_processor[stage] = time.process_time() - processor


def _bytes(limit: str) -> int:
    said = _MEMORY.fullmatch(limit.strip())
    if said is None or float(said[1]) * (1e9 if said[2].upper() == "GB" else 1e6) < _LEAST_MEMORY:
        raise SettingsError(f"{limit} is no amount of memory.", where="--memory-limit", do="say 500MB or more, or 4GB")
    return int(float(said[1]) * (1e9 if said[2].upper() == "GB" else 1e6))
