"""The Java side of Delta Lake: resolved once with Maven into a cache folder, never at import or in a run.

    python -m patron.engines.spark.jars        fetch them (a few seconds, 10 MB; later calls do nothing)

They lie in the folder PATRON_JARS, or else in ~/.cache/patron/jars; copy that folder to a machine without network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from patron.errors import EngineError, PatronError

DELTA_VERSION = "4.4.0"
"""The newest release of Delta's jars that is built for each Spark from 4.0 to 4.2."""

_SCALA = "2.13"


def find_jars_folder() -> Path:
    """Where the jars for the installed pyspark lie, or would lie."""
    chosen = os.environ.get("PATRON_JARS")
    cache = Path(chosen) if chosen else Path.home() / ".cache" / "patron" / "jars"
    return cache.expanduser() / f"{_artifact()}-{DELTA_VERSION}"


def find_delta_jars() -> list[Path]:
    """The jars to put on Spark's class path. Raises EngineError where they were never fetched."""
    jars = sorted(find_jars_folder().glob("*.jar"))
    if not jars:
        do = "run `python -m patron.engines.spark.jars` once (it needs Maven), or set PATRON_JARS"
        raise EngineError("Spark's Delta Lake jars are missing.", where=str(find_jars_folder()), do=do)
    return jars


def fetch() -> Path:
    """Resolve the jars with Maven, unless they are there, and return their folder. Raises EngineError."""
    folder = find_jars_folder()
    if any(folder.glob("*.jar")):
        return folder
    if shutil.which("mvn") is None:
        do = f"install Maven, or copy the jars of {_artifact()} {DELTA_VERSION} and delta-storage to the folder"
        raise EngineError("Maven (mvn) is not installed.", where=str(folder), do=do)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        _resolve(Path(scratch))
        (Path(scratch) / "jars").replace(folder)  # last, so that a folder that exists is complete
    return folder


def _artifact() -> str:
    """Delta's jar is built for one minor version of Spark."""
    try:
        import pyspark
    except ImportError:
        do = "install it: pip install 'patron[spark]'"
        raise EngineError("The extra spark is not installed (pyspark, delta-spark).", do=do) from None
    return f"delta-spark_{'.'.join(pyspark.__version__.split('.')[:2])}_{_SCALA}"


def _artifacts() -> list[str]:
    """All that Delta needs beside what pyspark brings; its other dependencies serve catalogues in a cloud."""
    return [_artifact(), "delta-storage"]


def _resolve(scratch: Path) -> None:
    dependencies = "".join(_DEPENDENCY.format(artifact=name, version=DELTA_VERSION) for name in _artifacts())
    (scratch / "pom.xml").write_text(_POM.format(dependencies=dependencies), encoding="utf-8")
    command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={scratch / 'jars'}"]
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        message = next((line for line in done.stdout.splitlines() if "ERROR" in line), done.stderr[-300:])
        do = "look at Maven's settings (a mirror, a proxy), then run it again"
        raise EngineError(f"Maven could not fetch Delta's jars: {message}", where=_artifact(), do=do)


_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>patron</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>{dependencies}</dependencies>
</project>
"""
_DEPENDENCY = """
    <dependency>
      <groupId>io.delta</groupId><artifactId>{artifact}</artifactId><version>{version}</version>
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>
    </dependency>"""


def main() -> int:
    """Fetch, and say where to."""
    try:
        sys.stdout.write(f"{fetch()}\n")
    except PatronError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
