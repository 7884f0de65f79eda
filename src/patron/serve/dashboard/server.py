"""Streamlit's own command, with what the pages need imported before anyone asks for one."""

from __future__ import annotations

import importlib

_NEEDED = ("pandas", "plotly.graph_objects", "plotly.io", "patron.serve.dashboard.app")
"""pandas: DuckDB imports it with the first parameter of a query."""


def main() -> None:
    """As `streamlit` on the command line; the first reader waits for no import."""
    from streamlit.web.cli import main as streamlit

    from patron.serve.dashboard.registry import load_pages

    for module in _NEEDED:
        importlib.import_module(module)
    load_pages()
    streamlit()


if __name__ == "__main__":
    main()
