"""The words of a command line: what is refused, what is corrected, and which exit code several faults have."""

from __future__ import annotations

import json
from math import nan
from pathlib import Path
from typing import Any

import pytest

import losscli as package
from losscli.reading.formats import STDIN_FORMATS
from losscli.schema.faults import UsageFault
from tests.cli.helpers import fails, losscli, succeeds, write


@pytest.mark.parametrize(
    ("loss", "sources"),
    [
        ("bce", ["[2]", "[1]"]),
        ("bce", ["[nan]", "[1]"]),
        ("mse", ["[nan]", "[1]"]),
        ("cross_entropy", ["[[1,2]]", "[5]"]),
        ("nll", ["[[-1,-2]]", "[0.5]"]),
        ("hinge_embedding", ["[1]", "[0.5]"]),
        ("kl_div", ["[-1]", "[-1]"]),
        ("ctc", ["[[[-1,-1]]]", "[[7]]", "[1]", "[1]"]),
    ],
    ids=str,
)
def test_explain_refuses_as_compute_does(loss: str, sources: list[str]) -> None:
    ended = losscli("compute", loss, *sources)
    assert (ended.code, ended.out) == (3, "")
    assert losscli("explain", loss, *sources) == ended


@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "-1", "-1e-300"])
@pytest.mark.parametrize("name", ["rtol", "atol"])
def test_one_domain_of_tolerances(name: str, word: str, tmp_path: Path) -> None:
    """For the command line, suites and Python."""
    assert f"{name} must be" in fails(2, "verify", "mse", "1", "1", "--claim", "1", f"--{name}={word}")
    with pytest.raises(UsageFault, match=f"{name} must be"):
        package.verify("mse", [1.0], [1.0], claim="1", **dict[str, Any]({name: float(word)}))
    yaml = word.replace("nan", ".nan").replace("inf", ".inf")
    case = f"{{name: a, loss: mse, inputs: [1, 1], tolerance: {{{name}: {yaml}}}, expect: {{value: 1}}}}"
    write(tmp_path, s_yaml=f"losscli: 1\ncases: [{case}]\n")
    assert f"{name} must be" in losscli("suite", "s.yaml", at=tmp_path).out


@pytest.mark.parametrize(
    ("name", "word", "value", "message"),
    [
        ("nonfinite", "maybe", "maybe", "nonfinite must be error or propagate, got 'maybe'"),
        ("l1", "-1", -1, "l1 must be 0 or greater, got -1"),
        ("l2", "inf", float("inf"), "l2 must be finite, got inf"),
        ("precision", "half", "half", "precision must be single or double, got 'half'"),
        ("class_axis", "x", "x", "class_axis must be an integer, got 'x'"),
        ("reduction", "", "", "reduction must be a word, got ''"),
    ],
)
def test_one_message_of_a_setting(name: str, word: str, value: object, message: str, tmp_path: Path) -> None:
    """From the command line, a suite and Python; each writes the name as it is written there."""
    words = ("verify", "mse", "1", "2", "--claim", "1", f"--{name}={word}")
    flag = f"--{name.replace('_', '-')}"
    assert message.replace(name, flag, 1).replace("-1.0", "-1") in fails(2, *words).replace("-1.0", "-1")
    with pytest.raises(UsageFault) as caught:
        package.verify("mse", [1.0], [2.0], claim="1", **dict[str, Any]({name: value}))
    assert caught.value.fact == message
    yaml = json.dumps(value).replace("Infinity", ".inf")
    case = f"{{name: a, loss: mse, inputs: [1, 2], {name}: {yaml}, expect: {{value: 1}}}}"
    write(tmp_path, s_yaml=f"losscli: 1\ncases: [{case}]\n")
    assert message in losscli("suite", "s.yaml", "-f", "json", at=tmp_path).json["cases"][0]["message"]


@pytest.mark.parametrize("command", ["compute", "explain", "gradcheck", "relations"])
@pytest.mark.parametrize("digits", ["0", "-3", "1001", "3000000000"])
def test_digits_have_bounds(command: str, digits: str) -> None:
    assert "--digits must be 1 or greater" in fails(2, command, "mse", "1", "2", "--digits", digits)


def test_all_digits_of_a_float() -> None:
    assert len(succeeds("compute", "mse", "5e-162", "0", "-b", "--digits", "1000").out) > 700


@pytest.mark.parametrize("option", ["--claim", "--claim-per-sample"])
def test_a_claim_is_made_once(option: str) -> None:
    assert f"{option} is given 2 times" in fails(2, "verify", "mse", "1", "2", option, "1.0", option, "2")


def test_several_matches_are_noted(tmp_path: Path) -> None:
    write(tmp_path, a_log="loss=2.0\nloss=3.0\nloss=1.0\n", b_log="loss=1.0\n")
    words = ("verify", "mse", "1", "2", "--claim")
    noted = "note: a.log: 3 matches of /loss=(.*)/, and the last counts: a.log line 3\n"
    assert noted in succeeds(*words, "a.log::/loss=(.*)/", at=tmp_path).err
    assert "note" not in succeeds(*words, "a.log::/loss=(.*)/", "-q", at=tmp_path).err
    assert "matches" not in succeeds(*words, "b.log::/loss=(.*)/", at=tmp_path).err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["verify", "mse", "1", "2", "--claim", "abc"], 3),
        (["verify", "mse", "1", "2", "--at-most", "abc"], 2),
        (["verify", "mse", "1", "2", "--claim", "1", "--at-least", "abc"], 2),
        (["verify", "mse", "1", "2"], 2),
        (["verify", "mse", "nowhere.csv", "2"], 2),
        (["verify", "mse", "nowhere.csv", "2", "--claim", "abc"], 3),
        (["verify", "mse", "nowhere.csv", "2", "--claim", "1", "--rtol", "nan"], 2),
        (["verify", "mse", "nowhere.csv", "2", "--claim", "run.log::/(/"], 2),
        (["verify", "huber", "nowhere.csv", "2", "--claim", "1", "--delta", "0"], 2),
        (["compute", "huber", "nowhere.csv", "2", "--delta", "0"], 2),
        (["compute", "mse", "nowhere.csv", "2", "-b", "--worst", "1"], 2),
    ],
    ids=str,
)
def test_with_faults_of_several_kinds_two(words: list[str], code: int) -> None:
    fails(code, *words)


def test_both_faults_are_named() -> None:
    message = fails(3, "verify", "mse", "nowhere.csv", "2", "--claim", "abc")
    assert "no such file: nowhere.csv" in message
    assert "no such file: abc" in message


@pytest.mark.parametrize("more", [("--worst", "1"), ("--by", "[1,2]"), ("-f", "json")], ids=str)
def test_a_bare_number_stands_alone(more: tuple[str, ...]) -> None:
    assert "--bare" in fails(2, "compute", "mse", "[1,2]", "[2,4]", "-b", *more)


def test_a_suffix_sets_the_format(tmp_path: Path) -> None:
    words = ("compute", "mse", "[1,2]", "[2,4]")
    for suffix, form in ((".json", "json"), (".csv", "csv"), (".md", "markdown"), (".JSON", "json"), (".txt", "table")):
        succeeds(*words, "-o", f"x{suffix}", at=tmp_path, env={"LOSSCLI_FORMAT": "csv"})
        assert (tmp_path / f"x{suffix}").read_text(encoding="utf-8") == succeeds(*words, "-f", form).out
    succeeds(*words, "-o", "x.csv", "-f", "json", at=tmp_path)
    assert (tmp_path / "x.csv").read_text(encoding="utf-8") == succeeds(*words, "-f", "json").out
    succeeds(*words, "-o", "x.json", "-b", at=tmp_path)
    assert (tmp_path / "x.json").read_text(encoding="utf-8") == "2.5\n"
    succeeds(*words, "-o", "x.log", at=tmp_path, env={"LOSSCLI_FORMAT": "json"})
    assert (tmp_path / "x.log").read_text(encoding="utf-8") == succeeds(*words, "-f", "json").out
    for command in (("list",), ("inspect", "1"), ("suite", "mse")):
        written = tmp_path / f"{command[0]}.json"
        succeeds(*command, "-o", str(written))
        assert written.read_text(encoding="utf-8") == succeeds(*command, "-f", "json").out
    assert "no format 'csv'" in fails(2, "suite", "mse", "-o", str(tmp_path / "s.csv"))


@pytest.mark.parametrize(
    "command", [("compute", "mse", "1", "2"), ("list",), ("suite", "mse"), ("inspect", "1")], ids=str
)
def test_the_format_that_the_environment_prefers(command: tuple[str, ...]) -> None:
    """One that only other commands have is left to them; one that none has is an error in all."""
    plain = succeeds(*command).out
    for form in ("table", "github", "csv"):
        chosen = form if form == ("github" if command[0] == "suite" else "csv") else "table"
        expected = plain if chosen == "table" else succeeds(*command, "-f", form).out
        assert succeeds(*command, env={"LOSSCLI_FORMAT": form}).out == expected
    assert "no format 'xml'" in fails(2, *command, env={"LOSSCLI_FORMAT": "xml"})


def test_only_compute_shows_all_conventions() -> None:
    for command in ("compute", "verify", "gradcheck", "relations", "explain"):
        assert ("all shows" in " ".join(succeeds(command, "--help").out.split())) == (command == "compute")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("huber -1 3 --delta 2", 6.0),
        ("--delta 2 huber -1 3", 6.0),
        ("huber -1 --delta=2 3 -r sum", 6.0),
        ("mse -- -1 3", 16.0),
        ("mse -.5 .5", 1.0),
        ("mse -inf -inf --nonfinite propagate", nan),
        ("mse -::a -::b", 4.0),
        ("mse target=-::b -rsum input=-::a", 4.0),
        ("nll [[-1,-2],[-3,-4]] [1,0] --ignore-index -1", 2.5),
        ("--ignore-index -1 nll [[-1,-2],[-3,-4]] [1,0]", 2.5),
        ("nll [[-1,-2],[-3,-4]] [1,0] --ignore_index 0", 2.0),
        ("kl_div [-1] [-2] --log_target", -0.1353352832366127),
        ("kl_div [-1] [0.5] --no_log_target --no_size_average", 0.1534264097200273),
        ("nll [[-1,-2],[-3,-4]] [1,0] --class_axis=1 --sample_weight [3,1]", 2.25),
    ],
)
def test_which_words_are_sources(words: str, value: float) -> None:
    """Negative numbers and selectors of standard input; options also in PyTorch's spelling."""
    found = succeeds("compute", "-b", *words.split(), stdin=b"a,b\n1,3\n").number
    assert found == pytest.approx(value, rel=1e-15, nan_ok=True)


def test_a_losss_own_options_come_first() -> None:
    _, _, shown = succeeds("compute", "cross_entropy", "--help").out.partition("\nOptions:\n")
    places = [shown.index(option) for option in ("--weight", "--label-smoothing", "--per-sample", "--reduction")]
    assert places == sorted(places)


@pytest.mark.parametrize("word", ["abc", "", "1x"])
def test_an_option_that_is_no_number(word: str) -> None:
    message = fails(2, "compute", "huber", "1", "2", f"--delta={word}")
    assert f"--delta must be a number, got {word!r}" in message


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("nosuch.csv", None),
        ("abc", None),
        ("trut.csv", "truth.csv"),
        ("truth.npy", "truth.csv"),
        ("Tab.csv", "tab.csv"),
        ("tab.cvs", "tab.csv"),
    ],
)
def test_which_file_was_meant(word: str, hint: str | None, tmp_path: Path) -> None:
    """A suffix in common makes no two names alike."""
    write(tmp_path, truth_csv="1\n", tab_csv="1\n")
    message = fails(3, "compute", "mse", word, "1", at=tmp_path)
    assert ("did you mean" in message) == (hint is not None)
    assert hint is None or f"did you mean {hint!r}?" in message


def test_standard_input_is_shared_with_claims() -> None:
    for words in (
        ("verify", "mse", "-::a", "-::b", "--claim-per-sample", "-::c"),
        ("verify", "mse", "-::a", "target=-::b", "--claim", "-::/# ([0-9.]+)/"),
        ("gradcheck", "mse", "-::a", "-::b", "-r", "sum", "--gradient", "-::d"),
    ):
        assert succeeds(*words, stdin=b"# 2.5\na,b,c,d\n1,2,1.0,-2.0\n2,4,4.0,-4.0\n").out


def test_one_fault_of_standard_input_is_one() -> None:
    message = fails(3, "compute", "mse", "-::a", "-::b", stdin=b"PAR1" + b"\0" * 100)
    assert message.count("error: ") == 1
    assert "Parquet" in message


def test_help_lists_the_formats_of_standard_input() -> None:
    assert f"--stdin {'|'.join(STDIN_FORMATS)}" in succeeds("compute", "--help").out


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (("--log-input", "false"), "--log-input takes no value, got false\n  write --no-log-input"),
        (("--log-input=False",), "--log-input takes no value, got False\n  write --no-log-input"),
        (("--log_input", "true"), "--log-input takes no value, got true\n  write --log-input"),
        (("--no-log-input", "false"), "--no-log-input takes no value, got false\n  write --log-input"),
        (("--strict=false",), "--strict takes no value, got false\n  leave --strict out"),
    ],
)
def test_a_switch_takes_no_value(words: tuple[str, ...], cure: str) -> None:
    assert cure in fails(2, "compute", "poisson_nll", "[1,2]", "[1,2]", *words)


def test_a_file_may_be_named_true(tmp_path: Path) -> None:
    (tmp_path / "true").write_text("1\n2\n", encoding="utf-8")
    (tmp_path / "false").write_text("1\n3\n", encoding="utf-8")
    assert succeeds("compute", "mse", "true", "false", "-b", at=tmp_path).number == 0.5


def test_one_number_for_all_classes_is_written_out() -> None:
    told = fails(3, "compute", "softmax_focal", "[[1,2],[2,1]]", "[1,0]", "--alpha", "0.25")
    assert "the same for every class is [0.25, 0.25]" in told


@pytest.mark.parametrize(
    ("loss", "other"),
    [
        ("hinge", "categorical_hinge"),
        ("squared_hinge", "multi_margin"),
        ("focal", "softmax_focal"),
        ("sigmoid_focal", "softmax_focal"),
        ("bce", "log_loss"),
        ("bce_with_logits", "cross_entropy"),
    ],
)
def test_rows_of_classes_for_a_binary_loss(loss: str, other: str) -> None:
    words = ("[[0.2,0.8],[0.6,0.4],[0.5,0.5]]", "[1,0,1]")
    assert f"{other} takes a row of classes a sample" in fails(3, "compute", loss, *words)
    succeeds("compute", other, *words)
