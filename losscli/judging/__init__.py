"""Compares numbers with what they should be: identities, and gradients with derivatives."""
