"""A suite of somebody else's: what one case does ends that case alone, and what it may read is limited."""

from __future__ import annotations

import os
import xml.etree.ElementTree as Tree
from collections.abc import Callable
from pathlib import Path

import pytest

import losscli as package
from losscli.request.naming import loss_named
from losscli.schema.faults import LossError
from losscli.schema.loss import Loss
from losscli.suites import run
from tests.cli.helpers import Ended, fails, losscli, write

SECRET = "hunter2-and-more"
LONG = "1" + "0" * 350
USER = """
class Speechless(Exception):
    def __str__(self):
        raise SystemExit(0)

class Base(BaseException):
    pass

class Leaving:
    def __array__(self, *_, **__):
        raise SystemExit(0)

def speechless(a, b): raise Speechless
def base(a, b): raise Base
def leaves(a, b): return Leaving()
def generator(a, b): raise GeneratorExit
def memory(a, b): raise MemoryError
def keyboard(a, b): raise KeyboardInterrupt
def late(a, b):
    if getattr(a, "dtype", None) != float: raise Base
    return (a - b) ** 2
"""


def suite_of(folder: Path, *cases: str, name: str = "s.yaml") -> Path:
    """A suite whose first and last case hold."""
    first, last = (f"{{name: {name}, expect: {{value: 2.5}}}}" for name in ("first", "last"))
    lines = [f"  - {case}\n" for case in (first, *cases, last)]
    text = f"losscli: 1\ndefaults: {{loss: mse, inputs: [[1, 2], [2, 4]]}}\ncases:\n{''.join(lines)}"
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def statuses(ended: Ended) -> list[str]:
    return [case["status"] for case in ended.json["cases"]]


def message(ended: Ended) -> str:
    """Of the one case in the middle, which must be the only one that is broken."""
    assert statuses(ended) == ["holds", "error", "holds"]
    return str(ended.json["cases"][1]["message"])


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ('expect: {value: "a.log::/(a{99999999999})/"}', "is no regular expression"),
        (f'expect: {{value: "a.log::/{"(" * 5000}{")" * 5000}/"}}', "is no regular expression"),
        ('inputs: ["\\0/@", [1]], expect: {value: 1}', "no path has a NUL"),
        ('inputs: ["\\0/*", [1]], expect: {value: 1}', "no file"),
        ('expect: {value: "\\0::/(a)/"}', "no path has a NUL"),
        ('loss: "\\0.py:f", expect: {value: 1}', "no path has a NUL"),
        (f"tolerance: {{rtol: {LONG}}}, expect: {{value: 1}}", "rtol must be"),
        (f"tolerance: {{atol: {LONG}}}, expect: {{value: 1}}", "atol must be"),
        (f"loss: huber, options: {{delta: {LONG}}}, expect: {{value: 1}}", "delta must be"),
        (f"l1: {LONG}, params: {{w: 1}}, expect: {{value: 1}}", "l1 must be"),
        (f"l2: -{LONG}, params: {{w: 1}}, expect: {{value: 1}}", "l2 must be"),
        *(
            (f"loss: 'm.py:{name}', expect: {{value: 1}}", "m")
            for name in ("speechless", "base", "leaves", "generator", "memory", "keyboard")
        ),
    ],
    ids=lambda value: value[:40].replace("\0", "NUL"),
)
def test_a_case_ends_alone(case: str, words: str, tmp_path: Path) -> None:
    """Its status is error, the others are judged, and the exit code comes after every output."""
    write(tmp_path, m_py=USER, a_log="aaa\n")
    suite_of(tmp_path, f"{{name: middle, {case}}}")
    for jobs in ("1", "3"):
        ended = losscli("suite", "s.yaml", "-f", "json", "--junit", "j.xml", "--jobs", jobs, at=tmp_path)
        assert ended.code == 3
        assert words in message(ended)
        assert "this is a bug" not in message(ended)
        assert [len(case) for case in Tree.parse(tmp_path / "j.xml").getroot().iter("testcase")] == [0, 1, 0]


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (ZeroDivisionError("odd"), 70, "this is a bug in losscli: ZeroDivisionError: odd"),
        (RecursionError("deep"), 70, "this is a bug in losscli: RecursionError: deep"),
        (MemoryError(), 3, "there is not enough memory"),
        (OSError(5, "Input/output error", "x"), 3, "x: Input/output error"),
        (SystemExit(0), 70, "this is a bug in losscli: SystemExit: 0"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("form", ["json", "table", "github", "markdown"])
def test_a_bug_ends_its_case_alone(
    raised: BaseException, code: int, words: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite_of(tmp_path, "{name: middle, loss: huber, inputs: ['x.npy', [2]], expect: {value: 1}}")

    def raising(word: str, base: Path | None = None) -> Loss:
        if word == "huber":
            raise raised
        return loss_named(word, base)

    monkeypatch.setattr(run, "loss_named", raising)
    ended = losscli("suite", "s.yaml", "-f", form, "--junit", "j.xml", at=tmp_path)
    assert ended.code == code
    assert "Traceback" not in ended.out + ended.err
    if form == "json":
        assert words in message(ended)
    else:
        assert words in ended.out
    assert (tmp_path / "j.xml").exists()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project with a suite, beside which lies what is none of its business."""
    project = tmp_path / "project"
    (project / "checks").mkdir(parents=True)
    write(tmp_path, secret_txt=f"{SECRET}\n", secret_npy=[1.0, 2.0], evil_py="def f(a, b): return a - b\n")
    write(project, data_npy=[1.0, 2.0], m_py="def f(a, b): return (a - b) ** 2\n")
    (project / "checks" / "link.npy").symlink_to(tmp_path / "secret.npy")
    (project / "checks" / "up").symlink_to(tmp_path)
    return project


OUTSIDE = [
    "inputs: [../../secret.npy, [2, 4]], expect: {value: 2.5}",
    "inputs: [link.npy, [2, 4]], expect: {value: 2.5}",
    "inputs: [up/secret.npy, [2, 4]], expect: {value: 2.5}",
    "inputs: ['u*/secret.npy', [2, 4]], expect: {value: 2.5}",
    "inputs: ['../../s*.npy', [2, 4]], expect: {value: 2.5}",
    "inputs: {target: [2, 4], input: ../../secret.npy}, expect: {value: 2.5}",
    "sample_weight: ../../secret.npy, expect: {value: 2.5}",
    "l2: 1, params: ../../secret.npy, expect: {value: 2.5}",
    "expect: {per_sample: ../../secret.npy}",
    "expect: {gradients: {input: ../../secret.npy}}",
    "expect: {value: '../../secret.txt::/(.*)/'}",
    "expect: {value: 'up/secret.txt::/(.*)/'}",
    "loss: '../../evil.py:f', expect: {value: 2.5}",
    "inputs: [ABSOLUTE/secret.npy, [2, 4]], expect: {value: 2.5}",
    "inputs: [ABSOLUTE/secret.txt, [2, 4]], expect: {value: 2.5}",
    "inputs: [ABSOLUTE/secrets.txt, [2, 4]], expect: {value: 2.5}",
    "inputs: ['s3://bucket/x.npy', [2, 4]], expect: {value: 2.5}",
    "inputs: ['https://host/x.npy::a', [2, 4]], expect: {value: 2.5}",
]


@pytest.mark.parametrize("case", OUTSIDE)
def test_a_suite_reads_its_own_tree(case: str, tree: Path) -> None:
    """Whether a file is there or not, the message is the same; --allow-outside lets all of these be tried."""
    suite_of(tree / "checks", f"{{name: middle, {case.replace('ABSOLUTE', str(tree.parent))}}}")
    refused = message(losscli("suite", "checks", "-f", "json", at=tree))
    assert "outside the suite's folder and the working directory" in refused
    assert "--allow-outside" in refused
    assert SECRET not in refused
    assert "did you mean" not in refused
    tried = losscli("suite", "checks", "-f", "json", "--allow-outside", at=tree)
    assert "outside the suite's" not in str(tried.json["cases"][1]["message"])
    found = package.run_suite(tree / "checks")
    assert "outside the suite's" in found.cases[1].fault
    found = package.run_suite(tree / "checks", allow_outside=True)
    assert "outside the suite's" not in found.cases[1].fault


def test_a_function_that_takes_floats_only(tmp_path: Path) -> None:
    """What it raises for complex numbers is no concern of the run's."""
    write(tmp_path, m_py=USER)
    assert losscli("compute", "m.py:late", "[1,2]", "[2,4]", at=tmp_path).code == 0


def test_the_working_directory_is_inside(tree: Path) -> None:
    suite_of(tree / "checks", "{name: middle, inputs: [../data.npy, [2, 4]], expect: {value: 2.5}}")
    assert statuses(losscli("suite", "checks", "-f", "json", at=tree)) == ["holds"] * 3
    assert "outside" in message(losscli("suite", ".", "-f", "json", at=tree / "checks"))


@pytest.mark.parametrize("outside", [(), ("--allow-outside",)])
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("'-'", "a suite reads no standard input"),
        ("'-::a'", "a suite reads no standard input"),
        ("/dev/stdin", "no files of the system"),
        ("/dev/zero", "no files of the system"),
        ("/proc/self/environ", "no files of the system"),
        ("/proc/self/fd/0", "no files of the system"),
        ("pipe", "a device or a named pipe"),
        ("null", ""),
    ],
)
def test_no_device_no_pipe_no_standard_input(source: str, words: str, outside: tuple[str, ...], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to(os.devnull)
    for case in (
        f"inputs: [{source}, [2, 4]], expect: {{value: 1}}",
        f"inputs: {{input: {source}, target: [2, 4]}}, expect: {{value: 1}}",
        f"inputs: [{source.rstrip(chr(39))}::/(.)/{chr(39) * source.endswith(chr(39))}, [2, 4]], expect: {{value: 1}}",
        f"expect: {{per_sample: {source}}}",
    ):
        suite_of(tmp_path, f"{{name: middle, {case}}}")
        assert words in message(losscli("suite", "s.yaml", "-f", "json", *outside, at=tmp_path, stdin=b"1,2\n"))


def test_a_role_names_standard_input(tmp_path: Path) -> None:
    suite_of(tmp_path, "{name: middle, inputs: [[1, 2], 'target=-'], expect: {value: 1}}")
    assert "no standard input" in message(losscli("suite", "s.yaml", "-f", "json", at=tmp_path, stdin=b"1,2\n"))


def test_what_a_pattern_matched_is_not_quoted(tmp_path: Path) -> None:
    write(tmp_path, env_txt=f"SECRET={SECRET}\n")
    suite_of(tmp_path, "{name: middle, expect: {value: 'env.txt::/SECRET=(.*)/'}}")
    for form in ("table", "json", "markdown", "github"):
        ended = losscli("suite", "s.yaml", "-f", form, "--junit", "j.xml", at=tmp_path)
        assert ended.code == 3
        assert SECRET not in ended.out + ended.err + (tmp_path / "j.xml").read_text()
        assert "finds there is no number" in ended.out
    assert SECRET not in fails(3, "verify", "mse", "1", "2", "--claim", "env.txt::/SECRET=(.*)/", at=tmp_path)


@pytest.mark.parametrize(
    "case",
    [
        "loss: '../m.py:f', expect: {value: 2.5}",
        """loss: triplet_margin_with_distance, inputs: [[[1]], [[2]], [[3]]],
           options: {distance_function: '../m.py:f'}, expect: {value: 1}""",
    ],
)
def test_no_code(case: str, tree: Path) -> None:
    (tree / "m.py").write_text("raise SystemExit('it ran')\n")
    suite_of(tree / "checks", f"{{name: middle, {case}}}")
    assert "it ends the program" in message(losscli("suite", "checks", "-f", "json", at=tree))
    assert "--no-code" in message(losscli("suite", "checks", "-f", "json", "--no-code", at=tree))
    outcome = package.run_suite(tree / "checks" / "s.yaml", allow_outside=True, no_code=True).cases[1]
    assert "no_code=True" in outcome.fault


def test_a_suite_file_lies_in_the_folder_that_is_searched(tree: Path) -> None:
    suite_of(tree.parent, name="outside.yaml")
    (tree / "checks" / "other.yaml").symlink_to(tree.parent / "outside.yaml")
    os.mkfifo(tree / "checks" / "pipe.yaml")
    suite_of(tree / "checks")
    ended = losscli("suite", "checks", "-f", "json", at=tree)
    found = {case["file"]: case["status"] for case in ended.json["cases"]}
    assert found == {"checks/other.yaml": "error", "checks/pipe.yaml": "error", "checks/s.yaml": "holds"}
    os.unlink(tree / "checks" / "pipe.yaml")
    assert losscli("suite", "checks", "--allow-outside", at=tree).code == 0
    assert losscli("suite", "../outside.yaml", at=tree).code == 0


def test_a_run_outside_of_suites_has_no_limits(tree: Path) -> None:
    assert losscli("compute", "mse", "../secret.npy", "[2,4]", "-b", at=tree).out == "2.5\n"


def test_limits_end_with_their_case(tree: Path) -> None:
    suite_of(tree / "checks", f"{{name: middle, {OUTSIDE[0]}}}")
    run: Callable[..., object] = package.run_suite
    run(tree / "checks")
    assert package.compute("mse", [1.0], [2.0]).value == 1.0
    with pytest.raises(LossError, match="no such file"):
        run(tree / "nowhere")
