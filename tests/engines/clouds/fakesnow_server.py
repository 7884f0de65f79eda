"""A fakesnow of the tests' own, which the real connector reaches over HTTP."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).with_name("fakesnow_launcher.py")


def find_python() -> str:
    """The Python with fakesnow, which PATRON_FAKESNOW_PYTHON names; tests are skipped without."""
    pytest.importorskip("snowflake.connector", reason="no driver of Snowflake; install patron[snowflake]")
    python = os.environ.get("PATRON_FAKESNOW_PYTHON", "")
    if not python:
        pytest.skip("name a Python with fakesnow[server]==0.12.0 in PATRON_FAKESNOW_PYTHON")
    return python


@contextmanager
def serve() -> Iterator[dict[str, str]]:
    """Serve, and give the environment by which patron reaches it."""
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen(
        [find_python(), str(LAUNCHER)],
        **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL},
        **{"text": True, "env": alone},
    ) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            assert port, "fakesnow did not start"
            yield {
                **{"PATRON_SNOWFLAKE_ACCOUNT": "fakesnow", "PATRON_SNOWFLAKE_USER": "fake"},
                **{"PATRON_SNOWFLAKE_PASSWORD": "snow", "PATRON_SNOWFLAKE_HOST": "127.0.0.1"},
                **{"PATRON_SNOWFLAKE_PORT": port, "PATRON_SNOWFLAKE_PROTOCOL": "http"},
            }
        finally:
            assert server.stdin is not None
            server.stdin.close()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
