"""The terminal output: a module for each kind of result."""
