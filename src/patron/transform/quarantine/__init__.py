"""Rows that could not be used: kept with a reason, counted by kind, and a run stops if there are too many."""
