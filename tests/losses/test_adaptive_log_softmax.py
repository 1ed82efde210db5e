"""The adaptive softmax."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from numpy.typing import NDArray

import losscli
from losscli.losses.catalogue import find
from losscli.losses.classification import _linear
from tests.losses.reference import DIGITS, ulps_off
from tests.references._formulas import Number
from tests.references._truth import exact
from tests.references.adaptive_log_softmax import CUTOFFS, adaptive

Array = NDArray[Any]
LOSS = "adaptive_log_softmax"
FEATURES, CLASSES = 8, 9


def module(seed: int, *, bias: bool = False) -> dict[str, Array]:
    """The matrices of nine classes in a head of three, a cluster of two and one of four; div_value is 2."""
    random = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "head.weight": (5, FEATURES),
        "tail.0.0.weight": (4, FEATURES),
        "tail.0.1.weight": (2, 4),
        "tail.1.0.weight": (2, FEATURES),
        "tail.1.1.weight": (4, 2),
    }
    if bias:
        shapes["head.bias"] = (5,)
    return {name: random.normal(size=shape) for name, shape in shapes.items()}


def batch(seed: int, scale: float = 1.0) -> dict[str, Array]:
    """Every class twice."""
    random = np.random.default_rng(seed)
    return {"input": scale * random.normal(size=(18, FEATURES)), "target": np.arange(18) % CLASSES}


def answer(inputs: dict[str, Array], state: dict[str, Array], **settings: Any) -> losscli.Computed:
    return losscli.compute(LOSS, inputs["input"], inputs["target"], state, **settings)


@pytest.mark.parametrize(("scale", "bias"), [(1.0, False), (1.0, True), (40.0, False), (1e-6, True)])
def test_values(scale: float, bias: bool) -> None:
    inputs, state = batch(1, scale), module(2, bias=bias)
    found = answer(inputs, state, reduction="none").value
    with mp.workdps(DIGITS):
        parts = {name: exact(matrix) for name, matrix in state.items()}
        for vector, label, value in zip(inputs["input"], inputs["target"].tolist(), found, strict=True):
            assert ulps_off(value, adaptive(exact(vector), label, parts)) <= 4.0


def test_values_where_scores_cancel() -> None:
    """Vectors that the projections nearly send to 0, where plain dot products would keep few digits."""
    inputs, state = batch(3, 1e3), module(4)
    for name in ("head.weight", "tail.0.0.weight", "tail.1.0.weight"):
        state[name][:, 4:] = -state[name][:, :4] * (1.0 + 1e-7 * np.random.default_rng(5).random((len(state[name]), 4)))
    inputs["input"][:, 4:] = inputs["input"][:, :4]
    found = answer(inputs, state, reduction="none").value
    with mp.workdps(DIGITS):
        parts = {name: exact(matrix) for name, matrix in state.items()}
        for vector, label, value in zip(inputs["input"], inputs["target"].tolist(), found, strict=True):
            assert ulps_off(value, adaptive(exact(vector), label, parts)) <= 4.0


def test_gradients() -> None:
    """Against differences of the definition with 60 digits, for every entry of every matrix."""
    inputs, state = batch(6), module(7, bias=True)
    found = answer(inputs, state, reduction="sum", gradients=True).gradients
    assert found is not None
    step = mpf(10) ** -30
    with mp.workdps(90):
        parts = {name: exact(matrix) for name, matrix in state.items()}
        vectors, labels = exact(inputs["input"]), inputs["target"].tolist()

        def slope(entries: list[Number], at: int) -> Number:
            here = entries[at]
            sides = []
            for moved in (here + step, here - step):
                entries[at] = moved
                sides.append(mp.fsum(adaptive(v, y, parts) for v, y in zip(vectors, labels, strict=True)))
            entries[at] = here
            return (sides[0] - sides[1]) / (2 * step)

        for name, slopes in found.items():
            whole = vectors if name == "input" else parts[name]
            rows = whole if slopes.ndim == 2 else [whole]
            size = np.abs(slopes).max()
            picked = range(0, len(rows), 5) if name == "input" else range(len(rows))
            for i in picked:
                for j in range(0, len(rows[i]), 3):
                    true = float(slope(rows[i], j))
                    assert abs(np.atleast_2d(slopes)[i, j] - true) <= 1e-14 * size, (name, i, j)


def test_the_mean_is_minus_the_mean_log_probability() -> None:
    inputs, state = batch(8), module(9)
    units = answer(inputs, state, reduction="none").value
    assert answer(inputs, state).value == pytest.approx(units.mean(), rel=1e-15)


def test_probabilities_of_all_classes_sum_to_one() -> None:
    """The tree is a distribution."""
    state = module(10)
    vector = np.tile(np.random.default_rng(11).normal(size=FEATURES), (CLASSES, 1))
    units = answer({"input": vector, "target": np.arange(CLASSES)}, state, reduction="none").value
    assert np.exp(-units).sum() == pytest.approx(1.0, rel=1e-15)


def test_a_single_vector() -> None:
    inputs, state = batch(12), module(13)
    one = answer({"input": inputs["input"][7], "target": inputs["target"][7]}, state, gradients=True)
    assert one.gradients is not None
    assert one.value == answer(inputs, state, reduction="none").value[7]
    assert one.gradients["input"].shape == (FEATURES,)


def test_a_cluster_without_samples_has_no_slope() -> None:
    inputs, state = batch(14), module(15)
    inputs["target"] %= CUTOFFS[1]
    gradients = answer(inputs, state, gradients=True).gradients
    assert gradients is not None
    assert not gradients["tail.1.1.weight"].any()
    assert gradients["tail.0.1.weight"].any()


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(16)
    inputs, state = (
        {"input": random.normal(size=(200, FEATURES)), "target": random.integers(0, CLASSES, 200)},
        module(17),
    )
    whole = answer(inputs, state, reduction="none", gradients=True)
    monkeypatch.setattr(_linear, "_SCORES", 1)
    parts = answer(inputs, state, reduction="none", gradients=True)
    assert whole.gradients is not None
    assert parts.gradients is not None
    np.testing.assert_array_equal(whole.value, parts.value)
    for name in state:
        np.testing.assert_allclose(whole.gradients[name], parts.gradients[name], rtol=1e-12)


def test_options_that_agree_change_nothing() -> None:
    inputs, state = batch(18), module(19, bias=True)
    said = answer(inputs, state, cutoffs=[3, 5], div_value=2.0, head_bias=True)
    assert said.value == answer(inputs, state).value


def _without(name: str) -> dict[str, Array]:
    return {key: matrix for key, matrix in module(20).items() if key != name}


@pytest.mark.parametrize(
    ("state", "options", "message"),
    [
        (_without("head.weight"), {}, "no head.weight"),
        (_without("tail.0.0.weight"), {}, "no tail.0.0.weight"),
        (_without("tail.0.1.weight"), {}, "no tail.0.1.weight"),
        (_without("tail.1.1.weight"), {}, "tail.1.0.weight, which belongs to none of 1 clusters"),
        ({**module(20), "body.weight": np.ones((2, 2))}, {}, "the state has body.weight"),
        ({**module(20), "head.weight": np.ones((5, 7))}, {}, "head.weight has 7 columns, but the vectors have 8"),
        ({**module(20), "head.weight": np.ones(8)}, {}, "head.weight has 1 axes"),
        ({**module(20), "head.weight": np.ones((2, 8))}, {}, "head.weight has 2 rows, of which 2 stand for"),
        ({**module(20), "head.bias": np.ones(4)}, {}, "head.bias has shape"),
        ({**module(20), "tail.0.1.weight": np.ones((2, 3))}, {}, "tail.0.1.weight has 3 columns, but tail.0.0"),
        ({**module(20), "tail.1.0.weight": np.ones((2, 7))}, {}, "tail.1.0.weight has 7 columns"),
        (module(20), {"cutoffs": [5, 3]}, "cutoffs are 5, 3\n.*increase"),
        (module(20), {"cutoffs": [3, 3]}, "cutoffs are 3, 3\n.*increase"),
        (module(20), {"cutoffs": [3, 6]}, "cutoffs are 3, 6, but the matrices are those of cutoffs 3, 5"),
        (module(20), {"cutoffs": [3.5, 6]}, "a whole number"),
        (module(20), {"div_value": 3.0}, "div_value 3 makes projections of size 2, 0, but they are 4, 2"),
        (module(20), {"head_bias": True}, "head_bias is true, but the state has no head.bias"),
    ],
)
def test_matrices_that_do_not_fit(state: dict[str, Array], options: dict[str, Any], message: str) -> None:
    with pytest.raises(losscli.LossError, match=message):
        answer(batch(21), state, **options)


@pytest.mark.parametrize(("label", "message"), [(9, "from 0 to 8, got 9"), (-1, "class index")])
def test_labels_out_of_range(label: int, message: str) -> None:
    inputs = batch(22)
    inputs["target"][4] = label
    with pytest.raises(losscli.LossError, match=rf"target\[4\].*{message}"):
        answer(inputs, module(23))


def test_steps_end_in_the_loss() -> None:
    loss = find(LOSS)
    assert loss.steps is not None
    inputs, state = batch(24), module(25, bias=True)
    units = loss.kernel(**inputs, state=state)
    for at in range(CLASSES):
        last = list(loss.steps(**inputs, state=state, at=at))[-1]
        assert (last.name, last.value) == ("loss", pytest.approx(units.value[at], rel=1e-13))


@pytest.mark.parametrize("outlier", [1e25, -1e30, -1e300])
def test_one_outlier_in_a_matrix_spoils_no_other_class(outlier: float) -> None:
    """-log softmax of the scores 2 and 1: the class with the outlier has no chance, and no score depends on it."""
    sign = 1.0 if outlier < 0.0 else -1.0
    state: dict[str, Any] = {"head.weight": [[2.0, 0.0], [1.0, 0.0], [0.0, outlier], [-800.0, 0.0]]}
    tail: dict[str, Any] = {"tail.0.0.weight": [[1.0, 1.0]], "tail.0.1.weight": [[1.0]]}
    ours = losscli.compute("adaptive_log_softmax", [[1.0, sign]], [0], **state, **tail)
    assert ours.value == pytest.approx(float(mp.log1p(mp.exp(-1))), rel=1e-15)
