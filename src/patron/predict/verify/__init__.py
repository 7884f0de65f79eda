"""Verifies the models against the papers on this machine, figure by figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from patron.predict.verify.check import Check

__all__ = ["Check", "verify"]


def verify(cdnow: Path | None = None, grocery: Path | None = None, apparel: Path | None = None) -> Iterator[Check]:
    """Yield each check as soon as it is computed.

    Checks the papers' closed forms at published parameters, the published tables of the BG/BB and the sBG, and the
    recovery of parameters from simulated data. cdnow: a folder with CDNOW_sample.txt, to reproduce its published
    results as well. grocery: the data set groceryElog of BTYDplus as CSV, likewise. apparel: a folder with the data
    sets apparelTrans and apparelStaticCov of CLVTools as CSV, likewise. Raises SourceError if one cannot be read.
    """
    from patron.predict.verify import apparel as apparel_retailer
    from patron.predict.verify import cdnow as cdnow_sample
    from patron.predict.verify import donors, grocery_regularity, points, recovery, subscribers
    from patron.predict.verify import grocery as grocery_log

    if cdnow is not None:
        yield from cdnow_sample.run_checks(cdnow)
    if grocery is not None:
        yield from grocery_log.run_checks(grocery)
        yield from grocery_regularity.run_checks(grocery)
    if apparel is not None:
        yield from apparel_retailer.run_checks(apparel)
    yield from donors.run_checks()
    yield from subscribers.run_checks()
    yield from points.run_checks()
    yield from recovery.run_checks()
