"""Losses over classes of which one is true."""
