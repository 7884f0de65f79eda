"""Readings of times that have a word in the place of a strptime format."""

from __future__ import annotations

ISO = "iso"
EPOCH_SECONDS = "epoch seconds"
EPOCH_MILLISECONDS = "epoch milliseconds"

TIME_WORDS = (ISO, EPOCH_SECONDS, EPOCH_MILLISECONDS)
