"""Random inputs for what patron reads from outside: files, settings, and the statements of queries."""
