"""Inputs made to hurt: the one place that draws them, whatever they are for.

- `families`: numbers of every magnitude by what they are: scores, probabilities, rows, pairs, vectors; sorted by what
  hurts (huge, ties, subnormal, …);
- `mixtures`: all of that in one array, for a loss whose samples are independent;
- `sums`: arrays that break sums;
- `domains`: inputs of any role, at the ends of its domain;
- `layouts`: the same numbers, otherwise in memory.

Ordinary questions to any loss are drawn from its definition, by tests/laws/drawing.py.
"""
