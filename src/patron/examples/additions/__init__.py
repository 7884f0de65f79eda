"""What `patron init --with` adds to a project folder: a folder of templates per addition, and the registry of them."""
