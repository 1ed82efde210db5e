"""Text to named arrays: tables, documents, numbers as people write them."""
