"""Decimal texts to float64: what is known has the bits of float(), which rounds correctly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from losscli.numerics.decimals import BEFORE, floats, marks_of


def read(texts: list[str], point: str = ".") -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The numbers of texts, a line each."""
    raw = b"\n" * BEFORE + "".join(f"{text}\n" for text in texts).encode()
    buffer = np.frombuffer(raw, np.uint8)
    marks, codes = marks_of(buffer)
    ends = np.flatnonzero(codes == ord("\n"))[BEFORE - 1 :]
    return floats(buffer, marks, codes, ends[:-1], ends[1:], ord(point))


def check(texts: list[str]) -> NDArray[np.bool_]:
    """What is known must be what float() says."""
    values, known = read(texts)
    expected = np.array([float(text) if ok else 0.0 for text, ok in zip(texts, known, strict=True)])
    assert np.array_equal(np.where(known, values, 0.0).view(np.int64), expected.view(np.int64))
    return known


FORMS = ("{!r}", "{:.18e}", "{:g}", "{:.3e}", "{:.4f}", "{:+.7f}", "{:.17g}", "{:12.5f}", "{:.0f}", "{:E}")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scale", [1e-250, 1e-20, 1e-5, 1.0, 1e5, 1e15])
def test_bits_of_float(form: str, scale: float) -> None:
    numbers = np.random.default_rng(1).normal(size=4000) * scale
    known = check([form.format(number) for number in numbers.tolist()])
    if 1e-20 <= scale <= 1e5:
        assert known.mean() > 0.85


def test_halves_between_two_floats_are_left_to_the_caller() -> None:
    """Exact ties need the rule of even: 2⁵³ + 1 and its neighbours, and halves of a spacing."""
    ties = [
        "9007199254740993",
        "9007199254740995",
        "4503599627370496.5",
        "4503599627370497.5",
        "1.00000000000000011102230",
    ]
    assert not check(ties)[:2].any()
    assert check(["9007199254740992", "9007199254740994", "4503599627370496.25"]).all()


@pytest.mark.parametrize(
    "text",
    ["", "-", "+", ".", "-.", "e5", "1e", "1e+", "1.2.3", "--1", "1-2", "1e5.0", "1ee5", "nan", "inf", "1_0", "0x1",
     "1,5", "1 2", "1e5e5", "1e1000", "1" * 17, "0." + "1" * 25, "5e-324", "1e308", "1e-400", "1e+-5", "1e5-",
     "\N{ARABIC-INDIC DIGIT ONE}"],
)  # fmt: skip
def test_what_is_not_plain_is_not_known(text: str) -> None:
    assert not read([text])[1].any()


def test_forms_that_are_known() -> None:
    texts = ["1.", ".5", "+3", "-4e-2", "1E+3", "007", "-0", "-0.0", "0e-999", "  7.25", "1e5", "0.000001", "1e-7"]
    assert check(texts).all()


def test_decimal_commas() -> None:
    values, known = read(["1,5", "-0,25", "3", "1.5"], ",")
    assert known.tolist() == [True, True, True, False]
    assert values[:3].tolist() == [1.5, -0.25, 3.0]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.text("0123456789+-.eE ", max_size=12), max_size=8))
def test_no_text_that_python_refuses_is_known(texts: list[str]) -> None:
    values, known = read(texts)
    for text, value, ok in zip(texts, values.tolist(), known.tolist(), strict=True):
        assert not ok or float(text) == value


@settings(derandomize=True, deadline=None, max_examples=500)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False).map(repr), min_size=1))
def test_any_float(texts: list[str]) -> None:
    check(texts)
