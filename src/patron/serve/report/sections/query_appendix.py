"""Numbers the queries of a page as it is rendered, and records what was printed from each."""

from __future__ import annotations

from patron.serve.report.queries.figures import Asked, Figure


class Sources:
    """The queries of one page in the order of their first mention, and its printed figures."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.asked: list[Asked] = []
        self.printed: list[Figure] = []

    def number(self, asked: Asked) -> int:
        """The query's number on the page, from 1; the same query has the same number."""
        if asked.sql not in self._numbers:
            self.asked.append(asked)
            self._numbers[asked.sql] = len(self.asked)
        return self._numbers[asked.sql]

    def shown(self, figure: Figure) -> str:
        """A figure's text, which is then known to be printed."""
        self.number(figure.asked)
        self.printed.append(figure)
        return figure.text
