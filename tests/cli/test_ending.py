"""How runs end, many of them as real processes: pipes, signals, closed streams, bugs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from losscli.engine import evaluate
from losscli.schema.faults import Exit
from tests.cli.helpers import SAMPLES, Ended, fails, losscli, succeeds

COMMAND = [sys.executable, "-P", "-c", "from losscli.cli import main; main()"]
LONG = ["compute", "cross_entropy", "cross_entropy/logits.npy", "cross_entropy/labels.csv::label", "-rnone", "-b"]
FULL = Path("/dev/full")


def process(*words: str, **how: Any) -> Ended:
    """The command as a process of its own."""
    how.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([*COMMAND, *words], capture_output="stdout" not in how, cwd=SAMPLES, timeout=60, **how)
    return Ended(done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode())


def shell(line: str) -> Ended:
    """A line of bash in which `losscli` is the command."""
    script = f'losscli() {{ "$PYTHON" -P -c "from losscli.cli import main; main()" "$@"; }}; {line}'
    env = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run(["bash", "-c", script], capture_output=True, cwd=SAMPLES, env=env, timeout=60)
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_exit_codes() -> None:
    """Scripts rely on these numbers."""
    assert {each.name: each.value for each in Exit} == {
        "DONE": 0, "REFUTED": 1, "USAGE": 2, "DATA": 3, "BUG": 70,
        "HUNG_UP": 129, "INTERRUPTED": 130, "CLOSED_PIPE": 141, "TERMINATED": 143,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["compute", "mse", "1", "3", "-b"], 0),
        (["compute", "mse", "[]", "[]", "-b"], 0),
        (["--version"], 0),
        (["--help"], 0),
        (["list"], 0),
        (["nonsense"], 2),
        (["compute", "huber", "1", "2", "--delta=-1"], 2),
        (["compute", "mse", "nowhere.csv", "1"], 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_processes(words: list[str], code: int) -> None:
    ended = process(*words)
    assert ended.code == code
    assert bool(ended.out) == (code == 0)
    assert ended.err.startswith("error: " if code else ("warning: " if "[]" in words else ""))


def test_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "losscli", "compute", "mse", "1", "3", "-b"], capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"4.0\n", b"")


@pytest.mark.parametrize("line", ["--help", "--version", "list", "compute --help", " ".join(LONG)])
def test_closed_pipe(line: str) -> None:
    """The reader has left before the first byte."""
    ended = shell(f"{{ sleep 0.1; losscli {line}; echo $? >&2; }} | true")
    assert ended.err == "141\n"


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("line", ["--help", "--version", "list", "compute mse 1 2 -b"])
def test_full_disk(line: str) -> None:
    ended = shell(f"losscli {line} > /dev/full")
    assert ended.code == 3
    assert ended.err.startswith("error: standard output: No space left on device\n")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("compute mse 1 3 -b >&-", 3, "error: standard output is closed\n"),
        ("--help >&-", 3, "error: standard output is closed\n"),
        ("compute mse 1 3 -b 2>&-", 0, ""),
        ("compute mse '[]' '[]' -b 2>&-", 0, ""),
        ("compute mse nowhere.csv 3 2>&-", 3, ""),
        ("nonsense 2>&-", 2, ""),
        ("compute mse - 3 -b <&-", 3, "error: standard input"),
        ("compute mse 1 3 -b <&-", 0, ""),
    ],
)
def test_closed_streams(line: str, code: int, message: str) -> None:
    ended = shell(f"losscli {line}")
    assert ended.code == code
    assert ended.err.startswith(message)
    assert "Traceback" not in ended.err
    assert (ended.out != "") == (code == 0)


@pytest.mark.parametrize(
    ("sent", "expected"), [(signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=str
)
def test_interrupted(sent: signal.Signals, expected: int, tmp_path: Path) -> None:
    """While it waits for standard input; no output file is left behind."""
    # A shell's background job starts with the interrupt ignored, and so would the tests in one
    heeded = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    words = ["compute", "mse", "-", "[1,2]", "-o", str(tmp_path / "out.txt")]
    with subprocess.Popen(
        [*COMMAND[:-1], heeded + COMMAND[-1], *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdin is not None
        running.stdin.write(b"1\n")
        running.stdin.flush()
        time.sleep(1.5)
        running.send_signal(sent)
        code = running.wait(timeout=10)
        assert running.stdout is not None
        assert running.stderr is not None
        assert (code, running.stdout.read(), running.stderr.read()) == (expected, b"", b"error: interrupted\n")
    assert list(tmp_path.iterdir()) == []


SIGNALLED = """
import os, signal, sys

class Signals:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            os.kill(os.getpid(), int(sys.argv[2]))

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Signals())
where, sys.argv = sys.argv, ["losscli", *sys.argv[3:]]
Signals.find_spec.__globals__["sys"] = type("sys", (), {"argv": where})
from losscli.cli import main
main()
"""


@pytest.mark.parametrize("sent", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM], ids=str)
@pytest.mark.parametrize(
    "module",
    [
        "losscli.cli.exit",
        "losscli.schema.faults",
        "typer",
        "losscli.cli.commands.compute",
        "numpy",
        "numpy.linalg",
        "rich.table",
    ],
)
def test_a_signal_while_modules_are_imported(sent: signal.Signals, module: str, tmp_path: Path) -> None:
    """From the first import on the exit code is the signal's, and there is no traceback."""
    words = ["compute", "mse", "[1,2]", "[2,4]", "-o", str(tmp_path / "out.txt")]
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED, module, str(int(sent)), *words], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 128 + sent
    assert done.stdout == ""
    assert done.stderr in ("", "error: interrupted\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sent", [signal.SIGHUP, signal.SIGTERM], ids=str)
def test_one_signal_ends_a_suite_whose_case_hangs(sent: signal.Signals, tmp_path: Path) -> None:
    """A thread looks for a pattern in the whole file system, over and over."""
    pattern = "/**/" * 8 + "no-such.zzz"
    cases = "".join(f"  - {{name: c{at}, inputs: [[1], '{pattern}'], expect: {{value: 1}}}}\n" for at in range(4))
    (tmp_path / "s.yaml").write_text(f"losscli: 1\ndefaults: {{loss: mse}}\ncases:\n{cases}", encoding="utf-8")
    words = [*COMMAND, "suite", "s.yaml", "--allow-outside", "--jobs", "2"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        time.sleep(3)
        assert running.poll() is None
        running.send_signal(sent)
        out, err = running.communicate(timeout=10)
    assert (running.returncode, out, err) == (128 + sent, b"", b"error: interrupted\n")


def test_under_nohup_a_hangup_is_ignored() -> None:
    script = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); from losscli.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", script, "compute", "mse", "-", "[1,2]", "-b"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as running:
        time.sleep(1)
        running.send_signal(signal.SIGHUP)
        out, _ = running.communicate(b"1\n4\n", timeout=30)
    assert (running.returncode, out) == (0, b"2.0\n")


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("compute mse 1 2x -b", 3),
        ("compute mse 1 2 --delta 1", 2),
        ("nonsense", 2),
        ("compute mse '[]' '[]' -b", 0),
        ("verify mse 1 2 --claim 3.0", 1),
    ],
)
def test_nowhere_to_complain(line: str, code: int) -> None:
    """A full standard error changes no exit code."""
    ended = shell(f"losscli {line} 2>/dev/full")
    assert ended.code == code
    assert ended.err == ""


def test_a_closed_standard_output_is_not_needed_for_a_file(tmp_path: Path) -> None:
    ended = shell(f"losscli compute mse 1 3 -b -o {tmp_path}/out.txt >&-")
    assert (ended.code, ended.err) == (0, "")
    assert (tmp_path / "out.txt").read_text() == "4.0\n"


def test_python_without_docstrings() -> None:
    """`python -OO` leaves out all docstrings, which help and explain show."""
    for words in (["compute", "huber", "1", "3", "-b"], ["explain", "huber"], ["list"], ["--help"]):
        done = subprocess.run(
            [sys.executable, "-OO", "-c", COMMAND[-1], *words], capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_completion_is_installed_and_shown(shell_name: str, tmp_path: Path) -> None:
    env = {**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    for option in ("--show-completion", "--install-completion"):
        done = subprocess.run([*COMMAND, option, shell_name], capture_output=True, text=True, timeout=60, env=env)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("words", "code"), [("losscli compute hub", 0), ("losscli compute nosuchloss", 1)])
def test_fish_asks_by_the_exit_code(words: str, code: int) -> None:
    """Whether there is anything to complete, as the script that is installed for fish asks."""
    env = {
        **os.environ,
        "_LOSSCLI_COMPLETE": "complete_fish",
        "_TYPER_COMPLETE_FISH_ACTION": "is-args",
        "_TYPER_COMPLETE_ARGS": words,
    }
    done = subprocess.run(COMMAND, capture_output=True, timeout=60, env=env)
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("losscli compute huber --de", "--delta"),
        ("losscli verify mse --cla", "--claim-per-sample"),
        ("losscli compute mse 1 2 --redu", "--reduction"),
        ("losscli compute 'mse", ""),
    ],
)
def test_completion_of_options(words: str, offered: str) -> None:
    """Also of the loss's own."""
    env = {
        **os.environ,
        "_LOSSCLI_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=60, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert offered in done.stdout


@pytest.mark.parametrize("word", ["huber", "nn.MSELoss", "MSELoss", "cross-entropy", "mine.py:f"])
def test_a_loss_in_a_commands_place(word: str) -> None:
    assert f"did you mean: losscli compute {word} 1 2\n" in fails(2, word, "1", "2")


def test_help_by_its_word() -> None:
    assert succeeds("help").out == succeeds("--help").out
    assert succeeds("help", "compute").out == succeeds("compute", "--help").out
    assert succeeds("-V").out == succeeds("--version").out


def test_a_usage_error_names_the_help_of_its_command() -> None:
    assert "`losscli compute huber --help`" in fails(2, "compute", "huber", "1", "2", "--delta")
    assert "`losscli compute nn.HuberLoss --help`" in fails(2, "compute", "nn.HuberLoss", "1", "2", "--beta", "1")
    assert "`losscli compute --help`" in fails(2, "compute")
    assert "`losscli list --help`" in fails(2, "list", "--beta")
    assert "`losscli --help`" in fails(2, "nonsense")


def broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError("three spoons short")


def test_a_bug_ends_in_70(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "run_kernel", broken)
    message = fails(70, "compute", "mse", "1", "2")
    assert "this is a bug in losscli: ZeroDivisionError: three spoons short" in message
    assert "LOSSCLI_DEBUG=1" in message


@pytest.mark.parametrize(
    ("words", "code"),
    [(["compute", "mse", "1", "2"], 70), (["compute", "mse", "nowhere.csv", "2"], 3), (["compute", "mse", "1"], 2)],
    ids=str,
)
def test_the_traceback_is_for_who_asks(words: list[str], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "run_kernel", broken)
    ended = losscli(*words, env={"LOSSCLI_DEBUG": "1"})
    assert (ended.code, ended.out) == (code, "")
    assert "Traceback (most recent call last)" in ended.err
    assert "Traceback" not in losscli(*words, env={"LOSSCLI_DEBUG": "0"}).err
    assert "Traceback" not in losscli(*words).err


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (MemoryError(), 3, "not enough memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (RecursionError("deep"), 70, "RecursionError"),
        (ValueError("odd"), 70, "ValueError: odd"),
    ],
    ids=repr,
)
def test_what_is_raised_deep_inside(
    raised: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(evaluate, "run_kernel", fail)
    assert message in fails(code, "compute", "mse", "1", "2")


def test_one_run_leaves_nothing_to_the_next() -> None:
    first = succeeds("compute", "huber", "1", "5", "--delta", "2", "-b").out
    assert succeeds("compute", "huber", "1", "5", "-b").out == "3.5\n"
    fails(2, "compute", "mse", "1", "5", "--delta", "2")
    assert succeeds("compute", "huber", "1", "5", "--delta", "2", "-b").out == first == "6.0\n"


PROBE = """
import sys
from losscli.cli.exit import run
run(sys.argv[2:])
print(",".join(name for name in sys.argv[1].split(",") if name in sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["nonsense"], ["-h"], []], ids=str)
def test_what_needs_no_number_imports_no_numpy(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, "numpy,yaml,rich", *words], capture_output=True, text=True, timeout=60
    )
    assert done.stderr.splitlines()[-1] == ""


def test_a_bare_number_imports_neither_yaml_nor_rich() -> None:
    words = ["compute", "mse", "[1,2,3]", "[2,3,4]", "-b"]
    done = subprocess.run(
        [sys.executable, "-c", PROBE, "numpy,yaml,rich", *words], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("1.0\n", "numpy\n")
