"""Which columns each column is made of, from gold back to the sources."""
