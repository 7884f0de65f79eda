"""A Poisson regression beside the purchase models: who buys more often than a model expects, and who less."""
