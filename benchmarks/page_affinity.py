"""The section of docs/benchmarks.md on product affinity."""

from __future__ import annotations

from typing import Any

_SAID = """`product_affinity` over {seen_line_count:,} order lines and {seen_product_count:,} articles, on {machine},
with `memory_limit: {memory}`: popularity by Zipf's law, baskets with Pareto sizes up to 2,000 articles, all drawn
independently. {too_big_basket_count:,} baskets with more than {largest_basket} articles, with {too_big_line_count:,}
lines, were left out; the others contain {basket_pair_count:,} pairs. {frequent_pair_count:,} distinct pairs are in
at least {least_pair_baskets} baskets. Reported as partners: {significant_pair_count:,}, and as habits of few customers:
{habit_pair_count:,}; there are none to find. The models alone, in a separate process, took {cpu_seconds:.0f} s of CPU
time and at most {peak_mb:,.0f} MB. The machine was shared (load {load})."""


def affinity_section(found: dict[str, Any]) -> str:
    """Return the section: its text, and the seconds of each model."""
    rows = [f"| {name} | {seconds:.1f} |" for name, seconds in found["seconds"].items()]
    table = "\n".join(["| model | seconds |", "|---|---:|", *rows])
    return f"## Affinity\n\n{_SAID.format(**found, **found['coverage'])}\n\n{table}\n"
