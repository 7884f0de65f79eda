"""Streamlit's command, with the pages and their libraries imported in advance."""

from __future__ import annotations

import importlib

_NEEDED = ("pandas", "plotly.graph_objects", "plotly.io", "patron.serve.dashboard.app")
"""pandas: DuckDB imports it for the first query with a parameter."""


def main() -> None:
    """Run the `streamlit` command after importing what pages need, so that the first visitor does not wait for it."""
    from streamlit.web.cli import main as streamlit

    from patron.serve.dashboard import guard
    from patron.serve.dashboard.registry import load_pages

    guard.install()

    for module in _NEEDED:
        importlib.import_module(module)
    load_pages()
    streamlit()


if __name__ == "__main__":
    main()
