"""Checks and converts arrays of numbers from callers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from patron.predict.errors import HistoryError

Floats = npt.NDArray[np.float64]


def numbers(name: str, values: Any, do: str) -> Floats:
    """Convert values of any shape to floats, by position (the index of a Series is ignored). Raises HistoryError.

    Dates and masked entries are errors, as they would silently become numbers.
    """
    try:
        if np.ma.is_masked(values) or getattr(getattr(values, "dtype", None), "kind", "") in {"m", "M"}:
            raise TypeError("some are masked, or dates")
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise HistoryError(f"{name} is not numeric: {error}.", where=name, do=do) from error


def number(name: str, value: Any, do: str) -> float:
    """Convert one number, which may be infinite or NaN. Raises HistoryError."""
    found = numbers(name, value, do)
    if found.ndim:
        raise HistoryError(f"{name} is an array of {found.size:,}, not one number.", where=name, do=do)
    return float(found)


def columns(given: Mapping[str, Any], weights: Any, do: str) -> dict[str, Floats]:
    """Convert to arrays of shape (n,), n > 0, with weights above 0 if there are any.

    do: what to do about an error. Raises HistoryError.
    """
    named = {**given, **({} if weights is None else {"weights": weights})}
    found = {name: np.ascontiguousarray(numbers(name, values, do)) for name, values in named.items()}
    for name, column in found.items():
        if column.ndim != 1:
            raise HistoryError(f"{name} has {column.ndim} dimensions, not one.", where=name, do=do)
    lengths = {name: len(column) for name, column in found.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
        raise HistoryError(f"The arrays differ in length: {listed}.", do="pass one entry per customer in each")
    if not all(lengths.values()):
        raise HistoryError("There are no customers.", do="pass customers, some of whom bought more than once")
    if weights is not None:
        refuse(
            ~((found["weights"] > 0) & (found["weights"] < np.inf)), "weights", found["weights"], "is not above 0", do
        )
    return found


def check_numbers(name: str, column: Floats, do: str) -> None:
    """Raise HistoryError if a value is NaN, infinite or below 0."""
    # One pass if all are valid: a NaN makes the minimum NaN, an infinity the maximum.
    if column.size and not (column.min() >= 0 and column.max() < np.inf):
        refuse(~np.isfinite(column), name, column, "is not a number", do)
        refuse(column < 0, name, column, "is below 0", do)


def refuse(wrong: npt.NDArray[np.bool_], name: str, column: Floats, what: str, do: str) -> None:
    """Raise HistoryError for the first entry that is wrong, if any is."""
    if not wrong.any():
        return
    places = np.flatnonzero(wrong)
    value = np.broadcast_to(column, wrong.shape).ravel()[places[0]]
    where = f"{name}, entry {places[0]}" + (f" and {len(places) - 1:,} more" if len(places) > 1 else "")
    raise HistoryError(f"{name} {value:g} {what}.", where=where, do=do)
