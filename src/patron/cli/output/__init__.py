"""How results look on a terminal: a module for each kind of result."""
