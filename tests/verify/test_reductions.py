"""What the texts about reductions say: the sizes of this case, and of several that fit one mistake."""

from __future__ import annotations

from typing import Any

import numpy as np

import losscli
from tests.verify.mistaken.making import classes, errors


def first(loss: str, *data: Any, claim: float | str, **options: Any) -> Any:
    text = claim if isinstance(claim, str) else f"{claim:.9g}"
    return losscli.verify(loss, *data, claim=text, **options).explanations[0]


def test_sizes_of_batches_that_fit_are_one_explanation() -> None:
    """Of 70 rows the last 6 are left over by batches of 32, 64 and 16 alike."""
    p, t = errors(np.random.default_rng(0), 70)
    found = first("mse", p, t, claim=((p - t) ** 2)[64:].mean())
    assert found.mistake == "last_batch"
    assert "batches of 32 or 64 or 16 or 8" in found.text
    assert not found.alternatives


def test_two_equal_batches_are_half_a_sum() -> None:
    p, t = errors(np.random.default_rng(1), 70)
    found = first("mse", p, t, claim=((p - t) ** 2).sum() / 2)
    assert set(found.mistake.split(" + ")) == {"sum_for_mean", "half"}


def test_the_number_of_classes_is_said() -> None:
    c = classes(np.random.default_rng(2), weights=False, ignored=False, least=6)
    count, n = c.scores.shape[1], len(c.labels)
    text = first("cross_entropy", c.scores, c.labels, claim=c.picked(c.nll).mean() / count).text
    assert f"C = {count}" in text
    assert f"N is {n}" in text
