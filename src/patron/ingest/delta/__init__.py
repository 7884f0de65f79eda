"""Delta tables as sources: of a lake that is there already."""
