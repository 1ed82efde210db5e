"""The same numbers in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli as package
from losscli.losses.catalogue import loss_names
from tests.cli.helpers import SAMPLES, fails, succeeds, write

KEYS = [  # chapter 6 of the design, in its order
    "schema", "loss", "signature", "convention", "options", "inputs", "reduction", "value", "sum", "mean",
    "standard_error", "count", "ignored", "denominator", "per_sample", "gradients", "groups", "rows", "warnings",
]  # fmt: skip
DIGITS = ("compute", "cross_entropy", "cross_entropy/logits.npy", "cross_entropy/labels.csv::label")


@pytest.mark.parametrize(
    "words",
    [
        [*DIGITS],
        [*DIGITS, "--per-sample", "--gradients", "--weight", "cross_entropy/class-weights.csv::weight"],
        [*DIGITS, "-r", "none", "--by", "cross_entropy/labels.csv::label"],
        ["compute", "mse", "1", "2"],
        ["compute", "mse", "[]", "[]", "-r", "sum"],
        ["compute", "kl_div", "[[-1,-2]]", "[[0.5,0.5]]", "-r", "batchmean", "--gradients"],
        ["compute", "bce", "0", "1", "--convention", "exact"],
        ["compute", "mse", "[NaN]", "[0]", "--nonfinite", "propagate", "--gradients", "--per-sample"],
    ],
    ids=" ".join,
)
def test_json_has_every_key_in_order(words: list[str]) -> None:
    ended = succeeds(*words, "-f", "json", "-q")
    assert list(ended.json) == KEYS
    assert ended.json["schema"] == 1
    assert ended.out.count("\n") == 1
    assert ended.out.isascii()


def test_json_of_a_request() -> None:
    found = succeeds(*DIGITS, "--weight", "cross_entropy/class-weights.csv::weight", "-f", "json").json
    assert found["loss"] == "cross_entropy"
    assert found["convention"] == "torch"
    assert found["reduction"] == "mean"
    assert found["inputs"] == {
        "input": {"source": "cross_entropy/logits.npy", "shape": [200, 10], "dtype": "float32"},
        "target": {"source": "cross_entropy/labels.csv::label", "shape": [200], "dtype": "float64"},
    }
    assert found["options"] == {
        "weight": {"source": "cross_entropy/class-weights.csv::weight", "shape": [10], "dtype": "float64"},
        "ignore_index": -100,
        "label_smoothing": 0.0,
    }
    assert (found["count"], found["ignored"]) == (200, 0)
    assert found["value"] == found["mean"] != found["sum"]
    assert found["denominator"] == pytest.approx(found["sum"] / found["mean"], rel=1e-15)
    assert found["per_sample"] is found["gradients"] is found["groups"] is None
    assert found["warnings"] == []


def test_json_arrays_are_nested_like_the_inputs(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    write(tmp_path, x_npy=rng.normal(size=(2, 3, 2, 2)), y_npy=rng.integers(0, 3, (2, 2, 2)))
    words = ("compute", "cross_entropy", "x.npy", "y.npy", "-f", "json", "--per-sample", "--gradients")
    found = succeeds(*words, at=tmp_path).json
    assert np.array(found["per_sample"]).shape == (2, 2, 2)
    assert {role: np.array(g).shape for role, g in found["gradients"].items()} == {"input": (2, 3, 2, 2)}
    unreduced = succeeds(*words, "-r", "none", at=tmp_path).json
    assert unreduced["value"] == unreduced["per_sample"] == found["per_sample"]
    scalar = succeeds("compute", "mse", "1", "3", "-f", "json", "--per-sample", "--gradients").json
    assert (scalar["per_sample"], scalar["gradients"]) == (4.0, {"input": -4.0, "target": 4.0})


def test_json_spells_nan_and_infinities_as_strings() -> None:
    words = ("compute", "mse", "[NaN,Infinity,1]", "[0,0,0]", "--nonfinite", "propagate")
    found = succeeds(*words, "-f", "json", "--per-sample", "--gradients").json
    assert found["per_sample"] == ["NaN", "Infinity", 1.0]
    assert found["value"] == found["sum"] == found["standard_error"] == "NaN"
    assert found["gradients"]["target"][1] == "-Infinity"


def from_json(value: Any) -> Any:
    """Numbers of the JSON output, its words for the three that JSON lacks included."""
    if isinstance(value, list):
        return [from_json(each) for each in value]
    return {"NaN": nan, "Infinity": inf, "-Infinity": -inf}.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize(
    ("loss", "sources", "options"),
    [
        ("cross_entropy", ("cross_entropy/logits.npy", "cross_entropy/labels.csv::label"), {"label_smoothing": 0.1}),
        ("cross_entropy", ("cross_entropy/pixel-logits.npy", "cross_entropy/pixel-labels.npy"), {}),
        ("bce_with_logits", ("bce_with_logits/logits.npy", "bce/tags.csv::even:straight"), {}),
        ("huber", ("mse/run.csv::prediction", "mse/run.csv::target"), {"delta": 2.5}),
        ("triplet_margin", tuple(f"triplet_margin/triplets.npz::{r}" for r in ("anchor", "positive", "negative")), {}),
    ],
)
def test_json_and_bare_equal_the_python_api(
    loss: str, sources: tuple[str, ...], options: dict[str, Any], reduction: str
) -> None:
    arrays = [loaded(source) for source in sources]
    ours = package.compute(loss, *arrays, reduction=reduction, gradients=True, **options)
    words = ["compute", loss, *sources, "-r", reduction, *(f"--{k.replace('_', '-')}={v}" for k, v in options.items())]
    found = succeeds(*words, "-f", "json", "--per-sample", "--gradients", "-q").json
    for key in ("sum", "mean", "standard_error", "count", "ignored", "denominator"):
        assert from_json(found[key]) == getattr(ours, key)
    assert np.array_equal(from_json(found["value"]), ours.value)
    assert np.array_equal(from_json(found["per_sample"]), ours.per_sample)
    assert ours.gradients is not None
    assert list(found["gradients"]) == list(ours.gradients)
    for role, gradient in ours.gradients.items():
        assert np.array_equal(from_json(found["gradients"][role]), gradient)
    bare = [float(line) for line in succeeds(*words, "--bare", "-q").out.splitlines()]
    assert bare == np.ravel(ours.value).tolist()


def loaded(source: str) -> Any:
    """A source read without losscli."""
    path, _, selector = source.partition("::")
    if path.endswith(".npy"):
        return np.load(SAMPLES / path)
    if path.endswith(".npz"):
        return np.load(SAMPLES / path)[selector]
    with (SAMPLES / path).open() as file:
        header, *rows = csv.reader(file)
    first, _, last = selector.partition(":")
    columns = slice(header.index(first), header.index(last or first) + 1)
    array = np.array([row[columns] for row in rows], float)
    return array if last else array[:, 0]


@pytest.mark.parametrize("number", ["0.1", "1e-320", "-1.7976931348623157e+308", "123456789.123456789", "3e-5", "1e16"])
def test_bare_reads_back_the_same(number: str) -> None:
    """The loss here is the input itself: l1 against 0, and the sign put back."""
    printed = succeeds("compute", "l1", number, "0", "--bare").out
    assert float(printed) == abs(float(number))
    assert printed == f"{abs(float(number))!r}\n"


def test_bare_is_one_number_a_line_in_c_order(tmp_path: Path) -> None:
    write(tmp_path, x_npy=np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]))
    assert (
        succeeds("compute", "l1", "x.npy", "[[0,0],[0,0]]", "-rnone", "-b", at=tmp_path).out == "1.0\n2.0\n3.0\n4.0\n"
    )
    assert succeeds("compute", "l1", "[]", "[]", "-rnone", "-b").out == ""
    assert succeeds("compute", "l1", "3", "1", "-rnone", "-b").out == "2.0\n"


def test_bare_wins_over_the_environment() -> None:
    assert succeeds("compute", "mse", "1", "3", "-b", env={"LOSSCLI_FORMAT": "json"}).out == "4.0\n"


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("table", "mse | torch | mean of 2 | float64 | losscli"),
        ("json", '{"schema": 1,'),
        ("csv", "index,prediction,target,loss,ignored\n0,1.0,3,4.0,false\n"),
        ("markdown", "`mse | torch | mean of 2"),
    ],
)
def test_formats(form: str, begins: str) -> None:
    words = ("compute", "mse", "[1,2]", "[3,5]")
    shown = succeeds(*words, "-f", form).out
    assert shown.startswith(begins)
    assert shown == succeeds(*words, "--format", form, env={"LOSSCLI_FORMAT": "csv"}).out
    assert shown == succeeds(*words, env={"LOSSCLI_FORMAT": form}).out
    assert succeeds(*words, env={"LOSSCLI_FORMAT": ""}).out == succeeds(*words).out
    assert succeeds("list", env={"LOSSCLI_FORMAT": form}).out == succeeds("list", "-f", form).out


def test_a_wrong_format_in_the_environment() -> None:
    assert "'xml'" in fails(2, "compute", "mse", "1", "2", env={"LOSSCLI_FORMAT": "xml"})


def test_digits_are_significant_and_not_for_machines() -> None:
    words = ("compute", "mse", "[1,2,4]", "[3,5,9.125]")  # 4, 9 and 26.265625: mean 13.0885416…
    assert succeeds(*words, "--digits", "3", "-b").out == "13.1\n"
    assert succeeds(*words, "--digits", "9", "-b").out == "13.0885417\n"
    assert re.search(r"value +13\.09\n", succeeds(*words, "--digits", "4").out)
    assert "- value: 13.09\n" in succeeds(*words, "--digits", "4", "-f", "markdown").out
    for form in ("json", "csv"):
        assert f"{form.upper()} holds all digits" in fails(2, *words, "--digits", "2", "-f", form)
        chosen = {"LOSSCLI_FORMAT": form}
        assert succeeds(*words, "--digits", "2", env=chosen).out == succeeds(*words, "-f", form).out
    assert "26.265625" in succeeds(*words, "-f", "csv").out


def rows_of(*words: str, **how: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(succeeds("compute", *words, "-f", "csv", "-q", **how).out)))


def test_csv_holds_the_per_sample_rows_in_full() -> None:
    found = rows_of("cross_entropy", *DIGITS[2:], "--rows", "all", "--gradients")
    ours = package.compute("cross_entropy", *map(loaded, DIGITS[2:]), gradients=True)
    assert len(found) == 200
    assert [int(row["index"]) for row in found] == list(range(200))
    assert [float(row["loss"]) for row in found] == ours.per_sample.tolist()
    assert [int(row["target"]) for row in found] == loaded(DIGITS[3]).tolist()
    assert {row["ignored"] for row in found} == {"false"}
    assert ours.gradients is not None
    gradient = [[float(row[f"d_input_{c}"]) for c in range(10)] for row in found]
    np.testing.assert_array_equal(gradient, ours.gradients["input"])


@pytest.mark.parametrize(("rows", "shown"), [("4", ["0", "1", "198", "199"]), ("1", ["0"]), ("3", ["0", "1", "199"])])
def test_rows_apply_everywhere(rows: str, shown: list[str]) -> None:
    assert [row["index"] for row in rows_of("cross_entropy", *DIGITS[2:], "--rows", rows)] == shown
    for form in ("table", "markdown"):
        text = succeeds(*DIGITS, "--rows", rows, "-f", form, "--no-gradients").out
        found = [line.strip("| ").split() for line in text.splitlines() if "more" not in line]
        assert [line[0] for line in found if line and line[0] in map(str, range(200))] == shown
        assert f"{200 - int(rows)} more samples" in text


def test_people_get_ten_rows_unless_they_ask_and_machines_all() -> None:
    assert len(rows_of("cross_entropy", *DIGITS[2:])) == 200
    assert len(rows_of("cross_entropy", *DIGITS[2:], "--rows", "7")) == 7
    assert "190 more samples: --rows all" in succeeds(*DIGITS).out
    assert "more samples" not in succeeds(*DIGITS, "--rows", "all").out
    assert "--rows has no use here: --bare shows one number" in fails(2, *DIGITS, "-b", "--rows", "3")


def test_json_lists_rows_where_they_are_asked_for(tmp_path: Path) -> None:
    assert succeeds(*DIGITS, "-f", "json").json["rows"] is None
    found = succeeds(*DIGITS, "-f", "json", "--worst", "2").json["rows"]
    losses = package.compute("cross_entropy", *map(loaded, DIGITS[2:])).per_sample
    assert [row["index"] for row in found] == np.argsort(-losses, kind="stable")[:2].tolist()
    assert [row["loss"] for row in found] == np.sort(losses)[:-3:-1].tolist()
    write(tmp_path, p_csv="id,yhat\n7,0.5\n9,2\n", t_csv="id,y\n9,3\n7,1\n")
    words = ("compute", "mse", "p.csv::yhat", "t.csv::y", "--key", "id", "-f", "json", "--rows", "all")
    assert succeeds(*words, at=tmp_path).json["rows"] == [
        {"index": 0, "key": "7", "prediction": 0.5, "target": 1, "loss": 0.25, "ignored": False},
        {"index": 1, "key": "9", "prediction": 2.0, "target": 3, "loss": 1.0, "ignored": False},
    ]


def test_words_and_keys_stay_what_they_are(tmp_path: Path) -> None:
    """Labels and keys as they are written, and the names of the classes over the gradients."""
    write(tmp_path, p_csv="id,cat,dog\na,1,2\nb,3,1\n", t_csv="id,pet\nb,cat\na,cat\n")
    words = ("compute", "cross_entropy", "p.csv::cat:dog", "t.csv::pet", "--key", "id")
    rows = rows_of(*words[1:], "--gradients", at=tmp_path)
    assert [(row["index"], row["id"], row["target"]) for row in rows] == [("0", "a", "cat"), ("1", "b", "cat")]
    assert {"d_input_cat", "d_input_dog"} < set(rows[0])
    lines = succeeds(*words, at=tmp_path).out.splitlines()
    head = next(at for at, line in enumerate(lines) if line.split()[:3] == ["id", "target", "loss"])
    assert lines[head].split() == ["id", "target", "loss", "cat", "dog"]
    assert lines[head - 1].split() == ["∂/∂input"]
    assert lines[head + 2].split()[:2] == ["a", "cat"]


def test_one_number_of_all_data_has_no_rows() -> None:
    out = succeeds("compute", "rmse", "[1,2,3]", "[2,3,4]").out
    assert "index" not in out
    assert "nan" not in out
    assert succeeds("compute", "rmse", "[1,2,3]", "[2,3,4]", "-f", "csv").out == "index,loss,ignored\n0,1.0,false\n"


def test_worst() -> None:
    losses = package.compute("cross_entropy", *map(loaded, DIGITS[2:])).per_sample
    expected = np.argsort(-losses, kind="stable")[:3].astype(str).tolist()
    assert [row["index"] for row in rows_of("cross_entropy", *DIGITS[2:], "--worst", "3")] == expected
    tied = ("compute", "l1", "[2,1,2,3]", "[0,0,0,0]", "--worst", "3", "-f", "csv")
    assert [line[0] for line in succeeds(*tied).out.splitlines()[1:]] == ["3", "0", "2"]


@pytest.mark.parametrize(
    ("form", "words", "shows_samples", "shows_gradients"),
    [
        ("table", [], True, True),
        ("table", ["--no-gradients"], True, False),
        ("table", ["--no-per-sample"], False, False),
        ("markdown", [], True, True),
        ("markdown", ["--no-gradients"], True, False),
        ("markdown", ["--no-per-sample"], False, False),
    ],
)
def test_what_people_are_shown(form: str, words: list[str], shows_samples: bool, shows_gradients: bool) -> None:
    shown = succeeds("compute", "huber", "[1,2]", "[3,4]", "-f", form, *words).out
    assert ("index" in shown) == shows_samples
    assert ("∂/∂input" in shown) == ("∂/∂target" in shown) == shows_gradients


@pytest.mark.parametrize(
    ("words", "samples", "gradients"),
    [([], False, False), (["--per-sample"], True, False), (["--gradients"], False, True), (["-rnone"], True, False)],
)
def test_what_json_holds(words: list[str], samples: bool, gradients: bool) -> None:
    found = succeeds("compute", "huber", "[1,2]", "[3,4]", "-f", "json", *words).json
    assert (found["per_sample"] is not None, found["gradients"] is not None) == (samples, gradients)


def test_the_table_shows_numbers_in_the_order_of_the_design() -> None:
    lines = succeeds(*DIGITS, "--no-per-sample").out.splitlines()
    names = [re.match(r" *(\w+(?: \w+)?)  ", line) for line in lines[2:]]
    assert [name[1] for name in names if name] == ["value", "sum", "standard error", "count"]
    lines = succeeds("compute", "nll", "nll/wine.csv", "-r", "sum", "--no-per-sample").out.splitlines()
    names = [re.match(r" *(\w+(?: \w+)?)  ", line) for line in lines[2:]]
    assert [name[1] for name in names if name] == ["value", "mean", "standard error", "count", "ignored"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([*DIGITS], "cross_entropy | torch | mean of 200 | float32→float64 | losscli {}"),
        (
            [*DIGITS, "--label-smoothing", "0.1", "--weight", "cross_entropy/class-weights.csv::weight"],
            (
                "cross_entropy(label_smoothing=0.1, weight=[10]#73ea1a)"
                " | torch | mean of 200 | float32→float64 | losscli {}"
            ),
        ),
        (
            ["compute", "nll", "nll/wine.csv", "-r", "sum"],
            "nll | torch | sum of 58, 2 ignored | float64 | losscli {}",
        ),
        (
            ["compute", "bce", "[0.5]", "[1]", "--convention", "exact", "-r", "none"],
            "bce | exact | none of 1 | float64 | losscli {}",
        ),
        (
            ["compute", "huber", "1", "2", "--delta", "0.5"],
            "huber(delta=0.5) | torch | mean of 1 | float64 | losscli {}",
        ),
        (["compute", "huber", "1", "2", "--delta", "1"], "huber | torch | mean of 1 | float64 | losscli {}"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_signature(words: list[str], line: str) -> None:
    expected = line.format(package.__version__)
    assert succeeds(*words, "-q").out.splitlines()[0] == expected
    assert succeeds(*words, "-f", "markdown", "-q").out.splitlines()[0] == f"`{expected}`"
    assert succeeds(*words, "-f", "json", "-q").json["signature"] == expected


def test_list() -> None:
    rows = succeeds("list", "-f", "json").json
    assert rows["schema"] == 1
    assert list(rows) == ["schema", "rows"]
    huber = {
        "name": "huber",
        "class_name": "HuberLoss",
        "function_name": "huber_loss",
        "family": "regression",
        "inputs": ["input", "target"],
        "summary": "Squared error near zero, absolute error in the tails.",
        "names": {
            "torch": ["torch.nn.HuberLoss", "torch.nn.functional.huber_loss"],
            "keras": ["keras.losses.Huber", "keras.losses.huber"],
            "optax": ["optax.losses.huber_loss", "optax.huber_loss"],
        },
    }
    assert huber in rows["rows"]
    assert (
        'huber,HuberLoss,huber_loss,regression,"input, target","Squared error near zero, absolute'
        in succeeds("list", "-f", "csv").out
    )
    assert "| huber | Squared error near zero, absolute error in the tails. |" in succeeds("list", "-f", "markdown").out
    table = succeeds("list").out
    for row in rows["rows"]:
        assert re.search(rf"^ *{row['name']} ", table, re.MULTILINE)
    assert len({row["name"] for row in rows["rows"]}) == len(loss_names())


def test_list_is_searched_by_words() -> None:
    found = [row["name"] for row in succeeds("list", "Regression", "tails", "-f", "json").json["rows"]]
    assert "huber" in found
    assert len(found) < 10
    assert "mse" in succeeds("list", "MeanSquaredError").out
    assert "no loss has the words nosuchloss" in fails(2, "list", "nosuchloss")
    names = succeeds("list", "huber", "--names").out
    assert re.search(r"huber +keras.losses.Huber\n", names)


def test_standard_error() -> None:
    """s / √n of the errors 1, 2 and 4, and NaN for a single sample."""
    found = succeeds("compute", "l1", "[1,2,4]", "[0,0,0]", "-f", "json").json["standard_error"]
    assert found == pytest.approx(np.std([1, 2, 4], ddof=1) / np.sqrt(3), rel=1e-15)
    assert succeeds("compute", "l1", "1", "0", "-f", "json").json["standard_error"] == "NaN"


def test_warnings_stand_in_json_and_on_standard_error() -> None:
    ended = succeeds("compute", "mse", "[]", "[]", "--size-average", "-f", "json")
    assert ended.err.splitlines() == [f"warning: {each}" for each in ended.json["warnings"]]
    assert len(ended.json["warnings"]) == 2
    quiet = succeeds("compute", "mse", "[]", "[]", "--size-average", "-f", "json", "-q")
    assert (quiet.err, quiet.json["warnings"]) == ("", ended.json["warnings"])


def test_json_is_json() -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(succeeds("compute", "mse", "1", "2").out)
