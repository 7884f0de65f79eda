"""What can go wrong, said so that the reader knows what happened, where, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable


class PatronError(Exception):
    """Base of every error that patron raises on purpose.

    what: one sentence that says what happened.
    where: the place (file, line, key, table), if there is one.
    do: what to do next.
    summary: what happened, without a value of the data or the settings, which `what` may quote: for pages and records
    that others than the owner read.
    """

    exit_code = 1
    kind = "error"
    summary = "patron stopped with an error."

    def __init__(self, what: str, *, where: str | None = None, do: str | None = None) -> None:
        self.what, self.where, self.do = what, where, do
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.do:
            lines.append(f"  next:  {self.do}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, str | None]:
        """The same error for machines (`--json`)."""
        return {"error": self.kind, "what": self.what, "where": self.where, "next": self.do}


class SettingsError(PatronError):
    """patron.yaml, a rule file or an option is wrong; no data was touched."""

    exit_code = 2
    kind = "settings"
    summary = "patron.yaml, a rule file or an option is invalid."


class SourceError(PatronError):
    """A source cannot be read as the settings say; nothing of it has landed."""

    exit_code = 3
    kind = "source"
    summary = "A source cannot be read as the settings say."


class LockedError(PatronError):
    """Another run is at work on the same project."""

    exit_code = 4
    kind = "locked"
    summary = "Another run was at work on the same project."


class CheckFailedError(PatronError):
    """The run finished, but a test of the data does not hold."""

    exit_code = 5
    kind = "check"
    summary = "A test of the data does not hold, or too many rows are bad."


class EngineError(PatronError):
    """The engine refused a statement or ran out of a resource."""

    exit_code = 6
    kind = "engine"
    summary = "The engine refused a statement, or disk space or memory ran out."


class OutOfMemoryError(EngineError):
    """A statement found no room for its work, though the engine may spill to disk."""


class NothingBuiltError(PatronError):
    """A reader asked for results before there are any."""

    exit_code = 7
    kind = "nothing_built"
    summary = "Nothing is built or published yet."


def did_you_mean(name: str, known: Iterable[str], then: str = "", *, count: int = 1) -> str:
    """Suggest what a misspelt name may have meant: `did you mean 'x'?`, then `then`; `then` alone where none is near.

    Case does not matter. count: the most suggestions.
    """
    suggestions = " or ".join(repr(found) for found in find_nearest(name, known, count=count))
    return " ".join(part for part in (suggestions and f"did you mean {suggestions}?", then) if part)


def find_nearest(name: str, known: Iterable[str], *, count: int = 1) -> list[str]:
    """The known names that are spelt most like `name`, the nearest first, whatever their case."""
    import difflib

    spelt = {each.casefold(): each for each in known}
    return [spelt[key] for key in difflib.get_close_matches(name.casefold(), spelt, n=count)]


def stopped_by_the_user(error: BaseException) -> bool:
    """Whether a Ctrl-C is behind it: an engine that is stopped in a query makes an error of its own of it."""
    seen: set[int] = set()  # dbt's errors may name each other in a circle
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        if isinstance(each, KeyboardInterrupt):
            return True
        seen.add(id(each))
        each = each.__cause__ or each.__context__
    return False


def pluralize(count: int, noun: str, plural: str | None = None) -> str:
    """Write a count with its noun: 1 file, 2,000 files."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
