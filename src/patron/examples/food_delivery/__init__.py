"""The food delivery example: patron.yaml, what it assumes, and a generator of files in its shape."""
