"""Results as data, to be written as a table, JSON, CSV, Markdown, GitHub annotations or JUnit."""
