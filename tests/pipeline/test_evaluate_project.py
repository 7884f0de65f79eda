"""The models of a project, judged on its own past."""

from __future__ import annotations

import pytest

from faults.projects import copy_of_built, write
from patron import Project, evaluate
from patron.errors import NothingBuiltError


def test_a_shop_with_too_little_data_is_told_what_is_missing(tmp_path):
    found = evaluate(Project.load(copy_of_built(tmp_path)))
    assert (found.scores.num_rows, found.choice.model) == (0, None)
    assert found.withheld


def test_nothing_can_be_evaluated_before_the_first_run(tmp_path):
    with pytest.raises(NothingBuiltError):
        evaluate(Project.load(write(tmp_path)))
