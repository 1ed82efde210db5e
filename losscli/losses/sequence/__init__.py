"""Losses of sequences against sequences of another length."""
