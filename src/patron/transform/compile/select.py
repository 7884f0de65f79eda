"""Compiles one select that calls the shipped macros, for a look at rows outside of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.transform.compile.compile_project import new_environment
from patron.transform.compile.context import Context
from patron.transform.compile.macros import load_macros
from patron.transform.compile.template_cache import TemplateCache
from patron.transform.shipped_sql import read_shipped_files

if TYPE_CHECKING:
    from patron.engines.dialects import Dialect


def compile_select(text: str, dialect: Dialect) -> str:
    """Compile a select that calls macros of the dialect and names its relations itself, without `ref` or `source`."""
    environment = new_environment()
    templates, context = TemplateCache(environment), Context(dialect, {}, {})
    macros = {name: text for name, text in read_shipped_files().items() if name.startswith("macros/")}
    context.macros |= load_macros(templates, macros, context.words)
    environment.globals |= context.words | context.macros
    return environment.from_string(text).render()
