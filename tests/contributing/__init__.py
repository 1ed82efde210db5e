"""The recipes of .github/CONTRIBUTING.md, followed."""
