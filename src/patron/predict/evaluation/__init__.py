"""Evaluation of the purchase models on a shop's own past: fitted as of an earlier day, compared with what followed."""
