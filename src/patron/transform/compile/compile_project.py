"""Compiles a rendered dbt project to SQL, as `dbt compile` would, without dbt and without a connection."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import jinja2

from patron.errors import EngineError
from patron.transform.compile.context import Config, Context, RenderedNode, TemplateError
from patron.transform.compile.data_tests import DataTest, list_data_tests, read_yaml
from patron.transform.compile.macros import load_macros
from patron.transform.compile.template_cache import TemplateCache
from patron.transform.node import AS_OF_DATE, LISTS_OF_CHANGES, SINCE_BATCH, Node
from patron.transform.shipped_sql import read_shipped_files

if TYPE_CHECKING:
    from patron.engines.dialects import Dialect

INCREMENTAL_PLAN = json.dumps({"since_batch": SINCE_BATCH, "as_of_date": AS_OF_DATE})
"""What PATRON_REFRESH holds for the SQL that takes in only what changed (sql/macros/refresh.sql)."""


def compile_project(files: Mapping[str, str], dialect: Dialect) -> list[Node]:
    """Compile every model, seed and data test to its full SQL and, if it differs, its incremental SQL.

    files: name -> text of the project's files, from `render_project_files`. Raises EngineError if a template is wrong.
    """
    compiler = _Compiler(files, dialect)
    nodes = [*compiler.seeds(), *compiler.models(), *compiler.data_tests()]
    compiler.templates.save()
    return sorted(nodes, key=lambda node: node.place_and_name)


class _Compiler:
    def __init__(self, files: Mapping[str, str], dialect: Dialect) -> None:
        self.files = files
        self.settings = read_yaml(files["dbt_project.yml"])
        self.model_files = {
            PurePosixPath(name).stem: PurePosixPath(name)
            for name in files
            if name.startswith("models/") and name.endswith(".sql")
        }
        self.properties = _read_properties(files)
        self.seed_files = [PurePosixPath(name) for name in files if name.startswith("seeds/") and name.endswith(".csv")]
        self.configs = {name: self._read_config(path) for name, path in self.model_files.items()}
        schemas = {name: config.schema for name, config in self.configs.items()}
        schemas |= {path.stem: self._read_folder_settings("seeds", path)["schema"] for path in self.seed_files}
        self.context = Context(dialect, self.settings["vars"]["patron"], schemas)
        environment = new_environment()
        self.templates = TemplateCache(environment)
        self.context.macros |= load_macros(self.templates, files, self.context.words)
        environment.globals |= self.context.words | self.context.macros

    def _read_folder_settings(self, kind: str, path: PurePosixPath) -> dict[str, Any]:
        """The settings of dbt_project.yml that hold for a file: those of its folders, inner ones over outer ones."""
        own = self.settings[kind]["patron"]
        found: dict[str, Any] = {}
        for folder in (None, *path.parts[1:-1]):
            own = own if folder is None else own.get(folder, {})
            found |= {key[1:]: value for key, value in own.items() if key.startswith("+")}
        return found

    def _read_config(self, path: PurePosixPath) -> Config:
        settings = self._read_folder_settings("models", path)
        meta = dict(self.properties.get(path.stem, {}).get("config", {}).get("meta", {}))
        return Config(settings["materialized"], settings["schema"], meta, list(settings.get("tags", [])))

    def seeds(self) -> Iterator[Node]:
        for path in self.seed_files:
            types = self.properties[path.stem]["config"]["column_types"]
            schema = self.context.schemas[path.stem]
            text = self.files[str(path)]
            yield Node(path.stem, "seed", _remove_suffix(path), schema, text, materialized="seed", column_types=types)

    def models(self) -> Iterator[Node]:
        rendered = {name: self._render_model(name, path) for name, path in self.model_files.items()}
        for name, (code, incremental) in rendered.items():
            node = self.context.nodes[name]
            yield Node(
                name=name,
                kind="model",
                place=_remove_suffix(self.model_files[name]),
                schema=node.config.schema,
                code=code,
                parents=tuple(node.parents),
                sources=tuple(node.sources),
                materialized=node.config.materialized,
                refreshed_by=tuple(node.config.meta.get("refreshed_by") or ()),
                follows=node.config.meta.get("follows") or "",
                keeps_removed=bool(node.config.meta.get("keeps_removed")),
                incremental=incremental,
                tags=tuple(node.config.tags),
                day=node.config.meta.get("day") or "",
                is_tested_once=bool(node.config.meta.get("is_tested_once")),
            )

    def _render_model(self, name: str, path: PurePosixPath) -> tuple[str, str]:
        """Its full SQL, and its incremental SQL where it has another."""
        node = self.context.nodes[name] = RenderedNode(name, self.configs[name])
        with _explain_errors(str(path)):
            template = self._template(str(path))
            code = self._render(node, template.render)
            if not (node.config.meta.get("refreshed_by") or name in LISTS_OF_CHANGES):
                return code, ""
            return code, self._render_incremental(node, template.render, code)

    def _template(self, name: str) -> jinja2.Template:
        """dbt, too, takes the blanks around a file's text away."""
        text = self.files[name]
        return self.templates.get_template(text.strip(), is_shipped=text == read_shipped_files().get(name))

    def _render(self, node: RenderedNode, render: Any) -> str:
        self.context.current = node
        return str(render())

    def _render_incremental(self, node: RenderedNode, render: Any, code: str) -> str:
        self.context.plan = INCREMENTAL_PLAN
        try:
            sql = self._render(node, render)
        finally:
            self.context.plan = "null"
        return "" if sql == code else sql

    def data_tests(self) -> Iterator[Node]:
        """Those of the models, then those that are files. A model's second test gets a place of its own."""
        seen = Counter[str]()
        for node in (*self._render_generic_tests(), *self._render_singular_tests()):
            seen[node.place] += 1
            yield node if seen[node.place] == 1 else _number(node, seen[node.place])

    def _render_generic_tests(self) -> Iterator[Node]:
        for model, path in self.model_files.items():
            for data_test in list_data_tests(self.properties.get(model, {})):
                yield self._render_generic_test(model, path, data_test)

    def _render_generic_test(self, model: str, path: PurePosixPath, data_test: DataTest) -> Node:
        place = f"tests/{path.parts[1]}.{model}"
        node = RenderedNode(f"{data_test.kind}_{model}", Config(), attached_node=model)

        def render() -> Any:
            return self.context.macros[f"test_{data_test.kind}"](self.context.ref(model), **data_test.arguments)

        with _explain_errors(place):
            code = self._render(node, render)
            is_refreshed = bool(self.configs[model].meta.get("refreshed_by"))
            incremental = self._render_incremental(node, render, code) if is_refreshed else ""
        return _make_test_node(node, place, code, incremental)

    def _render_singular_tests(self) -> Iterator[Node]:
        for name in self.files:
            path = PurePosixPath(name)
            if path.parent == PurePosixPath("tests") and path.suffix == ".sql":
                node = RenderedNode(path.stem, Config())
                with _explain_errors(name):
                    code = self._render(node, self._template(name).render)
                yield _make_test_node(node, _remove_suffix(path), code)


def _make_test_node(node: RenderedNode, place: str, code: str, incremental: str = "") -> Node:
    return Node(
        name=node.name,
        kind="test",
        place=place,
        code=code,
        parents=tuple(node.parents),
        sources=tuple(node.sources),
        materialized="test",
        rules_of=node.attached_node,
        incremental=incremental,
    )


def _number(node: Node, number: int) -> Node:
    return replace(node, place=f"{node.place}-{number}", name=f"{node.name}_{number}")


def _read_properties(files: Mapping[str, str]) -> dict[str, Any]:
    """Model or seed -> what a yml file says of it."""
    contents = [read_yaml(text) for name, text in files.items() if name.endswith(".yml") and "/" in name]
    return {one["name"]: one for content in contents for kind in ("models", "seeds") for one in content.get(kind, ())}


def new_environment() -> jinja2.Environment:
    """Jinja as dbt sets it up, except that an unknown name is an error."""
    return jinja2.Environment(
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        optimized=False,
    )


def _remove_suffix(path: PurePosixPath) -> str:
    return str(path.with_suffix(""))


@contextmanager
def _explain_errors(place: str) -> Iterator[None]:
    try:
        yield
    except (jinja2.TemplateError, TemplateError) as error:
        message = error.what if isinstance(error, TemplateError) else str(error)
        do = "correct the mapping that it is rendered from, or report it, and run again"
        raise EngineError(f"The template of {place} cannot be compiled: {message}", where=place, do=do) from error
