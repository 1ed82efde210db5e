"""What real pipelines export, and the command that a user would type for it first."""
