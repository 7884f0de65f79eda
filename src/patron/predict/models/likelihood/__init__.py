"""Maximum likelihood, for every model of customers: climbing, cutting into pieces, what is kept and told afterwards."""
