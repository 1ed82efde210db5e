"""Numbers and words as text."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from losscli.schema.text import plural, printable, shortest, significant


@given(st.floats(allow_nan=False))
@settings(derandomize=True, deadline=None)
def test_shortest_reads_back_the_same(value: float) -> None:
    assert np.float64(shortest(value)).tobytes() == np.float64(value).tobytes()


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.1, None, "0.1"),
        (1 / 3, 3, "0.333"),
        (1234.5, 2, "1.2e+03"),
        (-0.0, 3, "0"),
        (nan, 3, "nan"),
        (inf, None, "inf"),
        (-inf, 2, "-inf"),
        (np.float64(0.1), None, "0.1"),
        (9.996, 3, "10"),
    ],
)
def test_significant(value: float, digits: int | None, text: str) -> None:
    assert significant(value, digits) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ∂/∂x → “ü” 日本", "plain, ∂/∂x → “ü” 日本"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\nb\r\tc\x00", r"a\x0ab\x0d\x09c\x00"),
        ("\x7f\x9b", r"\x7f\x9b"),
        ("\u202e\u2066\u200b\ufeff", r"\u202e\u2066\u200b\ufeff"),
        ("\udcff", r"\udcff"),
        ("[bold]:skull:", "[bold]:skull:"),
        ("\u061c\u00ad\ufe0f\u3164\ufff9\ufffe", r"\u061c\xad\ufe0f\u3164\ufff9\ufffe"),
        ("\u115f\u180e\u034f\U000e0041\U000e0100", r"\u115f\u180e\u034f\U000e0041\U000e0100"),
        ("::error::x", r"\x3a:error::x"),
        (" \u00a0\u3000::x", " \u00a0\u3000" + r"\x3a:x"),
        ("\t::x", r"\x09::x"),
        ("run.csv::yhat", "run.csv::yhat"),
        ("a##[error]b ###[", r"a##\x5berror]b ###\x5b"),
        (":x", ":x"),
    ],
    ids=ascii,
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
@settings(derandomize=True, deadline=None)
def test_printable_never_lets_a_control_character_through(text: str) -> None:
    shown = printable(text)
    assert all(ord(c) >= 32 and not 127 <= ord(c) < 160 for c in shown)
    shown.encode("utf-8")
    assert printable(shown) == shown
    assert "##[" not in shown
    assert not shown.lstrip().startswith("::")


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows")])
def test_plural(count: int, text: str) -> None:
    assert plural(count, "row") == text
