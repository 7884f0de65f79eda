"""The listed mutations still fit the code: a fault that no longer applies would be counted for nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from benchmarks.mutations.listed import list_areas, list_mutations
from benchmarks.mutations.page import write_page

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("area", list_areas())
def test_each_changes_one_place_and_names_tests_that_are_there(area):
    mutations = list_mutations(area)
    assert len({one.name for one in mutations}) == len(mutations)
    for one in mutations:
        text = (ROOT / "src" / "patron" / one.file).read_text(encoding="utf-8")
        changed = one.apply(text)
        assert changed != text, one.name
        if one.file.endswith(".py"):
            ast.parse(changed)
        assert all((ROOT / test.partition("::")[0]).exists() for test in one.tests), one.name


def test_holes_and_equivalents_are_told_apart():
    names = {area: [one.name for one in list_mutations(area)] for area in list_areas()}
    equivalent = next(one for area in list_areas() for one in list_mutations(area) if one.equivalent)
    results = {area: dict.fromkeys(listed, "caught") for area, listed in names.items()}
    results["roles"][names["roles"][0]] = "survived"
    results[equivalent.area][equivalent.name] = "equivalent"
    page = write_page(results)
    count = len(names["roles"])
    assert f"| roles | {count} | {count - 1} | 0 | 1 |" in page
    assert f"* roles: {names['roles'][0]}\n" in page
    assert f"{equivalent.name}: {equivalent.equivalent}." in page
    every = sum(map(len, names.values()))
    assert f"| **all** | {every} | {every - 2} | 1 | 1 |" in page
