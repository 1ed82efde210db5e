"""What commands show: each result as a table, JSON, CSV or Markdown."""
