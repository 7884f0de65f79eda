"""The stack of containers: compose.yaml, where the project has one and an engine answers."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from patron.errors import PatronError, SettingsError
from patron.files import PRIVATE_FILE, write_atomically
from patron.project.project import Project

FILE_NAME = "compose.yaml"
URL = "http://localhost:8501"
_ENGINES = ("docker", "podman")
_ANSWER_SECONDS = 20


class StackError(PatronError):
    """The stack of containers did not start or stop."""

    kind = "stack"


def find_stack(project: Project) -> tuple[str, ...]:
    """Return the command for the project's stack; empty where there is no compose.yaml, or no engine answers."""
    if not (project.root / FILE_NAME).is_file():
        return ()
    for engine in _ENGINES:
        if shutil.which(engine) and _answers(engine, "info") and _answers(engine, "compose", "version"):
            return (engine, "compose")
    return ()


def _answers(*command: str) -> bool:
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=_ANSWER_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def prepare_stack(project: Project) -> None:
    """Write what the stack needs to .env. Raises SettingsError if its dashboard would need no sign-in."""
    if project.settings.dashboard.sign_in == "none":
        what = "In a container the dashboard listens to other machines, and patron.yaml asks nobody to sign in."
        do = "set dashboard.sign_in to password in patron.yaml; or start processes instead: patron up --local"
        raise SettingsError(what, where=project.where("dashboard", "sign_in"), do=do)
    fill_settings(project.root / ".env")


def start_stack(project: Project, command: tuple[str, ...]) -> None:
    """Build and start the stack, and wait until the shop ran and the dashboard answers. Raises StackError."""
    _call(project, command, "up", "--detach", "--wait", "--build")


def stop_stack(project: Project, command: tuple[str, ...]) -> None:
    """Stop the stack; its volumes stay. Raises StackError."""
    _call(project, command, "--profile", "*", "down")


def fill_settings(path: Path) -> None:
    """Add what compose.yaml needs to .env and neither it nor the environment has: the project, and a password."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    named = {line.partition("=")[0].strip() for line in lines} | set(os.environ)
    wanted = {"PATRON_PROJECT": ".", "PATRON_PASSWORD": secrets.token_urlsafe(12)}
    added = [f"{name}={value}" for name, value in wanted.items() if name not in named]
    if added:
        write_atomically(path, "\n".join([*lines, *added, ""]), mode=PRIVATE_FILE)


def _call(project: Project, command: tuple[str, ...], *words: str) -> None:
    done = subprocess.run([*command, *words], cwd=project.root, check=False)
    if done.returncode:
        what = f"`{' '.join((*command, *words))}` ended with code {done.returncode}."
        do = "read its message above; or start processes instead: patron up --local"
        raise StackError(what, where=str(project.root / FILE_NAME), do=do)
