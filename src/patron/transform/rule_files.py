"""The files of rules that patron.yaml names: line kinds, segments and countries, as CSV."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from patron.errors import SettingsError, did_you_mean


def find_shipped_rule_file(kind: str, name: str) -> Path:
    """Find a rule file that ships with patron."""
    return Path(str(resources.files("patron.transform").joinpath("rules", f"{kind}_{name}.csv")))


def is_shipped(path: Path) -> bool:
    """Whether a rule file ships with patron: then it stays the same while a process runs."""
    return path.parent == Path(str(resources.files("patron.transform").joinpath("rules")))


def list_shipped_rules(kind: str) -> list[str]:
    """List the names of the rule files of a kind that ship with patron."""
    folder = Path(str(resources.files("patron.transform").joinpath("rules")))
    return sorted(path.stem.removeprefix(f"{kind}_") for path in folder.glob(f"{kind}_*.csv"))


def find_rule_file(kind: str, chosen: str, root: Path) -> Path:
    """Find the file behind a setting: a shipped name, or a path from the project's folder.

    Raises SettingsError when there is no such name or file.
    """
    if not any(mark in chosen for mark in "./\\"):
        if chosen in list_shipped_rules(kind):
            return find_shipped_rule_file(kind, chosen)
        shipped_sets = list_shipped_rules(kind)
        listed = f"shipped: {', '.join(shipped_sets)}; or name a file of yours, such as ./{kind}.csv"
        do = did_you_mean(chosen, shipped_sets, listed)
        raise SettingsError(f"There is no rule set {chosen!r}.", where=f"rules.{kind}", do=do)
    path = (root / chosen).resolve()
    if not path.is_file():
        raise SettingsError(f"There is no file {chosen!r}.", where=f"rules.{kind}", do=f"put it at {path}")
    return path


def read_csv(path: Path, header: list[str], optional: Sequence[str] = ()) -> list[tuple[int, dict[str, str]]]:
    """Read the rows of a rule file with their line numbers. optional: columns that may follow those of the header.

    Raises SettingsError for another header or a short row.
    """
    try:
        return _read_csv(path, header, optional)
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        do = "save it as CSV in UTF-8"
        raise SettingsError(f"{path.name} cannot be read ({error}).", where=str(path), do=do) from None


def _clean(cell: str | None) -> str:
    """Drop blanks at the ends; accents are parts of their characters, as in the lake."""
    return unicodedata.normalize("NFC", (cell or "").strip())


def _read_csv(path: Path, header: list[str], optional: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
        if reader.fieldnames not in (header, [*header, *optional]):
            header_found = ",".join(reader.fieldnames)
            raise SettingsError(
                f"{path.name} has the header {header_found!r}.", where=str(path), do=f"write: {','.join(header)}"
            )
        rows = []
        for row in reader:
            if None in row or None in row.values():
                where = f"{path}, line {reader.line_num}"
                raise SettingsError(
                    f"The row does not have {len(reader.fieldnames)} cells.", where=where, do="fix the commas or quotes"
                )
            rows.append((reader.line_num, {name: _clean(value) for name, value in row.items()}))
    return rows
