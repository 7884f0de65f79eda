"""Predicted purchases and customer lifetime value (docs/predictions.md)."""
