"""The packages that an installation of patron brings, with their versions and licences, as the environment has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement

EXTRAS = ("postgres", "xlsx", "auth", "dbt", "spark", "cloud", "iceberg")
"""The extras that people install; `dev` and `bench` are for those who work on patron."""


@dataclass(frozen=True)
class Package:
    """A package. extras: those that bring it; empty if every installation does."""

    name: str
    version: str
    licence: str
    summary: str
    extras: tuple[str, ...]


def list_packages() -> list[Package]:
    """List the packages of patron and its extras, by name; those of extras that are not installed are left out."""
    core = _close("patron", "")
    by_extra = {extra: _close("patron", extra) - core for extra in EXTRAS}
    names = sorted(set().union(core, *by_extra.values()))
    return [_describe(name, tuple(extra for extra in EXTRAS if name in by_extra[extra])) for name in names]


def normalize(name: str) -> str:
    """Write a name as packages are compared by."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _close(name: str, extra: str) -> set[str]:
    """Every package that one needs, and what those need."""
    found: set[str] = set()
    waiting = [(normalize(name), frozenset({extra}))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        for requirement in _list_needed(*at):
            needed = normalize(requirement.name)
            if needed != "patron" and _is_installed(needed):
                found.add(needed)
            waiting.append((needed, frozenset(requirement.extras or {""})))
    return found


def _list_needed(name: str, extras: Iterable[str]) -> Iterator[Requirement]:
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            yield requirement


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _describe(name: str, extras: tuple[str, ...]) -> Package:
    about = metadata.metadata(name)
    summary = " ".join(str(about.get("Summary") or "").split())
    return Package(str(about["Name"]), metadata.version(name), find_licence(about), summary, extras)


def find_licence(about: metadata.PackageMetadata) -> str:
    """Find what a package says of its licence: the expression, else the classifiers, else the text's first line."""
    if expression := about.get("License-Expression"):
        return str(expression)
    classes = [
        one.rsplit(" :: ", 1)[-1]
        for one in about.get_all("Classifier") or ()
        if one.startswith("License :: OSI Approved ::")
    ]
    if classes:
        return " or ".join(dict.fromkeys(classes))
    text = str(about.get("License") or "").strip().splitlines()
    return text[0].strip()[:60] if text else "not stated"
