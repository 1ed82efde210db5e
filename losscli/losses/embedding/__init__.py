"""Losses of vectors that should lie near or far."""
