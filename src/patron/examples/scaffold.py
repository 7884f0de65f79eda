"""Makes a project folder: a starter patron.yaml, one for the user's own files, or a shipped example."""

from __future__ import annotations

import importlib
import json
import re
import shutil
from importlib import resources
from pathlib import Path

from patron.errors import SettingsError, SourceError, did_you_mean
from patron.examples.first_mapping.questions import Answer, leave_open
from patron.files import translate_disk_errors
from patron.project.project import FILE_NAME

STARTER = "starter"

ASSUMPTIONS = "assumptions"
"""Folder of an example with small files of what its shop's own files do not say, copied into the project.
A module of that name makes such files of the data instead: `write(folder, data)`."""


def list_examples() -> list[str]:
    """List the examples that ship with patron."""
    folder = Path(str(resources.files("patron").joinpath("examples")))
    return sorted(path.parent.name for path in folder.glob(f"*/{FILE_NAME}") if path.parent.name != STARTER)


def init(
    folder: Path,
    example: str | None = None,
    data: Path | None = None,
    platform: str | None = None,
    answer: Answer = leave_open,
) -> Path:
    """Write FOLDER/patron.yaml and its data folder; return the project folder.

    example: a shipped shop; its data is generated unless `data` names the user's own files of that shape. What it
    assumes is copied to FOLDER/assumptions, or made there of the data, for the user to change.
    data: without an example, the files are mapped by their headers and values, or by the preset of a platform.
    platform: such as shopify, whose export the files are; without it, an export that is recognised uses its preset.
    answer: asks a person what the files leave open; without one, the questions stand at the top of patron.yaml.
    Raises SettingsError where there is a project already, or no such example or platform; SourceError where data is
    missing, or is no export of the platform.
    """
    target = folder / FILE_NAME
    if target.exists():
        do = "choose another folder, or edit that file"
        raise SettingsError(f"{folder} already contains a project.", where=str(target), do=do)
    if example is not None and example not in list_examples():
        do = did_you_mean(example, list_examples(), f"examples: {', '.join(list_examples())}")
        raise SettingsError(f"There is no example {example!r}.", where="--example", do=do)
    _check_platform(platform, example, data)
    if data is not None and not data.exists():
        raise SourceError(f"There is no {data}.", where="--data", do="name the folder that holds your files")
    source = Path(str(resources.files("patron").joinpath("examples", example or STARTER)))
    text = (source / FILE_NAME).read_text(encoding="utf-8")
    if example is not None and data is not None and data.is_file() and len(kinds := _list_own_sources(text)) > 1:
        what = f"The example {example} reads {len(kinds)} kinds of files, and {data} is one file."
        raise SourceError(what, where="--data", do="name the folder that holds them")
    if data is not None and example is None:
        from patron.examples.first_mapping.suggest import suggest_settings

        text = suggest_settings(data, platform, answer).text
    _refuse_filled_folders(folder, source, is_filled=example is not None and data is None)
    with translate_disk_errors(folder):
        _make(folder)
        if data is None:
            _fill(folder / "data", example)
        elif example is not None:
            text = _point_at(text, data)
        _assume(source, folder, data or folder / "data")
        target.write_text(text, encoding="utf-8")  # last: with it, the folder is a project
    return folder


def _refuse_filled_folders(folder: Path, source: Path, *, is_filled: bool) -> None:
    """Raise SettingsError where files of an example would be written among, or over, files that are there."""
    has_assumptions = any((source / f"{ASSUMPTIONS}{ending}").exists() for ending in ("", ".py"))
    for name, is_written in (("data", is_filled), (ASSUMPTIONS, has_assumptions)):
        if is_written and (folder / name).is_dir() and any((folder / name).iterdir()):
            do = "name a new folder; or keep your files and map them: --data"
            raise SettingsError(f"{folder / name} holds files already.", where=str(folder / name), do=do)


def _check_platform(platform: str | None, example: str | None, data: Path | None) -> None:
    if platform is not None and (data is None or example is not None):
        what = (
            "An example has a mapping of its own."
            if example
            else f"The preset {platform} maps files, and there are none."
        )
        do = "choose one of the two" if example else "add --data with the folder that holds the export"
        raise SettingsError(what, where="--from", do=do)


def _list_own_sources(text: str) -> list[str]:
    """List the sources that read the user's files; one with a `data` of its own reads what the example brings."""
    import yaml

    return [name for name, source in yaml.safe_load(text)["sources"].items() if "data" not in source]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise SettingsError(f"{folder} is a file.", where=str(folder), do="name a folder to create") from None


def _point_at(text: str, data: Path) -> str:
    """Point the example's settings at the user's folder (or one file in it); its own data stays where it is."""
    place, kinds = data.resolve(), _list_own_sources(text)
    lines, source = [], ""
    for line in text.splitlines():
        if named := re.match(r"  (\w+):", line):
            source = named[1]
        if line.startswith("data:"):
            lines.append(f"data: {_quote(str(place if place.is_dir() else place.parent))}")
        elif place.is_file() and source in kinds and line.strip().startswith("files:"):
            lines.append(f"{line[: line.index('files:')]}files: {_quote(place.name)}")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    """Quote a text for YAML, whatever characters it contains: JSON is YAML."""
    return json.dumps(text, ensure_ascii=False)


def _assume(source: Path, folder: Path, data: Path) -> None:
    """Copy the example's assumptions, and derive those that depend on the data, for the user to change.

    Raises SourceError if the data lacks what an assumption is derived from.
    """
    for file in sorted((source / ASSUMPTIONS).glob("*.csv")):
        (folder / ASSUMPTIONS).mkdir(exist_ok=True)
        shutil.copyfile(file, folder / ASSUMPTIONS / file.name)
    if (source / f"{ASSUMPTIONS}.py").is_file():
        importlib.import_module(f"patron.examples.{source.name}.{ASSUMPTIONS}").write(folder, data)


def _fill(data: Path, example: str | None) -> None:
    data.mkdir(exist_ok=True)
    if example is not None:
        importlib.import_module(f"patron.examples.{example}.generator").generate(data)
