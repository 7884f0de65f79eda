"""In which order processes take the test files, and which files one process takes together."""

from __future__ import annotations

from file_seconds import COMMITTED, load_seconds
from work_order import find_work, rank_files


def test_the_longest_file_comes_first_and_unknown_ones_last():
    ranks = rank_files(["tests/a.py", "tests/b.py", "tests/new.py"], {"tests/a.py": 1, "tests/b.py": 2})
    assert sorted(ranks, key=ranks.__getitem__) == ["tests/b.py", "tests/a.py", "tests/new.py"]


def test_files_of_one_server_stay_together_and_count_as_one():
    spark = ["tests/engines/test_spark.py", "tests/engines/test_spark_door.py"]
    assert {find_work(path) for path in spark} == {"spark"}
    seconds = {spark[0]: 5, spark[1]: 4, "tests/long.py": 8}
    ranks = rank_files(["tests/long.py", *spark], seconds)
    assert sorted(ranks, key=ranks.__getitem__) == [*spark, "tests/long.py"]


def test_what_this_machine_measured_counts_before_what_was_committed(tmp_path):
    (committed, known), *_ = load_seconds(tmp_path).items()
    own = tmp_path / ".pytest_cache/v/patron/seconds"
    own.parent.mkdir(parents=True)
    own.write_text(f'{{"{committed}": {known + 1}}}')
    assert load_seconds(tmp_path)[committed] == known + 1
    assert (COMMITTED.parents[1] / committed).is_file()
