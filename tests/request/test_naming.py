"""A framework's name brings its convention, unless another is written."""

from __future__ import annotations

from pathlib import Path

import pytest

import losscli
from losscli.reading.formats import FORMATS
from losscli.request.naming import loss_named
from losscli.schema.faults import UsageFault
from tests.cli.helpers import succeeds, write


@pytest.mark.parametrize(
    ("name", "convention"),
    [
        ("keras.losses.MeanAbsolutePercentageError", "keras"),
        ("tf.keras.losses.MeanAbsolutePercentageError", "keras"),
        ("Keras.Losses.mean_absolute_percentage_error", "keras"),
        ("sklearn.metrics.mean_absolute_percentage_error", "sklearn"),
        ("MeanAbsolutePercentageError", "torch"),
        ("losses.MeanAbsolutePercentageError", "torch"),
        ("mape", "torch"),
    ],
)
def test_names(name: str, convention: str) -> None:
    """Keras counts in percent."""
    found = losscli.compute(name, [90.0], [100.0])
    assert found.value == (10.0 if convention == "keras" else 0.1)
    assert f"| {convention} |" in succeeds("compute", name, "90", "100").out


@pytest.mark.parametrize("suffix", [suffix for row in FORMATS for suffix in row.suffixes] + ["csv.gz", "gz"])
def test_a_file_of_any_format_is_no_loss(suffix: str) -> None:
    for word in (f"x.{suffix}", f"a/x.{suffix.upper()}"):
        with pytest.raises(UsageFault, match="the loss comes first"):
            loss_named(word)


def test_optax_leaves_the_losses_as_they_are() -> None:
    assert losscli.compute("optax.huber_loss", [0.0, 3.0], [1.0, 1.0]).value.tolist() == [0.5, 1.5]


def test_what_is_written_wins() -> None:
    name = "keras.losses.MeanAbsolutePercentageError"
    assert losscli.compute(name, [90.0], [100.0], convention="torch").value == 0.1
    assert succeeds("compute", name, "90", "100", "--convention", "torch", "-b").out.strip() == "0.1"


def test_a_convention_that_the_loss_has_not_is_an_error() -> None:
    with pytest.raises(losscli.LossError, match="kl_div is not computed as keras does"):
        losscli.compute("keras.losses.KLDivergence", [0.5], [0.5])


@pytest.mark.parametrize(
    ("defaults", "own", "expected"),
    [("", "", "10"), ("defaults: {convention: torch}\n", "", "0.1"), ("", "convention: torch, ", "0.1")],
)
def test_in_suites(tmp_path: Path, defaults: str, own: str, expected: str) -> None:
    case = f"{{name: a, loss: keras.losses.MeanAbsolutePercentageError, {own}inputs: [90, 100], expect: {{value: "
    write(tmp_path, s_yaml=f"losscli: 1\n{defaults}cases:\n  - {case}{expected}}}}}\n")
    succeeds("suite", "s.yaml", at=tmp_path)


@pytest.mark.parametrize("word", ["truth.csv", "run.csv::prediction", "a/b.npy", "[1, 2]", "x.csv.gz", "tensor([1.])"])
def test_a_source_in_the_place_of_the_loss(word: str) -> None:
    with pytest.raises(UsageFault) as caught:
        loss_named(word)
    assert caught.value.cure == f"the loss comes first, then the sources: mse {word} …"
