"""Serves published gold: queries, customer profiles, reports and the dashboard."""
