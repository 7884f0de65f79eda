"""The queries of a report over gold, and the sentences written from their results."""
