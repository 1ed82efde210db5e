"""Losses of masks: which pixels belong to what is sought."""
