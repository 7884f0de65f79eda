"""Try random inputs: `python -m benchmarks.fuzz files --inputs 100000 --write` keeps the counts in `results`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.fuzz.counting import Counts, Fuzzer, count
from benchmarks.fuzz.files import Files
from benchmarks.fuzz.landings import Landings
from benchmarks.fuzz.settings import Settings

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"


def main() -> int:
    """Try the inputs that the command line asks for; return how many went wrong."""
    asked = _parse()
    numbers = range(asked.first, asked.first + asked.inputs)
    with tempfile.TemporaryDirectory(prefix="patron-fuzz-") as folder:
        counts = count(_open(asked.fuzzer, asked.seed, Path(folder)), numbers, partial(_keep, asked))
    print(json.dumps(_describe(asked.seed, counts), indent=1))
    return min(len(counts.found), 100)


def _keep(asked: argparse.Namespace, counts: Counts) -> None:
    """Write the counts so far, so that a run that is stopped leaves what it did."""
    if asked.write:
        text = json.dumps(_describe(asked.seed, counts), indent=1) + "\n"
        (RESULTS / f"fuzz_{asked.fuzzer}.json").write_text(text, encoding="utf-8")


def _describe(seed: int, counts: Counts) -> dict[str, Any]:
    kinds = dict(sorted(counts.kinds.items()))
    return {"seed": seed, "inputs": sum(kinds.values()), "found": len(counts.found), "kinds": kinds}


def _open(name: str, seed: int, folder: Path) -> Fuzzer:
    if name == "settings":
        return Settings(seed, folder)
    if name == "statements":
        return _open_statements(seed, folder)
    if name == "landings":
        return Landings(seed, folder)
    real = Path(os.environ.get("PATRON_REAL_DATA", ROOT.parent / "shared" / "data"))
    return Files(seed, folder, real if real.is_dir() else None)


def _open_statements(seed: int, folder: Path) -> Fuzzer:
    """Publish a small shop, in a process of its own: an engine's threads do not survive the forks that follow."""
    (folder / "outside").mkdir()
    code = "import sys, shutil; from faults.projects import built; shutil.copytree(built(), sys.argv[1])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))}
    subprocess.run([sys.executable, "-c", code, str(folder / "shop")], check=True, env=environment)
    from benchmarks.fuzz.statements import Statements

    return Statements(seed, folder / "shop" / ".patron" / "published", folder / "outside")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz")
    parser.add_argument("fuzzer", choices=("files", "landings", "settings", "statements"))
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="keep the counts in benchmarks/results")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
