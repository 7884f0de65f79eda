"""Races the learners of one window over the latest cutoffs, each trained only on what was known on that day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.predict.churn.choice import choose, compute_losses
from patron.predict.churn.data_requirements import find_missing_examples
from patron.predict.churn.learners import LIGHTGBM, NAMES, fit_learner

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from patron.predict.churn.features import FeatureColumns
    from patron.predict.churn.training import Examples

    Numbers = NDArray[np.float64]

CUTOFFS = 3
"""At most. Later ones resemble what is asked at as_of most, and leave most to train on."""


@dataclass(frozen=True)
class Race:
    """The result of a race over cutoffs, the latest first.

    splits: (training, test) of each cutoff. predicted: learner -> its probabilities for each test; a learner that
    dropped out has those of the latest cutoff alone. chosen: the learner to use.
    """

    splits: list[tuple[Examples, Examples]]
    predicted: dict[str, list[Numbers]]
    chosen: str

    def list_losses(self) -> dict[str, Numbers]:
        """Return the log loss of each example of all tests, by learner that ran to the end."""
        import numpy as np

        left = [test.has_left for _, test in self.splits]
        ran = {name: found for name, found in self.predicted.items() if len(found) == len(left)}
        return {
            name: np.concatenate([compute_losses(p, y) for p, y in zip(found, left, strict=True)])
            for name, found in ran.items()
        }


def find_splits(examples: Examples, least_leavers: int) -> list[tuple[Examples, Examples]]:
    """Return (training, test) of the latest cutoffs that have enough of both, the latest first; maybe none."""
    splits = [examples.split(back) for back in range(CUTOFFS)]
    return [split for split in splits if not find_missing_examples(*split, least_leavers)]


def race(splits: list[tuple[Examples, Examples]], columns: FeatureColumns, seed: int, threads: int) -> Race:
    """Let every learner predict the tests of `splits`, and choose one.

    LightGBM costs many times what the others do. If one of them predicted the latest cutoff better, it drops out.
    """
    matrices = [tuple(columns.to_matrix(part.rows) for part in split) for split in splits]

    def predict(name: str, place: int) -> Numbers:
        (known, asked), training = matrices[place], splits[place][0]
        return fit_learner(name, training, known, columns, seed, threads).predict(asked, threads)

    everywhere = range(len(splits))
    predicted = {name: [predict(name, place) for place in everywhere] for name in NAMES if name != LIGHTGBM}
    predicted[LIGHTGBM] = [predict(LIGHTGBM, 0)]
    first = {name: float(compute_losses(found[0], splits[0][1].has_left).mean()) for name, found in predicted.items()}
    if min(first, key=first.__getitem__) == LIGHTGBM:
        predicted[LIGHTGBM] += [predict(LIGHTGBM, place) for place in everywhere[1:]]
    losses = Race(splits, predicted, "").list_losses()
    return Race(splits, predicted, choose(losses, number_customers(splits)))


def number_customers(splits: list[tuple[Examples, Examples]]) -> NDArray[np.int64]:
    """Number the customers of all tests, an entry per example: the same customer has the same number."""
    import numpy as np

    ids = [key for _, test in splits for key in test.rows["customer_id"].to_pylist()]
    return np.unique(np.array(ids), return_inverse=True)[1]
