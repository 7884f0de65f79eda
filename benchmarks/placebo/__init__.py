"""Shops in which nothing has an effect, and shops in which something has a known one, through the shipped models."""
