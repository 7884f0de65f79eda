"""Mutated patron.yaml: it loads and renders, or is refused with its place."""

from __future__ import annotations

import copy
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import yaml

from benchmarks.fuzz.byte_mutations import mutate_text
from patron.errors import PatronError
from patron.ingest.column_names import split_nested
from patron.project.project import FILE_NAME, Project
from patron.transform.render.dbt_project import render_project_files
from patron.transform.render.source_schema import derive_shapes

_TRICKS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 10**30, -(10**30), 0.5, 1e308, float("inf"), float("nan"), "", " ", "x" * 10_000),
    *([], {}, [[]], [None], {"a": 1}, [1, "a", {}], {"": ""}, {1: 2}, "\0", "é", "🙂", "\u202e", "a\nb", "\x1b[31m"),
    *(
        "{{ x }}",
        "{% raw %}",
        "{# #}",
        "'; drop table x; --",
        "1; select 1",
        "(select 1)",
        "select 1",
        "a.b.c",
        '"',
        "'",
    ),
    *(
        "coalesce(",
        "cast(x as",
        "x::int",
        "now()",
        "random()",
        "read_text('/etc/passwd')",
        "getenv('HOME')",
        "x/0",
        "1/0",
    ),
    *(
        "../../etc",
        "/",
        "~",
        "**/*",
        "[",
        "file://x",
        "s3://b/x",
        "2024-02-30",
        "9999-12-31",
        "0001-01-01",
        "today",
        "latest",
    ),
    *(
        "CHANGE_ME",
        "%Y-%m-%d",
        "%Q",
        "%",
        "1.234,50",
        "1",
        "EUR",
        "Europe/Nowhere",
        "en_XX",
        "namespace",
        "source",
        "none",
    ),
    *("(" * 300 + ")" * 300, "case " * 200, "a" + "+a" * 3000, "not " * 500 + "a", "[" * 200, "-" * 400 + "a"),
)
_TRICK_TEXTS = (
    *(
        "&a [*a]",
        "&a {x: *a}",
        "*missing",
        "<<: *x",
        "!!python/object:os.system x",
        "!!binary x",
        "!!timestamp x",
        "? [a]",
    ),
    *(
        "- " * 100,
        "{" * 500,
        "[" * 500,
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]",
        "%YAML 9.9\n---\n",
        "---\n---\n",
        "...",
    ),
    *("\t", ": ", "'", '"', "|", ">", "0x", "1_000", "12:30:45", "=", "<<", "~", "%", "@", "`", "#", "\u2028", "\x85"),
)


class Settings:
    """Makes and judges files of settings of one seed."""

    name = "settings"

    def __init__(self, seed: int, folder: Path) -> None:
        self._seed, self._folder = seed, folder
        examples = Path(str(resources.files("patron").joinpath("examples")))
        self._texts = [file.read_text(encoding="utf-8") for file in sorted(examples.glob("**/*.yaml"))]
        self._contents = [
            content for text in self._texts if "CHANGE_ME" not in text and (content := yaml.safe_load(text))
        ]
        self._keys = sorted({key for content in self._contents for key in _list_keys(content)})

    def make(self, number: int) -> tuple[str, bytes]:
        """Make a file, the same for the same seed and number, and say of what kind it is."""
        random = Random(f"{self._seed}:{number}")
        way = random.choices((0, 1, 2), (60, 20, 20))[0]
        if way == 0:
            content = copy.deepcopy(random.choice(self._contents))
            for _ in range(random.choice((1, 1, 1, 2, 5))):
                self._change(content, random)
            return "values", yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode("utf-8", "replace")
        text = random.choice(self._texts)
        if way == 1:
            lines = text.split("\n")
            at = random.randrange(len(lines))
            key, colon, _ = lines[at].partition(":")
            trick = random.choice(_TRICK_TEXTS)
            lines[at] = f"{key}{colon} {trick}" if random.random() < 0.6 else f"{lines[at]}\n{trick}"
            return "YAML", "\n".join(lines).encode()
        return "bytes", mutate_text(text.encode(), random)

    def judge(self, number: int) -> tuple[str, str | None]:
        """Load a file of settings; return its kind, and what is wrong."""
        kind, content = self.make(number)
        (self._folder / FILE_NAME).write_bytes(content)
        try:
            _render(Project.load(self._folder))
        except PatronError as error:
            has_place = FILE_NAME in f"{error.where} {error.what}" or error.where
            return f"{kind}: refused", None if has_place else f"no place: {error}"
        return f"{kind}: loaded", None

    def _change(self, content: Any, random: Random) -> None:
        """Change one value, key or item somewhere inside."""
        holder = random.choice(list(_list_holders(content)))
        if isinstance(holder, list):
            at = random.randrange(len(holder) + 1)
            holder[at : at + random.randint(0, 1)] = [random.choice(_TRICKS)]
            return
        key = random.choice(list(holder))
        way = random.randrange(5)
        if way == 0:
            holder[random.choice((*self._keys, *(trick for trick in _TRICKS if isinstance(trick, str))))] = holder.pop(
                key
            )
        elif way == 1:
            holder[random.choice(self._keys)] = random.choice((*_TRICKS, copy.deepcopy(holder[key])))
        elif way == 2:
            del holder[key]
        else:
            holder[key] = random.choice(_TRICKS)


def _list_holders(content: Any) -> Any:
    """Yield the mappings and lists inside that are not empty."""
    if isinstance(content, dict | list) and content:
        yield content
        for inner in content.values() if isinstance(content, dict) else content:
            yield from _list_holders(inner)


def _list_keys(content: Any) -> Any:
    """Yield the keys of all mappings inside."""
    for holder in _list_holders(content):
        if isinstance(holder, dict):
            yield from (str(key) for key in holder)


def _render(project: Project) -> None:
    """Render the project as for sources that have every column that it reads, all of them text."""
    schemas = {}
    for name in project.settings.sources:
        project.connector(name)
        read = [*project.required_columns(name), *project.optional_columns(name)]
        columns = {column.casefold(): column for column in (split_nested(column)[0] for column in read)}
        schemas[name] = pa.schema([(column, pa.string()) for column in columns.values()], {"patron.source_key": "[]"})
    render_project_files(project, derive_shapes(project, schemas), "duckdb", {}, "latest")
