"""Runs many cases in processes of their own, so that a crash or a hang of one is found and the rest go on."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

LONGEST_SECONDS = 5
"""Of processor time that a case may take."""
_BATCH = 250


class Fuzzer(Protocol):
    """Makes cases by number, and judges what comes of each."""

    name: str

    def judge(self, number: int) -> tuple[str, str | None]:
        """Try a case; return its kind, and what is wrong."""


class TooSlowError(BaseException):
    """A case took too long."""


@dataclass
class Counts:
    """How many cases were tried of each kind, and what was found: (number, kind, what)."""

    kinds: Counter[str] = field(default_factory=Counter)
    found: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, number: int, kind: str, what: str | None) -> None:
        """Count a case."""
        self.kinds[kind] += 1
        if what:
            self.found.append((number, kind, what))


def judge(fuzzer: Fuzzer, number: int) -> tuple[str, str | None]:
    """Judge a case within its time; an exception is something wrong, too."""
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS)
    try:
        return fuzzer.judge(number)
    except TooSlowError:
        return "hang", f"took more than {LONGEST_SECONDS} s\n{traceback.format_exc()[-1500:]}"
    except Exception:
        return "crash", traceback.format_exc()[-3000:]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def count(fuzzer: Fuzzer, numbers: range, on_progress: Callable[[Counts], None] = lambda _: None) -> Counts:
    """Try cases in processes of their own, a few hundred in each. on_progress: called after each of them."""
    counts = Counts()
    for start in range(numbers.start, numbers.stop, _BATCH):
        batch = range(start, min(start + _BATCH, numbers.stop))
        for number, kind, what in _try_batch(fuzzer, batch):
            counts.add(number, kind, what)
            if what:
                print(f"{fuzzer.name} {number}, {kind}: {what}", flush=True)
        on_progress(counts)
    return counts


def _try_batch(fuzzer: Fuzzer, batch: range) -> Iterator[tuple[int, str, str | None]]:
    """Try a batch; after a crash of the process the rest in another one."""
    at = batch.start
    while at < batch.stop:
        with tempfile.TemporaryFile() as results:
            code = _fork(fuzzer, range(at, batch.stop), results.fileno())
            results.seek(0)
            for line in results:
                yield tuple(json.loads(line))
                at += 1
        if code:
            yield at, "crash", f"the process ended with {code}"
            at += 1


def _fork(fuzzer: Fuzzer, batch: range, results: int) -> int:
    child = os.fork()
    if not child:
        _judge_and_exit(fuzzer, batch, results)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _judge_and_exit(fuzzer: Fuzzer, batch: range, results: int) -> NoReturn:
    code = 70
    try:
        for number in batch:
            os.write(results, json.dumps((number, *judge(fuzzer, number))).encode() + b"\n")
        code = 0
    finally:
        sys.stdout.flush()
        os._exit(code)


def _stop(*_: object) -> NoReturn:
    raise TooSlowError
