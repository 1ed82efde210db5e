"""Every case under samples/, read and judged as `losscli suite` does it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import ulp
from pathlib import Path

import numpy as np
import pytest

from losscli.losses.catalogue import find, loss_names
from losscli.reading.text.lists import written
from losscli.report.suite import message
from losscli.suites.model import HOLDS, Broken, Case
from losscli.suites.parse import read_suite
from losscli.suites.run import run_case
from tests.cli.helpers import losscli

SAMPLES = Path(__file__).parents[1] / "samples"
SUITES = [SAMPLES / "published.yaml", *sorted(SAMPLES.glob("*/case.yaml"))]
READ = [case for path in SUITES for case in read_suite(path, path.relative_to(SAMPLES).as_posix())]
CASES = [case for case in READ if isinstance(case, Case)]
PUBLISHED = [case for case in CASES if case.file == "published.yaml"]


def identifier(case: Case | Broken) -> str:
    return f"{case.file.removesuffix('/case.yaml')}/{case.name}"


def as_source(value: object) -> str:
    """A SOURCE: the string itself, or the JSON list that a nested list of numbers spells."""
    return f"[{','.join(map(as_source, value))}]" if isinstance(value, list) else written(value)


def assert_holds(claim: str, ours: float) -> None:
    """Half a unit in the place of the last written digit, and never under 4 ulp (the design's rule for a claim)."""
    exponent = Decimal(claim).as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(5).scaleb(exponent - 1)
    assert abs(Decimal(claim) - Decimal(ours)) <= max(half, 4 * Decimal(ulp(ours))), (claim, ours)


@pytest.mark.parametrize("case", READ, ids=identifier)
def test_case(case: Case | Broken) -> None:
    outcome = run_case(case)
    assert outcome.status == HOLDS, "\n".join(message(outcome))
    if isinstance(outcome.value, float) and isinstance(case, Case) and case.expect.value is not None:
        assert_holds(written(case.expect.value), outcome.value)  # the rule again, written apart from the product's


@pytest.mark.parametrize(
    ("claim", "within", "beyond"),
    [
        ("2.", 2.499, 2.501),
        ("1.0", 1.0499, 1.0501),
        ("1e-3", 1.499e-3, 1.501e-3),
        ("1.10e2", 110.49, 110.51),
        ("0.30000000000000004", 0.3, 0.3 + 8 * ulp(0.3)),
    ],
)
def test_the_digit_rule_can_fail(claim: str, within: float, beyond: float) -> None:
    assert_holds(claim, within)
    with pytest.raises(AssertionError):
        assert_holds(claim, beyond)


@pytest.mark.parametrize("name", loss_names())
def test_every_loss_has_a_sample(name: str) -> None:
    """And a suite that runs that loss under its own name."""
    ours = [case for case in CASES if case.file == f"{name}/case.yaml"]
    assert any(case.loss == name for case in ours), f"samples/{name}/case.yaml is missing"


@pytest.mark.parametrize("case", PUBLISHED, ids=identifier)
def test_published_from_the_command_line(case: Case) -> None:
    """Each printed number by the loss's own name, its class's and its function's, all of which give the same bits."""
    loss = find(case.loss)
    given = case.inputs.values() if isinstance(case.inputs, Mapping) else case.inputs
    options = [f"--{name.replace('_', '-')}={as_source(value)}" for name, value in case.options.items()]
    names = [*loss.names, f"nn.{loss.names[1]}"]
    printed = set()
    for name in names:
        words = ("compute", name, *map(as_source, given), *options, "-r", str(case.settings.reduction), "--bare")
        ended = losscli(*words)
        assert (ended.code, ended.err) == (0, "")
        printed.add(ended.out)
    assert len(printed) == 1
    assert_holds(written(case.expect.value), float(printed.pop()))


# The last row of the published table: ratios of the two terms of the binary symmetric cross-entropy, computed there
# with both arguments clipped to [1e-4, 1 - 1e-4]; here each term is one of our losses on the clipped numbers.
@pytest.mark.parametrize(("truth", "ratio"), [(1.0, "8.250"), (0.0, "4.579")])
def test_published_binary_symmetric_ratio(truth: float, ratio: str) -> None:
    clipped = str(float(np.clip(truth, 1e-4, 1 - 1e-4)))
    forward = float(losscli("compute", "bce", "0.8", clipped, "-b").out)
    backward = float(losscli("compute", "bce", clipped, "0.8", "-b").out)
    assert_holds(ratio, backward / forward)
