"""A claim that is `FILE.py:FUNCTION`: somebody's implementation, judged on the same data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.helpers import fails, losscli, succeeds, write

FILE = """
import numpy as np

def mse(x, t):
    print("loaded")
    return ((x - t) ** 2).mean()

def squares(x, t):
    return (x - t) ** 2

def doubled(x, t):
    return 2 * squares(x, t)

def slope(x, t):
    return {"input": 2 * (x - t) / x.size, "target": 2 * (t - x) / x.size}

def loss_and_slope(x, t):
    return mse(x, t), 2 * (x - t) / x.size

def huber(x, t, delta=1.0):
    e = np.abs(x - t)
    return np.where(e <= delta, e ** 2, delta * (e - delta / 2))

def nll(logp, labels, reduction="mean"):
    losses = -logp[np.arange(len(labels)), labels]
    return losses.mean() if reduction == "mean" else losses.sum()

def raises(x, t):
    y = x + 1
    raise ValueError("no")

def writes(x, t):
    x -= t
    return x.mean()

def nothing(x, t):
    x.mean()

def words(x, t):
    return "ok"

def table(x, t):
    return np.ones((3, 3))

def undefined(x, t):
    return np.array([1.0, np.nan, 2.25])

def listed(x, t):
    return [1.0, 1.0, 2.25]

def rounded(x, t):
    return 1.4

def other(x, t):
    return {"weight": x}

def only_target(x, t):
    return {"target": x}

def of_three(x, t, w):
    return 0.0

def needs(x, t, *, delta):
    return delta
"""
DATA = ("mse", "[1,2,3]", "[2,3,4.5]")
VALUE, PER_SAMPLE, GRADIENT = "--claim", "--claim-per-sample", "--claim-gradient"


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return write(tmp_path, mine_py=FILE)


@pytest.mark.parametrize(
    ("claim", "name"),
    [
        (VALUE, "mse"),
        (VALUE, "loss_and_slope"),
        (PER_SAMPLE, "squares"),
        (GRADIENT, "slope"),
        (GRADIENT, "loss_and_slope"),
    ],
)
def test_a_right_function_holds(at: Path, claim: str, name: str) -> None:
    assert succeeds("verify", *DATA, claim, f"mine.py:{name}", at=at).out.count("holds") >= 1


def test_what_it_prints_is_no_output(at: Path) -> None:
    ended = succeeds("verify", *DATA, VALUE, "mine.py:mse", "-f", "json", at=at)
    assert ended.json["verdict"] == "holds"
    assert ended.json["claims"][0]["claim"] == pytest.approx(4.25 / 3)
    assert ended.err == "loaded\n"


def test_a_wrong_one_is_diagnosed_as_an_array_is(at: Path) -> None:
    found = losscli("verify", *DATA, PER_SAMPLE, "mine.py:doubled", "-f", "json", at=at)
    assert found.code == 1
    assert found.json["claims"][0]["claim"] == "mine.py:doubled"
    assert found.json["explanations"][0]["mistake"] == "double"


def test_it_gets_the_options_that_it_declares_and_integer_labels(at: Path) -> None:
    huber = ("verify", "huber", "[1,2,3]", "[2,3,6]", "--delta", "2", PER_SAMPLE, "mine.py:huber")
    refuted = losscli(*huber, at=at)  # without its half, where |e| <= 2
    assert "2 of 3 differ" in refuted.out
    scores = ("verify", "nll", "[[-1,-2],[-3,-0.5]]", "[0,1]", VALUE, "mine.py:nll")
    succeeds(*scores, at=at)
    succeeds(*scores, "-r", "sum", at=at)


def test_nothing_that_it_returns_was_rounded(at: Path) -> None:
    """A number of Python's that is 1.4 may have been rounded to one decimal, and holds; a function rounds nothing."""
    assert losscli("verify", *DATA, VALUE, "mine.py:rounded", at=at).code == 1


def test_gradients_by_role(at: Path) -> None:
    assert succeeds("verify", *DATA, GRADIENT, "mine.py:slope", at=at).out.count("holds") == 2
    assert "target" in succeeds("verify", *DATA, GRADIENT, "target=mine.py:slope", at=at).out
    assert "return that of input" in fails(3, "verify", *DATA, GRADIENT, "input=mine.py:only_target", at=at)
    assert "gradient of weight" in fails(3, "verify", *DATA, GRADIENT, "mine.py:other", at=at)
    assert "holds" in succeeds("gradcheck", *DATA, "--gradient", "mine.py:slope", at=at).out


@pytest.mark.parametrize(
    ("claim", "name", "told"),
    [
        (VALUE, "raises", "mine.py line 30: ValueError: no"),
        (VALUE, "writes", "mine.py line 33: it changes its inputs"),
        (VALUE, "nothing", "mine.py line 37: nothing returns None"),
        (VALUE, "words", "mine.py line 40: words returns a str"),
        (VALUE, "squares", "mine.py line 9: squares returns shape (3,), and the value has shape ()"),
        (PER_SAMPLE, "table", "mine.py line 43: table returns shape (3, 3), and the losses of the samples have shape"),
        (PER_SAMPLE, "rounded", "mine.py line 52: rounded returns shape (), and the losses of the samples"),
        (GRADIENT, "table", "mine.py line 43: table returns shape (3, 3) for input, and the gradient has shape (3,)"),
        (VALUE, "of_three", "mine.py:of_three takes x, t, w, and is called with 2 inputs"),
        (VALUE, "needs", "mine.py:needs needs delta"),
        (VALUE, "sqares", "no function 'sqares', did you mean 'squares'?"),
    ],
)
def test_what_is_no_claim_is_told_with_its_line(at: Path, claim: str, name: str, told: str) -> None:
    assert told in fails(3, "verify", *DATA, claim, f"mine.py:{name}", at=at)


def test_nan_and_lists_are_told(at: Path) -> None:
    nan = losscli("verify", *DATA, PER_SAMPLE, "mine.py:undefined", at=at)
    assert nan.code == 1
    assert "mine.py line 46: undefined returns 1 of 3 numbers as nan, the first at 1" in nan.err
    listed = succeeds("verify", *DATA, PER_SAMPLE, "mine.py:listed", at=at)
    assert "mine.py line 49: listed returns a list, which is taken as an array" in listed.err


def test_a_fault_of_the_data_goes_before_one_of_the_function(at: Path) -> None:
    told = fails(3, "verify", "nll", "[[-1,-2],[-3,-0.5]]", "[0,7]", VALUE, "mine.py:nll", at=at)
    assert "target" in told
    assert "IndexError" not in told


def test_in_a_suite(at: Path) -> None:
    suite = """
losscli: 1
cases:
  - {name: value, loss: mse, inputs: [[1, 2, 3], [2, 3, 4.5]], expect: {value: "mine.py:mse"}}
  - {name: each, loss: mse, inputs: [[1, 2, 3], [2, 3, 4.5]], expect: {per_sample: "mine.py:doubled"}}
  - {name: slope, loss: mse, inputs: [[1, 2, 3], [2, 3, 4.5]], expect: {gradients: {target: "mine.py:slope"}}}
"""
    write(at, suite_yaml=suite)
    ended = losscli("suite", "suite.yaml", "-f", "json", at=at)
    assert [case["status"] for case in ended.json["cases"]] == ["holds", "refuted", "holds"]
    assert ended.json["cases"][1]["explanations"][0]["mistake"] == "double"
    refused = losscli("suite", "suite.yaml", "--no-code", "-f", "json", at=at)
    assert [case["status"] for case in refused.json["cases"]] == ["error"] * 3


def test_the_table_says_who_claims_and_csv_has_the_number(at: Path) -> None:
    assert ", by mine.py:mse\n" in succeeds("verify", *DATA, VALUE, "mine.py:mse", at=at).out
    rows = succeeds("verify", *DATA, VALUE, "mine.py:mse", "-f", "csv", at=at).out.splitlines()
    assert float(rows[1].split(",")[3]) == pytest.approx(4.25 / 3)


def test_classes_in_words_come_as_indices(tmp_path: Path) -> None:
    text = "def nll(p, y):\n    assert y.dtype.kind == 'i'\n    return -p[range(len(y)), y]\n"
    at = write(tmp_path, own_py=text, p_csv="cat,dog\n-0.5,-1\n-2,-3\n", y_csv="kind\ndog\ncat\n")
    succeeds("verify", "nll", "p.csv", "y.csv::kind", PER_SAMPLE, "own.py:nll", at=at)


def test_one_function_against_another(at: Path) -> None:
    line = ("verify", "mine.py:doubled", *DATA[1:], PER_SAMPLE)
    succeeds(*line, "mine.py:doubled", at=at)
    assert losscli(*line, "mine.py:squares", at=at).code == 1


def test_a_parameter_is_no_input(at: Path) -> None:
    np.savez(at / "w.npz", w=np.array([1.0, 2.0]))
    line = ("verify", *DATA, "--l2", "0.1", "--params", "w.npz", GRADIENT, "w=mine.py:slope")
    assert "w is none that has a gradient" in fails(2, *line, at=at)


NOT_FLIPPED = """
import numpy as np

def focal(p, y, gamma=2.0, alpha=0.25):
    bce = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    return (alpha * y + (1 - alpha) * (1 - y)) * (1 - p) ** gamma * bce
"""


def test_a_focal_loss_whose_p_is_not_flipped(tmp_path: Path) -> None:
    """It is right exactly where the target is 1."""
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 2, 60)
    at = write(tmp_path, mine_py=NOT_FLIPPED, p_npy=rng.uniform(0.05, 0.95, 60), y_npy=truth)
    line = ("verify", "focal", "p.npy", "y.npy", "--alpha", "0.25", PER_SAMPLE, "mine.py:focal", "--rtol", "1e-9")
    ended = losscli(*line, "-f", "json", at=at)
    assert ended.code == 1
    (claim,) = ended.json["claims"]
    assert claim["worst"]["index"][0] in np.flatnonzero(truth == 0)
    assert f", {np.count_nonzero(truth == 0)} beyond the tolerance" in losscli(*line, at=at).out


def test_a_function_that_nothing_explains_is_shown_where_to_look(tmp_path: Path) -> None:
    """Nothing is unseen: the function got the data themselves."""
    text = "def odd(x, t):\n    return abs(x - t) ** 1.7 + 0.3 * x\n\ndef one(x, t):\n    return 0.777\n"
    at = write(tmp_path, odd_py=text)
    of_samples = losscli("verify", *DATA, PER_SAMPLE, "odd.py:odd", at=at)
    assert of_samples.code == 1
    assert of_samples.err == "warning: `losscli explain mse … --sample 1` shows each step of the worst sample\n"
    assert losscli("verify", *DATA, VALUE, "odd.py:one", at=at).err == ""
