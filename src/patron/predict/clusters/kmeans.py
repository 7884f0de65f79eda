"""K-means with one thread and fixed seeds, so that the same customers give the same centroids."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt

from patron.predict.clusters.scaling import Floats

_PLACES = 6


def fit_centroids(points: Floats, clusters: int, *, seed: int, starts: int) -> Floats:
    """Fit k-means++ from several starts; return the best centroids, (clusters, features), rounded to six places."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1), warnings.catch_warnings():  # threads add up in another order each time
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different customers than clusters
        found = KMeans(clusters, n_init=starts, random_state=seed).fit(points)
    return np.asarray(np.round(found.cluster_centers_, _PLACES) + 0.0, dtype=np.float64)


def find_nearest(points: Floats, middles: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return each point's nearest centroid (of equally near ones, the first), from 0, and the distance to it.

    The squares are added feature by feature, in the order in which the engine adds them.
    """
    squares = np.zeros((len(points), len(middles)))
    for feature in range(points.shape[1]):
        apart = points[:, feature, None] - middles[None, :, feature]
        squares = squares + apart * apart
    which = squares.argmin(axis=1)
    return which, np.sqrt(squares[np.arange(len(points)), which])
