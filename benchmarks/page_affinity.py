"""The section of docs/benchmarks.md on affinity."""

from __future__ import annotations

from typing import Any

_SAID = """`product_affinity` over {seen_line_count:,} order lines and {seen_product_count:,} articles, on {machine},
with `memory_limit: {memory}`: popularity by Zipf's law, baskets of Pareto sizes up to 2,000 articles, all drawn
independently. {too_big_basket_count:,} baskets of more than {largest_basket} articles, with {too_big_line_count:,}
lines, were left out; the others hold {basket_pair_count:,} pairs. {frequent_pair_count:,} different ones stand in
at least {least_pair_baskets} baskets. Told as partners: {significant_pair_count:,}, and there are none to find.
The models alone, in a process of their own: {cpu_seconds:.0f} s of processor, at most {peak_mb:,.0f} MB. Other work
shared the machine, whose load was {load}."""


def affinity_section(found: dict[str, Any]) -> str:
    """The words and the seconds of benchmarks.affinity."""
    rows = [f"| {name} | {seconds:.1f} |" for name, seconds in found["seconds"].items()]
    table = "\n".join(["| model | seconds |", "|---|---:|", *rows])
    return f"## Affinity\n\n{_SAID.format(**found, **found['coverage'])}\n\n{table}\n"
