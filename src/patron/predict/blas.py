"""Threads of the linear algebra library (BLAS) beside threads of patron's own."""

from __future__ import annotations

from typing import Any


def use_one_blas_thread() -> Any:
    """Return a context in which numpy's BLAS computes on the thread that calls it.

    Predictions run side by side, in threads: those of BLAS would mostly wait for a core, and they add up in another
    order each time. The limit is the process's, so whoever needs it inside of another such context changes nothing.
    """
    import numpy  # noqa: F401  # what is not loaded yet is not limited
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1, user_api="blas")
