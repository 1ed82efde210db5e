"""Results to tables, JSON, CSV, Markdown and the bare number."""
