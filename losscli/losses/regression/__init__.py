"""Losses of numbers against numbers."""
