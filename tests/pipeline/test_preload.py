"""Libraries that are imported beside other work are there when they are needed, and stay away where they are not."""

from __future__ import annotations

import subprocess
import sys

from faults.projects import copy_of_built
from patron.pipeline.preload import Preload


def test_what_was_begun_is_there_after_waiting(tmp_path, monkeypatch):
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.2)\nready = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    preload = Preload()
    preload.begin("slow_to_import")
    preload.begin("slow_to_import")
    preload.wait("slow_to_import")
    assert sys.modules.pop("slow_to_import").ready


def test_what_is_not_installed_is_reported_by_its_user_and_not_here(capsys):
    preload = Preload()
    preload.begin("no_such_library")
    preload.wait_for_all()
    preload.wait("never_begun")
    assert capsys.readouterr() == ("", "")


def test_a_shop_that_is_too_small_for_a_model_imports_none_of_its_libraries(tmp_path):
    folder = copy_of_built(tmp_path)
    source = next((folder / "data").glob("*.csv"))
    source.with_name("zz.csv").write_text(source.read_text())
    code = (
        "import sys; from patron.pipeline.run import run; from patron.project.project import Project; "
        f"report = run(Project.load({str(folder)!r}), full_refresh=True); "
        "sys.exit(f'imported {found}' if (found := {'lightgbm', 'sklearn'} & set(sys.modules)) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
