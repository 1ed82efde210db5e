"""Which mistake makes a claimed number: hypotheses composed of a few factors, and the search among them."""
