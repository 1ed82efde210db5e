"""The three faces of a domain: it checks, it speaks, it draws."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from losscli.schema import domains
from losscli.schema.domains import Domain

ALL = {name: value for name, value in vars(domains).items() if isinstance(value, Domain)}
LARGEST = 1.7976931348623157e308

MEMBERS: dict[str, tuple[list[float], list[float]]] = {  # inside, outside
    "REAL": ([0.0, -LARGEST, LARGEST, 5e-324], [inf, -inf, nan]),
    "SCORES": ([0.0, -LARGEST, LARGEST], [inf, -inf, nan]),
    "EXTENDED": ([0.0, inf, -inf], [nan]),
    "LOG_PROBABILITY": ([0.0, inf, -inf], [nan]),
    "PROBABILITY": ([0.0, 1.0, 0.5, -0.0], [-5e-324, 1.0000000000000002, inf, nan]),
    "POSITIVE": ([5e-324, LARGEST], [0.0, -0.0, -1.0, inf, nan]),
    "POSITIVE_OR_INFINITE": ([5e-324, inf], [0.0, -1.0, nan]),
    "NONNEGATIVE": ([0.0, LARGEST], [-5e-324, inf, nan]),
    "WEIGHT": ([0.0, -LARGEST, LARGEST], [inf, -inf, nan]),
    "AT_LEAST_ONE": ([1.0, inf], [0.9999999999999999, -inf, nan]),
    "COSINE": ([-1.0, 1.0, 0.0], [1.0000000000000002, -1.1, nan]),
    "WHOLE": ([0.0, -100.0, 1e300], [0.5, inf, nan]),
    "SIGN": ([-1.0, 1.0], [0.0, 2.0, nan, inf]),
    "LABEL": ([0.0, 7.0], [-1.0, 0.5, inf, nan]),
    "LABELS_THEN_END": ([-1.0, 0.0, 7.0], [-2.0, 0.5, inf, nan]),
    "COUNT": ([0.0, 7.0], [-1.0, 0.5, inf, nan]),
    "TRUTH": ([0.0, 1.0], [0.5, 2.0, -1.0, nan]),
}


def test_the_table_is_complete() -> None:
    assert set(MEMBERS) <= set(ALL)
    assert set(ALL) - set(MEMBERS) == set()


@pytest.mark.parametrize("name", MEMBERS)
def test_members(name: str) -> None:
    domain, (inside, outside) = ALL[name], MEMBERS[name]
    assert domain.holds(np.array(inside)).all()
    assert not domain.holds(np.array(outside)).any()
    assert domain.fits(np.array(inside))
    for value in outside:
        assert not domain.fits(np.array([inside[0], value]))
    assert domain.fits(np.array([]))


@pytest.mark.parametrize("name", ALL)
def test_what_is_drawn_is_inside(name: str) -> None:
    values = ALL[name].draw(np.random.default_rng(1), (40, 25))
    assert values.shape == (40, 25)
    assert ALL[name].holds(values).all()
    assert len(np.unique(values)) > 1
    edges = set(ALL[name].edges)
    assert edges <= set(values.ravel().tolist())


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float16", "float32", "bool"])
def test_any_stored_type_is_checked(dtype: str) -> None:
    values = np.array([0, 1, 1]).astype(dtype)
    assert domains.LABEL.fits(values)
    assert domains.PROBABILITY.fits(values)
    assert not domains.POSITIVE.fits(values)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_bounds_are_those_of_float64(dtype: str) -> None:
    """Cast to a narrower type, the largest float64 would be infinite, and an infinity no larger."""
    values = np.array([1.0, inf, -inf, nan], dtype)
    assert domains.REAL.holds(values).tolist() == [True, False, False, False]
    assert domains.EXTENDED.holds(values).tolist() == [True, True, True, False]
    assert not domains.REAL.fits(values[:2])


def test_words_finish_a_sentence() -> None:
    for domain in ALL.values():
        assert domain.words
        assert domain.words == domain.words.strip()
