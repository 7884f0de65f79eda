"""Forecasts of shops whose future is known: simulated ones, and public data sets (docs/forecasts.md)."""
