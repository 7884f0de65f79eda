"""Gold in open table formats, for other engines: one version for all tables, named by a file that is swapped last."""
