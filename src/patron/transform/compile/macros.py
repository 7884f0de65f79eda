"""The macros of a dbt project as Python callables, each compiled once for a whole project."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from patron.transform.compile.template_cache import TemplateCache
from patron.transform.shipped_sql import read_shipped_files

_TEST_BLOCK = re.compile(r"\{%(-?)\s*test\s+(\w+)")
_MACRO_NAME = re.compile(r"(\{%-?\s*macro\s+)(\w+)")
_OWN = "own_"
"""What a macro is called inside its own file, so that every call, also from that file, goes through `Macro`."""


class ReturnedValue(Exception):  # noqa: N818  control flow, as in dbt: `{{ return(value) }}` ends a macro
    """Ends a macro with a value that need not be text."""

    def __init__(self, value: Any) -> None:
        self.value = value


def return_value(value: Any) -> NoReturn:
    """End the macro that calls this with a value."""
    raise ReturnedValue(value)


_PURE = re.compile(r"type_\w+|escape_text")
"""Macros whose text depends on the dialect and their arguments alone: a third of all calls, which repeat themselves."""


class Macro:
    """A macro that may end by `return`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.body: Callable[..., Any] | None = None
        self._known: dict[tuple[Any, ...], Any] | None = {} if _PURE.fullmatch(name) else None

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if self._known is None or named:
            return self._render(*arguments, **named)
        if arguments not in self._known:
            self._known[arguments] = self._render(*arguments)
        return self._known[arguments]

    def _render(self, *arguments: Any, **named: Any) -> Any:
        assert self.body is not None
        try:
            return self.body(*arguments, **named)
        except ReturnedValue as returned:
            return returned.value


def load_macros(templates: TemplateCache, files: Mapping[str, str], words: Mapping[str, Any]) -> dict[str, Macro]:
    """Every macro and generic data test of a project's files by name; the test `holds` is test_holds, as in dbt.

    words: what else the macros may name. Each file becomes a module once, and what it names is looked up then.
    """
    sources = {
        name: _without_test_blocks(text)
        for name, text in files.items()
        if name.startswith(("macros/", "tests/generic/"))
    }
    named = {name: [macro for _, macro in _MACRO_NAME.findall(source)] for name, source in sources.items()}
    macros = {macro: Macro(macro) for found in named.values() for macro in found}
    known = {**templates.environment.globals, **words, **macros}
    for name, source in sources.items():
        own = _MACRO_NAME.sub(rf"\g<1>{_OWN}\g<2>", source)
        template = templates.get_template(own, is_shipped=files[name] == read_shipped_files().get(name))
        module = template.make_module(known, shared=True)
        for macro in named[name]:
            macros[macro].body = getattr(module, f"{_OWN}{macro}")
    return macros


def _without_test_blocks(text: str) -> str:
    return _TEST_BLOCK.sub(r"{%\1 macro test_\2", text).replace("endtest", "endmacro")
