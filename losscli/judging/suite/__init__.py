"""Suites: YAML files of claims, run together."""
