"""Compiles a rendered dbt project to one engine's SQL without that engine's adapter and without a connection.

Macros come from the project, from dbt's own packages where they are installed, and from adapters/<dialect>.sql.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import dbt.include
import jinja2
import yaml

INCLUDED = Path(dbt.include.__path__[0])
HERE = Path(__file__).parent
_DISPATCH = {"databricks": ("databricks", "spark", "default")}  # as dbt-databricks, which builds on dbt-spark
_ADAPTERS = {"duckdb": ("duckdb",), "spark": ("spark",), "databricks": ("spark",)}
_TYPES = {
    "bigquery": {"string": "string", "integer": "int64", "bigint": "int64", "float": "float64", "boolean": "bool"},
    "snowflake": {"string": "text", "integer": "int", "bigint": "bigint", "float": "float", "boolean": "boolean"},
    "duckdb": {"string": "text", "integer": "int", "bigint": "bigint", "float": "float", "boolean": "boolean"},
    "spark": {"string": "string", "integer": "int", "bigint": "bigint", "float": "float", "boolean": "boolean"},
}
_TYPES["databricks"] = _TYPES["spark"]


_JINJA = jinja2.Environment(
    extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], undefined=jinja2.StrictUndefined, autoescape=False
)


@cache
def _template(text: str) -> jinja2.Template:
    return _JINJA.from_string(text)


@cache
def read_yaml(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


_PLAN = {"since_batch": 7, "as_of_date": "2011-06-01"}


class _Returned(Exception):  # noqa: N818  a macro's return, as in dbt
    def __init__(self, value: Any) -> None:
        self.value = value


class Compiled:
    """The models and tests of a project as SQL. files: name -> text, as `project_files` gives them."""

    def __init__(self, files: Mapping[str, str], dialect: str, *, in_part: bool = False) -> None:
        self.files, self.dialect = files, dialect
        self.refresh = json.dumps(_PLAN) if in_part else "null"
        self.macros: dict[str, Callable[..., Any]] = {}
        self.folders = {
            PurePosixPath(name).stem: PurePosixPath(name).parts[-2 if name.startswith("seeds") else 1]
            for name in files
            if _is_relation(name)
        }
        self.variables = read_yaml(files["dbt_project.yml"])["vars"]["patron"]
        self.nodes: dict[str, Any] = {}
        self.words = {**_JINJA.globals, **self._words()}
        for text in self._macro_files():
            self._take_macros(text)
        for _ in self.models():  # so that every node's settings are known before one asks for another's
            pass

    def models(self) -> Iterator[tuple[str, str]]:
        """(name, SQL) of every model."""
        for name, text in self.files.items():
            if name.startswith("models/") and name.endswith(".sql"):
                yield PurePosixPath(name).stem, self._of_model(PurePosixPath(name), text)

    def tests(self) -> Iterator[tuple[str, str]]:
        """(name, SQL) of every generic test that a yml asks for, and of every singular test."""
        for name, text in self.files.items():
            if name.startswith("models/") and name.endswith(".yml"):
                for model in read_yaml(text).get("models", []):
                    yield from self._generic(model)
            elif re.fullmatch(r"tests/[^/]+\.sql", name):
                yield PurePosixPath(name).stem, self._render(text)

    def _generic(self, model: dict[str, Any]) -> Iterator[tuple[str, str]]:
        asked = [(test, {}) for test in model.get("data_tests", [])]
        for column in model.get("columns", []):
            asked += [(test, {"column_name": column["name"]}) for test in column.get("data_tests", [])]
        for test, column in asked:
            (kind, spec), *_ = test.items() if isinstance(test, dict) else [(test, {})]
            arguments = {**spec.get("arguments", {}), **column}
            self.words["model"] = SimpleNamespace(name=f"{kind}_{model['name']}", attached_node=model["name"])
            sql = self.macros[f"test_{kind}"](model=self._ref(model["name"]), **arguments)
            yield f"{kind} {model['name']}", sql

    def _of_model(self, path: PurePosixPath, text: str) -> str:
        config = SimpleNamespace(meta={}, materialized="table")
        node = SimpleNamespace(name=path.stem, schema=path.parts[1], resource_type="model", config=config)
        self.nodes[path.stem] = self.words["model"] = node
        return self._render(text)

    def _configure(self, **settings: Any) -> str:
        vars(self.words["model"].config).update(settings)
        return ""

    def _render(self, text: str) -> str:
        return _template(text).render(self.words)

    def _macro_files(self) -> Iterator[str]:
        folders = [
            INCLUDED / "global_project" / "macros" / "utils",
            INCLUDED / "global_project" / "macros" / "generic_test_sql",
        ]
        folders += [INCLUDED / adapter / "macros" / "utils" for adapter in _ADAPTERS.get(self.dialect, ())]
        for folder in folders:
            yield from (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql")))
        own = HERE / "adapters" / f"{self.dialect}.sql"
        if own.exists():
            yield own.read_text(encoding="utf-8")
        yield from (
            t for n, t in self.files.items() if n.startswith(("macros/", "tests/generic/")) and n.endswith(".sql")
        )

    def _take_macros(self, text: str) -> None:
        """A macro is known to others by its name, and to its own file by another, so that each call comes by here."""
        text = re.sub(r"\{%(-?)\s*test\s+(\w+)", r"{%\1 macro test_\2", text).replace("endtest", "endmacro")
        names = re.findall(r"\{%-?\s*macro\s+(\w+)", text)
        template = _template(re.sub(r"(\{%-?\s*macro\s+)(\w+)", r"\1own_\2", text))
        for name in names:
            self.macros[name] = self.words[name] = self._callable(template, name)

    def _callable(self, template: jinja2.Template, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            macro = getattr(template.make_module(self.words, shared=True), f"own_{name}")
            try:
                return macro(*arguments, **named)
            except _Returned as returned:
                return returned.value

        return call

    def _words(self) -> dict[str, Any]:
        """What dbt puts at a template's hand."""
        schema = SimpleNamespace(schema="silver", type=self.dialect, name="patron")
        column = SimpleNamespace(translate_type=lambda kind: _TYPES[self.dialect].get(kind, kind))
        return {
            "adapter": SimpleNamespace(dispatch=self._dispatch, quote=self._quote),
            "api": SimpleNamespace(Column=column),
            "config": self._configure,
            "dbt": _Namespace(self.macros),
            "exceptions": SimpleNamespace(raise_compiler_error=_refuse),
            "env_var": lambda _name, _default=None: self.refresh,
            "execute": True,
            "fromjson": json.loads,
            "graph": SimpleNamespace(nodes=self.nodes),
            "ref": self._ref,
            "return": _return,
            "source": lambda schema, name: f"{schema}.{name}",
            "target": schema,
            "this": "silver.this_model",
            "var": lambda name, default=None: self.variables.get(name, default),
        }

    def _dispatch(self, name: str, macro_namespace: str | None = None) -> Callable[..., Any]:
        for prefix in _DISPATCH.get(self.dialect, (self.dialect, "default")):
            if f"{prefix}__{name}" in self.macros:
                return self.macros[f"{prefix}__{name}"]
        raise LookupError(f"no macro {name} for {self.dialect}, and no default")

    def _quote(self, name: str) -> str:
        mark = '"' if self.dialect in ("duckdb", "snowflake") else "`"
        return f"{mark}{name}{mark}"

    def _ref(self, name: str) -> str:
        return f"{self.folders[name]}.{name}"  # an unknown model is a KeyError


class _Namespace:
    """`dbt.datediff` is the macro datediff."""

    def __init__(self, macros: dict[str, Callable[..., Any]]) -> None:
        self._macros = macros

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self._macros[name]


def _is_relation(name: str) -> bool:
    return (name.startswith("models/") and name.endswith(".sql")) or (
        name.startswith("seeds/") and name.endswith(".csv")
    )


def _return(value: Any) -> None:
    raise _Returned(value)


def _refuse(message: str) -> None:
    raise ValueError(message)
