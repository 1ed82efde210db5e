"""Mistakes in a formula: its lines, its options, and other losses in its place."""
