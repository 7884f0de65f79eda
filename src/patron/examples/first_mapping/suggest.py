"""A first patron.yaml for files that patron has never seen: by a platform's preset, else by headers and values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from patron.errors import SourceError
from patron.examples.first_mapping.draft import ProjectDraft, draft_project
from patron.examples.first_mapping.order_settings import find_currency
from patron.examples.first_mapping.questions import Answer
from patron.examples.first_mapping.tables import Table, read_tables
from patron.examples.first_mapping.write import write_settings, write_sources
from patron.examples.presets.match import Match, explain_no_match, fit, load_preset, match_preset, recognize


@dataclass(frozen=True)
class Suggestion:
    """A first patron.yaml. platform: the preset that was used, if any. open_questions: those that nobody answered."""

    text: str
    platform: str | None
    open_questions: int


def suggest_settings(data: Path, platform: str | None, answer: Answer) -> Suggestion:
    """Suggest settings for the files of a folder, or a file.

    platform: the preset to use; without one, exports that are recognised use theirs. answer: asks what the files leave
    open. Raises SettingsError for an unknown platform; SourceError where no file can be read, or none is of the
    platform.
    """
    preset = None if platform is None else load_preset(platform)
    tables, skipped = read_tables(data)
    if not tables:
        reasons = "; ".join(f"{name}: {why}" for name, why in list(skipped.items())[:3])
        what = f"No file of {data} can be read{f' ({reasons})' if reasons else ''}."
        raise SourceError(what, where="--data", do="name the folder that holds your files")
    match = recognize(tables) if preset is None else match_preset(preset, tables)
    if preset is not None and match is None:
        what = f"No file of {data} is an export of {preset.name}: {explain_no_match(preset, tables)}."
        raise SourceError(what, where="--from", do="export it with all columns, or leave out --from for a guess")
    place = str((data if data.is_dir() else data.parent).resolve())
    if match is not None:
        return _suggest_preset(match, tables, skipped, place, answer)
    draft = draft_project(tables)
    draft.ignored |= skipped
    text, questions = write_settings(draft, place, answer)
    return Suggestion(text, None, questions)


def _suggest_preset(
    match: Match, tables: list[Table], skipped: dict[str, str], place: str, answer: Answer
) -> Suggestion:
    """Fit a preset to its tables, and add what other tables say of customers, products, rates and the like."""
    used = {table.name for table in match.tables.values()}
    others = [table for table in tables if table.name not in used]
    draft = draft_project(others, is_complete=False) if others else ProjectDraft()
    added, questions = write_sources(draft, answer)
    own = list(match.tables.values())
    taxes = {tax for table in own if isinstance(tax := draft_project([table]).tax, str)}
    text = fit(match, find_currency(own)[0], next(iter(taxes)) if len(taxes) == 1 else None)
    text = text.replace("\ndata: data\n", f"\ndata: {json.dumps(place, ensure_ascii=False)}\n", 1)
    head, _, tail = text.partition("\nsources:\n")
    left = "".join(f"# Left out: {name} ({why})\n" for name, why in (draft.ignored | skipped).items())
    return Suggestion(f"{left}{head}\nsources:\n{added}{tail}", match.preset.name, questions)
