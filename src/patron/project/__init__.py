"""A project: its folder, settings and mappings."""
