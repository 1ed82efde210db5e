"""Users' Python: losses, distances and gradients from a file."""
