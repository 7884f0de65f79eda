"""The pages, each in a module of its own that answers one question."""
