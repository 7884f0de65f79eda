"""The contract: canonical entities, metrics, personal data, and how text of data leaves."""
