"""Losses of yes or no."""
