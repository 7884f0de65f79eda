"""Which model answers for each window, and how that is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patron.predict.churn.learners import describe_windows
from patron.predict.churn.training import WINDOWS
from patron.predict.purchase_probability.tables import CHURN, PURCHASES

if TYPE_CHECKING:
    from patron.predict.outcome import Outcome
    from patron.predict.purchase_probability.record import Comparison


@dataclass(frozen=True)
class Settlement:
    """Whose probability is used for each window.

    purchases, churn: the outcomes of the two predictions. learners: days -> churn's learner, of the windows it has.
    comparisons: days -> comparison, of the windows that both predict.
    """

    purchases: Outcome
    churn: Outcome
    learners: Mapping[int, str]
    comparisons: Mapping[int, Comparison]

    def is_by_churn(self, days: int) -> bool:
        """Tell whether churn's learner is used: because it was better, or because there is nothing to compare with."""
        if days not in self.learners:
            return False
        return self.comparisons[days].chosen == CHURN if days in self.comparisons else True

    def list_models(self) -> dict[int, str]:
        """List the model used for each window, by its name for people, for customers whom churn's learners score."""
        models = {days: self.learners.get(days, "") for days in WINDOWS}
        if not self.purchases.withheld:
            models = {d: own if self.is_by_churn(d) else self.purchases.model for d, own in models.items()}
        return {days: name for days, name in models.items() if name}

    def describe_outcome(self) -> Outcome:
        """Describe churn's outcome: which models answer for it, or what is missing."""
        models = self.list_models()
        if not models:
            return self.churn
        notes = [self._describe_comparison(one) for one in self.comparisons.values()]
        if any(self.is_by_churn(days) for days in models):
            return replace(self.churn, model=describe_windows(models), notes=[*self.churn.notes, *notes])
        own = "; ".join(self.churn.withheld)
        return replace(
            self.purchases,
            name=self.churn.name,
            withheld=[],
            model=describe_windows(models),
            cautions=[],  # said of purchases
            notes=[f"no learner of churn's own: {own}"] if own else [*self.churn.notes, *notes],
        )

    def _describe_comparison(self, one: Comparison) -> str:
        names = {CHURN: self.learners[one.days], PURCHASES: self.purchases.model}
        first, second = sorted(names, key=lambda which: which != one.chosen)
        lost = {which: f"{one.losses[which]:.3f} of {name}" for which, name in names.items()}
        return f"{one.days} days: mean log loss {lost[first]} against {lost[second]}"

    def describe_scored(self, own: str | None) -> str | None:
        """Name the models behind the numbers of customers whom churn's learners score. own: as churn describes them."""
        models = self.list_models()
        if not models or all(self.is_by_churn(days) for days in models):
            return own
        if any(self.is_by_churn(days) for days in models):
            return f"{describe_windows(models)}, fitted as of {self.churn.fitted_as_of}"
        return f"{self.purchases.model}, fitted as of {self.purchases.fitted_as_of}"

    def describe_unscored(self, own: str | None) -> str | None:
        """Name the model behind the numbers of the other customers, or why there are none. own: why churn has none."""
        if self.purchases.withheld:
            return own
        return f"{self.purchases.model}, fitted as of {self.purchases.fitted_as_of} ({own})"
