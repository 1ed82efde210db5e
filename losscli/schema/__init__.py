"""What a loss is, what its data are, and how things go wrong: the words that every other room shares."""
