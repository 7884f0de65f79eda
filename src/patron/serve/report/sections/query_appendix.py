"""Numbers the queries of a page as it is rendered, and records what was printed from each."""

from __future__ import annotations

from patron.serve.report.queries.figures import Figure, QueryResult


class Sources:
    """The queries of a page, in the order in which they are first cited, and its printed figures."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.results: list[QueryResult] = []
        self.printed: list[Figure] = []

    def number(self, result: QueryResult) -> int:
        """Return the number of a query on the page, from 1; the same query always has the same number."""
        if result.sql not in self._numbers:
            self.results.append(result)
            self._numbers[result.sql] = len(self.results)
        return self._numbers[result.sql]

    def print_figure(self, figure: Figure) -> str:
        """Return a figure's text, and record that it is printed."""
        self.number(figure.result)
        self.printed.append(figure)
        return figure.text
