"""Packages that the tests build and install."""
