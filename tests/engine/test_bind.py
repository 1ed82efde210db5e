"""Binding: forms by shape, options by convention, and every fault at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from losscli.engine.bind import Bound, bind
from losscli.engine.options import faults_of_words, scalar_option
from losscli.losses.catalogue import find
from losscli.schema.data import Data, Held, by_index, held
from losscli.schema.faults import DataFault, Faults, LossError, UsageFault
from losscli.schema.settings import Settings


def bound(name: str, *shapes: tuple[int, ...], options: Any = None, **settings: Any) -> Bound:
    loss = find(name)
    inputs = {role: held(np.zeros(shape), role) for role, shape in zip(loss.roles, shapes, strict=True)}
    return bind(loss, inputs, options or {}, Settings(**settings))


@pytest.mark.parametrize(
    ("scores", "target", "axes"),
    [
        ((4, 3), (4,), "u"),
        ((4, 3), (4, 1), "u"),
        ((4, 3), (4, 3), "u c"),
        ((3,), (), "u"),
        ((3,), (3,), "u c"),
        ((2, 3, 5, 7), (2, 5, 7), "u"),
        ((2, 3, 5, 7), (2, 3, 5, 7), "u c"),
        ((4, 1), (4,), "u"),
        ((0, 3), (0,), "u"),
    ],
)
def test_the_form_is_the_one_that_fits(scores: tuple[int, ...], target: tuple[int, ...], axes: str) -> None:
    assert bound("cross_entropy", scores, target).inputs[1].role.axes == axes


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("mse", ((4, 1), (4,))),
        ("mse", ((4,), (4, 1))),
        ("mse", ((4,), ())),
        ("mse", ((1,), ())),
        ("bce", ((4, 1), (4,))),
        ("cross_entropy", ((4, 3), (3,))),
        ("cross_entropy", ((4, 3), (1, 4))),
        ("cross_entropy", ((4, 3), (4, 2))),
        ("triplet_margin", ((4, 3), (4, 3), (1, 3))),
        ("cosine_embedding", ((4, 3), (4, 3), (3,))),
    ],
)
def test_nothing_is_broadcast(name: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(DataFault, match="never broadcasts") as caught:
        bound(name, *shapes)
    for shape in shapes[:1] + shapes[-1:]:
        assert str(shape) in str(caught.value)


@pytest.mark.parametrize(
    ("value", "stored"), [("2", 2.0), (2, 2.0), (np.float32(2), 2.0), ("1e-3", 0.001), ("inf", np.inf)]
)
def test_scalar_options(value: object, stored: float) -> None:
    spec = find("huber").option("delta")
    assert spec is not None
    found = scalar_option(spec, value)
    assert (found, type(found)) == (stored, float)


@pytest.mark.parametrize("value", ["", "two", "1,5", "0x2", None, [1], -1, 0, "nan", float("nan")])
def test_scalar_options_outside_the_domain(value: object) -> None:
    spec = find("huber").option("delta")
    assert spec is not None
    with pytest.raises(UsageFault, match=r"--delta must be (greater than 0|a number), got"):
        scalar_option(spec, value)


@pytest.mark.parametrize(
    ("value", "stored"), [("true", True), ("False", False), (1, True), (False, False), ("0", False)]
)
def test_flags(value: object, stored: bool) -> None:
    spec = find("kl_div").option("log_target")
    assert spec is not None
    assert scalar_option(spec, value) is stored
    for wrong in ("yes", "2", 2, None):
        with pytest.raises(UsageFault, match="--log-target"):
            scalar_option(spec, wrong)


def test_a_whole_number_beyond_float64_is_refused() -> None:
    spec = find("nll").option("ignore_index")
    assert spec is not None
    assert scalar_option(spec, "-7") == -7
    for wrong in (2.5, 2**60, "1e300"):
        with pytest.raises(UsageFault, match="--ignore-index"):
            scalar_option(spec, wrong)


def test_a_written_option_wins_over_the_convention() -> None:
    shapes = ((2, 3),) * 3
    assert bound("triplet_margin", *shapes).options["eps"] == 1e-6
    assert bound("triplet_margin", *shapes, convention="exact").options["eps"] == 0.0
    written = bound("triplet_margin", *shapes, convention="exact", options={"eps": 0.5})
    assert written.options["eps"] == 0.5


def test_a_written_reduction_wins_over_the_convention() -> None:
    assert bound("cosine_similarity", (2, 3), (2, 3)).reduction == "none"
    assert bound("cosine_similarity", (2, 3), (2, 3), reduction="mean").reduction == "mean"


def test_words_and_arrays_that_are_wrong_are_told_together() -> None:
    with pytest.raises(Faults) as caught:
        bound("huber", (2,), (3,), options={"delta": 0, "beta": 1}, reduction="x", convention="y")
    assert [type(fault) for fault in caught.value.faults] == [UsageFault] * 4 + [DataFault]
    assert caught.value.exit == 2


def test_faults_of_words_look_at_no_array() -> None:
    faults = faults_of_words(find("nll"), {"weight": "nowhere.csv", "ignore_index": "x"}, Settings(reduction="y"))
    assert [fault.fact.split()[0] for fault in faults] == ["nll", "--ignore-index"]
    assert faults_of_words(find("nll"), {"weight": "nowhere.csv"}, Settings()) == []


@pytest.mark.parametrize("dtype", ["complex128", "datetime64[s]", "U3", "object", "longdouble"])
def test_types_that_are_no_numbers(dtype: str) -> None:
    if dtype == "longdouble" and np.dtype("longdouble").itemsize == 8:
        pytest.skip("here it is float64")
    with pytest.raises(LossError, match="x holds"):
        bind(find("mse"), {"input": held(np.zeros(2, dtype), "x"), "target": held(np.zeros(2), "y")}, {}, Settings())


def words(*found: str) -> Data:
    known = tuple(dict.fromkeys(found))
    return Data("w", "str", Held(np.array([known.index(w) for w in found])), by_index("w", (len(found),)), words=known)


def test_words_become_class_indices() -> None:
    loss = find("cross_entropy")
    inputs = {"input": held(np.zeros((3, 2)), "x"), "target": words("dog", "cat", "dog")}
    found = bind(loss, inputs, {}, Settings(classes=("cat", "dog"))).inputs[1].data
    assert found.store.flat(0, 3).tolist() == [1, 0, 1]
    for classes, match in (((), "--classes"), (("cat", "cow"), r"w\[0\].*'dog'"), (("a", "b", "c"), "3 classes")):
        with pytest.raises(DataFault, match=match):
            bind(loss, inputs, {}, Settings(classes=classes))


@pytest.mark.parametrize("where", ["input", "weight", "sample_weight"])
def test_words_are_no_numbers(where: str) -> None:
    loss = find("nll") if where == "weight" else find("l1")
    shapes = {"input": (2, 2) if where == "weight" else (2,), "target": (2,)}
    inputs = {role: held(np.zeros(shape), role) for role, shape in shapes.items()}
    options: dict[str, Data] = {}
    weight = None
    if where == "input":
        inputs["input"] = words("a", "b")
    elif where == "weight":
        options = {"weight": words("a", "b")}
    else:
        weight = words("a", "b")
    with pytest.raises(DataFault, match=r"w\[0\]: 'a' is not a number"):
        bind(loss, inputs, options, Settings(), weight)


def test_classes_along_the_last_axis_are_named() -> None:
    """The shapes of a language model: (batch, time, classes) and (batch, time)."""
    with pytest.raises(losscli.LossError, match="class_axis=-1"):
        losscli.compute("cross_entropy", np.zeros((2, 3, 5)), np.zeros((2, 3), int))
    assert losscli.compute("cross_entropy", np.zeros((2, 3, 5)), np.zeros((2, 3), int), class_axis=-1).count == 6


@pytest.mark.parametrize(
    ("name", "shapes", "asked"),
    [
        ("cross_entropy", ((7,), (7, 5)), True),
        ("log_loss", ((7,), (7, 5)), True),
        ("cross_entropy", ((7, 2), (7, 5, 2)), True),
        ("cross_entropy", ((7, 2), (7, 2, 5)), True),
        ("cross_entropy", ((7,), (6, 5)), False),
        ("cross_entropy", ((7, 5), (6,)), False),
        ("mse", ((7,), (7, 5)), False),
    ],
)
def test_a_shape_that_fits_in_the_other_order(name: str, shapes: Any, asked: bool) -> None:
    with pytest.raises(DataFault) as caught:
        bound(name, *shapes)
    assert caught.value.cure.endswith(f"; are the two swapped? {name} takes input first, then target") == asked
    assert ("swapped" in caught.value.cure) == asked
