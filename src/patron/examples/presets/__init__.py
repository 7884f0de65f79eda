"""Shop platforms whose exports patron knows: a patron.yaml each, for the columns that the platform writes."""
