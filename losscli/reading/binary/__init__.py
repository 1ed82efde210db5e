"""Bytes that are numbers already: files of arrays, and where their elements lie."""
