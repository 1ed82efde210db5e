"""Claims judged, and those that do not hold explained."""
