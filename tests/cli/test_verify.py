"""`losscli verify`: claims in every form, the verdict as an exit code, and the same story in every format."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.helpers import SAMPLES, Ended, fails, losscli, succeeds, write

DIGITS = ("cross_entropy", "logits.npy", "labels.csv::label")
FOLDER = SAMPLES / "cross_entropy"
RIGHT, WRONG = "0.2953", "0.4260"  # the mean of the sample's case.yaml, and the same in bits
COMPUTE_KEYS = {
    "schema",
    "rows",
    "loss",
    "signature",
    "convention",
    "options",
    "inputs",
    "reduction",
    "value",
    "sum",
    "mean",
    "standard_error",
    "count",
    "ignored",
    "denominator",
    "per_sample",
    "gradients",
    "groups",
    "warnings",
}
CLAIM_KEYS = {
    "kind",
    "role",
    "verdict",
    "claim",
    "text",
    "tolerance",
    "rule",
    "difference",
    "differing",
    "elements",
    "worst",
}
EXPLANATION_KEYS = {"cure", "mistake", "text", "value", "difference", "alternatives"}


def verify(*words: str, at: Path = FOLDER, **how: Any) -> Ended:
    return losscli("verify", *DIGITS, *words, at=at, **how)


def test_a_claim_that_holds() -> None:
    ended = verify("--claim", RIGHT)
    assert (ended.code, ended.err) == (0, "")
    assert re.search(r"^holds  the value$", ended.out, re.MULTILINE)


def test_a_claim_that_does_not() -> None:
    ended = verify("--claim", WRONG)
    assert (ended.code, ended.err) == (1, "")
    assert re.search(r"^refuted  the value$", ended.out, re.MULTILINE)
    assert re.search(r"^ +claimed  0\.4260$", ended.out, re.MULTILINE)
    assert re.search(r"^ +mistake  log_base_2$", ended.out, re.MULTILINE)


def test_the_verdict_bare() -> None:
    assert verify("--claim", RIGHT, "-b").out == "holds\n"
    assert verify("--claim", WRONG, "-b").out == "refuted\n"


@pytest.mark.parametrize(("bound", "code"), [("0.3", 0), ("0.29", 1)])
def test_upper_bounds(bound: str, code: int) -> None:
    assert verify("--at-most", bound).code == code
    assert verify("--at-least", bound).code == 1 - code


def test_one_refuted_claim_refutes_all() -> None:
    ended = verify("--claim", RIGHT, "--at-most", "0.2")
    assert ended.code == 1
    assert "holds  the value" in ended.out
    assert "refuted  an upper bound" in ended.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "nothing is claimed"),
        (("--claim-gradient", "target=0.5"), "no gradient"),
        (("--claim", RIGHT, "--digits", "0"), "--digits"),
        (("--claim", RIGHT, "--no-such-option"), "--no-such-option"),
    ],
)
def test_usage(words: tuple[str, ...], message: str) -> None:
    assert message in fails(2, "verify", *DIGITS, *words, at=FOLDER)


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("missing.npy", "missing.npy"),
        ("labels.csv::nobody", "nobody"),
        ("no.log::/loss=([0-9.]+)/", "no.log"),
        ("labels.csv::label", "shape (200,)"),
    ],
)
def test_claims_that_cannot_be_read(claim: str, message: str) -> None:
    assert message in fails(3, "verify", *DIGITS, "--claim", claim, at=FOLDER)


def test_a_claim_from_a_log(tmp_path: Path) -> None:
    write(tmp_path, train_log="epoch 1 val_loss=0.5000\nepoch 2 val_loss=0.2953 lr=1e-3\ndone\n")
    log = str(tmp_path / "train.log")
    assert verify("--claim", f"{log}::/val_loss=([0-9.]+)/").code == 0
    assert verify("--claim", f"{log}::/epoch 1 val_loss=([0-9.]+)/").code == 1
    assert "nothing" in fails(3, "verify", *DIGITS, "--claim", f"{log}::/test_loss=([0-9.]+)/", at=FOLDER)


def test_claims_from_files_and_standard_input(tmp_path: Path) -> None:
    losses = np.array(losscli("compute", *DIGITS, "-r", "none", "-b", at=FOLDER).out.split(), dtype=np.float64)
    write(tmp_path, mean_npy=np.float32(losses.mean()), losses_npy=losses.astype(np.float32))
    write(tmp_path, losses_csv="loss\n" + "".join(f"{loss:.4f}\n" for loss in losses))
    assert verify("--claim", str(tmp_path / "mean.npy")).code == 0
    assert verify("--claim-per-sample", str(tmp_path / "losses.npy")).code == 0
    assert verify("--claim-per-sample", f"{tmp_path / 'losses.csv'}::loss").code == 0
    assert verify("--claim", "-", stdin=b"0.2953\n").code == 0
    assert verify("--claim", "-", stdin=b"0.2954\n").code == 1
    assert verify("--claim-per-sample", str(tmp_path / "losses.npy"), "-r", "none").code == 0


def test_wrong_rows_are_counted(tmp_path: Path) -> None:
    losses = np.array(losscli("compute", *DIGITS, "-r", "none", "-b", at=FOLDER).out.split(), dtype=np.float64)
    losses[17] += 0.25
    write(tmp_path, losses_npy=losses)
    ended = verify("--claim-per-sample", str(tmp_path / "losses.npy"))
    assert ended.code == 1
    assert "1 of 200 differ, 1 beyond the tolerance" in ended.out
    assert "at 17: claimed" in ended.out
    assert "all rows agree but row 17" in ended.out


def test_a_gradient(tmp_path: Path) -> None:
    words = ("compute", *DIGITS, "--save-gradients", str(tmp_path / "gradient.npy"), "-q")
    succeeds(*words, at=FOLDER)
    assert verify("--claim-gradient", str(tmp_path / "gradient.npy")).code == 0
    assert verify("--claim-gradient", f"input={tmp_path / 'gradient.npy'}").code == 0
    np.save(tmp_path / "gradient.npy", 200 * np.load(tmp_path / "gradient.npy"))
    ended = verify("--claim-gradient", f"input={tmp_path / 'gradient.npy'}")
    assert ended.code == 1
    assert "gradient_of_sum" in ended.out


def test_tolerances() -> None:
    assert verify("--claim", "0.30", "--atol", "0.001").code == 1
    assert verify("--claim", "0.30", "--atol", "0.01").code == 0
    assert verify("--claim", "0.30", "--rtol", "0.02").code == 0


def test_json_has_all_keys() -> None:
    for claim, verdict in ((RIGHT, "holds"), (WRONG, "refuted")):
        found = verify("--claim", claim, "-f", "json").json
        assert set(found) == COMPUTE_KEYS | {"verdict", "claims", "explanations"}  # as compute has it
        assert found["verdict"] == verdict
        assert [set(each) for each in found["claims"]] == [CLAIM_KEYS]
        assert all(set(each) == EXPLANATION_KEYS for each in found["explanations"])
    assert found["explanations"][0]["mistake"] == "log_base_2"
    assert found["explanations"][0]["value"] == pytest.approx(0.2952755206974 / np.log(2.0), rel=1e-12)
    assert found["claims"][0]["claim"] == float(WRONG)


def test_csv_has_a_row_a_claim() -> None:
    lines = verify("--claim", WRONG, "--at-most", "1", "-f", "csv").out.splitlines()
    assert lines[0] == "kind,role,verdict,claim,tolerance,rule,difference,differing,elements,mistakes"
    assert [line.split(",")[:3] for line in lines[1:]] == [["value", "", "refuted"], ["at_most", "", "holds"]]


def test_markdown_names_the_mistake() -> None:
    assert "- mistake: log_base_2" in verify("--claim", WRONG, "-f", "markdown").out


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?", text)]


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
@pytest.mark.parametrize("claim", [WRONG, "59.055", "0.27845", "9.3684", "7.7"])
def test_a_hint_tells_no_number_near_ours(form: str, claim: str) -> None:
    ours = 0.2952755206974
    ended = verify("--claim", claim, "--hint-only", "-f", form)
    assert ended.code == 1
    wrong = abs(float(claim) - ours)
    for number in numbers(ended.out):
        assert abs(number - ours) > 0.01 * ours, number
        assert abs(abs(number) - wrong) > 0.01 * wrong or abs(number - float(claim)) < 1e-9, number


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
@pytest.mark.parametrize("words", [("--rtol", "0.5"), ("-r", "none"), ("-r", "sum")])
def test_a_hint_keeps_tolerances_and_losses_to_itself(form: str, words: tuple[str, ...], tmp_path: Path) -> None:
    """A tolerance that is a share of ours, the ratio of all losses to ours, and the losses themselves."""
    losses = np.array(losscli("compute", *DIGITS, "-r", "none", "-b", at=FOLDER).out.split(), dtype=np.float64)
    write(tmp_path, wrong_npy=1.37 * losses)
    ended = verify("--claim-per-sample", str(tmp_path / "wrong.npy"), "--hint-only", "-f", form, *words)
    secrets = [0.2952755206974, 59.0551041395, 1.37, 0.37]
    for number in numbers(ended.out):
        assert all(abs(number - secret) > 0.01 * secret for secret in secrets), number


def test_a_hint_still_names_the_mistake() -> None:
    for form in ("table", "json", "markdown"):
        assert "log_base_2" in verify("--claim", WRONG, "--hint-only", "-f", form).out


def test_a_narrow_terminal_cuts_no_word() -> None:
    ended = verify("--claim", "9.3684", terminal=True, env={"COLUMNS": "80", "NO_COLOR": "1"})
    assert max(map(len, ended.out.splitlines()[1:])) <= 80
    said = re.sub(r"\s+", " ", ended.out)
    assert "as if they counted from 1; what went past the end came round to the last class" in said


def test_a_pipe_gets_whole_lines() -> None:
    assert (
        "as if they counted from 1; what went past the end came round to the last class\n"
        in verify("--claim", "9.3684").out
    )


def test_weak_claims_say_so() -> None:
    assert "weak" in verify("--claim", "0.3").err
    assert "weak" not in verify("--claim", "0.300").err
    assert verify("--claim", "0.3", "-q").err == ""


def test_no_reason_is_said_too() -> None:
    assert "no known mistake gives this" in verify("--claim", "0.7777").out


SAME = ("verify", "mse", "[1,2,3,4]", "[2,3,4.5,4]", "--claim", "0.53125")


def test_equal_explanations_are_one_line() -> None:
    piped = losscli(*SAME).out
    (line,) = [line for line in piped.splitlines() if "the same number on these data" in line]
    assert line.strip().startswith("or  huber_computed, ")
    for columns in ("80", "200"):
        table = losscli(*SAME, env={"COLUMNS": columns}).out
        assert max(map(len, table.splitlines())) <= int(columns)
        assert " ".join(table.split()) == " ".join(piped.split())


def test_many_equal_explanations_are_counted() -> None:
    ended = losscli(*SAME, "-f", "json")
    equal = ended.json["explanations"][0]["alternatives"]
    shown = " ".join(losscli(*SAME).out.split())
    assert all(name in shown for name in equal[:4])
    assert (f"and {len(equal) - 4} more" in shown) == (len(equal) > 4)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--claim", "1.8777"), "a penalty on the parameters (--l2 with --params adds it), dropout, augmentation"),
        (("--claim", "0.1777"), "dropout, augmentation, weights that moved during the epoch"),
        (("--claim", "train.log::/loss=(.*)/"), "weights that move during an epoch"),
        (("--claim", "val.log::/loss=(.*)/"), "which checkpoint a log's value is of"),
        (("--claim-gradient", "[9.1, 3.3, -7.1, 2.6]"), "gradient clipping"),
        (("--claim-per-sample", "[9.1, 3.3, -7.1, 2.6]"), "other predictions of the same rows"),
    ],
)
def test_what_no_file_shows_is_said_where_nothing_fits(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    at = write(tmp_path, train_log="loss=0.8777\n", val_log="loss=0.8777\n")
    line = ("verify", "mse", "[1,2,3,4]", "[2,3,4.5,4]", *words)
    ended = losscli(*line, at=at)
    assert ended.code == 1
    assert "warning: not in these files, so not tried: " in ended.err
    assert told in ended.err
    assert told not in losscli(*line, "-q", at=at).err
    assert told in losscli(*line, "-f", "json", at=at).json["warnings"][-1]


def test_what_no_file_shows_is_not_said_of_what_is_explained() -> None:
    assert "not in these files" not in losscli(*SAME).err
