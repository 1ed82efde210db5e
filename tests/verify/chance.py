"""How many unrelated claims find an explanation: `python -m tests.verify.chance [TRIALS]`.

A claim is drawn log-uniformly from a tenth to ten times of the right value, and written with so many digits: what
explains it does so by accident.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import losscli
from losscli.checks.claims import Tolerances, written
from losscli.checks.comparison import window_around
from losscli.checks.rounding import Scale
from losscli.request.api import request_of
from losscli.request.request import Request
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.rules import Target, matches
from losscli.verify.diagnosis.search import space
from tests.verify.mistaken.making import (
    Made,
    answers,
    classes,
    distributions,
    errors,
    focal,
    kl,
    sequences,
    vectors,
)

DIGITS = (2, 3, 4, 5, 6, 7, 8)
ALLOWED = {2: 0.01, 3: 0.01, 4: 0.01, 5: 0.01, 6: 0.001, 7: 0.001, 8: 0.001}


def fixtures(draw: np.random.Generator) -> Iterator[Made]:
    """Ordinary requests: losses of every kind, with and without weights, ignored samples and extreme predictions."""
    for weights, ignored in ((False, False), (True, False), (False, True), (True, True)):
        yield classes(draw, weights=weights, ignored=ignored).made(0.0)
    yield classes(draw, weights=True).made(0.0, label_smoothing=0.1)
    scores, labels, _ = sequences(draw)
    yield Made("cross_entropy", {"input": scores, "target": labels}, 0.0)
    probabilities = classes(draw, weights=False, ignored=False)
    yield Made("log_loss", {"input": probabilities.probabilities, "target": probabilities.labels}, 0.0)
    predicted, happened = errors(draw)
    yield Made("mse", {"input": predicted, "target": happened}, 0.0)
    predicted, happened = errors(draw, 20, 3)
    yield Made("huber", {"input": predicted, "target": happened}, 0.0, {"delta": 0.6})
    p, t = answers(draw, scores=False)
    p[:2] = 1.0 - t[:2]
    yield Made("bce", {"input": p, "target": t}, 0.0)
    x, t = answers(draw, scores=True)
    yield Made("bce_with_logits", {"input": x, "target": t}, 0.0, {"pos_weight": np.array(2.5)})
    yield focal(draw, "focal", lambda *_: 0.0)
    yield kl(*distributions(draw), 0.0)
    a, b, c = vectors(draw, 3)
    yield Made("triplet_margin", {"anchor": a, "positive": b, "negative": c}, 0.0)


def unrelated(draw: np.random.Generator, ours: float, digits: int, count: int) -> list[str]:
    """Claims about another number, as somebody would write them."""
    factors: NDArray[Any] = np.exp(draw.uniform(-np.log(10.0), np.log(10.0), count))
    return [f"{ours * factor:#.{digits}g}".rstrip(".") for factor in factors.tolist()]


def explained(made: Made, claims: Sequence[str], digits: int) -> int:
    """How many of the claims find an explanation; the search goes through the data once for all of them."""
    request = _request(made)
    bound = request.bound()
    case = Dataset(request, bound)
    tried = space(case, digits).hypotheses
    ours = _ours(made)
    found = 0
    for text in claims:
        claim = written(text, "value")
        steps = np.asarray(1.0)
        limits = window_around(claim, claim.values, Scale(np.abs(claim.values), steps, steps), Tolerances())
        target = Target("value", claim.values, limits.widths, np.asarray(ours), limits.widths)
        if np.abs(claim.values - ours) > limits.widths:
            found += bool(matches(tried, target))
    return found


def _request(made: Made) -> Request:
    named: dict[str, Any] = {**made.inputs, **made.options}
    settings: dict[str, Any] = {name: named.pop(name, None) for name in ("reduction", "sample_weight")}
    fixed: dict[str, Any] = {"class_axis": None, "nonfinite": "error", "size_average": None, "reduce": None}
    return request_of(made.loss, (), named, convention=named.pop("convention", "torch"), **settings, **fixed)


def _ours(made: Made) -> float:
    named: dict[str, Any] = {**made.inputs, **made.options}
    return float(losscli.compute(made.loss, **named).value)


def shares(seed: int, trials: int, each: int = 250) -> dict[int, float]:
    """The share of unrelated claims that find an explanation, by digits; so many for each request."""
    draw = np.random.default_rng(seed)
    counts = dict.fromkeys(DIGITS, 0)
    done = 0
    while done < trials:
        for made in fixtures(draw):
            ours = _ours(made)
            for digits in DIGITS:
                counts[digits] += explained(made, unrelated(draw, ours, digits, each), digits)
            done += each
    return {digits: count / done for digits, count in counts.items()}


def main() -> None:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    sys.stdout.write(f"unrelated claims that find an explanation, of {trials} or a few more for each count of digits\n")
    for digits, share in shares(0, trials).items():
        verdict = "met" if share <= ALLOWED[digits] else "MISSED"
        sys.stdout.write(f"{digits} digits  {share:8.4%}  at most {ALLOWED[digits]:.1%}  {verdict}\n")


if __name__ == "__main__":
    main()
