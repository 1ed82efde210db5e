"""`--distance-function FILE.py:FUNCTION` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.helpers import fails, losscli, succeeds, write

FILE = """
import numpy as np

print("loaded")

def Manhattan(x, y):
    return np.abs(x - y).sum(axis=-1)

def table(x, y):
    return np.outer(x, y)
"""
LOSS = "triplet_margin_with_distance"
DATA = ("[[0, 0]]", "[[3, 4]]", "[[6, 8]]")
OWN = "--distance-function=own.py:Manhattan"


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return write(tmp_path, own_py=FILE)


def test_the_signature_says_that_the_gradient_is_numerical(at: Path) -> None:
    """By hand: the distances are 7 and 14."""
    ended = succeeds("compute", LOSS, *DATA, OWN, "--margin", "9", "--gradients", "-f", "json", at=at)
    found = ended.json
    way = "torch, gradient by numerical derivatives of own.py:Manhattan"
    assert found["signature"].startswith(f"{LOSS}(distance_function=own.py:Manhattan, margin=9.0) | {way} | mean of 1 ")
    assert found["options"]["distance_function"] == "own.py:Manhattan"
    assert found["value"] == 2.0
    assert found["gradients"]["positive"] == [pytest.approx([1.0, 1.0], rel=1e-8)]
    assert ended.err == "loaded\n"


def test_other_commands(at: Path) -> None:
    assert "d(anchor, negative)" in succeeds("explain", LOSS, *DATA, OWN, at=at).out
    assert "does not apply" in succeeds("relations", LOSS, *DATA, OWN, at=at).out
    assert "holds" in succeeds("gradcheck", LOSS, "[[0, 1]]", "[[3, 4]]", "[[0.5, 2]]", OWN, at=at).out
    both = succeeds("compute", LOSS, *DATA, OWN, "--margin", "9", "--convention", "all", at=at).out
    assert "exact" in both


def test_verify_tells_which_function_was_meant(at: Path) -> None:
    """By hand: 4.5 - 6 + 8.7 is the claim, by the largest entries, and 7.75 - 7.125 + 8.7 what the function gives."""
    words = ("[[0, 0]]", "[[3.25, 4.5]]", "[[1.125, 6]]", OWN, "--margin", "8.7")
    assert losscli("verify", LOSS, *words, "--claim", "9.325000000", at=at).code == 0
    refuted = losscli("verify", LOSS, *words, "--claim", "7.200000000", at=at)
    assert refuted.code == 1
    assert "distance_function was chebyshev" in refuted.out
    assert "set distance_function to own.py:Manhattan" in refuted.out


@pytest.mark.parametrize(
    ("code", "word", "told"),
    [
        (2, "cityblock", "cosine, manhattan or chebyshev, or FILE.py:FUNCTION, got 'cityblock'"),
        (2, "own.py", "own.py names no function in a Python file"),
        (3, "onw.py:Manhattan", "no such file: onw.py, did you mean 'own.py'?"),
        (3, "own.py:manhattan", "own.py: no function 'manhattan', did you mean 'Manhattan'?"),
        (3, "own.py:table", "and x has shape (3, 2) return n distances for two arrays"),
    ],
)
def test_errors(at: Path, code: int, word: str, told: str) -> None:
    ended = losscli("compute", LOSS, *DATA, "--distance-function", word, at=at)
    assert ended.code == code
    assert told in " ".join(ended.err.split())


def test_an_error_is_one_and_has_no_traceback(at: Path) -> None:
    assert "FILE.py:FUNCTION" in fails(2, "compute", LOSS, *DATA, "--distance-function", "cityblock", at=at)


def test_the_help_names_the_form() -> None:
    told = "".join(succeeds("compute", LOSS, "--help").out.split())
    assert "chebyshev|FILE.py:FUNCTION" in told
