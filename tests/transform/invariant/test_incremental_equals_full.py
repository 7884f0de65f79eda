"""However the input is split, ordered, repeated, corrected, deleted or mapped anew: gold is that of a full build."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from invariant.feeds import Batch, batches, deliver, write_settings
from patron.pipeline.check.check import check
from patron.pipeline.run import run
from patron.project.project import Project

SLOW = {"deadline": None, "suppress_health_check": list(HealthCheck)}


def each_batch_equals_full(feed: list[Batch]) -> None:
    """Run after each batch; then everything that `patron check` knows of must hold, a full build among it."""
    folder = Path(tempfile.mkdtemp(prefix="patron-feed-"))
    try:
        changes: dict = {}
        for number, batch in enumerate(feed):
            changes |= batch.changes
            write_settings(folder, changes)
            deliver(folder, number, batch)
            run(Project.load(folder))
            failed = [f for f in check(Project.load(folder), against_full=True).failed if f.section != "freshness"]
            assert failed == [], f"after batch {number}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@settings(max_examples=2, derandomize=True, phases=[Phase.explicit, Phase.generate], **SLOW)
@given(batches(most=3))
def test_gold_is_that_of_a_full_build(feed: list[Batch]) -> None:
    each_batch_equals_full(feed)


@pytest.mark.soak
@settings(max_examples=150, **SLOW)
@given(batches(most=7))
def test_gold_is_that_of_a_full_build_however_long(feed: list[Batch]) -> None:
    each_batch_equals_full(feed)
