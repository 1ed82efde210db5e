r"""User text in every output: no line of a log that GitHub's runner takes for a command, and no control character.

The runner takes a line for a command that begins with `::` after blanks, and one that has `##[` anywhere in it
(actions/runner, ActionCommand.TryParseV2 and TryParse).
"""

from __future__ import annotations

import json
from pathlib import Path
from unicodedata import category

import numpy as np
import pytest

from tests.cli.helpers import Ended, losscli

PAYLOADS = (
    "::error::x",
    "##[error]x",
    "a\n::stop-commands::x",
    "a\r\n##[group]x",
    " ::x",
    "\x1b]0;x\x07::x",
    "\u061cx",
)
FORMS = ("table", "markdown", "csv", "json")


def check(ended: Ended) -> None:
    """Nothing is a command but the annotations, and everything can be seen."""
    for text in (ended.out, ended.err):
        for line in text.splitlines():
            assert "##[" not in line, line
            if not line.startswith("::error file="):
                assert not line.lstrip().startswith("::"), line
        assert not [sign for sign in text if sign != "\n" and category(sign) in ("Cc", "Cf", "Cn", "Cs", "Zl", "Zp")]
    assert ended.code in (0, 1, 2, 3)


def quoted(text: str) -> str:
    return json.dumps(text)  # a YAML string too


@pytest.fixture(params=PAYLOADS, ids=ascii)
def payload(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("form", FORMS)
def test_names_in_data(payload: str, form: str, tmp_path: Path) -> None:
    """Of columns, groups, classes, keys, parameters and files."""
    cell = '"' + payload.replace('"', '""') + '"'
    (tmp_path / "g.csv").write_text(f"input,target,g\n1,2,{cell}\n3,5,b\n", encoding="utf-8", newline="")
    (tmp_path / "c.csv").write_text(f"{cell},b\n0.1,0.2\n0.3,0.4\n", encoding="utf-8", newline="")
    (tmp_path / "l.csv").write_text(f"label\n{cell}\nb\n", encoding="utf-8", newline="")
    (tmp_path / "p.json").write_text(json.dumps({payload: [1, 2], "v": [3]}))
    np.save(tmp_path / f"{payload}.npy", [1.0, 3.0])
    for words in (
        ("compute", "mse", "g.csv", "--by", "g.csv::g"),
        ("compute", "mse", "g.csv::input", "g.csv::target", "--l2", "1", "--params", "p.json"),
        ("compute", "cross_entropy", "c.csv", "l.csv"),
        ("compute", "mse", f"{payload}.npy", "[2,5]"),
        ("compute", "mse", f"{payload}.npy", "[2]"),
        ("compute", "mse", payload, "[2]"),
        ("compute", payload, "1", "2"),
        ("compute", "mse", "1", "2", "--convention", payload),
        ("verify", "mse", f"{payload}.npy", "[2,5]", "--claim", "9.5"),
        ("verify", "mse", "1", "2", "--claim", payload),
        ("verify", "mse", "1", "2", "--claim", f"g.csv::/{payload}/"),
        ("gradcheck", "mse", f"{payload}.npy", "[2,5]", "--gradient", f"{payload}.npy"),
        ("relations", "mse", f"{payload}.npy", "[2,5]"),
        ("explain", "mse", f"{payload}.npy", "[2,5]"),
        ("inspect", "g.csv", "c.csv", "p.json", f"{payload}.npy"),
        (payload, "1"),
        ("compute", "mse", "1", "2", f"--{payload}"),
    ):
        check(losscli(*words, "-f", form, at=tmp_path))


@pytest.mark.parametrize("form", FORMS)
def test_a_function_and_its_options(payload: str, form: str, tmp_path: Path) -> None:
    (tmp_path / f"{payload}.py").write_text(f"def f(a, b, s={payload!r}):\n    return (a - b) ** 2\n")
    text = f"{payload} " * 40  # long enough to be wrapped, so that a line may begin anywhere in it
    (tmp_path / "m.py").write_text(
        f"def f(a, b, s=''):\n    return (a - b) ** 2\nf.__doc__ = {text!r} + '\\n\\nNotes: ' + {text!r}\n"
        f"def g(a, b):\n    raise ValueError({payload!r})\n"
    )
    for loss, more in ((f"{payload}.py:f", ()), ("m.py:f", ("--set", f"s={payload}")), ("m.py:g", ())):
        for command in ("compute", "gradcheck", "relations", "explain"):
            check(losscli(command, loss, "[1,2]", "[2,4]", "-f", form, *more, at=tmp_path))
        check(losscli("verify", loss, "[1,2]", "[2,4]", "--claim", "3.0", "-f", form, *more, at=tmp_path))
        check(losscli("compute", loss, "[1,2]", "[2,4]", "--convention", "all", "-f", form, *more, at=tmp_path))
        check(losscli("explain", loss, "-f", form, at=tmp_path))


@pytest.mark.parametrize("form", ["table", "markdown", "github", "json"])
def test_suites(payload: str, form: str, tmp_path: Path) -> None:
    word = quoted(payload)
    cases = (
        f"name: {word}, inputs: [1, 2], expect: {{value: 9.0}}",
        f"name: role, inputs: [1, 2], expect: {{gradients: {{{word}: [1]}}}}",
        f"name: pattern, inputs: [1, 2], expect: {{value: {quoted(f's.yaml::/(m){payload}/')}}}",
        f"name: source, inputs: [{word}, 2], expect: {{value: 1.0}}",
        f"name: loss, loss: {word}, inputs: [1, 2], expect: {{value: 1.0}}",
        f"name: option, options: {{{word}: 1}}, inputs: [1, 2], expect: {{value: 1.0}}",
        f"name: key, {word}: 1, inputs: [1, 2], expect: {{value: 1.0}}",
        f"name: words, inputs: [1, 2], expect: {{error: {word}}}",
        f"name: classes, classes: [{word}], inputs: [1, 2], expect: {{value: {word}}}",
    )
    text = "losscli: 1\ndefaults: {loss: mse}\ncases:\n" + "".join(f"  - {{{case}}}\n" for case in cases)
    for name in ("s.yaml", f"{payload}.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    check(losscli("suite", ".", "-f", form, at=tmp_path))
    check(losscli("suite", f"{payload}.yaml", "-f", form, "--filter", payload, at=tmp_path))
    check(losscli("suite", ".", "-f", form, "--update", at=tmp_path))


def test_a_key_forges_no_line_of_the_report(tmp_path: Path) -> None:
    case = '{name: a, loss: mse, inputs: [1, 2], expect: {gradients: {"m\\n\\n1 case: 1 holds": [1]}}}'
    (tmp_path / "s.yaml").write_text(f"losscli: 1\ncases: [{case}]\n", encoding="utf-8")
    for form in ("table", "markdown"):
        ended = losscli("suite", "s.yaml", "-f", form, at=tmp_path)
        assert not [line for line in ended.out.splitlines() if line.strip() == "1 case: 1 holds"]
        assert ended.code == 3
