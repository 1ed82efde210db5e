"""All alignments of a target with the frames of a sequence, as a lattice, and the sums over its paths.

A state is a label of the target, or the blank before, between or behind its labels: 2s + 1 in all. From frame to frame
a path stays, goes one state on, or skips the blank between two different labels. It starts before the first frame at
state 0, which is the first blank, and ends at the last label or the blank behind it.

Why numbers of twice the precision: a path's log-probability grows with the frames, and plain float64 would round all
of it at every frame. This way a frame adds no more than the rounding of its own exponentials.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from losscli.losses.sequence._targets import Indices
from losscli.numerics.double_double import Doubled, doubled, two_sum
from losscli.schema.loss import Array
from losscli.schema.records import record

_NO_PATH = -np.inf
Weights = tuple[Array, ...]


@record
class Lattice:
    """The lattices of a batch, as wide as the longest target's."""

    states: Indices  # (n, 2s + 1) the class that a state emits
    skips: Array  # (n, 2s + 1) 0 where a path may come from two states before, -inf elsewhere
    last: Indices  # (n,) the state of the blank behind the last label
    frames: Indices  # (n,)


@record
class Forward:
    """The log-probability of each target, and the weights with which its paths came together on the way."""

    log_likelihood: Array  # (n,)
    at_end: Weights  # (n,) of the blank behind the last label, and of that label
    arrivals: Sequence[Weights]  # (n, 2s + 1) a frame: of those that stay, take a step, or skip a blank


def lattice(labels: Indices, lengths: Indices, frames: Indices, blank: int) -> Lattice:
    """The lattices of padded targets."""
    samples, width = labels.shape
    states = np.full((samples, 2 * width + 1), blank, np.intp)
    states[:, 1::2] = labels
    skips = np.full(states.shape, _NO_PATH)
    skips[:, 3::2] = np.where(labels[:, 1:] != labels[:, :-1], 0.0, _NO_PATH)
    return Lattice(states, skips, 2 * lengths, frames)


def forward(paths: Lattice, emissions: Array) -> Forward:
    """Follows all paths at once, frame by frame; a sample stays as it is when its own frames are over."""
    samples, width = paths.states.shape
    start = np.full((samples, width), _NO_PATH)
    start[:, 0] = 0.0
    reached, arrivals = doubled(start), []
    for frame, emission in enumerate(emissions):
        after, weights = _merged(_ways(paths, reached), emission)
        arrivals.append(weights)
        going = (frame < paths.frames)[:, None]
        reached = Doubled(np.where(going, after.high, reached.high), np.where(going, after.low, reached.low))
    rows, label = np.arange(samples), np.maximum(paths.last - 1, 0)
    no_label = np.where(paths.last == 0, _NO_PATH, 0.0)
    behind = Doubled(reached.high[rows, paths.last], reached.low[rows, paths.last])
    total, at_end = _merged((behind, Doubled(reached.high[rows, label] + no_label, reached.low[rows, label])), 0.0)
    return Forward(total.high, at_end, arrivals)


def occupancy(paths: Lattice, reached: Forward) -> Array:
    """How probable each state is at each frame, given the target: (t, n, 2s + 1).

    Why no second recursion from the end: the weights with which paths came together are those in which they part on the
    way back. Nothing cancels there, and a frame's probabilities add up to 1.
    """
    rows = np.arange(len(paths.last))
    mass = np.zeros(paths.states.shape)
    behind, label = _parted(np.ones(len(rows)), reached.at_end)
    mass[rows, paths.last] = behind
    mass[rows, np.maximum(paths.last - 1, 0)] += label
    occupied = np.zeros((len(reached.arrivals), *mass.shape))
    for frame in reversed(range(len(occupied))):
        going = (frame < paths.frames)[:, None]
        occupied[frame] = np.where(going, mass, 0.0)
        stay, step, skip = _parted(mass, reached.arrivals[frame])
        stay[:, :-1] += step[:, 1:]
        stay[:, :-2] += skip[:, 2:]
        mass = np.where(going, stay, mass)
    return occupied


def _ways(paths: Lattice, before: Doubled) -> tuple[Doubled, ...]:
    """What leads to each state: itself, the one before, and the one before that."""
    samples, states = paths.states.shape
    high = np.concatenate([np.full((samples, 2), _NO_PATH), before.high], axis=1)
    low = np.concatenate([np.zeros((samples, 2)), before.low], axis=1)
    step = Doubled(high[:, 1:-1], low[:, 1:-1])
    return before, step, Doubled(high[:, :states] + paths.skips, low[:, :states])


def _merged(logs: Sequence[Doubled], log_factor: Array | float) -> tuple[Doubled, Weights]:
    """log_factor + log Σ exp(logs), and each exponential relative to the largest.

    The largest, whose exponential is 1, stays out of log1p, so that a sum over small others keeps its digits.
    """
    largest, top = logs[0], np.zeros(logs[0].high.shape, np.intp)
    for at, log in enumerate(logs[1:], start=1):
        over = (log.high > largest.high) | ((log.high == largest.high) & (log.low > largest.low))
        largest = Doubled(np.maximum(largest.high, log.high), np.where(over, log.low, largest.low))
        top = np.where(over, at, top)
    level = np.where(largest.high == _NO_PATH, 0.0, largest.high)
    weights = tuple(_exp(two_sum(log.high, -level), log.low - largest.low) for log in logs)
    others = sum(np.where(top == at, 0.0, weight) for at, weight in enumerate(weights))
    total = two_sum(largest.high, log_factor)
    return two_sum(total.high, total.low + (largest.low + np.log1p(others))), weights


def _exp(log: Doubled, rest: Array) -> Array:
    """exp(log + rest). At 1e30 the low parts are as large as 1e13, and where the high ones cancel, they decide."""
    settled = two_sum(log.high, log.low + rest)
    return np.exp(settled.high) * (1.0 + settled.low)


def _parted(mass: Array, weights: Weights) -> list[Array]:
    """A mass divided in proportion to weights; nothing, where all are 0."""
    whole = np.maximum(sum(weights), 1.0)  # the largest is 1
    return [mass * weight / whole for weight in weights]
