"""Logs of training runs to named columns of numbers."""
