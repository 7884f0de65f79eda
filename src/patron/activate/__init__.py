"""Activation: lists of customers to contact, random control groups, and the measured effect."""
