"""Reports: what a period brought, what changed and why, and what to do, with the query behind every number."""
