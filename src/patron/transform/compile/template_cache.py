"""The shipped templates, parsed once for all projects: kept beside the package, as Python keeps its own bytecode."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import marshal
import os
import sys
from functools import cache
from pathlib import Path
from types import CodeType

import jinja2


class TemplateCache:
    """Parses templates, unless an earlier process has parsed the same text by the same versions of Python and Jinja.

    Parsing is most of what compiling a project takes. Where nothing can be read or written, all is parsed again.
    """

    def __init__(self, environment: jinja2.Environment) -> None:
        self.environment = environment
        self._shipped: dict[bytes, CodeType] = {}
        self._has_new = False

    def get_template(self, text: str, *, is_shipped: bool) -> jinja2.Template:
        """The template of a text, with the environment's words. is_shipped: whether other projects have it, too.

        Raises jinja2.TemplateSyntaxError.
        """
        key = hashlib.blake2b(text.encode(), digest_size=16).digest()
        parsed = _load_parsed()
        code = parsed.get(key) or _own.get(key)
        if code is None:
            code = _own[key] = self.environment.compile(text)
            if len(_own) > _OWN_AT_MOST:
                del _own[next(iter(_own))]
            if is_shipped:
                parsed[key] = code
                self._has_new = True
        if is_shipped:
            self._shipped[key] = code
        return jinja2.Template.from_code(self.environment, code, self.environment.globals)

    def save(self) -> None:
        """Keep the shipped templates for later processes, if one of them had to be parsed."""
        if sys.dont_write_bytecode or not self._has_new:
            return
        path = _path()
        fresh = path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):  # a package that is installed for all may not be written by each
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(marshal.dumps(self._shipped))
            fresh.replace(path)


_OWN_AT_MOST = 500
_own: dict[bytes, CodeType] = {}
"""What this process has parsed of late of projects' own templates. Many have the same rules and empty tables."""


@cache
def _load_parsed() -> dict[bytes, CodeType]:
    """What earlier processes and this one have parsed of the shipped templates."""
    try:
        return dict(marshal.loads(_path().read_bytes()))
    except (OSError, ValueError, EOFError, TypeError):
        return {}


def _path() -> Path:
    """Where Python would keep the bytecode of a module called templates, with Jinja's version."""
    python = Path(importlib.util.cache_from_source(str(Path(__file__).with_name("templates.py"))))
    return python.with_suffix(f".jinja-{jinja2.__version__}")
