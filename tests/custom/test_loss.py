"""Losses of one's own: functions in a file, against the catalogue's losses and formulas written out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.engine.evaluate import Wanted
from losscli.request.compute import compute
from losscli.request.signature import signature as line
from losscli.schema.faults import DataFault, UsageFault

# The focal loss of the tutorials: alpha_t (1 - p_t)^gamma · BCE
FOCAL = """
import numpy as np

def focal(prediction, target, gamma=2.0, alpha=0.75):
    bce = -target * np.log(prediction) - (1 - target) * np.log(1 - prediction)
    p_t = prediction * target + (1 - prediction) * (1 - target)
    alpha_t = alpha * target + (1 - alpha) * (1 - target)
    return alpha_t * (1 - p_t) ** gamma * bce
"""
Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the file of a function, and gives its path."""

    def write(source: str) -> str:
        path = tmp_path / "own.py"
        path.write_text(f"import numpy as np\n{source}\n", encoding="utf-8")
        return str(path)

    return write


def own(write: Write, source: str, *inputs: Any, **named: Any) -> Any:
    """Computes the function `f` of a file."""
    return losscli.compute(f"{write(source)}:f", *inputs, **{"gradients": True, **named})


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("shape", [(200,), (20, 1), (3, 4, 5)])
def test_focal_is_the_built_in_one(write: Write, reduction: str, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(1)
    p, t = random.uniform(1e-6, 1.0 - 1e-6, shape), random.integers(0, 2, shape)
    path = write(FOCAL)
    for options in ({}, {"gamma": 3.5, "alpha": 0.3}):
        asked: dict[str, Any] = {"reduction": reduction, "gradients": True, **options}
        custom, built_in = (losscli.compute(loss, p, t, **asked) for loss in (f"{path}:focal", "focal"))
        assert custom.gradients is not None
        assert built_in.gradients is not None
        np.testing.assert_allclose(custom.value, built_in.value, rtol=1e-12)
        for role, name in (("prediction", "input"), ("target", "target")):
            ours, theirs = custom.gradients[role], built_in.gradients[name]
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12 * np.abs(theirs).max())
        assert (custom.count, custom.mean, custom.sum) == (p.size, *map(pytest.approx, (built_in.mean, built_in.sum)))


def test_one_number_for_all(write: Write) -> None:
    p, t = [0.5, -1.0, 4.0], [1.0, 1.0, 1.0]
    found = own(write, "def f(p, t): return float(np.mean((p - t) ** 2))", p, t)
    assert found.value == found.mean == found.sum == (0.25 + 4.0 + 9.0) / 3
    assert found.count == 1
    np.testing.assert_allclose(found.gradients["p"], [-1 / 3, -4 / 3, 2.0], rtol=1e-9)  # 2 (p - t) / 3


@pytest.mark.parametrize(
    ("formula", "slope", "way"),
    [
        ("np.exp(x)", exp, "complex step"),
        ("np.abs(x)", lambda x: 1.0 if x > 0.0 else -1.0, "Richardson extrapolation"),  # the complex step says 0
        ("np.hypot(x, 1.0)", lambda x: x / np.hypot(x, 1.0), "Richardson extrapolation"),  # takes no complex numbers
        ("np.array([max(each, 0.0) for each in x])", lambda x: float(x > 0.0), "complex step"),
        ("x.astype(float) ** 2", lambda x: 2.0 * x, "Richardson extrapolation"),  # the imaginary part is cut off
        ("np.log(np.cosh(x))", np.tanh, "complex step"),
    ],
)
def test_the_way_to_the_gradient(write: Write, formula: str, slope: Callable[[float], float], way: str) -> None:
    x = [0.3, -2.0, 1e-3, 30.0, -0.7]
    found = own(write, f"def f(x): return {formula}", x, reduction="sum")
    np.testing.assert_allclose(found.gradients["x"], [slope(each) for each in x], rtol=1e-9)
    assert f"custom, gradient by {way} | " in signature(found)


def signature(found: Any) -> str:
    return line(found._bound, compute(found._bound, Wanted()).reduced)


def test_beside_the_edge_of_a_domain(write: Write) -> None:
    """A step of differences must not leave it: log raises beyond 0 and 1."""
    source = """
def f(p):
    if (p.real <= 0).any() or (p.real >= 1).any():
        raise ValueError("no probability")
    return -np.abs(np.log(1 - p))
"""
    p = [1e-9, 1e-3, 0.5, 0.999, 1.0 - 1e-6]
    found = own(write, source, p, reduction="sum")
    np.testing.assert_allclose(found.gradients["p"], [-1.0 / (1.0 - each) for each in p], rtol=1e-6)


def test_labels_that_count(write: Write) -> None:
    source = """
def f(logits, label):
    z = logits - logits.max(axis=1, keepdims=True)
    return np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), label]
"""
    random = np.random.default_rng(2)
    logits, labels = random.normal(size=(7, 4)), random.integers(0, 4, 7)
    custom = own(write, source, logits, labels.astype(np.float64))
    built_in = losscli.compute("cross_entropy", logits, labels, gradients=True)
    assert custom.value == pytest.approx(built_in.value, rel=1e-14)
    assert built_in.gradients is not None
    np.testing.assert_allclose(custom.gradients["logits"], built_in.gradients["input"], rtol=1e-9, atol=1e-12)
    assert list(custom.gradients) == ["logits"]


def test_samples_that_depend_on_each_other(write: Write) -> None:
    """A softmax over the batch: each loss moves with every entry, so a whole column must not move at once."""
    x = np.array([0.1, -2.0, 1.5])
    found = own(write, "def f(x): return -np.log(np.exp(x) / np.exp(x).sum())", x, reduction="sum")
    np.testing.assert_allclose(found.gradients["x"], 3.0 * np.exp(x) / np.exp(x).sum() - 1.0, rtol=1e-9)
    weighed = own(write, "def f(x): return -np.log(np.exp(x) / np.exp(x).sum())", x, sample_weight=[1, 0, 0])
    share = np.exp(x) / np.exp(x).sum()
    np.testing.assert_allclose(weighed.gradients["x"], share - [1.0, 0.0, 0.0], rtol=1e-9)


@pytest.mark.parametrize(
    "source",
    [
        "def f(p, t): return (p - t) ** 2, 3 * (p - t)",
        "def f(p, t): return (p - t) ** 2, {'p': 3 * (p - t)}",
        "def f(p, t): return (p - t) ** 2\ndef gradient(p, t): return 3 * (p - t)",
        "def f(p, t): return (p - t) ** 2\ndef gradient(p, t): return {'p': 3 * (p - t), 't': 3 * (t - p)}",
    ],
)
def test_a_gradient_that_the_file_gives_is_taken(write: Write, source: str) -> None:
    """Here 3 in place of 2, so that it can be told from one that is worked out."""
    p, t = np.array([1.0, 2.0, 5.0]), np.array([0.0, 4.0, 4.5])
    found = own(write, source, p, t, sample_weight=[1.0, 2.0, 1.0])
    weights = np.array([1.0, 2.0, 1.0]) / 4.0
    np.testing.assert_allclose(found.gradients["p"], 3.0 * (p - t) * weights, rtol=1e-15)
    factor = 3.0 if "'t'" in source else 2.0  # of what it does not give the gradient is taken numerically
    np.testing.assert_allclose(found.gradients["t"], factor * (t - p) * weights, rtol=1e-9)
    assert ("gradient by the function itself" in signature(found)) == ("def gradient" not in source)


def test_weights_of_samples_and_a_claim(write: Write) -> None:
    path = write("def f(p, t): return (p - t) ** 2")
    found = losscli.compute(f"{path}:f", [1.0, 2.0], [0.0, 4.0], sample_weight=[1.0, 3.0])
    assert found.value == (1.0 + 12.0) / 4.0
    verified = losscli.verify(f"{path}:f", [1.0, 2.0], [0.0, 4.0], claim="5.0")
    assert (verified.holds, verified.explanations[0].mistake) == (False, "sum_for_mean")


def test_roles_are_the_functions_own_and_synonyms_find_them(write: Write) -> None:
    path = write("def f(Prediction, label): return (Prediction - label) ** 2")
    given: list[dict[str, Any]] = [{"Prediction": [3.0], "label": [1.0]}, {"logits": [3.0], "y_true": [1.0]}]
    for named in given:
        assert losscli.compute(f"{path}:f", **named).value == 4.0


def test_options_keep_their_types(write: Write) -> None:
    source = (
        "def f(p, *, square=True, word='a', weights=(1, 2), k=1, nothing=None):\n    return float(k * len(weights))"
    )
    path = write(source)
    assert losscli.compute(f"{path}:f", 1.0, weights=np.ones(5), k=0.5).value == 2.5
    assert losscli.compute(f"{path}:f", 1.0, weights="[1, 2, 3]", k="2", nothing="x").value == 6.0
    with pytest.raises(UsageFault, match="square must be true or false, got 'maybe'"):
        losscli.compute(f"{path}:f", 1.0, square="maybe")
    with pytest.raises(UsageFault, match="k must be a number, got 'many'"):
        losscli.compute(f"{path}:f", 1.0, k="many")
    with pytest.raises(UsageFault, match=r"no option 'squares'\n.*did you mean square"):
        losscli.compute(f"{path}:f", 1.0, squares=False)


def test_not_numbers_are_those_of_built_in_losses(write: Write) -> None:
    path = write("def f(p, t): return np.where(p > 1, np.nan, p - t)")
    found = losscli.compute(f"{path}:f", [1.0, 2.0], [0.0, 0.0])
    assert np.isnan(found.value)
    assert found.warnings == ("one loss is nan (undefined), at sample 1",)
    with pytest.raises(DataFault, match=r"p\[1\]: p is nan, and must be a number or an infinity"):
        losscli.compute(f"{path}:f", [1.0, float("nan")], [0.0, 0.0])
    propagated = losscli.compute(f"{path}:f", [1.0, float("nan")], [0.0, 0.0], nonfinite="propagate")
    assert np.isnan(propagated.value)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def f(p, t): return None", "it returns None"),
        ("def f(p, t): return '0.5'", "it returns the text '0.5'"),
        ("def f(p, t): return np.zeros(4)", r"it returns an array of shape \(4,\), and p has shape \(3,\)"),
        ("def f(p, t): return p + 1j", "it returns an array of complex128"),
        ("def f(p, t): return p > t", "it returns an array of bool"),
        ("def f(p, t): return [[1.0], [1.0, 2.0], 3]", "it returns list, which is no array"),
        ("def f(p, t):\n    p -= t\n    return p", "own.py line 3: it changes its inputs"),
        ("def f(p, t):\n    t[0] = 1\n    return p", "own.py line 3: it changes its inputs"),
        ("def f(p, t):\n    x = 1\n    return 1 / 0", "own.py line 4: ZeroDivisionError: division by zero"),
        ("def f(p, t):\n    return g(p)\ndef g(p): raise KeyError('k')", "own.py line 4: KeyError: 'k'"),
        ("def f(p, t):\n    raise SystemExit(0)", "own.py line 3: it ends the program"),
        ("def f(p, t): return (p - t) ** 2, np.ones(2)", r"the gradient it returns has shape \(2,\), and p has \(3,\)"),
        ("def f(p, t): return (p - t) ** 2, {'q': p}", "the gradient it returns names 'q'"),
        ("def f(p, t): return (p - t) ** 2, 'up'", "the gradient it returns, of p, is the text 'up'"),
        ("def f(p, t): return p\ndef gradient(p): return p", r"gradient does not take what f does \(p, t\)"),
        ("def f(p, t): return p\ndef gradient(p, t): pass", "own.py:gradient: what it returns is None"),
        ("def f(gamma=1): return 1", "f takes no inputs"),
        ("f = 3", "f is no function, but an int"),
        ("class f: pass", "f is no function, but a class"),
        ("def f(p, t, *, k): return p", "f needs k"),
        ("def ff(p, t): return p", r"no function 'f', did you mean 'ff'\?"),
        ("import nothing_of_that_name", "own.py line 2: it imports nothing_of_that_name, which is not there"),
        ("def f(p, t)\n    return p", "own.py line 2: expected ':'"),
        ("def f(p, t): return p\n1 / 0", "own.py line 3: ZeroDivisionError"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(write: Write, source: str, told: str) -> None:
    with pytest.raises((DataFault, UsageFault), match=told):
        own(write, source, [1.0, 2.0, 3.0], [0.0, 0.0, 1.0])


@pytest.mark.parametrize("word", ["own.py", "own.py:", "own.py::f", "own.py:f.g", "own.py:f g"])
def test_a_word_that_names_no_function(word: str) -> None:
    with pytest.raises(UsageFault, match=r"write FILE\.py:FUNCTION"):
        losscli.compute(word, 1, 2)


def test_its_own_folder_can_be_imported_from(tmp_path: Path) -> None:
    """And leaves nothing behind: two folders may have neighbours of one name."""
    for name, factor in (("one", 2), ("other", 3)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "neighbour.py").write_text(f"FACTOR = {factor}\n", encoding="utf-8")
        (folder / "own.py").write_text("from neighbour import FACTOR\ndef f(p): return FACTOR * p\n", encoding="utf-8")
    path = sys.path.copy()
    assert losscli.compute(f"{tmp_path}/one/own.py:f", 1.0).value == 2.0
    assert losscli.compute(f"{tmp_path}/other/own.py:f", 1.0).value == 3.0
    assert sys.path == path
    assert "neighbour" not in sys.modules
    assert not list(tmp_path.glob("*/__pycache__/own*"))


def test_an_edited_file_counts(write: Write) -> None:
    assert own(write, "def f(p): return 2 * p", 1.0).value == 2.0
    assert own(write, "def f(p): return 3 * p", 1.0).value == 3.0


def test_what_it_prints_is_heard_once_and_on_standard_error(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    found = own(write, "print('loaded')\ndef f(p):\n    print('called')\n    return p ** 2", [1.0, 2.0])
    assert found.value == 2.5
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.split() == ["loaded", "called"]


def test_a_logarithm_by_hand(write: Write) -> None:
    """Plain Python, sample by sample: no NumPy function carries anything here."""
    source = """
import math
def f(p, t):
    total = 0.0
    for one, other in zip(p, t):
        total -= other * math.log(one) + (1 - other) * math.log(1 - one)
    return total
"""
    found = own(write, source, [0.25, 0.5], [1.0, 0.0])
    assert found.value == pytest.approx(-log(0.25) - log(0.5), rel=1e-15)
    np.testing.assert_allclose(found.gradients["p"], [-4.0, 2.0], rtol=1e-9)
