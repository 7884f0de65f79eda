"""The mutations, listed by hand in one file of YAML for each area."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Mutation:
    """One fault: in `file`, below src/patron, `old` (which stands there once) becomes `new`.

    tests: what pytest is given. equivalent: why no test can notice, of a fault that changes nothing that anybody sees.
    """

    area: str
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    equivalent: str = ""

    def apply(self, text: str) -> str:
        """Return the file's text with the fault. Raises ValueError unless `old` stands there once."""
        if text.count(self.old) != 1:
            raise ValueError(
                f"{self.area}, {self.name}: {self.old!r} stands {text.count(self.old)} times in {self.file}"
            )
        return text.replace(self.old, self.new)


def list_areas() -> list[str]:
    """List the areas, in the order of their names."""
    return sorted(file.stem for file in FOLDER.glob("*.yml"))


def list_mutations(area: str) -> list[Mutation]:
    """List the mutations of an area in their order."""
    written = yaml.safe_load((FOLDER / f"{area}.yml").read_text(encoding="utf-8"))
    return [Mutation(area, **{**one, "tests": tuple(one["tests"].split())}) for one in written]
