"""One sample worked out: which entries it gets, what stands beside the steps, and which index is meant."""

from __future__ import annotations

import numpy as np
import pytest

from losscli.checks.worked_example import entries, unit_at, worked
from losscli.engine.bind import Bound, bind
from losscli.losses.catalogue import find
from losscli.schema.data import held
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.settings import Settings
from tests.checks.toys import bound, scaled


def pixels() -> Bound:
    """Scores of 3 classes for 2 samples of 4 pixels, the classes on axis 1."""
    inputs = {"input": held(np.arange(24.0).reshape(2, 3, 4), "x"), "target": held(np.ones((2, 4), int), "y")}
    return bind(find("cross_entropy"), inputs, {}, Settings("mean"))


def test_a_unit_is_found_by_its_index() -> None:
    assert [unit_at(pixels(), word) for word in (None, "0,0", "1,2", "1, 3")] == [0, 0, 6, 7]
    assert unit_at(bound(scaled(1.0), [1.0, 2.0], [0.0, 0.0]), "1") == 1
    for word in ("2", "1,4", "-1,0", "0,0,0"):
        with pytest.raises(DataFault, match="there are 2 x 4, counted from 0"):
            unit_at(pixels(), word)
    with pytest.raises(UsageFault, match="must be an index"):
        unit_at(pixels(), "a")


def test_a_unit_gets_its_row_and_its_number() -> None:
    named = entries(pixels(), 6)
    assert named["input"].tolist() == [14.0, 18.0, 22.0]
    assert named["target"] == 1
    assert isinstance(named["target"], int)
    assert named["label_smoothing"] == 0.0


def test_the_gradients_are_of_the_sample_before_any_reduction() -> None:
    """4 e³ with e = 2, whatever the mean divides by; the toy has no steps."""
    found = worked(bound(scaled(1.0), [1.0, 2.0], [0.0, 0.0], reduction="mean"), 1)
    assert (found.steps, found.value, found.index) == ((), 16.0, (1,))
    assert found.gradients == {"input": 32.0, "target": -32.0}
    assert found.inputs == {"input": 2.0, "target": 0.0}


def test_an_array_option_is_the_samples_own() -> None:
    inputs = {"input": held(np.array([0.5, 0.5]), "x"), "target": held(np.array([1.0, 0.0]), "y")}
    weights = {"weight": held(np.array([1.0, 3.0]), "w")}
    assert entries(bind(find("bce"), inputs, weights, Settings()), 1)["weight"] == 3.0
