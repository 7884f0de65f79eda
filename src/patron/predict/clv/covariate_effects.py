"""What goes with buying more often, leaving sooner and spending more: effects of what was known at the first order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.clv.covariate_levels import Level
    from patron.predict.models.effects import Effect
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.predict.season.clock import Clock
    from patron.project.settings.predictions import PurchasePredictions

TABLE = ("predictions", "covariate_effects")
"""A row for each process and level: process, covariate, level, reference_level, customer_count, reference_count, effect
and standard_error: of the logarithm of the multiplier, null where the data do not determine it."""

MOST_BUYERS = 20_000
"""On a sample of so many, by a hash of the id: a fit is to take seconds, and their errors are small enough."""

PROCESSES = {"purchase": "purchases", "dropout": "leaving", "spend": "spend"}


def fit_effects(
    warehouse: Warehouse,
    everyone: PurchaseModel,
    settings: PurchasePredictions,
    *,
    tells_leaving: bool,
    buyers: int,
    clock: Clock,
) -> list[dict[str, Any]]:
    """Fit the effects of all covariates together; return a row for each, as it is stored.

    everyone: the model of all customers, whose kind is fitted. tells_leaving: whether that model tells who leaves.
    buyers: how many there are. clock: that the model was fitted in. Raises EngineError.
    """
    from patron.predict.clv.covariate_levels import list_levels

    if not settings.covariates:
        return []
    table = _query_buyers(warehouse, buyers)
    levels = [level for name in settings.covariates for level in list_levels(name, table.column(name).to_pylist())]
    if not levels:
        return []
    return [*_fit_purchases(everyone, table, levels, clock, tells_leaving=tells_leaving), *_fit_spend(table, levels)]


def to_table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Convert the rows that `fit_effects` returned to TABLE."""
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("process", "covariate", "level", "reference_level")]
    counts = [(name, pa.int64()) for name in ("customer_count", "reference_count")]
    numbers = [(name, pa.float64()) for name in ("effect", "standard_error")]
    return pa.Table.from_pylist(list(rows), pa.schema([*texts, *counts, *numbers]))


def _fit_purchases(
    everyone: PurchaseModel, table: pa.Table, levels: list[Level], clock: Clock, *, tells_leaving: bool
) -> list[dict[str, Any]]:
    from patron.errors import PatronError
    from patron.predict.clv.covariate_levels import drop_determined, to_columns

    x, last, now = (table.column(name).to_numpy() for name in ("repeat_count", "recency_days", "age_days"))
    rows = np.arange(len(x))
    used = drop_determined(levels, rows)
    columns = to_columns(used, rows)
    try:
        model = everyone.copy_unfitted(exact=False).fit(
            x,
            clock.to_recency(last, now),
            clock.to_age(now),
            purchase_covariates=columns,
            dropout_covariates=columns if tells_leaving else None,
        )
    except PatronError:
        return []
    return _to_rows(model.effects_, used, model.convergence_.at_edge)


def _fit_spend(table: pa.Table, levels: list[Level]) -> list[dict[str, Any]]:
    """Fit the effects on spend, of buyers whose purchases were not all given back."""
    from patron.errors import PatronError
    from patron.predict import GammaGamma
    from patron.predict.clv.covariate_levels import drop_determined, to_columns

    days, mean = (table.column(name).to_numpy() for name in ("kept_day_count", "mean_spend"))
    paid = np.flatnonzero(mean > 0)
    used = drop_determined(levels, paid)
    try:
        model = GammaGamma().fit(days[paid], mean[paid], covariates=to_columns(used, paid))
    except PatronError:
        return []
    return _to_rows(model.effects_, used, model.convergence_.at_edge)


def _to_rows(effects: Iterable[Effect], levels: Iterable[Level], at_edge: tuple[str, ...]) -> list[dict[str, Any]]:
    by_label = {level.label: level for level in levels}
    rows = []
    for effect in effects:
        level = by_label[effect.covariate]
        is_told = effect.label not in at_edge
        rows.append(
            {
                "process": PROCESSES[effect.process],
                "covariate": level.covariate,
                "level": level.name,
                "reference_level": level.reference,
                "customer_count": level.customers,
                "reference_count": level.reference_customers,
                "effect": effect.estimate if is_told else None,
                "standard_error": effect.standard_error if is_told else None,
            }
        )
    return rows


def _query_buyers(warehouse: Warehouse, buyers: int) -> pa.Table:
    """Query what is known of buyers, or of those with the lowest hash of their id, a sample that stays stable."""
    if buyers <= MOST_BUYERS:
        return warehouse.query(_BUYERS.format(sample=""))
    below = f"where substring(sample_key, 1, 8) < '{MOST_BUYERS * 16**8 // buyers:08x}'"
    return warehouse.query(_BUYERS.format(sample=below))


_BUYERS = """
select
    cast(repeat_count as double) as repeat_count,
    cast(recency_days as double) as recency_days,
    cast(age_days as double) as age_days,
    cast(kept_day_count as double) as kept_day_count,
    mean_spend,
    channel,
    campaign,
    region,
    country,
    gender,
    category
from predictions.covariate_profiles
{sample}
order by sample_key, customer_id
"""
