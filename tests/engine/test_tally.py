"""Tallies of parts add up to that of the whole: every count, note and place."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pytest

from losscli.engine.bind import bind
from losscli.engine.evaluate import Wanted, evaluate
from losscli.engine.layout import Layout
from losscli.engine.reduce import reduce
from losscli.engine.tally import Tally, worst_of
from losscli.numerics.exact import total
from losscli.schema.data import held
from losscli.schema.define import define
from losscli.schema.domains import POSITIVE, REAL
from losscli.schema.loss import Array, Role, Units
from losscli.schema.settings import Settings


def test_counts_notes_and_places_add_up() -> None:
    one = Tally(count=3, ignored=2, notes=frozenset({"a"}), first_nan=5, first_infinite=None)
    other = Tally(count=4, ignored=1, notes=frozenset({"b"}), first_nan=None, first_infinite=2)
    for added in (one + other, other + one):
        assert (added.count, added.ignored, added.notes) == (7, 3, frozenset("ab"))
        assert (added.first_nan, added.first_infinite) == (5, 2)
    assert (one + Tally(first_nan=4)).first_nan == 4


def test_what_is_averaged_adds_up() -> None:
    """With nothing on one side, and with something on both."""
    two, three = (Tally(averaged=total(np.array([x]), exactly=True)) for x in (2.0, 3.0))
    for added, expected in ((two + three, 5), (two + Tally(), 2), (Tally() + three, 3)):
        assert added.averaged is not None
        assert added.averaged.exact() == expected
    assert (Tally() + Tally()).averaged is None


@pytest.mark.parametrize("keep", range(1, 7))
def test_the_worst(keep: int) -> None:
    """The largest first, of equal ones the earlier; what is no number is worst of all."""
    values = np.array([3.0, 1.0, np.nan, 3.0, 2.0])
    found = worst_of(values, np.arange(10, 15), keep)
    assert [unit for _, unit in found] == [12, 10, 13, 14, 11][:keep]


@pytest.mark.parametrize("keep", [1, 7, 100])
def test_the_worst_of_many(keep: int) -> None:
    values = np.random.default_rng(keep).normal(size=1000)
    found = worst_of(values, np.arange(1000), keep)
    assert [value for value, _ in found] == sorted(values.tolist(), reverse=True)[:keep]


def shared(
    input: Annotated[Array, Role("u", REAL, "numbers")], length: Annotated[Array, Role("u", POSITIVE, "lengths")]
) -> Units:
    """A number, of which a mean takes a share."""
    return Units(input * 1.0, lambda up: {"input": up, "length": 0.0 * length})


def test_a_mean_of_shares_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: (1/1 + 2/2 + 6/3 + 4/4) / 4, and slopes 1/4 over the lengths, in chunks of one unit as in one."""
    loss = define(shared, divisor=lambda length: length)
    inputs = {"input": held(np.array([1.0, 2.0, 6.0, 4.0]), "a"), "length": held(np.array([1.0, 2.0, 3.0, 4.0]), "b")}
    whole = Layout.chunks
    for elements in (100, 1):
        monkeypatch.setattr(Layout, "chunks", lambda layout, size=elements: whole(layout, size))
        bound = bind(loss, inputs, {}, Settings("mean"))
        found = evaluate(bound, Wanted(gradients=True))
        assert reduce(bound, found.tally).mean == 1.25
        assert found.gradients is not None
        assert found.gradients["input"].tolist() == [0.25, 0.125, 0.25 / 3.0, 0.0625]
