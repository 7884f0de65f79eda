"""What goes with buying more often, staying longer and spending more, among things known at the first order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.intervals import Interval, compute_height, draw_intervals, note_adjusted
from patron.serve.dashboard.widgets.scope import join_sentences, note_unfiltered

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_TITLE = "What goes with buying more often, staying longer, spending more"
_PROCESSES = {
    "purchases": "How often they buy",
    "leaving": "How soon they leave",
    "spend": "How much they spend",
}
_WHAT = {
    "purchases": "Purchases while they are customers",
    "leaving": "Leaving for good, where a lower number is a longer stay",
    "spend": "Spend on a purchase day",
}

_KNOWN = "select process from gold.covariate_effects where multiplier is not null"

_EFFECTS = """
select
    covariate,
    level,
    reference_level,
    customer_count,
    reference_count,
    multiplier,
    multiplier_low_95,
    multiplier_high_95,
    adjusted_p_value,
    compared_count,
    reading
from gold.covariate_effects
where process = ? and multiplier is not null and reading <> 'too few to compare'
order by covariate, multiplier desc, level
"""


def draw_covariates(view: View) -> None:
    """Draw the multipliers of one process, with their 95% intervals."""
    known = set(view.data.rows(_KNOWN).column("process"))
    processes = [process for process in _PROCESSES if process in known]
    if not processes:
        draw_empty_state(f"{_TITLE}: no data", explain_empty(view, "covariate_effects"))
        return
    process = choose("process", "What differs", processes, lambda name: _PROCESSES[name])
    data = view.data.rows(_EFFECTS, [process])
    rows = [_build_interval(view, row) for row in data.records()]
    if not rows:
        draw_empty_state(f"{_TITLE}: no data", "no level has enough customers to compare")
        return
    draw_figure(
        _TITLE,
        draw_intervals(rows, view.theme, lambda value: f"{view.formats.count(value, digits=2)}×", reference=1.0),
        data=data,
        definition=["covariate_effects", "covariate_effects.multiplier"],
        summary=f"{_PROCESSES[process]}: {rows[0].name}, {rows[0].text}.",
        note=join_sentences(
            f"{_WHAT[process]}, as a multiple of the level in brackets; lines are 95% intervals, and clear ones are"
            " highlighted. Customers are compared with all else that is listed being equal. An association: it does not"
            " say why.",
            note_adjusted(data),
            note_unfiltered(view.filters),
        ),
        height=compute_height(len(rows)),
    )


def _build_interval(view: View, row: dict[str, Any]) -> Interval:
    middle, low, high = (row[f"multiplier{end}"] for end in ("", "_low_95", "_high_95"))

    def write(number: float) -> str:
        return view.formats.count(number, digits=2)

    return Interval(
        f"{row['covariate'].capitalize()}: {row['level']} ({row['reference_level']})",
        middle,
        low,
        high,
        f"{write(middle)}× ({write(low)} to {write(high)})",
        is_clear=row["reading"] in {"higher", "lower"},
    )
