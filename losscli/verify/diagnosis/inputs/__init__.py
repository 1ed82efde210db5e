"""Mistakes in what a loss is given: inputs seen in another way, and paired otherwise."""
