"""One file per command: read, call a function of a lower room, show the report."""
