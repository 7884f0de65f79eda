"""What templates can name: dbt's own words, such as `ref`, `var` and `adapter.dispatch`, as patron resolves them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

from patron.errors import EngineError
from patron.transform.compile.macros import Macro, return_value

if TYPE_CHECKING:
    from patron.engines.dialects import Dialect


@dataclass
class Config:
    """A node's settings: those of its folder, then its yml, then its own `config(...)`."""

    materialized: str = "table"
    schema: str = ""
    meta: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)


@dataclass
class RenderedNode:
    """The node that is rendered now, as templates see it, and what it has read so far."""

    name: str
    config: Config
    attached_node: str = ""
    parents: dict[str, None] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)


class Context:
    """The words of one project and dialect. Macros look them up once, so `model` and `this` follow `current`.

    schemas: model or seed -> its schema. plan: what PATRON_REFRESH holds, as JSON; null for a full build.
    """

    def __init__(self, dialect: Dialect, variables: Mapping[str, Any], schemas: Mapping[str, str]) -> None:
        self.dialect, self.variables, self.schemas = dialect, variables, schemas
        self.plan = "null"
        self.current = RenderedNode("", Config())
        self.nodes: dict[str, RenderedNode] = {}
        self.macros: dict[str, Macro] = {}
        self.words = self._define_words()

    def _define_words(self) -> dict[str, Any]:
        return {
            "adapter": SimpleNamespace(dispatch=self._dispatch, quote=self.dialect.quote),
            "config": self._configure,
            "env_var": self._env_var,
            "exceptions": SimpleNamespace(raise_compiler_error=_refuse),
            "execute": True,
            "fromjson": json.loads,
            "graph": SimpleNamespace(nodes=self.nodes),
            "model": _Current(self),
            "ref": self.ref,
            "return": return_value,
            "source": self._source,
            "target": SimpleNamespace(schema="silver", type=self.dialect.name, name="patron"),
            "this": _This(self),
            "var": self._var,
        }

    def ref(self, name: str) -> str:
        """The relation of a model or seed; the current node reads it."""
        if name not in self.schemas:
            _refuse(f"it reads {name}, which is no model or seed")
        self.current.parents[name] = None
        return f"{self.schemas[name]}.{name}"

    def _source(self, schema: str, name: str) -> str:
        self.current.sources[f"{schema}.{name}"] = None
        return f"{schema}.{name}"

    def _configure(self, **settings: Any) -> str:
        config = self.current.config
        config.meta |= settings.pop("meta", {})
        for name, value in settings.items():
            setattr(config, name, value)
        return ""

    def _var(self, name: str, default: Any = None) -> Any:
        return self.variables.get(name, default)

    def _env_var(self, name: str, default: str | None = None) -> str | None:
        return self.plan if name == "PATRON_REFRESH" else default

    def _dispatch(self, name: str) -> Callable[..., Any]:
        prefixes = (*self.dialect.macro_prefixes, "default")
        found = [macro for prefix in prefixes if (macro := self.macros.get(f"{prefix}__{name}"))]
        return found[0] if found else _refuse(f"it calls {name}, of which there is no macro for {self.dialect.name}")


class _Current:
    """The word `model`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context.current, name)


class _This:
    """The word `this`: the current node's own table."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __str__(self) -> str:
        name = self._context.current.name
        return f"{self._context.schemas[name]}.{name}"


class TemplateError(EngineError):
    """A template names something that does not exist."""


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)
