"""Maximum likelihood with covariates: the effects are estimated together with the parameters of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from patron.predict.errors import HistoryError
from patron.predict.models.covariates import (
    Covariates,
    check_separate,
    find_profiles,
    read_covariates,
    split_by_profile,
)
from patron.predict.models.effects import Effect
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.fit import Fitted, maximise
from patron.predict.models.likelihood.newton import Objective
from patron.predict.models.likelihood.profiles import ProfiledLikelihood, Profiles, align_levels

Route = Mapping[str, float]
"""Parameter -> the power of a covariate's multiplier by which it is multiplied."""

_OTHER_STARTS, _FEW = 2, 256
"""Starts beside the result without covariates, which is the only one where there are more profiles than a few."""


@dataclass(frozen=True)
class Acting:
    """Effects to estimate, and the covariate of each: values (n, effects)."""

    effects: tuple[Effect, ...]
    values: Floats


def read_acting(given: Mapping[str, Any], routes: Mapping[str, Sequence[Route]], size: int) -> Acting:
    """Read the covariates of each process that has some, for `size` customers or cells.

    given, routes: by process. Raises HistoryError, NotIdentifiableError.
    """
    effects: list[Effect] = []
    columns = [np.zeros((size, 0))]
    for process, columns_given in given.items():
        if columns_given is None:
            continue
        argument = name_argument(process)
        covariates = read_covariates(columns_given, argument)
        _check_size(covariates, argument, size)
        check_separate(covariates, argument)
        for route in routes[process]:
            effects += [Effect(process, name, route, 0.0) for name in covariates.names]
            columns.append(covariates.values)
    return Acting(tuple(effects), np.hstack(columns))


def name_argument(process: str) -> str:
    """Return the argument that has the covariates of a process."""
    return "covariates" if process == "spend" else f"{process}_covariates"


def maximise_with_effects(
    acting: Acting,
    levels_of: Callable[[npt.NDArray[np.intp]], Sequence[Objective]],
    without: Fitted,
    starts: Sequence[Floats],
    middle: Floats,
    names: Sequence[str],
    *,
    penalty: float,
    exact: bool,
) -> Fitted:
    """Maximise as `maximise` does; log_params and covariance have the effects after the parameters.

    levels_of: the log-likelihoods, ever finer, of some of the rows. without: the result without covariates. penalty:
    of the squared effects too, each for one standard deviation of its covariate.
    """
    distinct, which = find_profiles(acting.values)
    powers = np.array([[effect.parameters.get(name, 0.0) for effect in acting.effects] for name in names])
    profiles = Profiles(distinct, powers, acting.values.mean(axis=0), acting.values.std(axis=0))
    levels = align_levels([levels_of(rows) for rows in split_by_profile(which, len(distinct))])
    leads, none = profiles.lead_to(), np.zeros(len(acting.effects))
    others = starts[:_OTHER_STARTS] if len(distinct) <= _FEW else []
    found = maximise(
        [ProfiledLikelihood(leads, level) for level in levels],
        [np.append(start, none) for start in (without.log_params, *others)],
        np.append(middle, none),
        (*names, *(effect.label for effect in acting.effects)),
        penalty=penalty,
        exact=exact,
    )
    return profiles.to_original_units(found)


def _check_size(covariates: Covariates, argument: str, size: int) -> None:
    if covariates.size != size:
        what = f"{argument} has {covariates.size:,} rows for {size:,} customers or cells."
        raise HistoryError(what, where=argument, do="pass one row for each entry of frequency, in the same order")
