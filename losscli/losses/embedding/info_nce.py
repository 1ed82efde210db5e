"""InfoNCE, and its symmetric form NT-Xent."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import exact, optax
from losscli.losses.embedding._pairwise import pairwise_cosines
from losscli.numerics.double_double import Doubled, doubled, row_sums
from losscli.numerics.logsumexp import LogSumExp
from losscli.schema.define import define, equals
from losscli.schema.domains import POSITIVE, REAL, TRUTH
from losscli.schema.loss import Array, Constant, Convention, LossMistake, Option, Role, Step, Units


def info_nce(
    anchor: Annotated[Array, Role("n d", REAL, "vectors, one view of each sample")],
    positive: Annotated[Array, Role("n d", REAL, "vectors, the other view of the same samples, in the same order")],
    *,
    temperature: Annotated[float, Option(POSITIVE, "what the cosines are divided by")] = 0.07,
    symmetric: Annotated[bool, Option(TRUTH, "NT-Xent: either view is compared with all others of both")] = False,
    floor: Annotated[float, Constant("the least length that a vector is divided by")] = 1e-12,
) -> Units:
    """Wants to find each sample's other view among those of the whole batch.

    Use: self-supervised learning of embeddings from two views of each sample, or from pairs of pictures and texts.
    Formula: -log(exp(s_ii) / Σ_j exp(s_ij)), s_ij = cos(anchor_i, positive_j) / temperature; the other samples of the
    batch are the negatives. With symmetric the 2N views are all anchors, j runs over the 2N - 1 others, and the loss of
    a sample is the mean of those of its two views.
    Inputs: two arrays (N, D), row i of both from sample i. No unit.
    Gradient: Σ_j (softmax(s_i)_j - [j = i]) ∂s_ij, where ∂cos is that of cosine_similarity.
    Accuracy: losses are good to 4 ulp for temperatures over 1e-3, gradients to some ulp of the largest of the terms
    that they add. Memory grows with N².
    Relations: cross_entropy of the N × N scaled cosines with the labels 0 … N-1.
    Pitfalls: the loss depends on the batch: the mean of the losses of two halves is not that of the whole;
    without negatives, N = 1, it is 0; with cosines that are all alike it is log N, or log(2N - 1) with symmetric;
    a temperature of 0.5 or 0.1 is SimCLR's, 0.07 MoCo's; CPC has none;
    the vectors are divided by their lengths here: of vectors that are not, a product is no cosine;
    CLIP's loss is the mean of this one and the same with anchor and positive exchanged.
    Source: A. van den Oord, Y. Li, O. Vinyals, arXiv 1807.03748; K. He et al., CVPR 2020 (MoCo: 0.07); T. Chen et al.,
    ICML 2020 (SimCLR: NT-Xent). PyTorch has none; torch.nn.functional.normalize bounds lengths at 1e-12.
    """
    queries, keys, own = _views(anchor, positive, symmetric)
    cosines, back = pairwise_cosines(queries, keys, floor)
    parts = _relative_to_own(cosines, own, temperature, symmetric)
    losses = parts.gap(np.zeros_like(parts.largest), own) + parts.log_others

    def pullback(up: Array) -> dict[str, Array]:
        rows = np.arange(len(own))
        turn = np.concatenate([up, up]) / 2.0 if symmetric else up
        factor = turn / (1.0 + parts.others) / temperature
        by_cosine = parts.exponentials * factor[:, None]
        by_cosine[rows, parts.at] = factor
        by_cosine[rows, own] = -parts.elsewhere(own) * factor
        by_query, by_key = back(by_cosine)
        if not symmetric:
            return {"anchor": by_query, "positive": by_key}
        by_view = by_query + by_key
        return {"anchor": by_view[: len(up)], "positive": by_view[len(up) :]}

    if symmetric:
        losses = 0.5 * (losses[: len(anchor)] + losses[len(anchor) :])
    return Units(losses, pullback)


def _views(anchor: Array, positive: Array, symmetric: bool) -> tuple[Array, Array, NDArray[np.intp]]:
    """The vectors that look for another, those they look among, and which is whose."""
    if not symmetric:
        return anchor, positive, np.arange(len(anchor))
    both = np.concatenate([anchor, positive])
    return both, both, np.roll(np.arange(len(both)), len(anchor))


def _relative_to_own(cosines: Doubled, own: NDArray[np.intp], temperature: float, symmetric: bool) -> LogSumExp:
    """log Σ exp of each row of scores, less the score of its own pair.

    Scores keep twice the precision up to the exponential: one of 20, rounded, makes that wrong by 20 roundings.
    """
    rows = np.arange(len(own))
    gaps = (cosines - Doubled(cosines.high[rows, own], cosines.low[rows, own]).column) / doubled(
        np.full((1, 1), temperature)
    )
    if symmetric:  # no view is compared with itself
        gaps.high[rows, rows] = -np.inf
        gaps.low[rows, rows] = 0.0
    at = gaps.high.argmax(axis=1)
    largest = Doubled(gaps.high[rows, at], gaps.low[rows, at])
    below = gaps - largest.column
    exponentials = np.exp(below.high)
    exponentials = exponentials + exponentials * below.low
    exponentials[rows, at] = 0.0
    return LogSumExp(largest.high, at, None, exponentials, row_sums(doubled(exponentials)).high)


def _steps(anchor: Array, positive: Array, temperature: float, symmetric: bool, floor: float, at: int) -> list[Step]:
    queries, keys, own = _views(anchor, positive, symmetric)
    steps: list[Step] = []
    losses = []
    for number, query in enumerate((at, at + len(anchor)) if symmetric else (at,)):
        lengths = np.maximum(np.linalg.norm(keys, axis=1), floor) * max(float(np.linalg.norm(queries[query])), floor)
        scores = keys @ queries[query] / lengths / temperature
        own_score = float(scores[own[query]])
        others = np.delete(scores, query) if symmetric else scores
        log_sum = float(others.max() + np.log(np.sum(np.exp(others - others.max()))))
        losses.append(log_sum - own_score)
        of = f" of view {number + 1}" if symmetric else ""
        steps += [
            Step(f"scores{of}", "cos(anchor, positive_j) / temperature", others),
            Step(f"own score{of}", "that of the sample's other view", own_score),
            Step(f"log-sum-exp{of}", "log Σ exp(scores)", log_sum),
        ]
    formula = "the mean of log-sum-exp - own score" if symmetric else "log-sum-exp - own score"
    return [*steps, Step("loss", formula, sum(losses) / len(losses))]


def _as_cross_entropy(anchor: Array, positive: Array, temperature: float, symmetric: bool) -> dict[str, Any]:
    queries, keys, own = _views(anchor, positive, symmetric)
    scores = (pairwise_cosines(queries, keys, 0.0)[0] / doubled(np.full((1, 1), temperature))).high
    if symmetric:
        np.fill_diagonal(scores, -np.inf)
    return {"input": scores, "target": own}


def _eps_of(dtype: str) -> float:
    """The root of the type's epsilon, which optax takes as the least squared length."""
    return float(np.sqrt(np.finfo(dtype if dtype.startswith("float") else "float32").eps))


def _one_way(symmetric: bool) -> bool:
    return not symmetric


def _scores(anchor: Array, positive: Array) -> Array:
    """The cosines of all pairs, as people write them."""
    return np.asarray(_unit(anchor) @ _unit(positive).T)


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _row_losses(scores: Array, *, own: bool = True) -> Array:
    """-log softmax of each row at its own pair, which the denominator counts or not."""
    pairs = np.diag(scores).copy()
    if not own:
        scores = scores.copy()
        np.fill_diagonal(scores, -np.inf)
    largest = scores.max(axis=1, initial=-np.inf)
    return np.asarray(largest + np.log(np.exp(scores - largest[:, None]).sum(axis=1)) - pairs)


def _temperature_of_negatives(anchor: Array, positive: Array, temperature: float) -> Array:
    cosines = _scores(anchor, positive)
    scores = cosines / temperature
    np.fill_diagonal(scores, np.diag(cosines))
    return _row_losses(scores)


LOSS = define(
    info_nce,
    kind="embedding",
    aliases=("InfoNCELoss",),
    conventions=(
        Convention("torch", "the papers' code: torch.nn.functional.normalize, then cross_entropy"),
        exact("no bound on the lengths", floor=0.0),
        optax(
            "ntxent",
            does="of both views and labels that pair them",
            reduction="mean",
            symmetric=True,
            temperature=0.07,
            floor=_eps_of,
        ),
    ),
    relations=(
        equals(
            "InfoNCE(a, p) = CrossEntropy(cosines / temperature, own pair), as means",
            "cross_entropy",
            _as_cross_entropy,
            reduced=("mean", "mean"),
        ),
    ),
    steps=_steps,
    mistakes=(
        LossMistake(
            "lengths_left_out",
            "the vectors were not divided by their lengths: scalar products were taken for cosines",
            "divide each vector by its length first",
            lambda anchor, positive, temperature: _row_losses(anchor @ positive.T / temperature),
            tier="A",
            given=_one_way,
        ),
        LossMistake(
            "positive_left_out_of_denominator",
            "the sum of exponentials was taken over the negatives alone, without the sample's own pair",
            "count the own pair in the denominator too",
            lambda anchor, positive, temperature: _row_losses(_scores(anchor, positive) / temperature, own=False),
            tier="A",
            given=_one_way,
        ),
        LossMistake(
            "temperature_on_negatives_only",
            "the similarity of the own pair was not divided by the temperature",
            "divide all similarities by the temperature",
            _temperature_of_negatives,
            given=_one_way,
        ),
        LossMistake(
            "both_directions",
            "the mean of both directions was taken: each anchor among the positives, each positive among the anchors",
            "take the rows alone, or claim symmetric=True",
            lambda anchor, positive, temperature: (
                (
                    _row_losses(_scores(anchor, positive) / temperature)
                    + _row_losses(_scores(positive, anchor) / temperature)
                )
                / 2.0
            ),
            tier="A",
            given=_one_way,
        ),
    ),
    example=("[[1,0],[0,1],[1,1]]", "[[1,0.2],[0.1,1],[1,0]]", "--temperature", "0.5"),
    units="n",
    scale_free=True,
)
