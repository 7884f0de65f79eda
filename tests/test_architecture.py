"""The layout holds: packages import only those above them in docs/ARCHITECTURE.md, and no modules import in a circle.

Every import counts: at the top of a module, inside a function, and under TYPE_CHECKING.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "patron"
MAX_LOOSE_MODULES = 4


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCES.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(SOURCES.rglob("*.py"))}


def package_of(module: str) -> str:
    """`lake` for patron.lake.bronze_table, `errors` for patron.errors, `patron` for the package itself."""
    return module.split(".")[1] if "." in module else module


def imports_of(text: str, modules: dict[str, Path] | set[str]) -> Iterator[tuple[int, str]]:
    """(line, module of this project) of every import in a module's text."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            for alias in node.names:
                nested = f"{node.module}.{alias.name}"
                yield node.lineno, nested if nested in modules else node.module


def allowed_imports() -> dict[str, set[str]]:
    """package -> the packages that it may import, as the table of docs/ARCHITECTURE.md says."""
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = re.search(r"\| package \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", text)
    assert table, "docs/ARCHITECTURE.md has no table of packages"
    allowed: dict[str, set[str]] = {}
    for row in table[1].splitlines():
        first, _, last = (cell.strip() for cell in row.strip("|").split("|"))
        names = [name.removesuffix("/").removesuffix(".py") for name in re.findall(r"`([\w./]+)`", first)]
        above = set(allowed)
        imported = above if last == "all above" else set(re.findall(r"`(\w+)`", last))
        assert imported <= above, f"{first} may not import what stands below it: {imported - above}"
        allowed |= {name: imported | {name} for name in names}
    return allowed


def forbidden(allowed: dict[str, set[str]], module: str, text: str, modules: dict[str, Path] | set[str]) -> list[str]:
    home = package_of(module)
    return [
        f"{module}:{line} imports {imported}"
        for line, imported in imports_of(text, modules)
        if imported != "patron" and package_of(imported) not in allowed[home]
    ]


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules of one circle, the first again at the end; none where there is no circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_import_goes_up_the_table() -> None:
    allowed = allowed_imports()
    above_all = {"patron", "patron.__main__"}
    found = [
        line
        for module, path in MODULES.items()
        if module not in above_all
        for line in forbidden(allowed, module, path.read_text(encoding="utf-8"), MODULES)
    ]
    assert found == []


def test_no_circle_between_modules() -> None:
    graph = {
        module: {name for _, name in imports_of(path.read_text(encoding="utf-8"), MODULES)} - {module}
        for module, path in MODULES.items()
        if module != "patron"  # whose names load their modules at first use
    }
    assert circle(graph) == []


def test_few_modules_are_loose() -> None:
    loose = [path.name for path in SOURCES.glob("*.py") if path.stem not in ("__init__", "__main__")]
    assert len(loose) <= MAX_LOOSE_MODULES, loose


def test_every_file_that_the_page_names_is_there() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    section = text.partition("## Finding things")[2].partition("\n## ")[0]
    named = re.findall(r"\| `([^`]+)` \|", section)
    assert len(named) > 20
    assert [name for name in named if not (SOURCES / name).is_file()] == []


def test_every_package_is_in_the_table() -> None:
    assert {package_of(module) for module in MODULES} - {"patron", "__main__"} == set(allowed_imports())


@pytest.mark.parametrize(
    "text",
    [
        "from patron.serve.query import ask",
        "from patron.serve import query",
        "import patron.serve.query",
        "if TYPE_CHECKING:\n    from patron.serve import query",
        "def run():\n    from patron.serve import query",
    ],
)
def test_an_import_of_a_lower_package_is_found(text: str) -> None:
    modules = {"patron.serve", "patron.serve.query", "patron.lake"}
    assert len(forbidden({"lake": {"lake"}}, "patron.lake", text, modules)) == 1


def test_a_circle_is_found() -> None:
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}
