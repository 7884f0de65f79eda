"""Reads and checks covariates: facts about customers that do not change, one number of each a customer.

A category is given as a column of zeros and ones for each of its levels but one, the reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from patron.predict.errors import HistoryError, NotIdentifiableError
from patron.predict.models.likelihood.arrays import Floats, numbers, refuse

_DO = "pass one number per customer for each covariate, by name: {'is_online': [0, 1, 1]}"
_NO_SPREAD = 1e-7
"""What is left of a column beside the others, as a share of its spread, where they determine it."""


@dataclass(frozen=True)
class Covariates:
    """The covariates of one process. names: (k,). values: (n, k), a row per customer or cell."""

    names: tuple[str, ...]
    values: Floats

    @property
    def size(self) -> int:
        """Return the number of rows."""
        return len(self.values)


def read_covariates(given: Any, argument: str) -> Covariates:
    """Read a mapping of names to columns (a data frame, too), or an array of shape (n,) or (n, k).

    Columns of an array are named by their place: 1, 2, ... Raises HistoryError.
    """
    named = dict(_iterate_columns(given, argument))
    if not named:
        raise HistoryError(f"{argument} has no columns.", where=argument, do=_DO)
    columns = {name: np.atleast_1d(numbers(name, column, _DO)) for name, column in named.items()}
    for name, column in columns.items():
        if column.ndim > 1:
            raise HistoryError(f"The covariate {name} has {column.ndim} dimensions, not one.", where=argument, do=_DO)
        refuse(~np.isfinite(column), f"the covariate {name}", column, "is not a number", _DO)
    lengths = {len(column) for column in columns.values()} - {1}
    if len(lengths) > 1:
        listed = ", ".join(f"{name} {len(column):,}" for name, column in columns.items())
        raise HistoryError(f"The covariates differ in length: {listed}.", where=argument, do=_DO)
    rows = max(lengths, default=1)
    return Covariates(tuple(columns), np.stack([np.broadcast_to(c, rows) for c in columns.values()], axis=1))


def _iterate_columns(given: Any, argument: str) -> Iterator[tuple[str, Any]]:
    names = given if isinstance(given, Mapping) else getattr(given, "column_names", getattr(given, "columns", None))
    if names is not None:
        yield from ((str(name), given[name]) for name in names)
    else:
        array = numbers(argument, given, _DO)
        if array.ndim > 2:
            raise HistoryError(f"{argument} has {array.ndim} dimensions, not one or two.", where=argument, do=_DO)
        table = array.reshape(-1, 1) if array.ndim < 2 else array
        yield from ((str(place + 1), column) for place, column in enumerate(table.T))


def check_separate(covariates: Covariates, argument: str) -> None:
    """Raise NotIdentifiableError, with the column's name, for one that is constant or that the others determine."""
    known = np.ones((covariates.size, 1)) / np.sqrt(covariates.size)
    before: list[str] = []
    for name, column in zip(covariates.names, covariates.values.T, strict=True):
        off = column - known[:, 0] * (known[:, 0] @ column)
        spread = float(np.linalg.norm(off))
        if spread <= _NO_SPREAD * max(float(np.linalg.norm(column)), 1e-300):
            what = f"The covariate {name} is {column[0]:g} for every customer, so it has no effect to estimate."
            raise NotIdentifiableError(what, where=f"{argument}, {name}", do=f"leave {name} out")
        for _ in range(2):  # the second time removes what rounding left
            off = off - known @ (known.T @ off)
        left = float(np.linalg.norm(off))
        if left <= _NO_SPREAD * spread:
            what = f"The covariate {name} is determined by {', '.join(before)}, so its own effect cannot be told."
            raise NotIdentifiableError(what, where=f"{argument}, {name}", do=f"leave {name} or one of the others out")
        known, before = np.column_stack([known, off / left]), [*before, name]


def find_profiles(values: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Return the distinct rows, (profiles, k), and the position of each row among them, (n,)."""
    key = np.zeros(len(values), dtype=np.int64)
    for column in values.T:
        distinct, place = np.unique(column, return_inverse=True)
        _, key = np.unique(key * len(distinct) + place, return_inverse=True)
    first = np.zeros(int(key.max(initial=-1)) + 1, dtype=np.intp)
    first[key[::-1]] = np.arange(len(key))[::-1]
    return values[first], key


def split_by_profile(which: npt.NDArray[np.intp], profiles: int) -> list[npt.NDArray[np.intp]]:
    """Return the rows of each profile, in order."""
    order = np.argsort(which, kind="stable")
    return np.split(order, np.searchsorted(which[order], np.arange(1, profiles)))
