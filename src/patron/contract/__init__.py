"""The contract: canonical entities, metrics and personal data."""
