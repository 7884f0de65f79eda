"""Models of how often customers buy and when they stop, each from its paper.

A customer is three numbers, in the same unit of time throughout: frequency (repeat purchases, x), recency (from the
first purchase to the last, t_x) and age (from the first purchase to now, T). docs/purchase_models.md has the
assumptions of each model.
"""
