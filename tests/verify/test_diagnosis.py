"""Every mistake of the catalogue, made by code that knows nothing of the hypotheses, is named first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from losscli.verify.diagnosis import dataset, per_sample
from losscli.verify.verify import Verified
from tests.verify.chance import ALLOWED, fixtures, shares, unrelated
from tests.verify.mistaken import MISTAKES, Builder, Made
from tests.verify.mistaken.making import Classes, answers, classes, errors

SEEDS = (1, 2)


def judged(made: Made, claim: object, **more: Any) -> Verified:
    named: dict[str, Any] = {**made.inputs, **made.options, **more}
    return losscli.verify(made.loss, claim=claim, **named)


def named_by(verified: Verified) -> set[str]:
    """The mistakes that the first explanation names."""
    first = verified.explanations[0] if verified.explanations else None
    return set() if first is None else {first.mistake, *first.alternatives}


@pytest.mark.parametrize(
    ("name", "builder"),
    [pytest.param(name, builder, id=f"{number}-{builder.__name__}") for number, name, builder in MISTAKES],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_explanation_names_the_mistake(name: str, builder: Builder, seed: int) -> None:
    """With all digits and seven of them on odd seeds, and as float32 on even ones."""
    made = builder(np.random.default_rng([seed, *builder.__name__.encode()]))
    claims = [repr(float(made.claim)), f"{made.claim:#.7g}"] if seed % 2 else [np.float32(made.claim)]
    for claim in claims:
        verified = judged(made, claim)
        assert verified.verdict == "refuted"
        assert set(name.split("|")) & named_by(verified), [each.mistake for each in verified.explanations]
        assert all(each.text and each.cure for each in verified.explanations)


def test_the_whole_catalogue_is_made() -> None:
    """M31 wants a penalty, M50 and M51 are below, M57 to M60 are of the lowest tier or of one loss."""
    made = {number for number, _, _ in MISTAKES}
    assert {f"M{number:02d}" for number in range(1, 57)} - made == {"M31", "M50", "M51"}


@pytest.mark.parametrize("seed", range(3))
def test_with_two_classes_binary_cross_entropy_of_one_hot_rows_is_right(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores, labels = random.normal(0.0, 2.0, (30, 2)), random.integers(0, 2, 30)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    rows = np.eye(2)[labels]
    claim = -(rows * np.log(p) + (1 - rows) * np.log(1 - p)).mean()
    assert losscli.verify("cross_entropy", scores, labels, claim=f"{claim:.12g}").holds


def test_smoothing_over_the_others_is_smoothing_by_more() -> None:
    """ε/(C - 1) on the others is label smoothing by ε C/(C - 1)."""
    c = classes(np.random.default_rng(0), weights=False, ignored=False, least=4)
    share, count = 0.12, c.scores.shape[1]
    losses = (1 - share) * c.picked(c.nll) + share / (count - 1) * (c.nll.sum(axis=1) - c.picked(c.nll))
    claim = f"{losses.mean():.12g}"
    assert named_by(judged(c.made(0.0, label_smoothing=share), claim)) == {"smoothing_over_others"}
    assert judged(c.made(0.0, label_smoothing=share * count / (count - 1)), claim).holds


def test_uniform_weights_leave_no_trace_of_the_denominator() -> None:
    """Σ w l / N with w = 2 throughout is twice the mean: one class of mistakes, which other data would tell apart."""
    c = classes(np.random.default_rng(1), weights=False, ignored=False, least=3)
    twice = Classes(c.scores, c.labels, np.full(c.scores.shape[1], 2.0), c.kept)
    claim = repr(2.0 * float(c.picked(c.nll).mean()))
    verified = judged(twice.made(0.0), claim)
    assert {"divided_by_count", "double"} <= named_by(verified)
    assert "other data" in verified.explanations[0].separates


def test_equal_batches_leave_no_trace() -> None:
    c = classes(np.random.default_rng(2), weights=False, ignored=False)
    n = len(c.labels) // 4 * 4
    c = Classes(c.scores[:n], c.labels[:n], c.weight, c.kept[:n])
    means = c.picked(c.nll).reshape(-1, 4).mean(axis=1)
    assert judged(c.made(0.0), f"{means.mean():.12g}").holds


def test_one_column_has_no_other_denominator() -> None:
    """With one output the root of each sample's mean is the absolute error: rmse and l1 are one class then."""
    p, t = errors(np.random.default_rng(3), 30, 1)
    claim = repr(float(np.abs(p - t).mean()))
    found = named_by(losscli.verify("mse", p, t, claim=claim))
    assert {"l1_computed", "root_of_each_sample"} <= found


def test_what_separates_mistakes_of_one_number() -> None:
    """With two classes, labels one too low, one too high and reversed are the same labels: nothing here can tell."""
    random = np.random.default_rng(4)
    scores, labels = random.normal(size=(20, 2)), random.integers(0, 2, 20)
    losses = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(20), 1 - labels]
    verified = losscli.verify("cross_entropy", scores, labels, claim=repr(float(losses.mean())))
    assert {"labels_from_one", "labels_one_up", "classes_reversed"} <= named_by(verified)
    assert "only other data" in verified.explanations[0].separates


def test_two_mistakes_need_five_digits() -> None:
    c = classes(np.random.default_rng(5), weights=True, ignored=False, least=3)
    powers = np.exp(c.probabilities)
    double = -np.log(c.picked(powers / powers.sum(axis=1, keepdims=True)))
    claim = float((c.weights * double).mean())
    assert named_by(judged(c.made(0.0), f"{claim:#.8g}")) == {"softmax_before + divided_by_count"}
    assert named_by(judged(c.made(0.0), f"{claim:#.4g}")) != {"softmax_before + divided_by_count"}


def test_two_common_views_at_once() -> None:
    c = classes(np.random.default_rng(6), weights=False, ignored=False, least=4)
    powers = np.exp(c.probabilities)
    nll = -np.log(powers / powers.sum(axis=1, keepdims=True))
    claim = nll[np.arange(len(c.labels)), c.labels - 1].mean()
    assert "softmax_before + labels_from_one" in named_by(judged(c.made(0.0), f"{claim:#.9g}"))


@pytest.mark.parametrize("digits", [1, 2])
def test_few_digits_are_weak_and_said_to_be(digits: int) -> None:
    c = classes(np.random.default_rng(7), weights=False, ignored=False)
    claim = f"{c.picked(c.nll).sum():#.{digits}g}"
    verified = judged(c.made(0.0), claim)
    assert any("weak" in warning for warning in verified.warnings)
    if verified.explanations:
        assert any("guess" in warning for warning in verified.warnings)


def test_what_differs_in_the_last_digits_only_is_rounding() -> None:
    c = classes(np.random.default_rng(8), weights=False, ignored=False)
    right = float(c.picked(c.nll).mean())
    made = c.made(0.0)
    for off, name in ((1e-12, "rounding"), (3e-7, "single_precision")):
        claim, named = repr(right * (1 + off)), {**made.inputs, **made.options}
        assert losscli.verify(made.loss, claim=claim, **named).holds
        assert named_by(losscli.verify(made.loss, claim=claim, precision="double", **named)) == {name}
    assert named_by(judged(made, repr(right * (1 + 8e-6)))) == {"single_precision"}


def test_nothing_to_average() -> None:
    empty = losscli.verify("cross_entropy", np.zeros((2, 3)), [-100, -100], claim="0.0")
    assert named_by(empty) == {"zero_for_nothing"}
    assert losscli.verify("cross_entropy", np.zeros((2, 3)), [-100, -100], claim="nan").holds


@pytest.mark.parametrize("claim", ["inf", "nan"])
def test_overflow(claim: str) -> None:
    assert named_by(losscli.verify("cross_entropy", [[800.0, 0.0]], [1], claim=claim)) == {"overflow"}


def test_unrelated_claims_are_not_explained() -> None:
    """The command `python -m tests.verify.chance` has more of them."""
    for digits, share in shares(seed=5, trials=14 * 100, each=100).items():
        assert share <= 2 * ALLOWED[digits]


def test_unrelated_claims_through_the_front_door() -> None:
    random = np.random.default_rng(9)
    explained = 0
    for made in fixtures(random):
        named: dict[str, Any] = {**made.inputs, **made.options}
        ours = float(losscli.compute(made.loss, **named).value)
        explained += sum(bool(judged(made, text).explanations) for text in unrelated(random, ours, 6, 2))
    assert explained <= 1


def test_data_too_large_to_go_through_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other divisors and factors come from exact sums; that the rest was not tried is said."""
    monkeypatch.setattr(dataset, "LARGEST", 100)
    c = classes(np.random.default_rng(10), weights=True, ignored=True)
    total = float((c.weights * c.picked(c.nll)).sum())
    for claim, name in ((total, "sum_for_mean"), (total / c.kept.sum(), "divided_by_count")):
        verified = judged(c.made(0.0), f"{claim:.12g}")
        assert name in named_by(verified)
        assert any("only other divisors" in warning for warning in verified.warnings)
    bits = judged(c.made(0.0), f"{total / c.weights.sum() / np.log(2.0):.9g}")
    assert named_by(bits) == {"log_base_2"}
    assert not judged(c.made(0.0), f"{total * 0.77:.9g}").explanations


def test_large_data_name_what_was_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(per_sample, "WORK", 10)
    monkeypatch.setattr(per_sample, "LEAST_PASSES", 1)
    verified = judged(classes(np.random.default_rng(11)).made(0.0), "123.456")
    assert any("were not tried" in warning for warning in verified.warnings)


def test_a_library_is_named_by_its_ceiling() -> None:
    """Three sure and wrong answers of forty cost 3 · 16.118 / 40 in Keras, 36.04 each in scikit-learn."""
    p, t = answers(np.random.default_rng(12), scores=False)
    p[:3] = 1.0 - t[:3]
    for bound, library in ((1e-7, "Keras"), (2.0**-52, "scikit-learn"), (1e-15, "up to 1.1")):
        q = np.clip(p, bound, 1.0 - bound)
        claim = -(t * np.log(q) + (1 - t) * np.log(1 - q)).mean()
        verified = losscli.verify("bce", p, t, claim=repr(float(claim)))
        assert any(library in each.text for each in verified.explanations[:1]) or "convention" in str(
            named_by(verified)
        )


def test_a_naive_sum_in_float32_is_named() -> None:
    """A loop that adds a million float32 losses is off by 1e-4: NumPy adds one by one along the first axis."""
    random = np.random.default_rng(13)
    given, target = random.normal(size=(2, 300_000)).astype(np.float32)
    losses = (given - target) ** 2
    naive = np.add.accumulate(losses, dtype=np.float32)[-1] / np.float32(len(losses))
    assert abs(naive / losses.astype(np.float64).mean() - 1.0) > 1e-5
    assert named_by(losscli.verify("mse", given, target, claim=repr(float(naive)))) == {"float32_sum"}


@pytest.mark.parametrize("claim", ["0", "0.0", "0.00", "inf", "nan"])
def test_a_claim_that_says_nothing_gets_no_story(claim: str) -> None:
    """A claim of 0 is near any small number; a square neither exponentiates nor takes a logarithm."""
    for data in (([1.0, 2, 3], [1.0, 2, 5]), ([0.3, 0.8], [0.5, 0.1])):
        verified = losscli.verify("mse", *data, claim=claim)
        assert verified.holds or not verified.explanations
    verified = losscli.verify("cross_entropy", [[2.0, -1, 0.5], [0.3, 0.2, 1.5]], [1, 2], claim=claim)
    mistakes = [explanation.mistake for explanation in verified.explanations]
    assert mistakes == (["overflow"] if claim in ("inf", "nan") else [])
