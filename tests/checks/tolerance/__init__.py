"""When a claim holds: right and wrong claims of every loss, measured."""
