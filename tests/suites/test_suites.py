"""Suites: what a file says, what comes of its cases, and every way to get one wrong."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, log
from pathlib import Path

import numpy as np
import pytest

import losscli
from losscli.schema.settings import SETTINGS
from losscli.suites.keys import CASE, EXPECT
from losscli.suites.model import Case, Outcome, SuiteRun
from losscli.suites.parse import read_suite
from losscli.suites.update import rewritten

Run = Callable[[str], SuiteRun]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the cases of a text, and gives what came of them."""

    def write_and_run(cases: str, top: str = "losscli: 1\n") -> SuiteRun:
        (tmp_path / "suite.yaml").write_text(f"{top}cases:\n{cases}", encoding="utf-8")
        return losscli.run_suite(tmp_path / "suite.yaml")

    return write_and_run


def only(run: SuiteRun) -> Outcome:
    assert len(run.cases) == 1
    return run.cases[0]


@pytest.mark.parametrize(
    "case",
    [
        "loss: mse, inputs: [[1, 2], [2, 4]], expect: {value: 2.5}",
        "loss: MSELoss, inputs: {target: [2, 4], input: [1, 2]}, expect: {value: '2.5'}",
        "loss: nn.MSELoss, inputs: {y_true: [2, 4], y_pred: [1, 2]}, expect: {value: '2.'}",
        "loss: mse, inputs: [1, 2], expect: {value: 1.}",
        "loss: mse, inputs: [[1, 2], [2, 4]], reduction: sum, expect: {value: 5.0, at_most: 5, at_least: 5}",
        "loss: mse, inputs: [[1, 2], [2, 4]], reduction: none, expect: {value: [1.0, 4.0]}",
        "loss: mse, inputs: [[1, 2], [2, 4]], expect: {per_sample: [1.0, 4.0]}",
        "loss: mse, inputs: [[1, 2], [2, 4]], expect: {gradients: {input: [-1.0, -2.0], target: [1.0, 2.0]}}",
        "loss: mse, inputs: [[1, 2], [2, 4]], expect: {gradients: {y_pred: [-1.0, -2.0]}}",
        "loss: mse, inputs: [[1, 2], [2, 4]], expect: {value: 2.4}, tolerance: {atol: 0.1}",
        "loss: mse, inputs: [[1, 2], [2, 4]], expect: {value: 2.4}, tolerance: {rtol: 0.05, atol: 0}",
        "loss: mse, inputs: [[1, 2], [2, 4]], sample_weight: [1, 3], expect: {value: 3.25}",  # (1 + 3·4) / 4
        "loss: huber, options: {delta: 0.5}, inputs: [1, 3], expect: {value: 0.875}",  # 0.5 (2 - 0.25)
        "loss: mse, inputs: ['data.csv::a', 'data.csv::b'], expect: {value: 2.5}",
        "loss: mse, inputs: [data.npz], expect: {value: 2.5, per_sample: 'losses.npy'}",
        "loss: mse, inputs: [[1, .inf], [2, 4]], nonfinite: propagate, expect: {value: inf}",
        "loss: mse, inputs: [[1, .nan], [2, 4]], expect: {error: input is NAN}",
        "loss: mse, inputs: [[1, 2], [2]], expect: {error: shape}",
        "loss: no_such, inputs: [[1, 2], [2]], expect: {error: there is no loss}",
        "loss: mse, inputs: [gone.npy, [2]], expect: {error: 'no such file: gone.npy'}",
        # 1 + 0.1 (1 + 3) + 0.25 (1 + 9), and 1 + 0.25 (1 + 9)
        "loss: mse, inputs: [1, 2], l1: 0.1, l2: 0.5, params: {w: [1, 3], bias: 9}, expect: {value: 3.9}",
        "loss: mse, inputs: [1, 2], l2: 0.5, params: model.npz, expect: {value: 3.5, gradients: {w: [0.5, 1.5]}}",
        "loss: mse, size_average: false, inputs: [[1, 2], [2, 4]], expect: {value: 5.0}",
        "loss: mse, inputs: [[1, 2], [2, 4]], reduction: null, strict: false, expect: {value: 2.5, at_most: null}",
        "loss: cross_entropy, inputs: [[[0, 0], [0, 0]], [a, b]], classes: [a, b], expect: {value: 0.6931}",
        "loss: cross_entropy, inputs: [[[0, 0], [0, 0]], [a, b]], classes: 'a,b', expect: {value: 0.6931}",
        "loss: cross_entropy, inputs: [[[0, 0], [0, 0]], [0, 1]], options: {weight: [1, 2]}, expect: {value: 0.6931}",
        "loss: cross_entropy, inputs: [[[0, 0]], [1]], options: {weight: 'losses.npy'}, expect: {value: 0.6931}",
        "loss: cross_entropy, inputs: [[[0, 0], [0, 0]], [0, 1]], class_axis: -1, expect: {value: 0.69314718055994531}",
    ],
)
def test_holds(run: Run, tmp_path: Path, case: str) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,2\n2,4\n", encoding="utf-8")
    np.savez(tmp_path / "data.npz", input=[1.0, 2.0], target=[2.0, 4.0])
    np.savez(tmp_path / "model.npz", w=[1.0, 3.0], bias=[9.0])
    np.save(tmp_path / "losses.npy", [1.0, 4.0])
    outcome = only(run(f"  - {{name: a, {case}}}\n"))
    assert (outcome.status, outcome.fault) == ("holds", "")


@pytest.mark.parametrize(
    ("expect", "differs"),
    [
        ("value: 2.49", "value"),
        ("value: '3.'", ""),  # half a unit: 2.5 to 3.5
        ("value: 2.6", "value"),
        ("value: nan", "value"),
        ("at_most: 2.49", "at_most"),
        ("at_least: 2.51", "at_least"),
        ("per_sample: [1.0, 4.1]", "per_sample"),
        ("gradients: {input: [-1.0, -2.1]}", "gradient"),
        ("value: 2.5, at_most: 1", "at_most"),
    ],
)
def test_refuted(run: Run, expect: str, differs: str) -> None:
    outcome = only(run(f"  - {{name: a, loss: mse, inputs: [[1, 2], [2, 4]], expect: {{{expect}}}}}\n"))
    assert outcome.verified is not None
    assert [each.claim.kind for each in outcome.verified.claims if not each.holds] == ([differs] if differs else [])
    assert outcome.status == ("refuted" if differs else "holds")
    assert outcome.value == 2.5


def test_an_expected_error_that_does_not_come(run: Run) -> None:
    outcome = only(run("  - {name: a, loss: mse, inputs: [[1, 2], [2, 4]], expect: {error: shape}}\n"))
    assert outcome.status == "refuted"
    assert "but there is a value: 2.5" in outcome.fault


def test_an_expected_error_of_other_words(run: Run) -> None:
    outcome = only(run("  - {name: a, loss: mse, inputs: [[1, 2], [2]], expect: {error: negative}}\n"))
    assert outcome.status == "refuted"
    assert "shape (1,)" in outcome.fault


GOOD = "  - {name: good, loss: mse, inputs: [1, 2], expect: {value: 1.0}}\n"


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("{name: a, loss: mse, inputs: [1, 2]}", "nothing is expected"),
        ("{name: a, loss: mse, inputs: [1, 2], expect: {}}", "nothing is expected"),
        ("{name: a, loss: mse, inputs: [1, 2], expect: {value: null}}", "nothing is expected"),
        ("{name: a, loss: mse, inputs: [1, 2], expect: 1}", "line 4: expect must be a mapping, got 1"),
        (
            "{name: a, loss: mse, inputs: [1, 2], expct: {value: 1}}",
            "line 4: unknown key 'expct', did you mean 'expect'",
        ),
        (
            "{name: a, loss: mse, inputs: [1, 2], expect: {vlaue: 1}}",
            "line 4: unknown key 'vlaue' in expect, did you mean",
        ),
        ("{name: a, loss: mse, inputs: [1, 2], expect: {value: {a: 1}}}", "value must be a number, a list or a SOURCE"),
        ("{name: a, loss: mse, inputs: [1, 2], expect: {value: true}}", "value must be a number"),
        ("{name: a, loss: mse, inputs: [1, 2], expect: {value: 1, error: x}}", "error and something else"),
        (
            "{name: a, loss: mse, inputs: [1, 2], expect: {value: 1}, tolerance: {rtol: -1}}",
            "0 or greater, got -1",
        ),
        ("{name: a, loss: mse, inputs: [1, 2], expect: {value: 1}, tolerance: {rto: 1}}", "'rto' in tolerance"),
        (
            "{name: a, loss: mse, inputs: [1, 2], expect: {value: 1}, atol: 1}",
            "line 4: unknown key 'atol'; put it under tolerance",
        ),
        (
            "{name: a, loss: mse, inputs: [1, 2], expect: {value: 1, atol: 1}}",
            "line 4: unknown key 'atol' in expect; put it under tolerance",
        ),
        (
            "{name: a, loss: torch.nn.HuberLoss, inputs: [1, 2], delta: 1, expect: {value: 1}}",
            "line 4: unknown key 'delta'; put it under options",
        ),
        ("{name: a, loss: mse, inputs: [1, 2], delta: 1, expect: {value: 1}}", "line 4: unknown key 'delta'; there"),
        ("{name: a, loss: mse, inputs: [1, 2], value: 1}", "line 4: unknown key 'value'; put it under expect"),
        ("{name: a, inputs: [1, 2], expect: {value: 1}}", "no loss"),
        ("{name: a, loss: mse, expect: {value: 1}}", "no inputs"),
        ("{name: a, loss: mse, inputs: [], expect: {value: 1}}", "inputs must be a list of sources"),
        ("{name: a, loss: mse, inputs: [1], expect: {value: 1}}", "2 sources expected"),
        ("{name: a, loss: mse, inputs: [1, 2, 3], expect: {value: 1}}", "2 sources expected"),
        ("{name: a, loss: mse, inputs: {inptu: 1, target: 2}, expect: {value: 1}}", "'input'"),
        ("{name: a, loss: mse, inputs: [[1, [2]], 2], expect: {value: 1}}", "inputs[0]"),
        ("{name: a, loss: mse, inputs: ['-', 2], expect: {value: 1}}", "no standard input"),
        ("{name: a, loss: mse, inputs: [1, 2], expect: {value: '-'}}", "no standard input"),
        ("{name: a, loss: mse, inputs: [1, 2], expect: {value: gone.npy}}", "no such file: gone.npy"),
        ("{name: a, loss: mse, inputs: [1, 2], expect: {value: [1, 2]}}", "shape"),
        ("{name: a, loss: mse, inputs: [1, 2], expect: {gradients: {x: 1}}}", "no gradient with respect to x"),
        ("{name: a, loss: mse, inputs: [1, 2], reduction: avg, expect: {value: 1}}", "no reduction 'avg'"),
        ("{name: a, loss: mse, inputs: [1, 2], reduction: 1, expect: {value: 1}}", "reduction must be a word, got 1"),
        ("{name: a, loss: mse, inputs: [1, 2], class_axis: 1.5, expect: {value: 1}}", "class_axis must be an integer"),
        ("{name: a, loss: mse, inputs: [1, 2], header: 1, expect: {value: 1}}", "header must be true or false"),
        ("{name: a, loss: mse, inputs: [1, 2], nonfinite: maybe, expect: {value: 1}}", "'maybe'"),
        ("{name: a, loss: mse, inputs: [1, 2], convention: trch, expect: {value: 1}}", "no convention 'trch'"),
        ("{name: a, loss: mse, inputs: [1, 2], delimiter: ab, expect: {value: 1}}", "delimiter must be a separator"),
        ("{name: a, loss: mse, inputs: [1, 2], classes: ['a,b'], expect: {value: 1}}", "comma in its name"),
        ("{name: a, loss: huber, inputs: [1, 2], options: {dleta: 1}, expect: {value: 1}}", "did you mean delta"),
        ("{name: a, loss: huber, inputs: [1, 2], options: {delta: [1]}, expect: {value: 1}}", "delta"),
        ("{name: a, loss: huber, inputs: [1, 2], options: {delta: -1}, expect: {value: 1}}", "delta"),
        ("{name: a, loss: huber, inputs: [1, 2], options: 1, expect: {value: 1}}", "options must be a mapping"),
        ("{name: good, loss: mse, inputs: [1, 2], expect: {value: 1}}", "the case in line 3 is called 'good' too"),
        ("{loss: mse, inputs: [1, 2], expect: {value: 1}}", "without a name"),
        ("{name: ' ', loss: mse, inputs: [1, 2], expect: {value: 1}}", "name must be a word"),
        ("just words", "no mapping"),
        ("[]", "no mapping"),
        ("null", "no mapping"),
    ],
)
def test_a_broken_case_breaks_no_other(run: Run, case: str, words: str) -> None:
    good, broken = run(f"{GOOD}  - {case}\n").cases
    assert good.status == "holds"
    assert broken.status == "error"
    assert words in broken.fault
    assert broken.line == (2 if "no mapping" in words else 4)
    assert not broken.explanations
    assert broken.value is None


@pytest.mark.parametrize(
    ("top", "words", "runs"),
    [
        ("losscli: 2\n", "line 1: a suite of version 2", False),
        ("losscli: true\n", "a suite of version True", False),
        ("a: 1\n", "no key losscli", False),
        ("losscli: 1\nlosscli: 1\n", "line 2, column 1: the key 'losscli' occurs twice", False),
        ("losscli: 1\ndefaults: {loss: [}\n", "line 2", False),
        ("losscli: 1\ndefault: {reduction: sum}\n", "line 2: unknown key 'default', did you mean 'defaults'", True),
        ("losscli: 1\ndefaults: {reducton: sum}\n", "line 2: unknown key 'reducton' among the defaults, did you", True),
        ("losscli: 1\ndefaults: {name: a}\n", "line 2: unknown key 'name' among the defaults", True),
        ("losscli: 1\ndefaults: [1]\n", "line 2: defaults must be a mapping", True),
        ("losscli: 1\ndefaults: {strict: 1}\n", "line 2: strict must be true or false", True),
    ],
)
def test_a_broken_file(tmp_path: Path, top: str, words: str, runs: bool) -> None:
    (tmp_path / "suite.yaml").write_text(f"{top}cases:\n{GOOD}", encoding="utf-8")
    first, *rest = losscli.run_suite(tmp_path / "suite.yaml").cases
    assert (first.status, first.name) == ("error", "(the file)")
    assert words in first.fault
    assert first.line == (2 if "line 2" in words else 1)
    assert [each.status for each in rest] == (["holds"] if runs else [])


@pytest.mark.parametrize("text", ["losscli: 1\n", "losscli: 1\ncases: []\n", "losscli: 1\ncases: {}\n"])
def test_an_empty_suite_is_no_pass(tmp_path: Path, text: str) -> None:
    (tmp_path / "suite.yaml").write_text(text, encoding="utf-8")
    outcome = only(losscli.run_suite(tmp_path / "suite.yaml"))
    assert outcome.status == "error"
    assert "no cases" in outcome.fault


@pytest.mark.parametrize("text", ["", "\0", "[1, 2]", "- a\n- b", "\xff"])
def test_a_file_that_is_no_suite(tmp_path: Path, text: str) -> None:
    (tmp_path / "suite.yaml").write_bytes(text.encode("latin-1"))
    assert only(losscli.run_suite(tmp_path / "suite.yaml")).status == "error"


def test_defaults_stand_behind_a_case(run: Callable[..., SuiteRun]) -> None:
    found = run(
        "  - {name: a, expect: {value: 2.5}}\n"
        "  - {name: b, reduction: sum}\n"
        "  - {name: c, reduction: null, loss: l1, expect: {value: 1.5}}\n",
        "losscli: 1\ndefaults: {loss: mse, inputs: [[1, 2], [2, 4]], expect: {value: 5.0}, reduction: mean}\n",
    )
    assert [each.status for each in found.cases] == ["holds"] * 3
    assert [each.value for each in found.cases] == [2.5, 5.0, 1.5]


def test_the_digits_of_lists_count(run: Run) -> None:
    """1.0 allows half a tenth, 1.00 half a hundredth."""
    case = "  - {name: a, loss: mse, inputs: [[0], [1.02]], reduction: none, expect: {value: [%s]}}\n"  # 1.0404
    assert [only(run(case % text)).status for text in ("1.0", "1.00", "1.04", "1.040")] == [
        "holds",
        "refuted",
        "holds",
        "holds",
    ]


def test_sources_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    np.save(tmp_path / "deep" / "x.npy", [1.0, 2.0])
    np.save(tmp_path / "claim.npy", np.float64(2.5))
    text = "losscli: 1\ncases: [{name: a, loss: mse, inputs: [x.npy, [2, 4]], expect: {value: ../claim.npy}}]\n"
    (tmp_path / "deep" / "suite.yaml").write_text(text, encoding="utf-8")
    for folder in (tmp_path, tmp_path / "deep"):
        monkeypatch.chdir(folder)
        assert losscli.run_suite(tmp_path / "deep", allow_outside=True).holds


def test_full_arrays(tmp_path: Path) -> None:
    """Cross-entropy of two equal scores: log 2, and softmax minus truth over the number of samples."""
    case = "{name: a, loss: cross_entropy, inputs: [[[0, 0], [3, 3]], [0, 1]], expect: {value: 0.6931}}"
    text = f"losscli: 1\ncases: [{case}]\n"
    (tmp_path / "suite.yaml").write_text(text, encoding="utf-8")
    plain = only(losscli.run_suite(tmp_path / "suite.yaml"))
    assert (plain.per_sample, plain.gradients) == (None, None)
    full = only(losscli.run_suite(tmp_path / "suite.yaml", full=True, jobs=2))
    assert full.per_sample == pytest.approx([log(2), log(2)], rel=1e-15)
    assert full.gradients is not None
    assert full.gradients["input"] == pytest.approx(np.array([[-0.25, 0.25], [0.25, -0.25]]))


def test_faults_of_paths(tmp_path: Path) -> None:
    with pytest.raises(losscli.LossError, match="no such file"):
        losscli.run_suite(tmp_path / "gone.yaml")
    with pytest.raises(losscli.LossError, match="no suite in this folder"):
        losscli.run_suite(tmp_path)


def test_a_case_knows_its_lines_and_words(tmp_path: Path) -> None:
    text = (
        "\nlosscli: 1\ncases:\n  # one\n  - loss: mse\n    name: 7\n    inputs: [1, 2]\n"
        "    reduction: sum\n    expect: {value: 1}\n"
    )
    (tmp_path / "suite.yaml").write_text(text, encoding="utf-8")
    (case,) = read_suite(tmp_path / "suite.yaml", "shown.yaml")
    assert isinstance(case, Case)
    assert (case.file, case.line, case.name, case.settings.reduction) == ("shown.yaml", 5, "7", "sum")
    start, stop = case.expect.value_span or (0, 0)
    assert text[start:stop] == "1"


def test_a_key_for_every_setting_of_a_request() -> None:
    """Whatever Python may say of a number has a key, so that a new setting is not forgotten here."""
    of_python = {setting.name for setting in SETTINGS.values() if "compute" in setting.where.python}
    assert of_python - {"gradients", "jobs"} <= CASE.keys()
    assert {"strict", "key", "header", "delimiter", "bfloat16"} <= CASE.keys()
    assert set(EXPECT) == {"value", "per_sample", "gradients", "at_most", "at_least", "error"}


@pytest.mark.parametrize(
    ("value", "before", "after"),
    [
        (2.0, "2.50", "2.00"),
        (2.1696, "7", "2"),
        (2.1696, "7.", "2."),
        (2.1696, "1.10e2", "2.17"),
        (123.4, "100", "123"),
        (1234567.0, "1.10", "1.23e+06"),
        (2.5e-7, "1e-3", "2e-07"),  # halves go to the even digit
        (-0.5, "0.500", "-0.500"),
        (1 / 3, "0.33333333333333331", "0.33333333333333331"),
        (9.999, "1.0", "10."),
        (0.0, "1.0", "0.0"),
    ],
)
def test_a_rewritten_value_has_as_many_digits(value: float, before: str, after: str) -> None:
    assert rewritten(value, before) == after
    assert abs(float(after) - value) <= 0.5 * 10 ** (len(before)) < inf


@pytest.mark.parametrize(
    ("expect", "status"),
    [("at_most: 'limit.json::x'", "holds"), ("at_least: 'limit.json::x'", "refuted"), ("at_most: '[1, 2]'", "error")],
)
def test_a_bound_may_be_a_source(run: Run, tmp_path: Path, expect: str, status: str) -> None:
    (tmp_path / "limit.json").write_text('{"x": 2.75}', encoding="utf-8")
    outcome = only(run(f"  - {{name: a, loss: mse, inputs: [[1, 2], [2, 4]], expect: {{{expect}}}}}\n"))
    assert outcome.status == status


@pytest.mark.parametrize("where", ["precision: double", "tolerance: {precision: double}"])
def test_double_precision_in_a_case(run: Run, where: str) -> None:
    """The claim is 4e-7 off, which single precision leaves and double does not."""
    case = "loss: mse, inputs: [[1, 2], [2, 4]], expect: {value: 2.500001000}"
    assert only(run(f"  - {{name: a, {case}}}\n")).status == "holds"
    assert only(run(f"  - {{name: a, {case}, {where}}}\n")).status == "refuted"
