"""The seeds of the rendered project: the segments and countries of the rule files, as CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from patron.project.project import Project
from patron.transform.render import segments
from patron.transform.render.empty_staging import find_text_type
from patron.transform.rule_files import find_rule_file, read_csv


def render_seeds(project: Project, dialect: str) -> dict[str, str]:
    """Render the seeds and the yml beside them, name -> text. Raises SettingsError for a wrong rule file."""
    settings, root = project.settings.rules, project.root
    parsed = segments.read_segments(find_rule_file("segments", settings.segments, root))
    assigned = segments.assign(parsed)
    scored = [[*triple, segment.name] for triple, segment in assigned.items() if segment]
    names = list(dict.fromkeys(segment.name for segment in parsed))
    by_name = {segment.name: segment for segment in reversed(parsed)}
    listed = [
        [
            name,
            order,
            by_name[name].description,
            by_name[name].action,
            by_name[name].churn_risk,
            sum(row[3] == name for row in scored),
        ]
        for order, name in enumerate(names, start=1)
    ]
    countries = read_csv(find_rule_file("countries", settings.countries, root), _COUNTRY_COLUMNS)
    by_key = {row["raw_country"].lower(): [row["raw_country"], row["country"]] for _, row in countries}
    return {
        "seeds/segment_scores.csv": _write_csv(_SCORE_COLUMNS, scored),
        "seeds/segments.csv": _write_csv(_SEGMENT_COLUMNS, listed),
        "seeds/countries.csv": _write_csv(_COUNTRY_COLUMNS, list(by_key.values())),
        "seeds/seeds.yml": json.dumps(_describe_seeds(find_text_type(dialect)), indent=2) + "\n",
    }


_WHOLE_NUMBERS = ("_score", "_order", "_count")
_SCORE_COLUMNS = ["recency_score", "frequency_score", "monetary_score", "segment"]
_COUNTRY_COLUMNS = ["raw_country", "country"]
_SEGMENT_COLUMNS = ["segment", "segment_order", "description", "action", "churn_risk", "score_triple_count"]


def _describe_seeds(text: str) -> dict[str, Any]:
    described = {
        "segment_scores": "Grain: one of the 125 score triples. Its segment.",
        "segments": "Grain: one segment. What it means and what to do about it.",
        "countries": "Grain: one raw country. The name that silver gives it; blank means unknown.",
    }
    columns = {"segment_scores": _SCORE_COLUMNS, "segments": _SEGMENT_COLUMNS, "countries": _COUNTRY_COLUMNS}
    typed = {
        seed: {column: "bigint" if column.endswith(_WHOLE_NUMBERS) else text for column in own}
        for seed, own in columns.items()
    }
    return {
        "seeds": [
            {"name": name, "description": description, "config": {"column_types": typed[name]}}
            for name, description in described.items()
        ]
    }


def _write_csv(header: list[str], rows: list[list[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
