"""Five of the business questions on shops made by chance, against the same in plain Python (question_reference_a.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from shops import questions_a, random_shop
from shops.building import BuiltShop, add_files, write_project
from transform.measures.question_reference_a import QuestionAnswers
from transform.measures.reference import Answers
from transform.measures.test_against_reference import assert_same_row

SEEDS = [0, 3]
"""One with departments and one with categories, one in two batches; in each every table has rows. More by `make soak`."""


def expected_of(made: random_shop.RandomShop) -> QuestionAnswers:
    answers = Answers(made.lines(), made.on_file(), made.articles(), made.rules)
    level = "Part" if questions_a.has_departments(made.seed) else "Kind"
    departments = {row["Code"]: row[level] for row in questions_a.shelf_of(made.seed) if row[level]}
    return QuestionAnswers(answers, departments, questions_a.limits_of(made.seed))


def assert_answers_are(shop: BuiltShop, made: random_shop.RandomShop) -> dict[str, int]:
    """Every row and column; rows of each table."""
    counts = {}
    for table, (key, expected) in expected_of(made).tables().items():
        found = shop.by(table, *key)
        assert set(found) == set(expected), f"{table} of seed {made.seed}: other keys"
        for row_key, row in expected.items():
            assert set(found[row_key]) == set(row), table
            assert_same_row(found[row_key], row, f"{table} {row_key} of seed {made.seed}")
        counts[table] = len(expected)
    return counts


def built(folder: Path, seed: int) -> tuple[BuiltShop, random_shop.RandomShop]:
    """A random shop, run in two batches where its seed is odd: what is refreshed must be as good as new."""
    made = random_shop.random_shop(seed)
    first, *later = [[0], [1, 2]] if seed % 2 else [[0, 1, 2]]
    files = made.files(first) | {"shelf/0.csv": questions_a.shelf_of(seed)}
    shop = BuiltShop(write_project(folder, questions_a.random_settings(made), files))
    shop.run()
    for batches in later:
        add_files(shop.folder, made.files(batches))
        shop.run()
    return shop, made


@pytest.mark.parametrize("seed", SEEDS)
def test_answers_are_what_the_reference_says(seed, tmp_path):
    counts = assert_answers_are(*built(tmp_path, seed))
    assert all(counts.values()), counts


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2000, 2020))
def test_answers_of_many_shops(seed, tmp_path):
    assert_answers_are(*built(tmp_path, seed))
