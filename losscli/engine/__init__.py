"""Runs any loss, names none: bind, chunk, evaluate, reduce."""
