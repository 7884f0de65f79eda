"""Faults in changed lines: which lines changed, what is tried there, and against which tests."""

from __future__ import annotations

import pytest
from benchmarks.mutations.changed import find_tests, list_changed_lines
from benchmarks.mutations.operators import make_faults
from benchmarks.mutations.trial import ROOT

DIFF = """diff --git a/src/patron/a/b.py b/src/patron/a/b.py
--- a/src/patron/a/b.py
+++ b/src/patron/a/b.py
@@ -3 +3,2 @@ def f():
-x
+y
+z
@@ -9,2 +10,0 @@
-gone
-gone
@@ -20,0 +21 @@
+new
diff --git a/src/patron/c.py b/src/patron/c.py
--- /dev/null
+++ b/src/patron/c.py
@@ -0,0 +1,3 @@
+1
"""


def test_only_lines_that_are_there_after_the_change_are_tried() -> None:
    assert list_changed_lines(DIFF) == {"a/b.py": {3, 4, 21}, "c.py": {1, 2, 3}}


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("x = a < 'é'", {"x = (a <= 'é')"}),
        ("x = 'é' == a <= b", {"x = ('é' != a <= b)", "x = ('é' == a < b)"}),
        ("x = a and not b", {"x = (a or not b)", "x = a and (b)"}),
        ("x = a - 7", {"x = (a + 7)", "x = a - 8"}),
        ("x = f(is_it=True)", {"x = f(is_it=False)"}),
        ("f(a)", {"pass"}),
        ("x = a if b else c", {"x = (a)", "x = (c)"}),
        ("def f(): return a", {"def f(): return None"}),
        ("def f(): return None", set()),
        ("x = 'text'", set()),
        ("x = a not in b is c", {"x = (a in b is c)", "x = (a not in b is not c)"}),
    ],
)
def test_each_fault_changes_one_thing(line, faults) -> None:
    text = f"before = 'ü' < 1\n{line}\nafter = 1\n"
    lines = {fault.apply(text) for fault in make_faults(text, {2})}
    assert lines == {text.replace(line, fault) for fault in faults}


def test_faults_of_a_part_over_several_lines_belong_to_its_first() -> None:
    text = "x = (\n    a\n    < b\n)\n"
    assert [fault.apply(text) for fault in make_faults(text, {2})] == ["x = (\n    (a <= b)\n)\n"]
    assert make_faults(text, {3}) == []


@pytest.mark.parametrize(
    ("file", "tests"),
    [
        ("ingest/files/csv_file.py", ("tests/ingest/files",)),
        ("lake/bronze_table.py", ("tests/lake",)),
        ("errors.py", ("tests/test_errors.py",)),
        ("nothing_of_the_kind.py", ()),
    ],
)
def test_a_module_is_tried_by_the_tests_that_mirror_it(file, tests) -> None:
    assert find_tests(file) == tests


def test_every_module_of_the_package_has_tests_that_mirror_it() -> None:
    package = ROOT / "src" / "patron"
    modules = [str(path.relative_to(package)) for path in package.glob("*/**/*.py") if path.name != "__init__.py"]
    assert [module for module in modules if not find_tests(module)] == []
