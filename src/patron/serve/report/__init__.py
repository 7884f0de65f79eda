"""Reports: a period's results, what changed and why, and what to do, with the query behind every number."""
