"""Apache Kafka's own jars, for the broker of the tests: resolved once with Maven into a cache folder.

    python tests/kafka_jars.py        fetch them (some 20 seconds, 44 MB; later calls do nothing)

They lie in the folder PATRON_JARS, or else in ~/.cache/patron/jars; copy that folder to a machine without network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

KAFKA_VERSION = "4.3.1"
_ARTIFACT = "kafka_2.13"

_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>patron</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>{_ARTIFACT}</artifactId><version>{KAFKA_VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""


def find_jars_folder() -> Path:
    """Where the broker's jars lie, or would lie."""
    chosen = os.environ.get("PATRON_JARS")
    cache = Path(chosen) if chosen else Path.home() / ".cache" / "patron" / "jars"
    return cache.expanduser() / f"{_ARTIFACT}-{KAFKA_VERSION}"


def fetch() -> Path:
    """Resolve the jars with Maven, unless they are there, and return their folder. Raises OSError."""
    folder = find_jars_folder()
    if folder.is_dir():
        return folder
    if shutil.which("mvn") is None:
        raise OSError("Maven (mvn) is not installed")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        _resolve(Path(scratch))
        (Path(scratch) / "jars").replace(folder)  # last, so that a folder that exists is complete
    return folder


def _resolve(scratch: Path) -> None:
    (scratch / "pom.xml").write_text(_POM, encoding="utf-8")
    output = f"-DoutputDirectory={scratch / 'jars'}"
    command = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", output]
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        message = next((line for line in done.stdout.splitlines() if "ERROR" in line), done.stderr[-300:])
        raise OSError(f"Maven could not fetch Kafka's jars: {message}")


def main() -> int:
    """Fetch, and say where to."""
    try:
        sys.stdout.write(f"{fetch()}\n")
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
