"""The number of an option: which texts it may have, and one sentence from the command line, a suite and Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import losscli
from losscli.schema.faults import UsageFault
from tests.cli.helpers import fails, succeeds, write
from tests.cli.helpers import losscli as run

NO_NUMBERS = ["1_0", "１０", "0x1", "1e400", "1e-400", "abc", "", "1,5"]


@pytest.mark.parametrize("word", NO_NUMBERS)
@pytest.mark.parametrize("option", ["--delta", "--l2", "--rtol", "--atol", "--at-most", "--at-least"])
def test_texts_that_are_no_numbers(option: str, word: str) -> None:
    words = ("verify", "huber", "1", "2", "--claim", "0.5")
    assert f"{option} must be a number, got {word!r}" in fails(2, *words, f"{option}={word}")


@pytest.mark.parametrize("word", ["1_0", "１０", "1.5", "abc", "9" * 500])
@pytest.mark.parametrize("option", ["--jobs", "--digits", "--worst", "--class-axis"])
def test_texts_that_are_no_integers(option: str, word: str) -> None:
    assert f"{option} must be an integer" in fails(2, "compute", "mse", "1", "2", f"{option}={word}")


@pytest.mark.parametrize("words", [("--rows", "1_0"), ("--save-per-sample", "")])
def test_other_texts(words: tuple[str, str]) -> None:
    assert f"{words[0]} must be" in fails(2, "compute", "mse", "1", "2", *words)


def test_a_sample_is_counted_in_plain_digits() -> None:
    assert "--sample must be an index" in fails(2, "explain", "mse", "[1,2]", "[1,2]", "--sample", "0_1")


def test_an_infinity_is_a_number_where_the_domain_has_it() -> None:
    assert succeeds("compute", "smooth_l1", "1", "2", "-b", "--beta", "1e0").number == 0.5
    assert "too large" in fails(2, "compute", "huber", "1", "2", "--delta", "1e400")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("delta", "abc", "a number, got 'abc'"),
        ("delta", -1, "greater than 0, got -1"),
        ("delta", "-1.50", "greater than 0, got -1.50"),
    ],
)
def test_one_sentence_of_an_option(name: str, value: object, words: str, tmp_path: Path) -> None:
    assert f"--{name} must be {words}" in fails(2, "compute", "huber", "1", "2", f"--{name}={value}")
    with pytest.raises(UsageFault, match=f"^{name} must be {words}"):
        losscli.compute("huber", [1.0], [2.0], **dict[str, Any]({name: value}))
    case = f"{{name: a, loss: huber, inputs: [1, 2], options: {{{name}: {value!r}}}, expect: {{value: 1}}}}"
    write(tmp_path, s_yaml=f"losscli: 1\ncases: [{case}]\n")
    assert f"{name} must be {words}" in run("suite", "s.yaml", "-f", "json", at=tmp_path).json["cases"][0]["message"]


@pytest.mark.parametrize("word", ["x", "1_0", "1e400", "nan"])
def test_one_sentence_of_a_bound(word: str, tmp_path: Path) -> None:
    shown = word if word == "nan" else repr(word)
    assert f"--at-most must be a number, got {shown}" in fails(2, "verify", "mse", "1", "2", "--at-most", word)
    with pytest.raises(UsageFault, match=f"^at_most must be a number, got {shown}"):
        losscli.verify("mse", [1.0], [2.0], **dict[str, Any](at_most=word))
    case = f"{{name: a, loss: mse, inputs: [1, 2], expect: {{at_most: '{word}'}}}}"
    write(tmp_path, s_yaml=f"losscli: 1\ncases: [{case}]\n")
    message = run("suite", "s.yaml", "-f", "json", at=tmp_path).json["cases"][0]["message"]
    assert f"expect.at_most must be a number, got {shown}" in message


def test_a_bound_of_a_suite_may_be_a_source(tmp_path: Path) -> None:
    case = "{name: a, loss: mse, inputs: [1, 2], expect: {at_most: limit.csv}}"
    write(tmp_path, s_yaml=f"losscli: 1\ncases: [{case}]\n", limit_csv="limit\n1\n")
    succeeds("suite", "s.yaml", at=tmp_path)
    (tmp_path / "limit.csv").unlink()
    assert "no such file: limit.csv" in run("suite", "s.yaml", "-f", "json", at=tmp_path).json["cases"][0]["message"]


@pytest.mark.parametrize("word", ["1", "1.00", "1e0"])
def test_a_bound_is_shown_as_written(word: str) -> None:
    assert succeeds("verify", "mse", "1", "2", "--at-most", word, "-f", "json").json["claims"][0]["text"] == word
