"""Writes an addition into a project folder: its templates with the project's own words in them.

A template lies where its file will lie in the project. The ending `.template` is dropped, so that a template of
Python is not taken for a module of patron's.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from importlib import resources
from pathlib import Path

from patron.errors import SettingsError, did_you_mean
from patron.examples.additions.registry import ADDITIONS
from patron.files import translate_disk_errors
from patron.project.project import FILE_NAME

_ENDING = ".template"


def check_names(names: Collection[str]) -> None:
    """Raise SettingsError where there is no such addition."""
    for name in names:
        if name not in ADDITIONS:
            do = did_you_mean(name, ADDITIONS, f"additions: {', '.join(sorted(ADDITIONS))}")
            raise SettingsError(f"There is no addition {name!r}.", where="--with", do=do)


def write_additions(folder: Path, names: Collection[str]) -> list[Path]:
    """Write the files of these additions into a project folder; return them.

    Raises SettingsError, before anything is written, for an unknown addition, a folder that is no project, or a file
    that is there and differs.
    """
    check_names(names)
    if not (folder / FILE_NAME).is_file():
        do = "create the project first: patron init"
        raise SettingsError(f"{folder} is no project.", where=str(folder / FILE_NAME), do=do)
    wanted: dict[Path, str] = {}
    for name in dict.fromkeys(names):
        wanted |= {folder / path: text for path, text in fill_templates(name, folder).items()}
    for path, text in wanted.items():
        if path.exists() and path.read_text(encoding="utf-8") != text:
            do = "move the file away, or merge the two by hand"
            raise SettingsError(f"{path} is there already and holds something else.", where="--with", do=do)
    with translate_disk_errors(folder):
        for path, text in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return list(wanted)


def fill_templates(name: str, folder: Path) -> dict[str, str]:
    """Fill in an addition's templates for a project: path in the project -> text."""
    templates = Path(str(resources.files("patron").joinpath("examples", "additions", name)))
    files = sorted(path for path in templates.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {
        path.relative_to(templates).as_posix().removesuffix(_ENDING): fill_in(path.read_text(encoding="utf-8"), folder)
        for path in files
    }


def fill_in(text: str, folder: Path) -> str:
    """Replace the placeholders of a template, such as @PROJECT@, by the project's own words."""
    for placeholder, value in list_placeholders(folder).items():
        text = text.replace(f"@{placeholder}@", value)
    return text


def list_placeholders(folder: Path) -> Mapping[str, str]:
    """List what a template may name: placeholder -> its value for this project."""
    from patron import __version__

    root = folder.resolve()
    command = Path(sys.executable).with_name("patron")
    return {"FOLDER": str(root), "PROJECT": root.name, "PATRON": str(command), "VERSION": __version__}
