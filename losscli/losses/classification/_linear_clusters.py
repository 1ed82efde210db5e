"""The matrices of an adaptive softmax under PyTorch's names: what they say of the clusters, and whether they fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate, count, takewhile

import numpy as np
from numpy.typing import NDArray

from losscli.schema.loss import Array, Misfit
from losscli.schema.records import record

State = Mapping[str, Array]
Indices = NDArray[np.intp]

HEAD, BIAS = "head.weight", "head.bias"
_DIV_VALUE = 4.0
_CURE = "save the state_dict of a torch.nn.AdaptiveLogSoftmaxWithLoss"


@record
class Layer:
    """One softmax of the tree: the samples that pass it, their labels there, and the matrices of its scores."""

    samples: Indices
    label: Indices
    matrices: tuple[str, ...]
    bias: str = ""


def projection(cluster: int) -> str:
    """The matrix that shortens the vectors for a cluster, counted from 0."""
    return f"tail.{cluster}.0.weight"


def words(cluster: int) -> str:
    """The matrix of a cluster's classes."""
    return f"tail.{cluster}.1.weight"


def bounds(state: State) -> list[int]:
    """Where the head's own classes end, and each cluster after them."""
    sizes = [len(state[words(cluster)]) for cluster in range(clusters(state))]
    return list(accumulate(sizes, initial=len(state[HEAD]) - len(sizes)))


def clusters(state: State) -> int:
    """How many there are besides the head."""
    return sum(1 for _ in takewhile(lambda cluster: words(cluster) in state, count()))


def layers(target: Indices, state: State) -> list[Layer]:
    """The head, where a cluster is one more class, and each cluster that a label lies in."""
    ends = bounds(state)
    cluster = np.searchsorted(ends, target, side="right")  # 0 for the head's own
    head = np.where(cluster == 0, target, ends[0] + cluster - 1)
    passes = [Layer(np.arange(len(target)), head, (HEAD,), BIAS if BIAS in state else "")]
    for number in np.unique(cluster[cluster > 0]).tolist():
        samples = np.flatnonzero(cluster == number)
        matrices = (projection(number - 1), words(number - 1))
        passes.append(Layer(samples, target[samples] - ends[number - 1], matrices))
    return passes


def misfits(
    input: Array, target: Array, state: State, cutoffs: Array | None, div_value: float, head_bias: bool
) -> Iterator[Misfit]:
    """What is wrong with the matrices, or else with what is said of them, or else with the labels."""
    structural = list(_misshapen(input.shape[1], state))
    if structural:
        yield from structural
        return
    ends = bounds(state)
    yield from _contradictions(input.shape[1], state, ends, cutoffs, div_value, head_bias)
    beyond = np.flatnonzero(target >= ends[-1])
    if len(beyond):
        at = int(beyond[0])
        fact = f"target must be a class index from 0 to {ends[-1] - 1}, got {int(target[at])}"
        yield Misfit("target", at, fact, f"the matrices are those of {ends[-1]} classes, counted from 0")


def _misshapen(features: int, state: State) -> Iterator[Misfit]:
    number = clusters(state)
    known = [HEAD, *(name(cluster) for cluster in range(max(1, number)) for name in (projection, words))]
    for name in known:
        if name not in state:
            yield Misfit("state", None, f"the state has no {name}", _CURE)
    for name in sorted(set(state) - {*known, BIAS}):
        yield Misfit(name, None, f"the state has {name}, which belongs to none of {number} clusters", _CURE)
    for name in (name for name in known if name in state and state[name].ndim != 2):
        yield Misfit(name, None, f"{name} has {state[name].ndim} axes", "a matrix has a row an output: (out, in)")
    if all(name in state and state[name].ndim == 2 for name in known):
        yield from _unfitting(features, state, number)


def _unfitting(features: int, state: State, number: int) -> Iterator[Misfit]:
    for name in (HEAD, *map(projection, range(number))):
        if state[name].shape[1] != features:
            fact = f"{name} has {state[name].shape[1]} columns, but the vectors have {features} entries"
            yield Misfit(name, None, fact, "take the hidden vectors and the matrices of one model; rows are outputs")
    for cluster in range(number):
        wide, narrow = state[words(cluster)].shape[1], len(state[projection(cluster)])
        if wide != narrow:
            fact = f"{words(cluster)} has {wide} columns, but {projection(cluster)} has {narrow} rows"
            yield Misfit(words(cluster), None, fact, _CURE)
        if not len(state[words(cluster)]):
            yield Misfit(words(cluster), None, f"{words(cluster)} has no classes", _CURE)
    rows = len(state[HEAD])
    if rows <= number:
        fact = f"{HEAD} has {rows} rows, of which {number} stand for the clusters"
        yield Misfit(HEAD, None, fact, "the head has the most frequent classes too, before the clusters")
    if BIAS in state and state[BIAS].shape != (rows,):
        fact = f"{BIAS} has shape {state[BIAS].shape}, but {HEAD} has {rows} rows"
        yield Misfit(BIAS, None, fact, "the bias has one number a row of the head")


def _contradictions(
    features: int, state: State, ends: list[int], cutoffs: Array | None, div_value: float, head_bias: bool
) -> Iterator[Misfit]:
    if cutoffs is not None:
        given = cutoffs.tolist()
        if given != sorted(set(given)):
            yield Misfit("cutoffs", None, f"cutoffs are {_listed(given)}", "they increase")
        elif given != ends[:-1]:
            fact = f"cutoffs are {_listed(given)}, but the matrices are those of cutoffs {_listed(ends[:-1])}"
            yield Misfit("cutoffs", None, fact, "leave cutoffs out, or take the matrices of that model")
    sizes = [len(state[projection(cluster)]) for cluster in range(len(ends) - 1)]
    expected = [int(features // div_value ** (cluster + 1)) for cluster in range(len(sizes))]
    if div_value != _DIV_VALUE and sizes != expected:  # unsaid it is PyTorch's, which another module need not have
        fact = f"div_value {div_value:g} makes projections of size {_listed(expected)}, but they are {_listed(sizes)}"
        yield Misfit("div_value", None, fact, "leave div_value out, or take the matrices of that model")
    if head_bias and BIAS not in state:
        yield Misfit("head_bias", None, f"head_bias is true, but the state has no {BIAS}", "leave head_bias out")


def _listed(numbers: list[float] | list[int]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)
