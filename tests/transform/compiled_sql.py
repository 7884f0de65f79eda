"""SQL of projects that are compiled without reading data, and the shipped macros as functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jinja2

from patron.engines.dialects import find_dialect
from patron.transform.compile.compile_project import compile_project
from patron.transform.compile.context import Context
from patron.transform.compile.macros import Macro, load_macros
from patron.transform.compile.template_cache import TemplateCache
from patron.transform.shipped_sql import read_shipped_files


def model_sql(files: Mapping[str, str], dialect: str = "duckdb") -> dict[str, str]:
    """Model -> its full SQL. files: as `render_project_files` gives them."""
    return {node.name: node.code for node in compile_project(files, find_dialect(dialect)) if node.kind == "model"}


def shipped_macros(dialect: str = "duckdb", **variables: Any) -> dict[str, Macro]:
    """The shipped macros as functions that give an engine's SQL."""
    context = Context(find_dialect(dialect), variables, {})
    environment = jinja2.Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
    macros = {name: text for name, text in read_shipped_files().items() if name.startswith("macros/")}
    context.macros |= load_macros(TemplateCache(environment), macros, context.words)
    return context.macros
