"""PDF reports, printed by Chromium if it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from patron.errors import EngineError, PatronError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

_SECONDS = 120


class NoBrowserError(PatronError):
    """No browser that can print a page is installed."""

    exit_code = 3
    kind = "no_browser"


def find_browser() -> str:
    """Return the path of the first installed browser. Raises NoBrowserError if there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        do = "install Chromium (such as `apt install chromium`), or open the HTML in a browser and print it to a PDF"
        raise NoBrowserError("A PDF needs Chromium or Chrome, and neither is installed.", where="PATH", do=do)
    return found


def print_pdf(program: str, html: Path, to: Path) -> None:
    """Print an HTML file to a PDF. Raises EngineError if the browser fails."""
    with tempfile.TemporaryDirectory(prefix="patron-pdf-") as profile:
        command = [
            *(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *(f"--user-data-dir={profile}", "--no-first-run", "--no-pdf-header-footer"),
            *(f"--print-to-pdf={to.resolve()}", html.resolve().as_uri()),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
            message = done.stderr.strip().splitlines()[-1:] or [f"it exited with code {done.returncode}"]
            is_done = done.returncode == 0 and to.is_file()
        except (OSError, subprocess.TimeoutExpired) as error:
            is_done, message = False, [str(error)]
    if not is_done:
        do = "open the HTML in a browser and print it to a PDF"
        raise EngineError(f"The browser did not print the report: {message[0]}", where=program, do=do)
