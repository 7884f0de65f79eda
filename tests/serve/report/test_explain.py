"""The changes of a period as a library function gives them."""

from __future__ import annotations

import pytest

from patron import explain_changes
from patron.errors import SettingsError


def test_changes_are_those_of_the_report(paper_shop, explain):
    found = explain_changes(paper_shop.project, "2024-04")
    assert found
    assert {change.topic: change.sql for change in found} == {
        topic: change.sql for topic, change in explain("2024-04").items()
    }
    assert all(change.sentence.endswith(".") for change in found)


def test_a_period_without_data_is_refused(paper_shop):
    with pytest.raises(SettingsError):
        explain_changes(paper_shop.project, "1999-01")
