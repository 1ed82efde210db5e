"""`define` reads a kernel's signature, strictly."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import pytest

from losscli.schema import loss as schema
from losscli.schema.define import define, equals, mistake
from losscli.schema.domains import LABEL, NONNEGATIVE, POSITIVE, REAL, TRUTH
from losscli.schema.loss import Array, Constant, Convention, Ignores, Option, Role, Units


def pinball(
    input: Annotated[Array, Role("u", REAL, "predicted")],
    target: Annotated[Array, Role("u", REAL, "seen"), Role("u c", LABEL, "or labels")],
    *,
    level: Annotated[float, Option(POSITIVE, "which quantile")] = 0.5,
    weight: Annotated[Array | None, Option(NONNEGATIVE, "what each class counts", axes="c")] = None,
    skip: Annotated[int, Option(REAL, "left out"), Ignores("target")] = -1,
    swap: Annotated[bool, Option(TRUTH, "the other way round")] = False,
    floor: Annotated[float, Constant("the least")] = -100.0,
) -> Units:
    """One line."""
    del weight, skip, swap, floor
    return Units(input - target * level, lambda up: {"input": up, "target": -up * level})


def test_the_signature_is_the_schema() -> None:
    loss = define(pinball, class_name="PinballLoss", function_name="pinball_loss", aliases=("quantile",))
    assert (loss.name, loss.roles, loss.summary) == ("pinball", ("input", "target"), "One line.")
    assert [(o.name, o.type, o.default) for o in loss.options] == [
        ("level", float, 0.5),
        ("weight", np.ndarray, None),
        ("skip", int, -1),
        ("swap", bool, False),
    ]
    assert loss.constants == {"floor": -100.0}
    assert loss.ignores == ("skip", "target")
    assert loss.names == ("pinball", "PinballLoss", "pinball_loss", "quantile")
    assert set(loss.conventions) == {"torch", "exact"}
    assert [form.axes for form in loss.inputs[1].forms] == ["u", "u c"]
    assert loss.inputs[1].differentiable
    assert not loss.inputs[1].forms[1].differentiable
    assert loss.option("level") is loss.options[0]
    assert loss.option("nonsense") is None


def undocumented(input: Annotated[Array, Role("u", REAL, "x")]) -> Units:
    return Units(input, lambda up: {"input": up})


def unannotated(input: Annotated[Array, Role("u", REAL, "x")], *, level: float = 0.5) -> Units:
    """One line."""
    return Units(input * level, lambda up: {"input": up})


def without_default(
    input: Annotated[Array, Role("u", REAL, "x")], *, level: Annotated[float, Option(REAL, "")]
) -> Units:
    """One line."""
    return Units(input * level, lambda up: {"input": up})


def positional_option(
    input: Annotated[Array, Role("u", REAL, "x")], level: Annotated[float, Option(REAL, "")] = 1.0
) -> Units:
    """One line."""
    return Units(input * level, lambda up: {"input": up})


def default_outside(
    input: Annotated[Array, Role("u", REAL, "x")], *, level: Annotated[float, Option(POSITIVE, "")] = 0.0
) -> Units:
    """One line."""
    return Units(input * level, lambda up: {"input": up})


def no_role(*, level: Annotated[float, Option(REAL, "")] = 1.0) -> Units:
    """One line."""
    return Units(np.zeros(1) * level, dict)


def neither(input: Annotated[Array, Role("u", REAL, "x")], *, level: Annotated[float, "some words"] = 1.0) -> Units:
    """One line."""
    return Units(input * level, lambda up: {"input": up})


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        (undocumented, "no docstring"),
        (unannotated, "level is not annotated"),
        (without_default, "level must be a role, or a keyword with a default"),
        (positional_option, "level must be a role, or a keyword with a default"),
        (default_outside, "default of level"),
        (no_role, "no inputs"),
        (neither, "level is annotated with 'some words'"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_define_is_strict(kernel: Callable[..., Units], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        define(kernel)


@pytest.mark.parametrize(
    "convention",
    [
        Convention("odd", "", values={"nonsense": 1.0}),
        Convention("odd", "", reduction="batchmean"),
    ],
)
def test_conventions_fit_the_loss(convention: Convention) -> None:
    with pytest.raises(TypeError, match="odd"):
        define(pinball, conventions=(convention,))


def test_a_convention_sets_options_and_constants() -> None:
    values: dict[str, Any] = {"level": 0.9, "floor": 0.0}
    assert define(pinball, conventions=(Convention("odd", "", values=values),)).conventions["odd"].values == values


def test_packages_find_define_where_it_was() -> None:
    assert getattr(schema, "define") is define  # noqa: B009
    with pytest.raises(ImportError, match="nothing_of_the_kind"):
        exec("from losscli.schema.loss import nothing_of_the_kind")


@pytest.mark.parametrize("word", [{"kind": "regresion"}, {"unit": "bits"}])
def test_an_unknown_kind_or_unit_is_refused(word: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="must be"):
        define(pinball, **word)


def test_formulas_stand_for_functions() -> None:
    """Of kinks and denominators, mistakes and identities; each asks for what it names."""
    loss = define(pinball, kinks="input == target", denominator="weight")
    arrays = {"input": np.array([1.0, 2.0]), "target": np.array([1.0, 3.0])}
    assert loss.kinks is not None
    assert loss.denominator is not None
    assert list(inspect.signature(loss.kinks).parameters) == ["input", "target"]
    assert loss.kinks(**arrays).tolist() == [True, False]
    assert list(inspect.signature(loss.denominator).parameters) == ["weight"]
    assert loss.denominator(weight=None) is None
    halved = mistake("halved", "it was halved", "do not", "(input - target) / 2", given="all(input > 0)")
    assert halved.losses(**arrays).tolist() == [0.0, -0.5]
    assert halved.given(input=arrays["input"])
    assert mistake("always", "", "", "input").given()


def test_an_identity_in_formulas() -> None:
    """Its view has the other's inputs and options, a number for an array of it; and it says where it holds."""
    named = {"input": np.array([1.0, 2.0]), "target": np.array([1.0, 3.0]), "level": 0.5, "weight": None}
    identity = equals(
        "a = b", "b", {"x": "2 * input", "y": "-1"}, slope="1 / level", times="level", plus=1, when="weight is None"
    )
    view = identity.view(**named)
    assert {name: np.asarray(part).tolist() for name, part in view.items()} == {
        "x": [2.0, 4.0],
        "y": [-1.0, -1.0],
        "slope": 2.0,
    }
    assert (identity.times(**named), identity.plus(**named), identity.given(**named)) == (0.5, 1, True)
    assert identity.where == "no weight"
    assert not identity.given(**{**named, "weight": named["input"]})
    plain = equals("a = c", "c", condition="always so")
    assert plain.view(**named) == {"input": named["input"], "target": named["target"]}
    assert (plain.times(**named), plain.given(**named), plain.where) == (1.0, True, "always so")
