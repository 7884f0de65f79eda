"""Predicts how long each subscriber stays, and what they are still worth, from a table of subscriptions alone."""

from __future__ import annotations

from patron.predict.subscriptions_file.result import Retention
from patron.predict.subscriptions_file.retention import retention

__all__ = ["Retention", "retention"]
