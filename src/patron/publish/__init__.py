"""Gold as readers see it: an atomic snapshot that never meets a lock or a half-built table."""
