"""Every case under samples/, read from its suite and carried out by the product's own readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ulp
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from losscli.engine.evaluate import Wanted
from losscli.losses.catalogue import find, loss_names
from losscli.reading.sources import ReadOptions
from losscli.request.compute import Result, compute
from losscli.request.request import Wording, from_sources
from tests.cli.helpers import losscli

SAMPLES = Path(__file__).parents[1] / "samples"
SUITES = [SAMPLES / "published.yaml", *sorted(SAMPLES.glob("*/case.yaml"))]
_KEYS = {"name", "loss", "inputs", "options", "reduction", "convention", "sample_weight", "class_axis", "expect"}
_EXPECTED = {"value", "per_sample", "gradients", "at_most"}


@dataclass(frozen=True)
class Case:
    """One case of a suite, every number in it still the text that was written."""

    folder: Path
    keys: Mapping[str, Any]

    @property
    def id(self) -> str:
        return f"{self.folder.name}/{self.keys['name']}"


def cases() -> Iterator[Case]:
    for path in SUITES:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        assert document.keys() == {"losscli", "defaults", "cases"}
        for case in document["cases"]:
            yield Case(path.parent, {**document["defaults"], **case})


CASES = list(cases())


def as_source(value: Any) -> str:
    """A SOURCE: the string itself, or the JSON list that a nested list of numbers spells."""
    return value if isinstance(value, str) else f"[{','.join(map(as_source, value))}]"


def carried_out(case: Case) -> Result:
    keys = case.keys
    given = keys["inputs"]
    words = [f"{r}={as_source(v)}" for r, v in given.items()] if isinstance(given, dict) else map(as_source, given)
    axis = keys.get("class_axis")
    wording = Wording(
        reduction=keys.get("reduction"),
        convention=keys.get("convention", "torch"),
        sample_weight=keys.get("sample_weight"),
        class_axis=None if axis is None else int(axis),
    )
    options = {name: as_source(value) for name, value in keys.get("options", {}).items()}
    request = from_sources(find(keys["loss"]), list(words), options, wording, ReadOptions(base=case.folder))
    expected = keys["expect"]
    return compute(request.bound(), Wanted(per_sample="per_sample" in expected, gradients="gradients" in expected))


def assert_holds(claim: str, ours: float) -> None:
    """Half a unit in the place of the last written digit, and never under 4 ulp (the design's rule for a claim)."""
    exponent = Decimal(claim).as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(5).scaleb(exponent - 1)
    assert abs(Decimal(claim) - Decimal(ours)) <= max(half, 4 * Decimal(ulp(ours))), (claim, ours)


def assert_all_hold(claims: Any, ours: Any) -> None:
    """Claims nested like the array that they are about."""
    if isinstance(claims, str):
        assert_holds(claims, float(ours))
        return
    assert len(claims) == len(ours)
    for claim, each in zip(claims, ours, strict=True):
        assert_all_hold(claim, each)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case) -> None:
    assert case.keys.keys() <= _KEYS
    expected = case.keys["expect"]
    assert expected
    assert expected.keys() <= _EXPECTED
    result = carried_out(case)
    if "value" in expected:
        assert result.value is not None
        assert_holds(expected["value"], result.value)
    if "at_most" in expected:
        assert result.value is not None
        assert result.value <= float(expected["at_most"])
    if "per_sample" in expected:
        assert result.per_sample is not None
        assert_all_hold(expected["per_sample"], result.per_sample)
    for role, claims in expected.get("gradients", {}).items():
        assert result.gradients is not None
        assert_all_hold(claims, result.gradients[role])


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


def test_names_of_cases_are_unique() -> None:
    names = [case.id for case in CASES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", loss_names())
def test_every_loss_has_a_sample(name: str) -> None:
    """And a suite that runs that loss under its own name."""
    ours = [case for case in CASES if case.folder.name == name]
    assert any(case.keys["loss"] == name for case in ours), f"samples/{name}/case.yaml is missing"


@pytest.mark.parametrize("case", [c for c in CASES if c.folder == SAMPLES], ids=lambda case: case.id)
def test_published_from_the_command_line(case: Case) -> None:
    """Each printed number by the loss's own name, its class's and its function's, all of which give the same bits."""
    keys, loss = case.keys, find(case.keys["loss"])
    given = keys["inputs"].values() if isinstance(keys["inputs"], dict) else keys["inputs"]
    options = [f"--{name.replace('_', '-')}={as_source(value)}" for name, value in keys.get("options", {}).items()]
    names = [*loss.names, f"nn.{loss.names[1]}"]
    printed = set()
    for name in names:
        words = ("compute", name, *map(as_source, given), *options, "-r", keys["reduction"], "--bare")
        ended = losscli(*words)
        assert (ended.code, ended.err) == (0, "")
        printed.add(ended.out)
    assert len(printed) == 1
    assert_holds(keys["expect"]["value"], float(printed.pop()))


# The last row of the published table: ratios of the two terms of the binary symmetric cross-entropy, computed there
# with both arguments clipped to [1e-4, 1 - 1e-4]; here each term is one of our losses on the clipped numbers.
@pytest.mark.parametrize(("truth", "ratio"), [(1.0, "8.250"), (0.0, "4.579")])
def test_published_binary_symmetric_ratio(truth: float, ratio: str) -> None:
    clipped = str(float(np.clip(truth, 1e-4, 1 - 1e-4)))
    forward = float(losscli("compute", "bce", "0.8", clipped, "-b").out)
    backward = float(losscli("compute", "bce", clipped, "0.8", "-b").out)
    assert_holds(ratio, backward / forward)
