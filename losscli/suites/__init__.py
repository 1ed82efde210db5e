"""YAML suites of claims: found, parsed, run and brought up to date."""
