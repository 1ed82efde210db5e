"""Numbers against what they should be: claims by one comparison, gradients by derivatives, losses by identities."""
