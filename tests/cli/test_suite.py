"""`losscli suite`: statuses, exit codes and messages, every format, and the files it writes."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
import xml.etree.ElementTree as Tree
from collections.abc import Callable
from pathlib import Path
from subprocess import run

import pytest

from tests.cli.helpers import SAMPLES, Ended, fails, losscli, succeeds

SUITE = """\
losscli: 1
cases:
  - {name: good, loss: mse, inputs: [[1, 2, 3], [2, 3, 5]], expect: {value: 2.0}}
  - name: wrong
    loss: mse
    inputs: [[1, 2, 3], [2, 3, 5]]
    expect: {value: 2.5}
  - {name: broken, loss: mse, inputs: [1, nowhere.npy], expect: {value: 1}}
"""  # (1 + 1 + 4) / 3 = 2


@pytest.fixture
def suite(tmp_path: Path) -> Callable[[str], Ended]:
    """Runs a suite of this text, with options."""

    def write_and_run(text: str, *options: str, env: dict[str, str] | None = None) -> Ended:
        (tmp_path / "checks.yaml").write_text(text, encoding="utf-8")
        return losscli("suite", "checks.yaml", *options, at=tmp_path, env=env)

    return write_and_run


def statuses(ended: Ended) -> dict[str, str]:
    return {case["name"]: case["status"] for case in ended.json["cases"]}


def test_the_samples_hold() -> None:
    ended = succeeds("suite", "mse", "cross_entropy", "published.yaml", "-f", "json")
    assert ended.json["holds"] == len(ended.json["cases"]) > 50
    assert (ended.json["refuted"], ended.json["errors"], ended.err) == (0, 0, "")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of some samples, for breaking."""
    for name in ("cross_entropy", "kl_div"):
        shutil.copytree(SAMPLES / name, tmp_path / "samples" / name)
    return tmp_path


@pytest.mark.parametrize(
    ("case", "old", "new", "status", "code", "words"),
    [
        (
            "digits",
            "value: 0.295275520697} # sk",
            "value: 0.395275520697} # sk",
            "refuted",
            1,
            "claimed  0.395275520697",
        ),
        (
            "digits",
            "value: 0.295275520697} # sk",
            "value: 0.295276520697} # sk",
            "refuted",
            1,
            "claimed  0.295276520697",
        ),
        ("no-idea", "[[-0.7500000000, 0.25", "[[-0.7500000000, 0.35", "refuted", 1, "worst  at 0, 1: claimed 0.35"),
        (
            "digits",
            "[logits.npy, 'la",
            "[logit.npy, 'la",
            "error",
            3,
            "no such file: logit.npy, did you mean 'logits.npy'",
        ),
        (
            "digits-sum",
            "reduction: sum",
            "reducton: sum",
            "error",
            3,
            "unknown key 'reducton', did you mean 'reduction'",
        ),
        ("digits", "name: digits-in-shards", "name: digits", "error", 3, "the case in line 8 is called 'digits' too"),
        (
            "no-idea",
            "    expect:\n      value: 1.38629",
            "    tolerance:\n      rtol: 1.38629",
            "error",
            3,
            "nothing is ex",
        ),
        (
            "(the file)",
            "    inputs: [logits.npy, 'labels",
            "    inputs: [logits.npy, 'labels",
            "error",
            3,
            "case.yaml line 10, column 5",
        ),
        ("no-idea", "[[[0, 0, 0, 0]], [0]]", "[[[0, 0, 0, 0]], [0, 1]]", "error", 3, "shape"),
        (
            "soft-targets",
            "name: soft-targets #",
            "name: soft-targets\n    loss: cros_entropy #",
            "error",
            3,
            "no loss 'cros_",
        ),
    ],
    ids=["value", "digit", "gradient", "file", "key", "name", "expectation", "yaml", "shape", "loss"],
)
def test_a_broken_copy(copy: Path, case: str, old: str, new: str, status: str, code: int, words: str) -> None:
    path = copy / "samples" / "cross_entropy" / "case.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    broken = text.replace(old, new, 1)
    if case == "(the file)":
        broken = broken.replace("'labels.csv::label']", "'labels.csv::label'", 1)
    path.write_text(broken, encoding="utf-8")
    place = [
        n
        for n, line in enumerate(broken.splitlines(), start=1)
        if re.match(rf"  - name: {re.escape(case)}\b(?!-)", line)
    ]
    line = place[-1] if place else 10

    ended = losscli("suite", "samples", "-f", "json", at=copy)
    assert ended.code == code, ended.err
    found = [each for each in ended.json["cases"] if each["status"] != "holds"]
    file = "samples/cross_entropy/case.yaml"
    assert [(each["name"], each["status"], each["file"], each["line"]) for each in found] == [
        (case, status, file, line)
    ]
    assert words in found[0]["message"]
    assert ended.json["holds"] >= 5  # what is not broken has run

    table = losscli("suite", "samples", at=copy)
    assert (table.code, words in table.out, f"{file}:{line}" in table.out) == (code, True, True)


def test_json(suite: Callable[..., Ended]) -> None:
    ended = suite(SUITE, "-f", "json")
    assert ended.code == 3
    document = ended.json
    assert list(document) == ["schema", "cases", "holds", "refuted", "errors"]
    assert [document[key] for key in ("schema", "holds", "refuted", "errors")] == [1, 1, 1, 1]
    keys = ["file", "line", "name", "status", "value", "message", "explanations", "per_sample", "gradients"]
    assert [list(case) for case in document["cases"]] == [keys] * 3
    good, wrong, broken = document["cases"]
    assert good == dict(zip(keys, ["checks.yaml", 3, "good", "holds", 2.0, "", [], None, None], strict=True))
    assert (wrong["line"], wrong["value"], wrong["per_sample"]) == (4, 2.0, None)
    assert "2.5" in wrong["message"]
    assert (broken["line"], broken["value"], broken["explanations"]) == (8, None, [])
    full = suite(SUITE, "-f", "json", "--full").json["cases"]
    assert full[0]["per_sample"] == [1.0, 1.0, 4.0]
    assert full[0]["gradients"]["input"] == pytest.approx([-2 / 3, -2 / 3, -4 / 3], rel=1e-15)
    assert (full[2]["per_sample"], full[2]["gradients"]) == (None, None)


def test_explanations_are_those_of_verify(suite: Callable[..., Ended]) -> None:
    """6 is the sum: the claim of a mean that somebody took for a sum."""
    case = "losscli: 1\ncases: [{name: a, loss: mse, inputs: [[1, 2, 3], [2, 3, 5]], expect: {value: 6.000}}]\n"
    found = suite(case, "-f", "json").json["cases"][0]["explanations"]
    asked = losscli("verify", "mse", "[1, 2, 3]", "[2, 3, 5]", "--claim", "6.000", "-f", "json").json["explanations"]
    assert found == asked
    assert found


@pytest.mark.parametrize(
    ("names", "options", "code", "run"),
    [
        ("good", (), 0, ["good"]),
        ("wrong", (), 1, ["wrong"]),
        ("broken", (), 3, ["broken"]),
        ("*o*", (), 3, ["good", "wrong", "broken"]),
        ("*", ("--fail-fast",), 1, ["good", "wrong"]),
        ("[gw]*", ("--jobs", "3"), 1, ["good", "wrong"]),
    ],
)
def test_filters_and_codes(
    suite: Callable[..., Ended], names: str, options: tuple[str, ...], code: int, run: list[str]
) -> None:
    ended = suite(SUITE, "-f", "json", "--filter", names, *options)
    assert ended.code == code
    assert list(statuses(ended)) == run


def test_the_same_for_any_number_of_jobs(copy: Path) -> None:
    words = ("suite", "samples", "-f", "json", "--full")
    assert len({succeeds(*words, "--jobs", jobs, at=copy).out for jobs in ("1", "2", "7")}) == 1


def test_annotations(suite: Callable[..., Ended]) -> None:
    """Escaped as the runner of GitHub reads them back: %25 %0D %0A in data, and : and , in properties too."""
    ended = suite(SUITE.replace("wrong", "'50%, a: b'"), "-f", "github")
    assert ended.code == 3
    refuted, error, last = ended.out.splitlines()
    assert last == "3 cases: 1 holds, 1 refuted, 1 error"
    match = re.fullmatch(r"::error file=(.*),line=(\d+),title=([^,:]*)::(.*)", refuted)
    assert match
    assert match[1] == "checks.yaml"
    assert match[2] == "4"
    assert match[3] == "refuted%3A 50%25%2C a%3A b"
    assert "%0A" in match[4]
    assert "claimed  2.5" in match[4]
    assert error.startswith("::error file=checks.yaml,line=8,title=error%3A broken::no such file: nowhere.npy")
    assert suite(SUITE, "-f", "github", "--filter", "good").out == "1 case: 1 holds\n"


def test_annotations_name_files_from_the_root_of_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "checks"
    inner.mkdir(parents=True)
    (inner / "checks.yaml").write_text(SUITE, encoding="utf-8")
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    env = {"GITHUB_WORKSPACE": str(inner.parent), "GITHUB_STEP_SUMMARY": str(summary)}
    ended = losscli("suite", "checks.yaml", "-f", "github", at=inner, env=env)
    assert "file=checks/checks.yaml,line=4" in ended.out
    assert summary.read_text(encoding="utf-8").startswith("before\n**3 cases: 1 holds, 1 refuted, 1 error**\n")
    outside = losscli("suite", "checks.yaml", "-f", "github", at=inner, env={"GITHUB_WORKSPACE": str(tmp_path / "x")})
    assert "file=checks.yaml,line=4" in outside.out


def test_junit(suite: Callable[..., Ended], tmp_path: Path) -> None:
    hostile = SUITE.replace("wrong", '"<&\\" \\e[31m \\x07"')
    assert suite(hostile, "--junit", "report.xml").code == 3
    root = Tree.parse(tmp_path / "report.xml").getroot()
    assert root.tag == "testsuites"
    assert [root.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["3", "1", "1", None]
    suites = root.findall("testsuite")
    assert [each.get("name") for each in suites] == ["checks.yaml"]
    good, wrong, broken = suites[0].findall("testcase")
    assert (good.get("name"), good.get("line"), len(good)) == ("good", None, 0)
    assert wrong.get("name") == '<&" \\x1b[31m \\x07'
    assert [child.tag for child in wrong] == ["failure"]
    assert "claimed  2.5" in (wrong[0].text or "")
    assert [child.tag for child in broken] == ["error"]
    assert broken[0].get("message") == "no such file: nowhere.npy"
    assert suite(SUITE, "--junit", "report.xml", "--junit-family", "gitlab").code == 3
    first = Tree.parse(tmp_path / "report.xml").getroot().find("testsuite/testcase")
    assert first is not None
    assert (first.get("file"), first.get("line")) == ("checks.yaml", "3")


def test_junit_is_written_whole_or_not_at_all(suite: Callable[..., Ended], tmp_path: Path) -> None:
    ended = suite(SUITE, "--junit", "checks.yaml")
    assert (ended.code, ended.out) == (3, "")
    assert "is an input" in ended.err
    assert (tmp_path / "checks.yaml").read_text(encoding="utf-8") == SUITE
    assert suite(SUITE, "--junit", "no/folder.xml").code == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checks.yaml"]
    assert suite(SUITE, "--junit", "one", "-o", "./one").code == 2


def test_markdown(suite: Callable[..., Ended]) -> None:
    ended = suite(SUITE, "-f", "markdown")
    assert ended.out.startswith("**3 cases: 1 holds, 1 refuted, 1 error**\n")
    assert "| refuted | wrong | 2.5 | 2.0 | checks.yaml:4 |" in ended.out
    assert "**refuted: wrong** (checks.yaml:4)" in ended.out


def test_table(suite: Callable[..., Ended]) -> None:
    ended = suite(SUITE.replace("wrong", '"[bold]\\e[31m"'), "-q")
    assert (ended.code, ended.err) == (3, "")
    assert "a claim of so few digits (2) is weak" in suite(SUITE).err
    assert ended.out.splitlines()[-1] == "3 cases: 1 holds, 1 refuted, 1 error"
    assert "[bold]\\x1b[31m  checks.yaml:4" in ended.out
    assert "\x1b" not in ended.out


def test_output_file(suite: Callable[..., Ended], tmp_path: Path) -> None:
    ended = suite(SUITE, "-f", "json", "-o", "out.json")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.splitlines()[-1] == "3 cases: 1 holds, 1 refuted, 1 error"
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["refuted"] == 1


def test_folders_are_walked(tmp_path: Path) -> None:
    one = "losscli: 1\ncases: [{name: a, loss: mse, inputs: [1, 2], expect: {value: 1.0}}]\n"
    for name in ("b.yaml", "a/c.yml", ".hidden/d.yaml", "a/e.txt"):
        path = tmp_path / "checks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one, encoding="utf-8")
    (tmp_path / "checks" / "data.yaml").write_text("[losscli, 2]\n", encoding="utf-8")
    (tmp_path / "checks" / "z.yaml").write_text('{"cases": [], "losscli": 1}', encoding="utf-8")
    ended = losscli("suite", "checks", "checks/b.yaml", "-f", "json", at=tmp_path)
    assert [case["file"] for case in ended.json["cases"]] == ["checks/b.yaml", "checks/z.yaml", "checks/a/c.yml"]
    assert ended.err == "note: not suites, since they have no key losscli: checks/data.yaml\n"
    assert losscli("suite", "checks", "-q", at=tmp_path).err == ""
    named = losscli("suite", "checks/data.yaml", "-f", "json", at=tmp_path)
    assert named.code == 3
    assert "no key losscli" in named.json["cases"][0]["message"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["suite"], 2, "no suite is named"),
        (["suite", "published.yaml", "-f", "csv"], 2, "--format must be table, json, markdown or github, got 'csv'"),
        (["suite", "published.yaml", "--jobs", "0"], 2, "--jobs must be 1"),
        (["suite", "published.yaml", "--nope"], 2, "--nope"),
        (["suite", "nowhere.yaml"], 3, "no such file: nowhere.yaml"),
        (["suite", "mse/run.csv"], 3, ""),
        (["suite", "published.yaml", "--filter", "no-such-*"], 3, "no case is called no-such-*"),
    ],
)
def test_bad_words(words: list[str], code: int, message: str) -> None:
    if message:
        assert message in fails(code, *words)
    else:
        assert losscli(*words).code == code


def test_a_folder_without_suites(tmp_path: Path) -> None:
    assert "no suite in this folder" in fails(3, "suite", ".", at=tmp_path)


def test_the_environment_may_prefer_a_format_that_suites_lack() -> None:
    assert "holds" in succeeds("suite", "mse", env={"LOSSCLI_FORMAT": "csv"}).out
    assert succeeds("suite", "mse", env={"LOSSCLI_FORMAT": "json"}).json["errors"] == 0


def test_progress_counts_cases() -> None:
    assert "cases" in losscli("suite", "mse", "--progress").err


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A suite of 1000 small cases, whose values are worked out by hand: a mean of squares of whole numbers."""
    lines = ["losscli: 1", "defaults: {loss: mse}", "cases:"]
    for number in range(1000):
        errors = [number % 7, number % 11, number % 13, number % 3]
        value = sum(error * error for error in errors) / 4
        lines.append(f"  - {{name: case-{number}, inputs: [{errors}, [0, 0, 0, 0]], expect: {{value: {value}}}}}")
    path = tmp_path_factory.mktemp("thousand") / "thousand.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_thousand_cases_are_quick(thousand: Path) -> None:
    """At most 3 seconds on a machine that does nothing else; on one that does, the processor's time is what counts."""
    script = (
        "import sys, time; from losscli.cli.exit import run; code = run(sys.argv[1:]); "
        "print(time.process_time(), file=sys.stderr); sys.exit(code)"
    )
    start = time.monotonic()
    done = run([sys.executable, "-c", script, "suite", str(thousand)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "1000 cases: 1000 hold"
    assert min(time.monotonic() - start, float(done.stderr)) < 3


def test_json_does_not_wait_for_rich_nor_for_the_diagnosis(thousand: Path) -> None:
    script = (
        "import sys; from losscli.cli.exit import run; run(sys.argv[1:]); "
        "print([name for name in sys.modules if name == 'rich' or 'mistakes' in name], file=sys.stderr)"
    )
    words = [sys.executable, "-c", script, "suite", str(thousand), "-f", "json", "--filter", "case-1?"]
    assert run(words, capture_output=True, text=True, check=False).stderr.strip() == "[]"


def test_the_first_line_says_what_is_wrong(suite: Callable[..., Ended], tmp_path: Path) -> None:
    """Where one of two claims holds, the failure begins with the other."""
    text = SUITE.replace("expect: {value: 2.5}", "expect: {value: 2.0, per_sample: [1, 1, 5]}")
    suite(text, "--junit", "report.xml")
    failure = Tree.parse(tmp_path / "report.xml").getroot().find(".//failure")
    assert failure is not None
    assert failure.get("message") == "refuted: the losses of the samples"


def test_long_names_fold_beside_what_is_expected(suite: Callable[..., Ended]) -> None:
    name = "a-case-with-a-name-that-is-longer-than-half-a-line-of-a-terminal"
    ended = suite(SUITE.replace("wrong", name), "-q", env={"COLUMNS": "80"})
    lines = ended.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["status", "case", "expected", "value", "place"]
