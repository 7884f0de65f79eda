"""Writes docs/mutations.md from the results of benchmarks.mutations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from benchmarks.mutations.listed import list_areas, list_mutations

Results = Mapping[str, Mapping[str, str]]

_HEAD = """# Mutations

A test that cannot fail proves nothing. So small faults are put into the code one by one: `<` for `<=`, a day more or
less, a sign, a filter or a check left out, two words or two writes in the other order. Each is tried against the tests
of its area; one that no test notices is a hole, unless nobody could notice it.

    python -m benchmarks.mutations                 # all areas, and this page
    python -m benchmarks.mutations roles masking   # these

The faults are listed by hand in [benchmarks/mutations](../benchmarks/mutations), a file for each area. Each is applied
to a copy of the package; the working tree stays as it is. To add one, name the file, what stands in it once, what takes
its place, and the tests that should fail. How the tests that catch them are written:
[decision 0157](decisions/0157-tests-from-outside.md).

For the lines that a branch changes, faults are made from their syntax instead, and tried by the tests of the folder
that mirrors the module's. A workflow does so for each pull request, and prints the survivors
([decision 0163](decisions/0163-faults-in-changed-lines-by-operators-of-our-own.md)).

    python -m benchmarks.mutations --changed main --minutes 30

| area | faults | caught | equivalent | holes |
|---|---|---|---|---|
"""


def write_page(results: Results) -> str:
    """Write the page. results: area -> name of the mutation -> caught, equivalent or survived."""
    return f"{_HEAD}{''.join(_write_rows(results))}\n{_write_survivors(results)}"


def _write_rows(results: Results) -> Iterator[str]:
    areas = {area: list(results.get(area, {}).values()) for area in list_areas()}
    for area, found in areas.items():
        yield _write_row(area.replace("_", " "), found)
    yield _write_row("**all**", [one for found in areas.values() for one in found])


def _write_row(name: str, found: list[str]) -> str:
    counts = (found.count(result) for result in ("caught", "equivalent", "survived"))
    return f"| {name} | {len(found)} | {' | '.join(map(str, counts))} |\n"


def _write_survivors(results: Results) -> str:
    tried = [(one, results.get(one.area, {}).get(one.name)) for area in list_areas() for one in list_mutations(area)]
    same = [f"* {one.area}, {one.name}: {one.equivalent}.\n" for one, result in tried if result == "equivalent"]
    holes = [f"* {one.area}: {one.name}\n" for one, result in tried if result == "survived"]
    text = "## Faults that nobody could notice\n\n" + "".join(same or ["None.\n"])
    return text + (f"\n## Holes\n\n{''.join(holes)}" if holes else "")
