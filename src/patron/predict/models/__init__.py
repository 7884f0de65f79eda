"""How often customers buy and when they stop: four models of the field, each from its paper.

A customer is known by three numbers, in one unit of time throughout: frequency (repeat purchases, x), recency (from the
first purchase to the last, t_x) and age (from the first purchase to now, T). docs/purchase_models.md says what each
model assumes.
"""
