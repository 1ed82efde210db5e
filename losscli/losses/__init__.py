"""The catalogue: the folder is the list, one file a loss, its name the loss's name."""
