"""Starts patron commands as forks of a process that has imported everything, so that each costs what its work costs.

It reads a request a line from standard input and answers each with a line:
    {"start": [words], "out": path, "err": path, "first": Python code}  ->  process id
    {"wait": process id}                                               ->  exit code; a signal is negative

It imports and never computes: the threads of an engine do not survive a fork.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from typing import Any

MODULES = (
    *("duckdb", "deltalake", "pyarrow.csv", "pyarrow.parquet", "sqlglot", "filelock", "rich.progress", "pandas"),
    *(
        "agate",
        "patron.cli.app",
        "patron.pipeline.run",
        "patron.pipeline.check.check",
    ),
    *(
        "patron.transform.render.dry_run",
        "patron.cli.output.console",
        "patron.cli.output.progress",
        "patron.ingest.files.land",
        "patron.ingest.files.formats",
        "patron.lake",
    ),
    *(
        "patron.transform.render.dbt_project",
        "patron.transform.compile.compile_project",
        "patron.transform.materialize",
        "patron.publish.snapshot",
        "patron.publish.reader",
        "patron.engines.duckdb",
    ),
)


def serve() -> None:
    for name in MODULES:
        importlib.import_module(name)
    for line in sys.stdin:
        request = json.loads(line)
        answer = _start(request) if "start" in request else os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _start(request: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _become(request)
    return pid


def _become(request: dict[str, Any]) -> None:
    from patron.cli.app import main

    code = 99
    try:
        for number, path in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), number)
        sys.stdout = os.fdopen(1, "w", buffering=1)
        sys.stderr = os.fdopen(2, "w", buffering=1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        exec(request["first"], {})
        main(request["start"])
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else 0
    except BaseException:
        importlib.import_module("traceback").print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve()
