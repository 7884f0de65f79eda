"""The pages: one file, one question each."""
