"""What a command takes counts what it starts, also a child that nobody waits for."""

from __future__ import annotations

import sys

import pytest
from benchmarks.process_session import measure_session

_CHILD = "import time; a = bytearray(200_000_000)\nwhile time.process_time() < 1: pass\ntime.sleep(0.6)"
_PARENT = f"import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', {_CHILD!r}]); print('said', flush=True)\nwhile child.poll() is None: time.sleep(0.1)"


def test_a_child_counts() -> None:
    found = measure_session([sys.executable, "-c", _PARENT])
    assert found.output == "said\n"
    assert found.cpu_seconds >= 0.9
    assert found.peak_mb > 190
    assert found.seconds > 1


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="ended with 3:\nwhy"):
        measure_session([sys.executable, "-c", "import sys; sys.stderr.write('why'); sys.exit(3)"])
