"""Every loss of the catalogue with its inputs, its formula in mpmath, and PyTorch's options where it has the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.accuracy import inputs
from tests.accuracy.inputs import Inputs
from tests.accuracy.truth import Array, Number, Reference, Truth, by_unit, of_all
from tests.losses import (
    test_adaptive_log_softmax,
    test_bce,
    test_bce_with_logits,
    test_brier,
    test_categorical_hinge,
    test_contrastive,
    test_cosine_embedding,
    test_cosine_similarity,
    test_cross_entropy,
    test_ctc,
    test_dice,
    test_focal,
    test_gaussian_nll,
    test_generalized_cross_entropy,
    test_hinge,
    test_hinge_embedding,
    test_huber,
    test_info_nce,
    test_jensen_shannon,
    test_kl_div,
    test_l1,
    test_log_cosh,
    test_log_loss,
    test_mape,
    test_margin_ranking,
    test_mse,
    test_msle,
    test_multi_margin,
    test_multilabel_margin,
    test_multilabel_soft_margin,
    test_nll,
    test_poisson_nll,
    test_quantile,
    test_sce,
    test_sigmoid_focal,
    test_smooth_l1,
    test_soft_margin,
    test_softmax_focal,
    test_squared_hinge,
    test_triplet_margin,
    test_triplet_margin_with_distance,
    test_tversky,
)

Keywords = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A loss in one of its forms: its inputs by family, what is true of them, and how it is called.

    `torch` are PyTorch's options, None where it has no such loss; `torch_slopes` says whether its gradient means ours.
    """

    loss: str
    form: str
    inputs: Inputs
    reference: Reference
    options: Keywords = field(default_factory=dict)
    torch: Keywords | None = None
    torch_slopes: bool = True


def cases(loss: str) -> list[Case]:
    """All forms of a loss."""
    return [case for case in CASES if case.loss == loss]


def case(loss: str, form: str) -> Case:
    return next(case for case in cases(loss) if case.form == form)


def _elements(
    loss: str,
    given: Inputs,
    formula: Callable[..., Number],
    form: str = "",
    torch: Keywords | None = None,
    **options: Any,
) -> Case:
    """A loss of independent units whose formula gets the options too; words and counts stay, numbers are mpmath's."""
    numbers = {name: mpf(value) if isinstance(value, float) else value for name, value in options.items()}
    return Case(loss, form, given, by_unit(partial(formula, **numbers)), options, torch)


def _hidden(all_inputs: dict[str, Any]) -> list[Number]:
    rows = all_inputs["linear_weight"]
    return [
        test_cross_entropy.cross_entropy([_dot(row, vector) for row in rows], label)
        for vector, label in zip(all_inputs["input"], all_inputs["target"], strict=True)
    ]


def _dot(one: list[Number], other: list[Number]) -> Number:
    return mp.fsum(a * b for a, b in zip(one, other, strict=True))


def _clustered(all_inputs: dict[str, Any]) -> list[Number]:
    return [
        test_adaptive_log_softmax.adaptive(vector, label, all_inputs)
        for vector, label in zip(all_inputs["input"], all_inputs["target"], strict=True)
    ]


def _views(symmetric: bool) -> Callable[[dict[str, Any]], list[Number]]:
    return lambda given: test_info_nce.info_nce(given["anchor"], given["positive"], mpf(0.07), symmetric)


def _root(all_inputs: dict[str, Any]) -> list[Number]:
    errors = [a - b for a, b in zip(_flat(all_inputs["input"]), _flat(all_inputs["target"]), strict=True)]
    return [mp.sqrt(mp.fsum(error**2 for error in errors) / len(errors))]


def _flat(rows: Any) -> list[Number]:
    return [entry for row in rows for entry in _flat(row)] if isinstance(rows, list) else [rows]


def _dice(all_inputs: dict[str, Any]) -> list[Number]:
    return [test_dice.dice(_flat(all_inputs["input"]), _flat(all_inputs["target"]), mpf(0), mpf(0))]


def _tversky(all_inputs: dict[str, Any]) -> list[Number]:
    right, wrong, missed = test_tversky.parts(_flat(all_inputs["input"]), _flat(all_inputs["target"]))
    return [1 - right / (right + mpf(0.3) * wrong + mpf(0.7) * missed)]


def _aligned(given: Mapping[str, Array], roles: Iterable[str]) -> Truth:
    """Values and slopes of CTC by a recursion over probabilities; a slope is minus a posterior."""
    log_probs = given["log_probs"]
    values, slopes = [], np.full(log_probs.shape, mpf(0))
    for sample, (frames, labels) in enumerate(zip(given["input_lengths"], given["target_lengths"], strict=True)):
        target = given["targets"][sample, :labels].tolist()
        value, share = test_ctc.recursion(log_probs[:frames, sample], target)
        values.append(value)
        slopes[:frames, sample] = -share
    return Truth(values, {role: [(slope,) * 3 for slope in slopes.ravel()] for role in roles})


REGRESSION = [
    _elements("mse", inputs.REAL_PAIRS, test_mse.squared, torch={}),
    _elements("l1", inputs.REAL_PAIRS, test_l1.absolute, torch={}),
    _elements("smooth_l1", inputs.REAL_PAIRS, test_smooth_l1.smooth_l1, torch={}, beta=1.0),
    _elements("huber", inputs.REAL_PAIRS, test_huber.huber, torch={}, delta=1.0),
    _elements("log_cosh", inputs.REAL_PAIRS, test_log_cosh.log_cosh),
    _elements("mape", inputs.REAL_PAIRS, test_mape.share),
    _elements("quantile", inputs.REAL_PAIRS, test_quantile.pinball, quantile=0.9),
    _elements("msle", inputs.ABOVE_MINUS_1, test_msle.squared),
    _elements("gaussian_nll", inputs.NORMALS, test_gaussian_nll.gaussian, torch={"eps": 0.0}),
    _elements(
        "gaussian_nll", inputs.NORMALS, test_gaussian_nll.gaussian, "full", {"eps": 0.0, "full": True}, full=True
    ),
    _elements("poisson_nll", inputs.LOG_RATES, test_poisson_nll.poisson, torch={}),
    _elements(
        "poisson_nll",
        inputs.RATES,
        test_poisson_nll.poisson,
        "rates",
        {"log_input": False, "eps": 0.0},
        log_input=False,
    ),
    Case("rmse", "", inputs.PAIRS_OF_A_WHOLE, of_all(_root)),
]
BINARY = [
    _elements("bce", inputs.CHANCES_AND_LABELS, test_bce.bce, "labels", {}),
    _elements("bce", inputs.CHANCES_AND_SHARES, test_bce.bce, "shares", {}),
    _elements("bce_with_logits", inputs.SCORES_AND_LABELS, test_bce_with_logits.from_logits, "labels", {}),
    _elements("bce_with_logits", inputs.SCORES_AND_SHARES, test_bce_with_logits.from_logits, "shares", {}),
    _elements("focal", inputs.CHANCES_AND_LABELS, test_focal.focal, "labels", {}, gamma=2.0, alpha=0.75),
    _elements("focal", inputs.CHANCES_AND_SHARES, test_focal.focal, "shares", {}, gamma=2.0, alpha=0.75),
    *(
        _elements("sigmoid_focal", given, test_sigmoid_focal.sigmoid_focal, form, {}, alpha=0.25, gamma=2.0)
        for form, given in (("labels", inputs.SCORES_AND_LABELS), ("shares", inputs.SCORES_AND_SHARES))
    ),
    _elements("hinge", inputs.SIDED, test_hinge.hinge),
    _elements("squared_hinge", inputs.SIDED, test_squared_hinge.squared_hinge),
    _elements("hinge_embedding", inputs.SIDED, test_hinge_embedding.hinge_embedding, torch={}, margin=1.0),
    _elements("soft_margin", inputs.SIDED, test_soft_margin.soft_margin, torch={}),
]
CLASSIFICATION = [
    _elements("cross_entropy", inputs.ROWS_AND_LABELS, test_cross_entropy.cross_entropy, "labels", {}),
    _elements("cross_entropy", inputs.ROWS_AND_SHARES, test_cross_entropy.cross_entropy, "shares", {}),
    Case("nll", "", inputs.LOG_ROWS_AND_LABELS, by_unit(partial(test_nll.nll, weight=[mpf(1)] * 4)), torch={}),
    _elements("log_loss", inputs.DISTRIBUTIONS_AND_LABELS, test_log_loss.of_labels, "labels", {}),
    _elements("log_loss", inputs.DISTRIBUTIONS_AND_SHARES, test_log_loss.of_shares, "shares"),
    _elements("brier", inputs.DISTRIBUTIONS_AND_LABELS, test_brier.of_labels, "labels"),
    _elements("brier", inputs.DISTRIBUTIONS_AND_SHARES, test_brier.of_rows, "shares"),
    _elements(
        "generalized_cross_entropy",
        inputs.DISTRIBUTIONS_AND_LABELS,
        test_generalized_cross_entropy.generalized_cross_entropy,
        q=0.7,
    ),
    _elements("sce", inputs.ROWS_AND_LABELS, test_sce.sce, a=1.0, b=1.0, clip=1e-4),
    _elements("softmax_focal", inputs.ROWS_AND_LABELS, test_softmax_focal.softmax_focal, "labels", gamma=2.0),
    _elements("softmax_focal", inputs.ROWS_AND_SHARES, test_softmax_focal.softmax_focal, "shares", gamma=2.0),
    _elements("multi_margin", inputs.ROWS_AND_LABELS, test_multi_margin.multi_margin, torch={}),
    _elements("multilabel_margin", inputs.ROWS_AND_LABEL_ROWS, test_multilabel_margin.multilabel_margin, torch={}),
    _elements(
        "multilabel_soft_margin", inputs.ROWS_AND_TAGS, test_multilabel_soft_margin.multilabel_soft_margin, torch={}
    ),
    _elements("categorical_hinge", inputs.ROWS_AND_LABELS, test_categorical_hinge.of_labels, "labels"),
    _elements("categorical_hinge", inputs.ROWS_AND_SHARES, test_categorical_hinge.of_rows, "shares"),
    Case("linear_cross_entropy", "", inputs.HIDDEN, of_all(_hidden), torch={}),
    Case("adaptive_log_softmax", "", inputs.CLUSTERED, of_all(_clustered), torch={}),
]
DIVERGENCE = [
    _elements("kl_div", inputs.LOGS_AND_CHANCES, test_kl_div.kl_div, "shares", {}),
    _elements(
        "kl_div", inputs.TWO_LOGS, test_kl_div.kl_div_of_logs, "log_target", {"log_target": True}, log_target=True
    ),
    _elements("jensen_shannon", inputs.TWO_DISTRIBUTIONS, test_jensen_shannon.jensen_shannon, torch={}),
]
EMBEDDING = [
    _elements("cosine_similarity", inputs.vectors("x1", "x2"), test_cosine_similarity.cosine, torch={"eps": 0.0}),
    _elements("cosine_embedding", inputs.WITH_SIDES, test_cosine_embedding.without_eps, torch={}, margin=0.0),
    _elements("contrastive", inputs.SAME_OR_APART, test_contrastive.contrastive, torch={}, margin=1.0),
    _elements("margin_ranking", inputs.RANKED, test_margin_ranking.margin_ranking, torch={}, margin=0.0),
    Case(
        "triplet_margin",
        "",
        inputs.TRIPLETS,
        by_unit(partial(test_triplet_margin.triplet_margin, margin=mpf(1), p=mpf(2), eps=mpf(0))),
        torch={"eps": 0.0},
    ),
    *(
        _elements(
            "triplet_margin_with_distance",
            inputs.TRIPLETS,
            test_triplet_margin_with_distance.triplet,
            name,
            None if name == "euclidean" else {"distance_function": name},  # PyTorch's has an eps that none can change
            distance_function=name,
            margin=1.0,
        )
        for name in test_triplet_margin_with_distance.DISTANCES
    ),
    Case("info_nce", "", inputs.VIEWS, of_all(_views(False)), torch={}),
    Case("info_nce", "symmetric", inputs.VIEWS, of_all(_views(True)), {"symmetric": True}, {"symmetric": True}),
]
SEGMENTATION = [
    Case("dice", "", inputs.MASKS, of_all(_dice), torch={}),
    Case("tversky", "", inputs.MASKS, of_all(_tversky), torch={}),
]
SEQUENCE = [Case("ctc", "", inputs.FRAMES, _aligned, torch={}, torch_slopes=False)]

CASES = [*REGRESSION, *BINARY, *CLASSIFICATION, *DIVERGENCE, *EMBEDDING, *SEGMENTATION, *SEQUENCE]
