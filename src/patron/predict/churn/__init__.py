"""Churn predictions: how likely customers are to churn, and why (docs/churn.md)."""
