"""Text and files to named arrays."""
