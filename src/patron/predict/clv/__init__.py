"""How often customers will buy, and their lifetime value (docs/predictions.md)."""
