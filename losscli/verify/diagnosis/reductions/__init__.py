"""Mistakes in making one number of the losses of all units."""
