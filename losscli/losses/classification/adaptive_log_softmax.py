"""The adaptive softmax: very many classes, the rare ones in clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import torch
from losscli.losses.classification._linear import (
    label_nll,
    label_slopes,
    row_blocks,
    scaled_rows,
    scores_of,
    slope_product,
    softmax_parts,
)
from losscli.losses.classification._linear_clusters import BIAS, HEAD, Layer, bounds, layers, misfits, projection, words
from losscli.losses.classification._softmax import nlls, softmax_steps
from losscli.losses.classification._truth import as_label
from losscli.numerics.double_double import Doubled, doubled, row_sums
from losscli.numerics.logsumexp import LogSumExp
from losscli.numerics.products import add_at, zeros
from losscli.schema.define import define, equals
from losscli.schema.domains import COUNT, LABEL, POSITIVE, REAL, TRUTH
from losscli.schema.loss import Array, Members, Option, Role, Step, Units
from losscli.schema.records import record


def adaptive_log_softmax(
    input: Annotated[Array, Role("n? d", REAL, "hidden vectors")],
    target: Annotated[Array, Role("n?", LABEL, "the true class; frequent classes come first")],
    state: Annotated[
        Mapping[str, Array],
        Members(REAL, "the module's state_dict: head.weight, tail.0.0.weight, tail.0.1.weight, tail.1.0.weight, …"),
    ],
    *,
    cutoffs: Annotated[
        Array | None, Option(COUNT, "where the clusters begin; if given, it must agree with the matrices", axes="*")
    ] = None,
    div_value: Annotated[
        float,
        Option(POSITIVE, "how much shorter each cluster's vectors are; unless 4, it must agree with the matrices"),
    ] = 4.0,
    head_bias: Annotated[bool, Option(TRUTH, "if true, head.bias must be there; where it is, it counts")] = False,
) -> Units:
    """Cross-entropy over a tree of two levels: the head has the frequent classes and one class for each cluster.

    Use: to train or judge a model with very many classes that are unevenly used, such as the words of a language.
    Formula: -log softmax(head · h)_y for y below the first cutoff; for y in cluster i, which begins at class b,
    -log softmax(head · h)_i - log softmax(B_i A_i h)_(y - b), in nats; h = input, head = head.weight (and head.bias),
    A_i = tail.i.0.weight, B_i = tail.i.1.weight, and cluster i is class cutoffs[0] + i of the head.
    Inputs: vectors (N, D) or (D), labels (N) or a single one, and the matrices by their names in the state_dict.
    The cutoffs follow from the matrices, and so do div_value and head_bias.
    Gradient: of both softmaxes, softmax - onehot, through their matrices; every matrix has one, under its name.
    Accuracy: the scores have twice the working precision, so the loss keeps its digits where dot products cancel, to
    D 2⁻⁶² of their terms' magnitudes. Gradients are sums of rounded terms: good to a few ulp of those magnitudes.
    Relations: nll of the log-probabilities of all classes, the module's log_prob.
    Pitfalls: classes must be sorted by frequency, the most frequent first; PyTorch returns output, the log-probability
    of the target, and loss, the mean of -output: this is the loss; a label in a cluster pays twice, for the cluster in
    the head and for the class in the cluster; label y lies in the head if y < cutoffs[0], though the documentation
    counts from 1 there.
    Source: torch.nn.AdaptiveLogSoftmaxWithLoss; E. Grave et al., Efficient Softmax Approximation for GPUs, ICML 2017.
    """
    passages = _passages(input, target, state)
    value = _gathered([(p.samples, label_nll(p.softmax, p.label)) for p in passages], len(input))

    def pullback(up: Array) -> dict[str, Array]:
        totals = {name: zeros(array.shape) for name, array in {"input": input, **state}.items()}
        for passage in _passages(input, target, state):
            slope = scaled_rows(label_slopes(passage.softmax, passage.label), up[passage.samples])
            if passage.bias:
                add_at(totals[passage.bias], ..., row_sums(doubled(slope.T)).high)
            for name, rows in reversed(passage.entering):
                add_at(totals[name], ..., slope_product(slope.T, rows.high))
                slope = slope_product(slope, state[name])
            add_at(totals["input"], passage.samples, slope)
        return {name: total.high + total.low for name, total in totals.items()}

    return Units(value, pullback)


@record
class _Passage:
    """One run of samples through one layer: their labels there, and what goes into each matrix."""

    samples: NDArray[np.intp]
    label: NDArray[np.intp]
    entering: list[tuple[str, Doubled]]
    bias: str
    softmax: LogSumExp


def _passages(input: Array, target: Array, state: Mapping[str, Array]) -> Iterator[_Passage]:
    for layer in layers(as_label(target), state):
        for run in row_blocks(len(layer.samples), len(state[layer.matrices[-1]])):
            samples = layer.samples[run]
            entering, scores = _forward(doubled(input[samples]), layer, state)
            yield _Passage(samples, layer.label[run], entering, layer.bias, softmax_parts(scores))


def _gathered(losses: Sequence[tuple[NDArray[np.intp], Array]], units: int) -> Array:
    """What each sample pays: in the head, through which all pass first and in order, and maybe in a cluster."""
    samples = np.concatenate([np.zeros(0, np.intp), *(samples for samples, _ in losses)])
    paid = np.concatenate([*(nll for _, nll in losses), np.zeros(1)])
    place = np.full(units, len(samples))  # of the 0 at the end
    place[samples[units:]] = np.arange(units, len(samples))
    value: Array = paid[:units] + paid[place]
    return value


def _forward(rows: Doubled, layer: Layer, state: Mapping[str, Array]) -> tuple[list[tuple[str, Doubled]], Doubled]:
    """What goes into each matrix, and the scores that come out of the last."""
    entering = []
    for name in layer.matrices:
        entering.append((name, rows))
        rows = scores_of(rows, state[name])
    return entering, rows + state[layer.bias] if layer.bias else rows


def _log_prob(input: Array, target: Array, state: Mapping[str, Array], **_: Any) -> dict[str, Any]:
    """The module's log_prob: the log-probabilities of all classes."""
    rows, ends = input.reshape(-1, input.shape[-1]), bounds(state)
    samples = np.arange(len(rows))
    tree = [Layer(samples, samples, (HEAD,), BIAS if BIAS in state else "")]
    tree += [Layer(samples, samples, (projection(cluster), words(cluster))) for cluster in range(len(ends) - 1)]
    head, *tails = (-nlls(softmax_parts(_forward(doubled(rows), layer, state)[1])) for layer in tree)
    columns = [head[:, : ends[0]], *(tail + head[:, [ends[0] + i]] for i, tail in enumerate(tails))]
    return {"input": np.concatenate(columns, axis=1).reshape(*input.shape[:-1], -1), "target": target}


def _steps(input: Array, target: Array, state: Mapping[str, Array], at: int) -> list[Step]:
    lines = [Step("hidden vector", "h = input", input[at])]
    parts = []
    for layer in layers(as_label(target[at : at + 1]), state):
        place = "head" if layer.matrices[0] == HEAD else layer.matrices[0].removesuffix(".0.weight")
        rows = input[at]
        for name in layer.matrices:
            rows = state[name] @ rows
        if layer.bias:
            rows = rows + state[layer.bias]
        _, log_softmax = softmax_steps(rows)
        label = int(layer.label[0])
        parts.append(-log_softmax[label])
        lines += [
            Step(
                f"scores of {place}",
                " · ".join([*reversed(layer.matrices), "h"]) + " + head.bias" * bool(layer.bias),
                rows,
            ),
            Step(f"log-softmax of {place}", "scores - log Σ exp(scores)", log_softmax),
            Step(f"nll of {place}", f"-log-softmax at {label}", parts[-1]),
        ]
    return [*lines, Step("loss", "the sum of both", sum(parts))]


LOSS = define(
    adaptive_log_softmax,
    kind="classification",
    unit="nats",
    aliases=("adaptive_softmax",),
    units="n",
    check=misfits,
    conventions=(torch("AdaptiveLogSoftmaxWithLoss", does="loss is the mean of -output"),),
    relations=(equals("AdaptiveLogSoftmax(h, y) = NLL(log_prob(h), y)", "nll", _log_prob),),
    steps=_steps,
    example=(
        "[[1,2],[0,1]]",
        "[0,2]",
        "head.weight=[[1,0],[0,1]]",
        "tail.0.0.weight=[[1,1]]",
        "tail.0.1.weight=[[1],[2]]",
    ),
)
