"""One file a command: read, call a plain function, show, leave."""
