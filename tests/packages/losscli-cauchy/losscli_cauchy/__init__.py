"""Losses for losscli."""
