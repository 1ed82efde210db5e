"""Every loss under the conventions of Keras, scikit-learn and optax, against what they answered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import losses
from tests.golden.frameworks import FRAMEWORKS, Record, all_records
from tests.losses.test_recorded_torch import assert_near, largest

RECORDS = tuple(all_records())
OFFERED = {(loss.name, name) for loss in losses() for name in loss.conventions if name in FRAMEWORKS}


def computed(record: Record) -> losscli.Computed:
    asked = record.asked
    named: dict[str, Any] = {**asked.inputs, **asked.options}
    return losscli.compute(
        asked.loss,
        convention=record.framework,
        reduction=record.answer.reduction,
        sample_weight=asked.sample_weight,
        gradients=True,
        **named,
    )


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_value(record: Record) -> None:
    ours = computed(record)
    assert_near(ours.value, record.answer.value, record.answer.call, terms=largest(np.asarray(ours.per_sample)))


# Gradients that are an accident of how a framework differentiates, and why.
SPOILED = {
    "keras/generalized_cross_entropy/ends-wrong/mean": "the infinite slope of a power at 0, times the 0 of a one-hot",
    "keras/sigmoid_focal/far/mean": "1 - sigmoid(30) has lost all but three of its digits",
    "optax/kl_div/one-hot/batchmean": "the logarithm of a target of 0 is hidden, its slope is not",
    **{
        f"optax/sigmoid_focal/{name}/none": "JAX' logsumexp leaves out what has the factor 0, also from the slope of it"
        for name in ("vector", "vector-gamma=0.5", "vector-alpha=0.9", "matrix", "matrix-gamma=0.5", "matrix-alpha=0.9")
    },
}


def assert_gradients(record: Record) -> None:
    ours = computed(record).gradients
    assert ours is not None
    compared = [role for role in record.answer.gradients if role in ours]
    assert compared
    for role in compared:
        assert_near(ours[role], record.answer.gradients[role], f"gradient of {role} of {record.answer.call}")


SLOPED = [record for record in RECORDS if record.answer.gradients]


@pytest.mark.parametrize("record", [r for r in SLOPED if r.id not in SPOILED], ids=lambda record: record.id)
def test_gradient(record: Record) -> None:
    assert_gradients(record)


@pytest.mark.parametrize("record", [r for r in SLOPED if r.id in SPOILED], ids=lambda record: record.id)
def test_spoiled_gradient(record: Record) -> None:
    """Each is still spoiled: what agrees leaves the list."""
    with pytest.raises(AssertionError):
        assert_gradients(record)


def test_every_spoiled_gradient_is_recorded() -> None:
    assert set(SPOILED) <= {record.id for record in SLOPED}


def test_every_convention_has_records_and_every_record_its_convention() -> None:
    assert {(record.asked.loss, record.framework) for record in RECORDS} == OFFERED
