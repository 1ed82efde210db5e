"""What a loss, its inputs and its options may be called, and what a wrong name is answered with."""

from __future__ import annotations

import pytest

from losscli.losses.catalogue import find, loss_names, losses
from tests.cli.helpers import fails, succeeds

ALL_NAMES = [(loss.name, name) for loss in losses() for name in loss.names]


@pytest.mark.parametrize(("loss", "name"), ALL_NAMES, ids=[f"{loss}={name}" for loss, name in ALL_NAMES])
def test_every_name_in_every_spelling(loss: str, name: str) -> None:
    spellings = [name, name.lower(), name.upper(), name.replace("_", "-"), f"nn.{name}", f"torch.nn.functional.{name}"]
    assert {find(spelling).name for spelling in spellings} == {loss}


@pytest.mark.parametrize(
    ("name", "value"),
    [  # (3 - 1)² = 4; |3 - 1| = 2; Huber with delta 1: 2 - 1/2
        ("mse", 4.0),
        ("MSELoss", 4.0),
        ("mse_loss", 4.0),
        ("mse-loss", 4.0),
        ("nn.MSELoss", 4.0),
        ("F.mse_loss", 4.0),
        ("torch.nn.MSELoss", 4.0),
        ("MSE", 4.0),
        ("MeanSquaredError", 4.0),
        ("keras.losses.MeanSquaredError", 4.0),
        ("mean_squared_error", 4.0),
        ("sklearn.metrics.mean_squared_error", 4.0),
        ("optax.squared_error", 4.0),
        ("L1Loss", 2.0),
        ("MeanAbsoluteError", 2.0),
        ("HUBER-LOSS", 1.5),
        ("F.smooth_l1_loss", 1.5),
    ],
)
def test_names_on_the_command_line(name: str, value: float) -> None:
    assert succeeds("compute", name, "3", "1", "--bare").number == value


@pytest.mark.parametrize(
    ("words", "fact", "hint"),
    [
        (["compute", "hubr", "1", "2"], "no loss 'hubr'", "huber"),
        (["compute", "cross-entropi", "1", "2"], "no loss 'cross-entropi'", "cross_entropy"),
        (["compute", "nn.MSELos", "1", "2"], "no loss 'nn.MSELos'", "mse"),
        (["compute", "xyzzy", "1", "2"], "no loss 'xyzzy'", "losscli list"),
        (["compute", "xyzzy", "--nope", "1"], "no loss 'xyzzy'", "losscli list"),
        (["compute", "hubr", "1", "2", "--delta", "2"], "no loss 'hubr'", "huber"),
        (["comput", "huber", "1", "2"], "comput", "compute"),
        (["compute", "huber", "1", "2", "--dleta", "2"], "--dleta", "--delta"),
        (["compute", "huber", "1", "2", "--reducton", "sum"], "--reducton", "--reduction"),
        (["compute", "mse", "1", "2", "--delta", "2"], "--delta", "--help"),
        (["compute", "huber", "inptu=1", "target=2"], "inptu", "'input'"),
        (["compute", "huber", "1", "tagret=2"], "tagret", "'target'"),
        (["compute", "huber", "1", "2", "--convention", "trch"], "'trch'", "torch, exact, keras, optax"),
        (["compute", "huber", "1", "2", "--convention", "sklearn"], "'sklearn'", "torch, exact, keras, optax"),
        (["compute", "huber", "1", "2", "-r", "men"], "'men'", "none, mean, sum"),
        (["compute", "huber", "1", "2", "-f", "jsn"], "'jsn'", "table, json, csv or markdown"),
        (["compute", "huber", "1", "2", "--nonfinite", "ignore"], "'ignore'", "error or propagate"),
        (["compute", "huber", "1", "-", "--stdin", "cvs"], "'cvs'", "csv, tsv"),
        (["list", "--fromat", "json"], "--fromat", "--format"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_near_misses_are_named(words: list[str], fact: str, hint: str) -> None:
    message = fails(2, *words)
    assert fact in message
    assert hint in message


@pytest.mark.parametrize(
    "words",
    [
        "compute huber 1 5 --delta 2 --bare",
        "compute huber 1 --delta 2 5 --bare",
        "compute huber --delta 2 1 5 --bare",
        "compute --delta 2 huber 1 5 --bare",
        "compute --bare --delta=2 huber 1 5",
        "compute -b huber --delta=2.0 input=1 target=5",
        "compute -b huber 1 5 -r sum --delta 2e0",
        "compute -brsum huber 1 5 --delta 2",
    ],
)
def test_options_may_stand_anywhere_after_the_command(words: str) -> None:
    assert succeeds(*words.split()).number == 6.0  # by hand: 2 · (4 - 2/2)


@pytest.mark.parametrize(
    "inputs",
    [
        ["1", "5"],
        ["input=1", "target=5"],
        ["target=5", "input=1"],
        ["1", "target=5"],
        ["pred=1", "y=5"],
        ["prediction=1", "y_true=5"],
        ["yhat=1", "label=5"],
        ["Y_PRED=1", "Labels=5"],
        ["logits=1", "target=5"],
        ["scores=1", "true=5"],
        ["probs=1", "targets=5"],
    ],
    ids=" ".join,
)
def test_roles_and_their_synonyms(inputs: list[str]) -> None:
    assert succeeds("compute", "mse", *inputs, "--bare").number == 16.0
    assert list(succeeds("compute", "mse", *inputs, "-f", "json").json["inputs"]) == ["input", "target"]


ROLES = {  # PyTorch's forward argument names
    "bce": ["input", "target"],
    "bce_with_logits": ["input", "target"],
    "cosine_embedding": ["input1", "input2", "target"],
    "cosine_similarity": ["x1", "x2"],
    "cross_entropy": ["input", "target"],
    "focal": ["input", "target"],
    "huber": ["input", "target"],
    "kl_div": ["input", "target"],
    "l1": ["input", "target"],
    "log_loss": ["input", "target"],
    "mse": ["input", "target"],
    "nll": ["input", "target"],
    "sce": ["input", "target"],
    "smooth_l1": ["input", "target"],
    "triplet_margin": ["anchor", "positive", "negative"],
}


@pytest.mark.parametrize(("loss", "roles"), ROLES.items())
def test_inputs_are_named_as_in_pytorch(loss: str, roles: list[str]) -> None:
    listed = {row["name"]: row for row in succeeds("list", "-f", "json").json["rows"]}
    assert listed[loss]["inputs"] == roles


def test_the_catalogue_holds_the_names_of_the_design() -> None:
    assert set(ROLES) <= set(loss_names())


def options_of(*words: str) -> str:
    """What the help says below its head and its examples, on one line."""
    _, _, options = succeeds(*words).out.partition("\nOptions:\n")
    return " ".join(options.split())


@pytest.mark.parametrize(
    ("loss", "present", "absent"),
    [
        ("huber", ["--delta NUMBER", "greater than 0", "[default: 1]"], ["--pos-weight", "--beta"]),
        ("HuberLoss", ["--delta NUMBER"], ["--beta"]),
        ("smooth_l1", ["--beta NUMBER", "0 or greater", "[default: 1]"], ["--delta"]),
        ("cross_entropy", ["--weight SOURCE", "--ignore-index INTEGER", "--label-smoothing NUMBER"], ["--delta"]),
        ("cross_entropy", ["[default: -100]", "from 0 to 1"], ["--pos-weight"]),
        ("bce_with_logits", ["--pos-weight SOURCE", "--weight SOURCE"], ["--ignore-index"]),
        ("triplet_margin", ["--margin", "--swap / --no-swap", "--eps", "1 or greater"], ["--delta"]),
        ("kl_div", ["--log-target / --no-log-target"], ["--weight"]),
        ("focal", ["--gamma", "--alpha", "[default: 0.75]"], ["--weight"]),
        ("sce", ["--clip", "[default: 0.0001]"], ["--weight"]),
        ("mse", ["--weight SOURCE"], ["--delta", "--beta"]),
    ],
)
def test_help_of_a_loss_shows_its_own_options(loss: str, present: list[str], absent: list[str]) -> None:
    for words in (("compute", loss, "--help"), ("compute", "--help", loss), ("compute", loss, "1", "2", "-h")):
        shown = options_of(*words)
        for option in present:
            assert option in shown
        for option in absent:
            assert f" {option} " not in shown


def test_help_without_a_loss_shows_the_common_options_only() -> None:
    shown = options_of("compute", "--help")
    own = {f"--{spec.name.replace('_', '-')}" for loss in losses() for spec in loss.options}
    assert "--reduction" in shown
    assert [option for option in own if f"{option} " in shown] == []


COMMON = """--reduction --size-average --no-size-average --reduce --no-reduce --convention --class-axis --sample-weight
    --nonfinite --key --classes --header --no-header --delimiter --stdin --bfloat16 --jobs --progress --no-progress
    --quiet --format --bare --digits --output --per-sample --no-per-sample --gradients --no-gradients --rows --worst
    --by --save-per-sample --save-gradients -r -q -f -b -o"""


@pytest.mark.parametrize("option", COMMON.split())
def test_help_names_every_common_option(option: str) -> None:
    shown = succeeds("compute", "--help").out.replace(",", " ").split()
    assert option in shown


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["list", "--help"], ["compute", "-h"]], ids=" ".join)
def test_help_ends_well(words: list[str]) -> None:
    ended = succeeds(*words)
    assert ended.out.startswith("Usage: losscli")
    assert ended.err == ""


def test_version() -> None:
    import losscli

    assert succeeds("--version").out == f"losscli {losscli.__version__}\n"


@pytest.mark.parametrize("words", [["nope", "--help"], ["--help", "nope"], ["hubr", "1", "2", "-h"]], ids=str)
def test_help_of_no_loss(words: list[str]) -> None:
    assert "there is no loss" in fails(2, "compute", *words)


def test_help_of_a_function_names_where_its_options_go() -> None:
    assert "mine.py:f: its parameters with defaults are options" in options_of("compute", "mine.py:f", "--help")


def test_help_offers_the_reductions_of_the_loss() -> None:
    for command in ("compute", "verify"):
        assert "--reduction none|mean|sum " in options_of(command, "ce", "--help")
        assert "--reduction none|mean|sum|batchmean " in options_of(command, "kl_div", "--help")


def test_completion_for_an_unknown_shell() -> None:
    for value in ("bogus", "complete_bogus", ""):
        assert "_LOSSCLI_COMPLETE is" in fails(2, "compute", env={"_LOSSCLI_COMPLETE": value})


def test_a_name_with_an_argument_as_explain_lists_it() -> None:
    rows = succeeds("explain", "cross_entropy", "-f", "json").json["rows"]
    names = next(each["names"] for each in rows[0]["conventions"] if each["name"] == "keras")
    assert any("(from_logits=True)" in name for name in names)
    for name in names:
        found = succeeds("compute", name, "[[1, 2]]", "[1]", "-f", "json").json
        assert (found["loss"], found["convention"]) == ("cross_entropy", "keras")
