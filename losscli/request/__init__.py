"""The hallway: what is asked for, and carrying it out. The CLI, a suite and the Python API all make a Request."""
