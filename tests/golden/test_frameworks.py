"""The records of Keras, scikit-learn and optax are whole, and what these say where they are installed."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from tests.golden.cases import TORCH_SLACK, Array
from tests.golden.frameworks import FRAMEWORKS, all_records, named, records

PACKAGES = {"keras": "keras", "sklearn": "sklearn", "optax": "optax"}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_no_two_records_share_an_id(framework: str) -> None:
    found = records(framework)
    assert found
    assert len({record.id for record in found}) == len(found)


def test_values_are_numbers() -> None:
    """A gradient may be spoiled, and a test says which; a value never is."""
    assert [record.id for record in all_records() if np.isnan(record.answer.value).any()] == []


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_live(framework: str) -> None:
    """Another version than the recorded one says the same, in as many records."""
    pytest.importorskip(PACKAGES[framework])
    recorder = import_module(f"tests.golden.record_{framework}")
    recorded = {record.id.split("/", 1)[1]: record.answer for record in records(framework)}
    for asked, answers in recorder.answered():
        for answer in answers:
            then = recorded.pop(named(asked, answer))
            assert_alike(answer.value, then.value)
            for role, slope in then.gradients.items():
                assert_alike(answer.gradients[role], slope)
    assert not recorded


def assert_alike(now: Array, then: Array) -> None:
    finite = np.abs(then[np.isfinite(then)])
    np.testing.assert_allclose(now, then, rtol=TORCH_SLACK, atol=TORCH_SLACK * finite.max(initial=0.0))
