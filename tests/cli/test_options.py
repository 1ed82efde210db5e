"""The options that decide a number."""

from __future__ import annotations

from math import inf, isnan, log
from pathlib import Path

import numpy as np
import pytest

from losscli.losses.catalogue import losses
from losscli.schema.loss import Loss
from tests.cli.helpers import fails, succeeds, write

# Inputs that suit some losses: three units, of which none is zero
INPUTS = {
    "bce": ("[0.25,0.5,0.75]", "[0,1,1]"),
    "bce_with_logits": ("[1,-2,3]", "[0,1,1]"),
    "cosine_embedding": ("[[1,0],[1,1],[3,4]]", "[[1,1],[1,0],[4,3]]", "[1,-1,1]"),
    "cosine_similarity": ("[[1,0],[1,1],[3,4]]", "[[1,1],[1,0],[4,3]]"),
    "cross_entropy": ("[[1,2],[3,5],[0,0]]", "[0,1,1]"),
    "focal": ("[0.25,0.5,0.75]", "[0,1,1]"),
    "huber": ("[1,2,3]", "[1.5,0,7]"),
    "kl_div": ("[-1,-2,-3]", "[0.25,0.5,0.25]"),
    "l1": ("[1,2,3]", "[1.5,0,7]"),
    "log_loss": ("[[0.25,0.75],[0.5,0.5],[0.125,0.875]]", "[0,1,1]"),
    "mse": ("[1,2,3]", "[1.5,0,7]"),
    "nll": ("[[-1,-2],[-3,-4],[-5,-6]]", "[0,1,1]"),
    "sce": ("[[1,2],[3,5],[0,0]]", "[0,1,1]"),
    "smooth_l1": ("[1,2,3]", "[1.5,0,7]"),
    "triplet_margin": ("[[0,0],[0,0],[1,1]]", "[[3,4],[1,0],[1,2]]", "[[1,0],[0,1],[2,1]]"),
}


def bare(*words: str) -> list[float]:
    return [float(line) for line in succeeds("compute", "--bare", *words).out.splitlines()]


@pytest.mark.parametrize("loss", [loss for loss in losses() if loss.example], ids=lambda loss: loss.name)
def test_reductions_of_an_example(loss: Loss) -> None:
    """With the words of the loss's own example: sum and mean are those of what reduction none prints."""
    values = bare(loss.name, *loss.example, "-r", "none")
    assert bare(loss.name, *loss.example, "-r", "sum") == [pytest.approx(sum(values), rel=1e-15)]
    found = succeeds("compute", loss.name, *loss.example, "-f", "json", "-r", "mean").json
    if loss.divisor is None:
        assert found["mean"] == pytest.approx(sum(values) / found["denominator"], rel=1e-15)
    assert found["count"] + found["ignored"] == len(values)


@pytest.mark.parametrize("loss", INPUTS)
def test_reductions(loss: str) -> None:
    """The sum and the mean are those of what reduction none prints; batchmean, of kl_div alone, is sum / N."""
    values = bare(loss, *INPUTS[loss], "-r", "none")
    assert len(values) == 3
    assert bare(loss, *INPUTS[loss], "-r", "sum") == [pytest.approx(sum(values), rel=1e-15)]
    assert bare(loss, *INPUTS[loss], "--reduction", "mean") == [pytest.approx(sum(values) / 3, rel=1e-15)]
    assert bare(loss, *INPUTS[loss]) == (values if loss == "cosine_similarity" else bare(loss, *INPUTS[loss], "-rmean"))
    if loss == "kl_div":
        assert bare(loss, *INPUTS[loss], "-r", "batchmean") == [pytest.approx(sum(values) / 3, rel=1e-15)]
    else:
        assert "batchmean" in fails(2, "compute", loss, *INPUTS[loss], "-r", "batchmean")


def test_batchmean_divides_by_the_first_axis() -> None:
    rows = ("[[-1,-2],[-3,-4],[-5,-6]]", "[[0.5,0.5],[0.25,0.75],[1,0]]")
    assert bare("kl_div", *rows, "-r", "batchmean") == [pytest.approx(bare("kl_div", *rows, "-r", "sum")[0] / 3)]
    assert bare("kl_div", *rows, "-r", "mean") == [pytest.approx(bare("kl_div", *rows, "-r", "sum")[0] / 6)]


@pytest.mark.parametrize(
    ("words", "reduction"),
    [
        (["--size-average"], "mean"),
        (["--no-size-average"], "sum"),
        (["--reduce"], "mean"),
        (["--no-reduce"], "none"),
        (["--no-reduce", "--no-size-average"], "none"),
        (["--reduce", "--no-size-average"], "sum"),
    ],
    ids=str,
)
def test_deprecated_reductions(words: list[str], reduction: str) -> None:
    """As torch.nn._reduction.legacy_get_string translates them; they win over a default reduction."""
    ended = succeeds("compute", "mse", *INPUTS["mse"], *words, "-f", "json")
    assert ended.json["reduction"] == reduction
    assert "warning: " in ended.err
    assert "deprecated" in ended.err
    assert f"reduction={reduction}" in ended.err
    assert any("deprecated" in warning for warning in ended.json["warnings"])


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["mse", "-1", "-3"], 4.0),
        (["mse", "-.5", "+.5"], 1.0),
        (["mse", "--", "-1", "-3"], 4.0),
        (["mse", "-1e-3", "1E-3"], 4e-6),
        (["mse", "input=-1", "target=-3"], 4.0),
        (["nll", "[-1,-2]", "1"], 2.0),
        (["cosine_embedding", "[[3,4]]", "[[4,3]]", "[-1]", "--margin", "-1"], 1.96),
        (["cosine_embedding", "[[3,4]]", "[[4,3]]", "[-1]", "--margin=-0.5"], 1.46),
        (["nll", "[[-1,-2],[-3,-4]]", "[-1,1]", "--ignore-index", "-1"], 4.0),
        (["nll", "[[-1,-2],[-3,-4]]", "[0,-7]", "--ignore-index=-7"], 1.0),
        (["cross_entropy", "[[[0,0],[0,0]]]", "[[0,1]]", "--class-axis", "-2"], log(2)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_negative_numbers(words: list[str], value: float) -> None:
    assert bare(*words) == [pytest.approx(value, rel=1e-15)]


@pytest.mark.parametrize(
    ("loss", "option", "value", "domain"),
    [
        ("huber", "--delta", "-1", "greater than 0"),
        ("huber", "--delta", "0", "greater than 0"),
        ("huber", "--delta", "nan", "greater than 0"),
        ("huber", "--delta", "two", "a number"),
        ("smooth_l1", "--beta", "-0.5", "0 or greater"),
        ("cross_entropy", "--label-smoothing", "1.5", "from 0 to 1"),
        ("cross_entropy", "--ignore-index", "1.5", "a whole number"),
        ("focal", "--alpha", "-0.1", "from 0 to 1"),
        ("focal", "--gamma", "-2", "0 or greater"),
        ("sce", "--clip", "0", "greater than 0"),
        ("cosine_embedding", "--margin", "1.5", "from -1 to 1"),
        ("triplet_margin", "--p", "0.5", "1 or greater"),
        ("triplet_margin", "--margin", "-1", "0 or greater"),
    ],
)
def test_outside_the_domain(loss: str, option: str, value: str, domain: str) -> None:
    for words in ([f"{option}={value}"], [option, value]):
        message = fails(2, "compute", loss, *INPUTS[loss], *words)
        assert f"{option} must be" in message
        assert domain in message
        assert value in message


def test_flags_of_a_loss() -> None:
    """By hand: distances 5 to the positive, 1 to the negative, and with swap √20 between the two is no nearer."""
    rows = ("[[0,0]]", "[[3,4]]", "[[1,0]]")
    assert bare("triplet_margin", *rows, "--eps", "0") == [5.0]
    assert bare("triplet_margin", *rows, "--eps", "0", "--swap") == [5.0]
    nearer = ("[[0,0]]", "[[3,4]]", "[[3,3]]")  # the negative is 1 from the positive, √18 from the anchor
    assert bare("triplet_margin", *nearer, "--eps", "0", "--swap") == [5.0]
    assert bare("triplet_margin", *nearer, "--eps", "0", "--no-swap") == [pytest.approx(6 - 18**0.5, rel=1e-15)]


def test_array_options_are_sources(tmp_path: Path) -> None:
    """By hand: scores 0, 0 give log 2 each; weighted by the class and divided by the weights' sum it stays log 2."""
    write(tmp_path, w_csv="w\n1\n3\n", p_npy=[1.0, 3.0], all_npz=b"")
    np.savez(tmp_path / "all.npz", classes=np.array([1.0, 3.0]))
    for source in ("[1,3]", "w.csv::w", "w.csv", "p.npy", "all.npz::classes"):
        total = succeeds(
            "compute", "nll", "[[-1,-2],[-3,-5]]", "[0,1]", "--weight", source, "-f", "json", at=tmp_path
        ).json
        assert (total["sum"], total["denominator"], total["value"]) == (16.0, 4.0, 4.0)  # 1·1 + 3·5, over 1 + 3
        assert total["options"]["weight"] == {"source": source, "shape": [2], "dtype": "float64"}


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        (["nll", "[[-1,-2]]", "[0]", "--weight", "[1,2,3]"], "2 classes"),
        (["nll", "[[-1,-2]]", "[0]", "--weight", "[1,Infinity]"], "a finite number"),
        (["nll", "[[-1,-2]]", "[0]", "--weight", "nowhere.csv"], "no such file"),
        (["bce", "[0.5,0.5]", "[0,1]", "--weight", "[1,2,3]"], "broadcasts to (2,)"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_array_options_that_do_not_fit(words: list[str], fact: str) -> None:
    message = fails(3, "compute", *words)
    assert fact in message


def test_elementwise_weight_broadcasts_and_does_not_divide() -> None:
    """PyTorch: the mean of BCE divides by the number of elements, whatever their weights."""
    value = bare("bce", "[[0.5,0.5],[0.5,0.5]]", "[[0,1],[1,0]]", "--weight", "[1,2]")
    assert value == [pytest.approx(1.5 * log(2), rel=1e-15)]


def test_convention_exact_has_no_clamp() -> None:
    assert bare("bce", "0", "1") == [100.0]
    assert bare("bce", "0", "1", "--convention", "torch") == [100.0]
    assert bare("bce", "0", "1", "--convention", "exact") == [inf]


def test_class_axis(tmp_path: Path) -> None:
    """Two units with scores (0, 1) and (0, 3) of which class 1 is true: log(1 + e⁻¹) and log(1 + e⁻³)."""
    by_row, by_column = [[0.0, 1.0], [0.0, 3.0]], [[0.0, 0.0], [1.0, 3.0]]
    write(tmp_path, row_npy=by_row, column_npy=by_column)
    expected = [pytest.approx(log(1 + np.exp(-1)), rel=1e-15), pytest.approx(log(1 + np.exp(-3)), rel=1e-15)]
    for words in (["row.npy"], ["row.npy", "--class-axis", "1"], ["row.npy", "--class-axis", "-1"]):
        found = succeeds("compute", "cross_entropy", words[0], "[1,1]", *words[1:], "-r", "none", "-b", at=tmp_path)
        assert list(map(float, found.out.split())) == expected
    found = succeeds("compute", "cross_entropy", "column.npy", "[1,1]", "--class-axis=0", "-rnone", "-b", at=tmp_path)
    assert list(map(float, found.out.split())) == expected
    assert "shape (2, 2)" in fails(3, "compute", "cross_entropy", "row.npy", "[1,1]", "--class-axis", "2", at=tmp_path)
    assert "no class axis" in fails(2, "compute", "mse", "1", "2", "--class-axis", "0")
    assert "--class-axis" in fails(2, "compute", "cross_entropy", "[1,2]", "0", "--class-axis", "one")


def test_sample_weight() -> None:
    """Mean = Σ w·loss / Σ w·denominator; by hand for errors 1, 2 and 3."""
    inputs = ("[1,2,3]", "[0,0,0]")
    assert bare("mse", *inputs, "--sample-weight", "[1,2,3]") == [(1 + 2 * 4 + 3 * 9) / 6]
    assert bare("mse", *inputs, "--sample-weight", "[1,2,3]", "-r", "sum") == [36.0]
    assert bare("mse", *inputs, "--sample-weight", "[0,0,1]") == [9.0]
    both = succeeds(
        "compute", "nll", "[[-1,-2],[-3,-5]]", "[0,1]", "--weight=[1,3]", "--sample-weight=[2,1]", "-f", "json"
    ).json
    assert (both["sum"], both["denominator"]) == (2 * 1 * 1 + 1 * 3 * 5, 2 * 1 + 1 * 3)
    assert both["value"] == 17 / 5


def test_a_sample_weight_holds_for_all_units_of_a_sample() -> None:
    value = bare("mse", "[[1,2],[3,4]]", "[[0,0],[0,0]]", "--sample-weight", "[1,3]")
    assert value == [(1 + 4 + 3 * (9 + 16)) / 8]


def test_weights_that_add_up_to_nothing() -> None:
    ended = succeeds("compute", "mse", "[1,2]", "[0,0]", "--sample-weight", "[0,0]", "-b")
    assert isnan(ended.number)
    assert "warning: the weights add up to 0" in ended.err


@pytest.mark.parametrize(
    ("weight", "fact"),
    [("[1,2,3]", "shape (2,)"), ("[1,NaN]", "nan"), ("nowhere.npy", "no such file")],
)
def test_sample_weights_that_do_not_fit(weight: str, fact: str) -> None:
    assert fact in fails(3, "compute", "mse", "[1,2]", "[0,0]", "--sample-weight", weight)


def test_words_are_no_weights(tmp_path: Path) -> None:
    write(tmp_path, w_csv="id,w\n1,a\n2,b\n")
    assert "'a'" in fails(3, "compute", "mse", "[1,2]", "[0,0]", "--sample-weight", "w.csv::w", at=tmp_path)
    assert "'a'" in fails(3, "compute", "nll", "[[-1,-2]]", "[0]", "--weight", "w.csv::w", at=tmp_path)
    assert "'a'" in fails(3, "compute", "mse", "w.csv::w", "[0,0]", at=tmp_path)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["mse", "[1,NaN]", "[0,0]"], "nan"),
        (["mse", "[1,Infinity]", "[0,0]"], "inf"),
        (["mse", "inf", "0"], "inf"),
        (["mse", "-inf", "0"], "inf"),
        (["cross_entropy", "[[NaN,1]]", "[0]"], "nan"),
        (["bce", "NaN", "1"], "nan"),
        (["mse", "[1,2]", "[0,0]", "--sample-weight", "[1,NaN]"], "nan"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_nonfinite(words: list[str], value: str) -> None:
    message = fails(3, "compute", *words)
    assert "--nonfinite propagate" in message
    ended = succeeds("compute", *words, "--nonfinite", "propagate", "--bare")
    assert (ended.out, ended.err) == (f"{value}\n", "")
    fails(3, "compute", *words, "--nonfinite", "error")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["cross_entropy", "[[Infinity,0]]", "[1]"], "inf"),
        (["cross_entropy", "[[-Infinity,0]]", "[1]"], "0.0"),
        (["nll", "[[-Infinity,0]]", "[0]"], "inf"),
        (["bce_with_logits", "inf", "0"], "inf"),
        (["kl_div", "-inf", "0.5"], "inf"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_infinities_are_data_where_the_domain_has_them(words: list[str], value: str) -> None:
    ended = succeeds("compute", *words, "--bare")
    assert ended.out == f"{value}\n"
    assert ("infinite" in ended.err) == (value == "inf")


@pytest.mark.parametrize(
    "words",
    [
        ["cross_entropy", "[[1,2],[3,4]]", "[-100,-100]"],
        ["nll", "[[-1,-2]]", "[1]", "--ignore-index", "1"],
        ["mse", "[]", "[]"],
        ["huber", "[]", "[]"],
    ],
    ids=" ".join,
)
def test_the_mean_of_nothing(words: list[str]) -> None:
    ended = succeeds("compute", *words, "--bare")
    assert isnan(ended.number)
    assert ended.err.startswith("warning: ")
    assert "the mean of nothing is nan" in ended.err
    nothing = succeeds("compute", *words, "-f", "json").json
    assert (nothing["value"], nothing["mean"], nothing["sum"], nothing["count"]) == ("NaN", "NaN", 0.0, 0)
    assert nothing["standard_error"] == "NaN"
    assert succeeds("compute", *words, "-r", "sum", "--bare").out == "0.0\n"


def test_ignored_units() -> None:
    """Counted, 0 in per_sample, shown as ignored in the table, and not in the denominator."""
    words = ("compute", "nll", "[[-1,-2],[-3,-4],[-5,-6]]", "[0,-100,1]")
    found = succeeds(*words, "-f", "json", "--per-sample", "--gradients").json
    assert (found["count"], found["ignored"], found["denominator"], found["value"]) == (2, 1, 2.0, 3.5)
    assert found["per_sample"] == [1.0, 0.0, 6.0]
    assert found["gradients"] == {"input": [[-0.5, 0.0], [0.0, 0.0], [0.0, -0.5]]}
    assert "2, 1 ignored" in found["signature"]
    assert ["1", "-100", "ignored"] in [line.split()[:3] for line in succeeds(*words).out.splitlines()]
    assert "\n1,-100,0.0,true\n" in succeeds(*words, "-f", "csv").out


def test_quiet_silences_warnings_but_not_errors() -> None:
    for words in (["mse", "[]", "[]"], ["mse", "1", "2", "--size-average"]):
        assert succeeds("compute", *words).err != ""
        assert succeeds("compute", *words, "-q").err == ""
        assert succeeds("compute", *words, "--quiet").err == ""
    fails(3, "compute", "mse", "nowhere.csv", "1", "-q")


def test_jobs_change_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    write(tmp_path, x_npy=rng.normal(size=(300, 1000)), y_npy=rng.integers(0, 1000, 300))
    words = ("compute", "cross_entropy", "x.npy", "y.npy", "-f", "json")
    printed = {succeeds(*words, *jobs, at=tmp_path).out for jobs in ([], ["--jobs", "1"], ["--jobs", "7"])}
    assert len(printed) == 1
    fails(2, *words, "--jobs", "0", at=tmp_path)


def test_progress_is_drawn_on_standard_error_only_when_wanted() -> None:
    words = ("compute", "mse", "[1,2]", "[2,3]", "-b")
    assert "2 of 2 samples" in succeeds(*words, "--progress").err
    assert succeeds(*words, "--progress").out == "1.0\n"
    assert succeeds(*words).err == succeeds(*words, "--no-progress").err == ""


def test_by_counts_and_averages_each_group(tmp_path: Path) -> None:
    write(tmp_path, g_csv="id,g\n1,b\n2,a\n3,b\n", k_npy=[2, 1, 2])
    words = ("compute", "l1", "[1,2,4]", "[0,0,0]", "--by")
    groups = succeeds(*words, "g.csv::g", "-f", "json", at=tmp_path).json["groups"]
    assert groups == [{"group": "b", "count": 2, "mean": 2.5}, {"group": "a", "count": 1, "mean": 2.0}]
    groups = succeeds(*words, "k.npy", "-f", "json", at=tmp_path).json["groups"]
    assert groups == [{"group": "1", "count": 1, "mean": 2.0}, {"group": "2", "count": 2, "mean": 2.5}]
    table = [line.split() for line in succeeds(*words, "g.csv::g", at=tmp_path).out.splitlines()]
    assert ["b", "2", "2.5"] in table
    assert "| a | 1 | 2 |" in succeeds(*words, "g.csv::g", "-f", "markdown", at=tmp_path).out
    assert "shape (3,)" in fails(3, *words, "[1,2]")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("value", [inf, -inf, float("nan")])
def test_nonfinite_in_any_stored_type(dtype: str, value: float, tmp_path: Path) -> None:
    """The largest float64 is infinite in float32, so bounds that are cast would let an infinity pass."""
    write(tmp_path, x_npy=np.array([1.0, value], dtype))
    message = fails(3, "compute", "mse", "x.npy", "[0,0]", at=tmp_path)
    assert "x.npy[1]: input is " in message
