"""The record is whole, belongs to the questions, and is what PyTorch says where PyTorch is installed."""

from __future__ import annotations

import numpy as np
import pytest

from tests.golden.binary import two_sided
from tests.golden.cases import TORCH_SLACK, Array, edge_cases, torch_cases
from tests.golden.classes import classification
from tests.golden.distances import distances
from tests.golden.edges import edges
from tests.golden.elements import elementwise
from tests.golden.margins import margins
from tests.golden.projections import projections
from tests.golden.questions import Question
from tests.golden.regression import likelihoods
from tests.golden.sequences import sequence_edges, sequences
from tests.golden.vectors import similarity

RECORDED = torch_cases() + edge_cases()


def asked() -> list[Question]:
    random = np.random.default_rng(2013)
    cases = [*elementwise(random), *classification(random), *similarity(random)]
    cases += likelihoods(np.random.default_rng(2014))
    return [
        *cases,
        *two_sided(np.random.default_rng(2015)),
        *margins(np.random.default_rng(2016)),
        *distances(np.random.default_rng(2017)),
        *sequences(np.random.default_rng(2018)),
        *projections(np.random.default_rng(2019)),
        *edges(),
        *sequence_edges(np.random.default_rng(2018)),
    ]


def test_every_question_has_its_answer() -> None:
    """Ids say loss, shape, options and reduction, so a changed question shows; numbers may differ by NumPy version."""
    assert [case.id for case in RECORDED] == [question.id for question in asked()]


def test_no_two_cases_share_an_id() -> None:
    assert len({case.id for case in RECORDED}) == len(RECORDED)


def test_gradients_are_shaped_like_their_inputs() -> None:
    """The file is whole: what test_recorded_torch compares with our gradients has the shapes of its own inputs."""
    for case in RECORDED:
        assert {role: slope.shape for role, slope in case.gradients.items()} == {
            role: case.inputs[role].shape for role in case.gradients
        }, case.id


def test_only_edges_have_a_note_or_a_number_that_is_not_finite() -> None:
    for case in torch_cases():
        assert not case.note
        assert all(np.isfinite(array).all() for array in (case.value, *case.gradients.values())), case.id
    assert all(case.note for case in edge_cases())


def test_a_case_cannot_be_changed_by_a_test() -> None:
    with pytest.raises(ValueError, match="read-only"):
        torch_cases()[0].value[...] = 0


def assert_alike(ours: Array, recorded: Array, what: str = "") -> None:
    """Within TORCH_SLACK of the largest finite number; NaN and infinities in the same places."""
    finite = np.abs(recorded[np.isfinite(recorded)])
    slack = TORCH_SLACK * finite.max() if finite.size else 0.0
    np.testing.assert_allclose(ours, recorded, rtol=0, atol=slack, err_msg=what)


def test_assert_alike_can_fail() -> None:
    with pytest.raises(AssertionError):
        assert_alike(np.array([1.0, 2.0 + 1e-11]), np.array([1.0, 2.0]))


@pytest.mark.parametrize("loss", sorted({case.loss for case in RECORDED}))
def test_live(loss: str) -> None:
    """Another PyTorch than the recorded one says the same."""
    pytest.importorskip("torch", reason="the live comparison needs the torch extra")
    from tests.golden.torch_answers import torch_answer

    for case in (case for case in RECORDED if case.loss == loss):
        answer = torch_answer(case.loss, case.inputs, case.options, case.reduction)
        assert_alike(answer.value, case.value, case.id)
        for role, slope in case.gradients.items():
            assert_alike(answer.gradients[role], slope, f"{case.id}, {role}")
