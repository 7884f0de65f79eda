"""Clusters of similar customers: fitted on a sample, named by rule, assigned by the engine (docs/clusters.md).

>>> from patron.predict.clusters.fit import fit_clusters
>>> fit_clusters(features).names  # doctest: +SKIP
"""
