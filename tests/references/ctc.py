"""CTC, as the sum over all paths written out, and by a recursion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby, product

import numpy as np
from mpmath import mp, mpf

from tests.references import Form
from tests.references import _inputs as inputs
from tests.references._formulas import Array, Number
from tests.references._truth import Truth


def read(path: tuple[int, ...], blank: int) -> list[int]:
    """What a path says: runs merged, then blanks left out."""
    return [label for label, _ in groupby(path) if label != blank]


def enumerated(log_probs: Array, target: list[int], blank: int) -> tuple[Number, Array]:
    """The loss of one sample, and how probable each class is at each frame, by trying all C^T paths."""
    frames, classes = log_probs.shape
    chance = [[mp.exp(mpf(float(entry))) for entry in row] for row in log_probs]
    total, share = mpf(0), np.full((frames, classes), mpf(0))
    for path in product(range(classes), repeat=frames):
        if read(path, blank) == target:
            weight = mp.fprod(chance[frame][label] for frame, label in enumerate(path))
            total += weight
            share[range(frames), path] += weight
    return (-mp.log(total), share / total) if total else (mp.inf, share)


def recursion(log_probs: Array, target: list[int]) -> tuple[Number, Array]:
    """The same by a forward and a backward recursion over probabilities, which mpmath has the range for."""
    chance = [[mp.exp(mpf(float(entry))) for entry in row] for row in log_probs]
    states = [0] + [state for label in target for state in (label, 0)]
    ways = [
        [
            s
            for s in (state, state - 1, state - 2)
            if s >= 0 and not (s == state - 2 and states[state] in (0, states[s]))
        ]
        for state in range(len(states))
    ]
    reached = [[mpf(state == 0) for state in range(len(states))]]
    for row in chance:
        reached.append([sum(reached[-1][s] for s in ways[state]) * row[states[state]] for state in range(len(states))])
    left = [mpf(state >= len(states) - 2) for state in range(len(states))]
    total = reached[-1][-1] + reached[-1][-2]
    share = np.full(log_probs.shape, mpf(0))
    for frame in reversed(range(len(chance))):
        before = [mpf(0)] * len(states)
        for state, label in enumerate(states):
            share[frame, label] += reached[frame + 1][state] * left[state] / total
            for s in ways[state]:
                before[s] += chance[frame][label] * left[state]
        left = before
    return -mp.log(total), share


def aligned(given: Mapping[str, Array], roles: Iterable[str]) -> Truth:
    """Values and slopes by the recursion; a slope is minus a posterior."""
    log_probs = given["log_probs"]
    values, slopes = [], np.full(log_probs.shape, mpf(0))
    for sample, (frames, labels) in enumerate(zip(given["input_lengths"], given["target_lengths"], strict=True)):
        value, share = recursion(log_probs[:frames, sample], given["targets"][sample, :labels].tolist())
        values.append(value)
        slopes[:frames, sample] = -share
    return Truth(values, {role: [(slope,) * 3 for slope in slopes.ravel()] for role in roles})


FORMS = (Form("", inputs.FRAMES, aligned, torch={}, torch_slopes=False),)
