"""Mathematics of floats. Knows no loss."""
