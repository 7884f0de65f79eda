"""A run that is stopped, killed, shut out or starved leaves nothing half done; the next one completes it."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from patron.check import check
from patron.project import Project
from patron.publish.snapshot import open_published
from shops.building import write_project

LINES = {
    "columns": {"order_id": "id", "ordered_at": "at", "customer_id": "who", "unit_price": "price", "product_id": "what"}
}
SETTINGS = {"shop": {"name": "Till"}, "sources": {"till": {"files": "*.csv", "entities": {"order_lines": LINES}}}}


def shop(folder: Path) -> Path:
    rows = [
        {"id": n, "at": f"2024-{1 + n % 12:02d}-{1 + n % 27:02d} 10:00", "who": n % 41, "what": n % 7, "price": n % 13}
        for n in range(1, 2001)
    ]
    return write_project(folder, SETTINGS, {f"{part}.csv": rows[part::4] for part in range(4)})


def start(folder: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "patron", "run", "--quiet", "--project", str(folder)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(folder: Path) -> None:
    process = start(folder)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, out + err


def gold(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with open_published(Project.load(folder).published) as connection:
        names = [row[0] for row in connection.execute("show tables").fetchall()]
        return {name: connection.execute(f"select * from gold.{name} order by all").fetchall() for name in names}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, list[tuple[object, ...]]]:
    folder = shop(tmp_path_factory.mktemp("undisturbed"))
    finish(folder)
    return gold(folder)


@pytest.mark.parametrize("after", [0.4, 1.2, 2.5, 4.0])
def test_ctrl_c_at_any_moment(tmp_path, undisturbed, after):
    folder = shop(tmp_path)
    process = start(folder)
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode in (0, 130, -signal.SIGINT), err
    if process.returncode == 130:
        assert "Traceback" not in err
        assert "run again" in err
    finish(folder)
    assert gold(folder) == undisturbed
    assert not check(Project.load(folder)).failed


@pytest.mark.parametrize("after", [0.9, 2.0, 3.2])
def test_kill_at_any_moment(tmp_path, undisturbed, after):
    folder = shop(tmp_path)
    process = start(folder)
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.kill()
    process.communicate(timeout=60)
    finish(folder)
    assert gold(folder) == undisturbed
    assert not check(Project.load(folder)).failed


def test_a_second_run_is_told_who_holds_the_project_and_since_when(tmp_path):
    folder = shop(tmp_path)
    holding = textwrap.dedent(f"""
        import pathlib, sys
        from patron.lock import project_lock
        with project_lock(pathlib.Path({str(folder / ".patron")!r})):
            print("held", flush=True)
            sys.stdin.read()
    """)
    holder = subprocess.Popen([sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    second = start(folder)
    _, err = second.communicate(timeout=60)
    assert second.returncode == 4
    assert f"process {holder.pid} on " in err
    assert ", since 20" in err
    holder.kill()
    holder.wait()
    finish(folder)  # the lock went with the process


def test_a_full_disk_is_said_and_the_next_run_completes(tmp_path, undisturbed):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    try:
        folder = shop(small / "shop")
        process = start(folder)
        _, err = process.communicate(timeout=120)
        assert process.returncode == 6, err
        assert "space" in err.lower()
        subprocess.run(["mount", "-o", "remount,size=200m", str(small)], check=True)
        finish(folder)
        assert gold(folder) == undisturbed
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)
