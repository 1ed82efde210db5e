"""Mistakes in arrays: losses of samples and gradients."""
