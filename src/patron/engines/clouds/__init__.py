"""What the warehouses in the cloud have in common: a client of each, and the engine that works through it."""
