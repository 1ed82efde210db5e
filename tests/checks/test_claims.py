"""How near a number must come for a claim to hold: the digits that were written, or the type it is stored in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.checks.claims import Digits
from losscli.checks.comparison import rounded_up
from tests.cli.helpers import losscli as ended


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("2.", 0.5),
        ("1.0", 0.05),
        ("1e-3", 0.0005),
        ("1.10e2", 0.5),
        ("3", 0.5),
        (".25", 0.005),
        ("-4.50E+1", 0.05),
        ("1e-999999999", 0.0),
        ("0e999999999", np.inf),
        ("nan", 0.0),
    ],
)
def test_half_a_unit_of_the_last_digit(text: str, half: float) -> None:
    assert Digits.of(text).half == half


@pytest.mark.parametrize(
    ("text", "digits"),
    [("1.1019", 5), ("0.50", 2), ("0.0005", 1), ("100", 3), ("1e-3", 1), ("0.000", 3), ("-12.30", 4), ("007", 1)],
)
def test_significant_digits(text: str, digits: int) -> None:
    assert Digits.of(text).count == digits


def holds(claim: object, ours: float, **rest: Any) -> bool:
    """A claim about the loss |ours|, which is ours exactly."""
    return losscli.verify("l1", [ours], [0.0], claim=claim, **rest).holds


SINGLE = 1.3e-6  # of ours


@pytest.mark.parametrize(
    ("claim", "middle", "width"),
    [
        ("1.1019", 1.1019, 5e-5),
        ("1.0", 1.0, 0.05),
        ("2.", 2.0, 0.5),
        ("1e-3", 1e-3, 5e-4),
        ("1.10e2", 110.0, 0.5),
        ("1.1000000000000000000001", 1.1, 0.0),
        (np.float64(1.1), 1.1, 0.05),  # binary, of one decimal
        (1.1, 1.1, 0.05),
        (1, 1.0, 0.05),
        (1.234567, 1.234567, 5e-7),
        (1.2345678, 1.2345678, 0.0),  # as many decimals as a float64 has by chance
        (np.float32(0.1), 0.1, 0.05),
        (np.float32(0.12345678), float(np.float32(0.12345678)), 0.0),
        ("0.369140625", 0.369140625, 2.0**-9),  # a bfloat16, printed
        ("0.5000000", 0.5, 5e-8),  # no digit but the first was needed
        (np.float16(0.3691), float(np.float16(0.3691)), 2.0**-12),
    ],
)
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_the_rule(claim: object, middle: float, width: float, sign: float) -> None:
    """Half a unit or a spacing, and 1.3e-6 of ours."""
    single = SINGLE * (middle + sign * width)
    assert holds(claim, middle + sign * (width + 0.9 * single), exact_inputs=True)
    assert not holds(claim, middle + sign * (width + 1.1 * single), exact_inputs=True)


@pytest.mark.parametrize(("claim", "width"), [("1.1019", 5e-5), (1.2345678, 0.0)])
def test_double_precision_allows_the_digits_and_4_ulp(claim: str | float, width: float) -> None:
    middle = float(claim)
    assert holds(claim, middle + width + 3 * 2.0**-52, precision="double")
    assert not holds(claim, middle + width + 8 * 2.0**-52, precision="double")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_arrays_hold_to_single_precision(dtype: Any) -> None:
    ours = np.array([1.1234567891, 2.2, 300.3])
    claimed: Any = ours.astype(dtype)
    assert losscli.verify("l1", ours, np.zeros(3), claim_per_sample=claimed * (1 + 1.0e-6)).holds
    far = claimed.copy()
    far[2] *= 1 + 1.5e-6
    assert not losscli.verify("l1", ours, np.zeros(3), claim_per_sample=far).holds


@pytest.mark.parametrize("form", ["%.4f", "%.6g", "%.7g", "%.4e"])
def test_written_arrays_have_the_digits_of_all_their_cells(form: str, tmp_path: Path) -> None:
    ours = np.random.default_rng(0).lognormal(0.0, 2.0, 50)
    claim = tmp_path / "claim.csv"
    claim.write_text("loss\n" + "".join(f"{form % value}\n" for value in ours))
    np.save(tmp_path / "ours.npy", ours)
    words = ("verify", "l1", "ours.npy", str([0.0] * 50), "--claim-per-sample", "claim.csv::loss", "-b")
    assert ended(*words, at=tmp_path).out == "holds\n"
    off = ours.copy()
    off[7] *= 1.002
    claim.write_text("loss\n" + "".join(f"{form % value}\n" for value in off))
    assert ended(*words, at=tmp_path).out == "refuted\n"


def test_short_cells_of_a_written_array_are_not_taken_for_rounded_ones() -> None:
    """`0.0` in JSON is 0, where its neighbours have two decimals."""
    data = [1.2, 2.5, 0.9], [1.0, 1.0, 1.0]
    verified = ended("verify", "mse", *map(str, data), "--claim-per-sample", "[0.0, 2.25, 0.0]", "-f", "json")
    assert (verified.code, verified.json["claims"][0]["differing"]) == (1, 2)


def test_what_zeros_would_hold_as_well_is_too_weak() -> None:
    scores, labels = np.random.default_rng(1).normal(size=(30, 3)), np.arange(30) % 3
    for zeros in ("[[0.0, 0.0, 0.0]" + ", [0.0, 0.0, 0.0]" * 29 + "]",):
        words = ("verify", "ce", str(scores.tolist()), str(labels.tolist()), "--claim-gradient", zeros, "-f", "json")
        found = ended(*words)
        assert found.code == 1
        assert found.json["claims"][0]["rule"].startswith("too weak to judge")
        assert found.json["explanations"] == []
    assert not holds("0.00", 0.004)
    assert not holds(0.0, 0.004)
    assert holds("0.00", 0.0)


@pytest.mark.parametrize(
    ("option", "right", "wrong"),
    [
        ("--claim", "0.265539", "0.265751"),  # ours 0.26545, and the inputs leave 1e-4
        ("--claim-per-sample", "[0.111189, 0.419802]", "[0.111189, 0.420102]"),
        ("--claim-gradient", "[-0.5, -0.5]", "[-0.5, -0.501]"),
    ],
)
def test_inputs_of_few_decimals_widen_the_window(option: str, right: str, wrong: str) -> None:
    """A loss of unrounded data, with more digits than inputs of 4 decimals leave."""
    words = ("verify", "l1", "[0.1234,0.5678]", "[0.2345,0.9876]", option)
    assert ended(*words, right, "-b").out == "holds\n"
    assert ended(*words, wrong, "-b").out == "refuted\n"
    if option != "--claim-gradient":
        assert "the inputs' decimals" in ended(*words, right, "-f", "json").json["claims"][0]["rule"]
        assert ended(*words, right, "-b", "--exact-inputs").out == "refuted\n"


def test_a_value_of_printed_inputs() -> None:
    """PyTorch's mean of four losses whose inputs it printed with 4 decimals."""
    words = ("verify", "hinge_embedding", "[[-40.4363,-37.7542],[-41.0224,-38.3677]]", "[[1,1],[1,1]]", "-b")
    assert ended(*words, "--claim", "-39.3951").out == "holds\n"
    assert ended(*words, "--claim", "-39.3961").out == "refuted\n"


def test_inputs_in_float64_of_a_computation_in_float32() -> None:
    """Differences of large numbers lose most of their digits when the inputs become float32."""
    random = np.random.default_rng(3)
    target = random.normal(3e4, 1.0, 40)
    given = target + random.normal(0.0, 1.0, 40)
    narrow = np.abs(given.astype(np.float32) - target.astype(np.float32))
    assert losscli.verify("l1", given, target, claim_per_sample=narrow).holds
    assert losscli.verify("l1", given, target, claim_per_sample=narrow).claims[0].rule.endswith("in float32")
    narrow[3] += 0.01
    assert not losscli.verify("l1", given, target, claim_per_sample=narrow).holds


@pytest.mark.parametrize("claim", ["0.4", "1.1019", 0.7, 5.0])
def test_the_smallest_tolerance_passes_when_it_is_given_back(claim: object) -> None:
    found = losscli.verify("l1", [1.2345678], [0.0], claim=claim).claims[0]
    assert losscli.verify("l1", [1.2345678], [0.0], claim=claim, atol=found.difference).holds
    assert losscli.verify("l1", [1.2345678], [0.0], claim=claim, atol=float(rounded_up(found.difference))).holds
    assert not losscli.verify("l1", [1.2345678], [0.0], claim=claim, atol=found.difference * 0.999).holds


@pytest.mark.parametrize("value", [1e-300, 2.4479302558e-5, 0.131, 9.999e8, 1.0])
def test_a_tolerance_is_rounded_up(value: float) -> None:
    assert value <= float(rounded_up(value)) <= 1.01 * value


@pytest.mark.parametrize("wanted", [{"rtol": -1.0}, {"atol": float("nan")}, {"rtol": float("inf")}, {"precision": "x"}])
def test_tolerances_are_checked(wanted: dict[str, Any]) -> None:
    with pytest.raises(losscli.LossError, match="must be"):
        holds("1.1", 1.1, **wanted)


def test_given_tolerances_replace_the_digits() -> None:
    assert not holds("1.1", 1.2)
    assert holds("1.1", 1.2, atol=0.11)
    assert holds("1.1", 1.2, rtol=0.1)
    assert not holds("1.10000", 1.100001, rtol=1e-9)


def test_bounds_are_inclusive() -> None:
    at_most = [losscli.verify("l1", [2.0], [0.0], at_most=x).holds for x in (1.9, 2.0, 2.1)]
    at_least = [losscli.verify("l1", [2.0], [0.0], at_least=x).holds for x in (1.9, 2.0, 2.1)]
    assert (at_most, at_least) == ([False, True, True], [True, True, False])


def test_not_a_number_holds_no_claim() -> None:
    empty = losscli.verify("mse", np.zeros(0), np.zeros(0), claim="0.5", at_most=1.0)
    assert [judged.verdict for judged in empty.claims] == ["refuted", "refuted"]
    assert losscli.verify("mse", np.zeros(0), np.zeros(0), claim="nan").holds


def test_infinities() -> None:
    inputs = np.array([[0.0, -np.inf]]), np.array([1])
    assert losscli.verify("cross_entropy", *inputs, claim="inf").holds
    assert not losscli.verify("cross_entropy", *inputs, claim="1e300").holds
    assert not losscli.verify("cross_entropy", *inputs, claim="-inf").holds


def test_a_census() -> None:
    ours = np.arange(1.0, 6.0)
    claimed = ours + np.array([0.0, 1e-6, 0.0, 0.25, -0.5])
    judged = losscli.verify("l1", ours, np.zeros(5), claim_per_sample=claimed).claims[0]
    assert (judged.elements, judged.differing, judged.beyond) == (5, 3, 2)
    assert judged.worst is not None
    assert (judged.worst.index, judged.worst.claim, judged.worst.ours) == ((4,), 4.5, 5.0)
    assert judged.difference == 0.5
    assert losscli.verify("l1", ours, np.zeros(5), claim_per_sample=claimed, atol=judged.difference).holds


def test_weak_claims_say_so() -> None:
    assert any("weak" in warning for warning in losscli.verify("l1", [2.0], [0.0], claim="2.0").warnings)
    assert not any("weak" in warning for warning in losscli.verify("l1", [2.0], [0.0], claim="2.00").warnings)
    assert losscli.verify("l1", [2.0], [0.0], at_most=2.1).warnings == ()


@pytest.mark.parametrize("claim", ["1,000", "abc", "0x1p3", "2.3±0.1", ""])
def test_what_is_no_number(claim: str) -> None:
    with pytest.raises(losscli.LossError, match=r"^claim: "):
        losscli.verify("l1", [2.0], [0.0], claim=claim)


def test_shapes_must_fit() -> None:
    with pytest.raises(losscli.LossError, match=r"shape \(3,\).*\(2,\)"):
        losscli.verify("l1", [1.0, 2.0], [0.0, 0.0], claim_per_sample=[1.0, 2.0, 3.0])
    with pytest.raises(losscli.LossError, match="nothing is claimed"):
        losscli.verify("l1", [1.0], [0.0])


def test_float32_sums_of_many_samples() -> None:
    """A claim in float32 about 100 000 samples holds at its own digits; two more in the last of them does not."""
    random = np.random.default_rng(0)
    scores = random.normal(0.0, 3.0, (100_000, 10)).astype(np.float32)
    labels = random.integers(0, 10, 100_000)
    wide = scores.astype(np.float64)
    logs = np.log(np.exp(wide).sum(axis=1)) - wide[np.arange(len(wide)), labels]
    claim = np.float32(logs.astype(np.float32).mean())  # NumPy adds float32 in pairs, as PyTorch does
    assert losscli.verify("cross_entropy", scores, labels, claim=claim).holds
    text = f"{claim:.6f}"
    assert losscli.verify("cross_entropy", scores, labels, claim=text).holds
    assert not losscli.verify("cross_entropy", scores, labels, claim=f"{float(text) + 9e-6:.6f}").holds


@pytest.mark.parametrize(
    "claim",
    ["tensor(1.3333, grad_fn=<MseLossBackward0>)", "np.float64(1.3333)", "array(1.3333)", "loss: 1.3333", "[1.3333]"],
)
def test_printed_numbers_are_claims_of_their_digits(claim: str) -> None:
    """1.33333… by hand: the mean of 0, 0 and 4."""
    assert ended("verify", "mse", "[1,2,3]", "[1,2,5]", "--claim", claim, "-b").out == "holds\n"
    assert ended("verify", "mse", "[1,2,3]", "[1,2,5]", "--claim", claim.replace("1.3333", "1.3343"), "-b").code == 1
    assert losscli.verify("mse", [1, 2, 3], [1, 2, 5], claim=claim).claims[0].text == "1.3333"


@pytest.mark.parametrize("wanted", [{"precision": "double"}, {"exact_inputs": True}])
def test_a_rule_beside_given_tolerances_is_refused(wanted: dict[str, Any]) -> None:
    with pytest.raises(losscli.LossError, match="has no use beside rtol and atol"):
        holds("1.1", 1.1, rtol=1e-3, **wanted)


def test_a_bound_is_a_number() -> None:
    assert ended("verify", "mse", "1", "1", "--at-most", "nan").code == 2
    assert ended("verify", "mse", "1", "1", "--at-most", "inf").code == 0


def test_distances_of_vectors_that_cancel_hold() -> None:
    """A triplet's loss is the difference of two distances that are larger than any entry: by a loop in float32."""
    random = np.random.default_rng(21)
    for _ in range(40):
        anchor, positive, negative = (random.standard_normal((3, 8, 10)) * 30).astype(np.float32)
        near, far = (
            np.sqrt(np.sum((anchor - other + np.float32(1e-6)) ** 2, axis=1, dtype=np.float32))
            for other in (positive, negative)
        )
        losses = np.maximum(near - far + np.float32(1.0), np.float32(0.0))
        assert losscli.verify("triplet_margin", anchor, positive, negative, claim_per_sample=losses).holds


@pytest.mark.parametrize(
    ("ours", "claim", "digits"),
    [(0.25, "0.2504", 2), (250.0, "250.4", 2), (1e-300, "1.001e-300", 3), (0.25, "0.25", None), (0.0, "0.5", None)],
)
def test_to_how_many_digits_two_numbers_agree(ours: float, claim: str, digits: int | None) -> None:
    """The power of ten in our size over the difference: 0.25 / 0.0004 is 625, and so 2 digits."""
    (comparison,) = losscli.verify("l1", [ours], [0.0], claim=claim).claims
    assert comparison.agreement == digits
