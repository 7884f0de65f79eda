"""The mapping of sources to canonical entities."""
