"""Proof that the models are what the papers say, on this machine: figures that must come out, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from patron.predict.verify.check import Check

__all__ = ["Check", "verify"]


def verify(cdnow: Path | None = None) -> Iterator[Check]:
    """Each figure as soon as it is known.

    cdnow: a folder with CDNOW_sample.txt, whose published results are then reproduced. Without it: closed forms of the
    papers at published parameters, the published table of the BG/BB, and parameters found again in simulated data.
    Raises SourceError.
    """
    from patron.predict.verify import cdnow as cdnow_sample
    from patron.predict.verify import donors, points, recovery

    if cdnow is not None:
        yield from cdnow_sample.checks(cdnow)
    yield from donors.checks()
    yield from points.checks()
    yield from recovery.checks()
