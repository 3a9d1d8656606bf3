"""Widgets, and every word a person reads."""
