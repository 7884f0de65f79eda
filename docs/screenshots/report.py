"""Takes the picture of a report that the README shows: python docs/screenshots/report.py PROJECT PICTURE."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from patron.project.project import Project
from patron.serve.report.pdf import find_browser
from patron.serve.report.write import write_report


def main(project: Path, picture: Path) -> None:
    """The top of the report of the last month that is over."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        write_report(Project.load(project), to=page)
        command = [
            *(find_browser(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            "--hide-scrollbars",
            *(f"--user-data-dir={folder}/profile", "--window-size=1200,1500"),
            *(f"--screenshot={picture.resolve()}", page.as_uri()),
        ]
        subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
