"""A first mapping of files that patron has never seen: by their headers, and above all by their values."""
