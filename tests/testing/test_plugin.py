"""The pytest plugin, in a project of its own."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path
from subprocess import CompletedProcess, run

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PLUGIN = "losscli.testing.plugin"
SUITE = """\
losscli: 1
cases:
  - {name: good, loss: mse, inputs: [[1, 2, 3], [2, 3, 5]], expect: {value: 2.0}}
  - {name: wrong, loss: mse, inputs: [[1, 2, 3], [2, 3, 5]], expect: {value: 2.5}}
  - {name: broken, loss: mse, inputs: [1, nowhere.npy], expect: {value: 1}}
"""


def pytest_on(project: Path, *options: str) -> CompletedProcess[str]:
    """Runs pytest on a project, with this plugin and no other."""
    words = [sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "no:cacheprovider", "--color=no", *options]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    environment = {**clean, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    return run(words, cwd=project, capture_output=True, text=True, timeout=60, check=False, env=environment)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "some.losscli.yaml").write_text(SUITE, encoding="utf-8")
    (tmp_path / "checks" / "other.yaml").write_text("no: suite\n", encoding="utf-8")
    return tmp_path


def test_collects_passes_and_fails(project: Path) -> None:
    done = pytest_on(project, "-v")
    assert done.returncode == 1
    for name, status in (("good", "PASSED"), ("wrong", "FAILED"), ("broken", "FAILED")):
        assert f"checks/some.losscli.yaml::{name} {status}" in done.stdout
    assert "checks/some.losscli.yaml:4: refuted: wrong" in done.stdout
    assert "claimed  2.5" in done.stdout
    assert "checks/some.losscli.yaml:5: error: broken" in done.stdout
    (broken,) = re.findall(r"_ broken _+\n(.*?)\n=", done.stdout, re.DOTALL)
    assert broken.count("no such file: nowhere.npy") == 1
    assert "2 failed, 1 passed" in done.stdout
    assert "Traceback" not in done.stdout


def test_one_case_is_run_alone(project: Path) -> None:
    done = pytest_on(project, "checks/some.losscli.yaml::good")
    assert (done.returncode, "1 passed" in done.stdout) == (0, True)


def test_a_file_that_is_no_suite_fails(project: Path) -> None:
    (project / "checks" / "some.losscli.yaml").write_text("losscli: 1\ncases: [\n", encoding="utf-8")
    done = pytest_on(project)
    assert done.returncode == 1
    assert "some.losscli.yaml line 3" in done.stdout


def test_a_project_without_suites_does_not_pay(tmp_path: Path) -> None:
    heavy = "[n for n in ('numpy', 'yaml', 'rich', 'typer', 'losscli.verify') if n in sys.modules]"
    text = f"import sys\n\n\ndef test_nothing() -> None:\n    assert {heavy} == []\n"
    (tmp_path / "test_it.py").write_text(text, encoding="utf-8")
    done = pytest_on(tmp_path)
    assert done.returncode == 0, done.stdout


def test_pytest_finds_the_plugin_by_itself() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert declared["project"]["entry-points"]["pytest11"] == {"losscli": PLUGIN}


def test_the_hook_of_pre_commit() -> None:
    """It runs the suites among the files of a commit."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook.keys() >= {"id", "name", "entry", "language", "files"}
    assert hook["entry"] == "losscli suite"
    assert re.search(hook["files"], "checks/some.losscli.yaml")
    assert not re.search(hook["files"], "checks/other.yaml")


def test_a_case_reads_its_own_tree_unless_the_project_says_otherwise(project: Path) -> None:
    (project / "data.csv").write_text("1\n", encoding="utf-8")
    case = "{name: outside, loss: mse, inputs: [../data.csv, [2]], expect: {value: 1.0}}"
    (project / "checks" / "some.losscli.yaml").write_text(f"losscli: 1\ncases: [{case}]\n", encoding="utf-8")
    assert pytest_on(project).returncode == 0  # the working directory's
    done = pytest_on(project / "checks")
    assert done.returncode == 1
    assert "outside the suite's folder and the working directory" in done.stdout
    assert "run the suite with losscli_allow_outside = true in pytest's configuration\n" in done.stdout
    assert "--allow-outside" not in done.stdout
    assert pytest_on(project / "checks", "-o", "losscli_allow_outside=true").returncode == 0


def test_whatever_a_function_raises_is_no_traceback_of_ours(project: Path) -> None:
    code = "class Base(BaseException): pass\ndef f(a, b): raise Base\ndef g(a, b): raise MemoryError\n"
    (project / "checks" / "m.py").write_text(code, encoding="utf-8")
    cases = "".join(
        f"  - {{name: {name}, loss: 'm.py:{name}', inputs: [1, 2], expect: {{value: 1}}}}\n" for name in "fg"
    )
    good = "  - {name: good, loss: mse, inputs: [1, 2], expect: {value: 1.0}}\n"
    suite = f"losscli: 1\ncases:\n{cases}{good}"
    (project / "checks" / "some.losscli.yaml").write_text(suite, encoding="utf-8")
    done = pytest_on(project)
    assert (done.returncode, "2 failed, 1 passed" in done.stdout) == (1, True)
    assert "m.py line 2: Base" in done.stdout
    assert "there is not enough memory" in done.stdout
    for word in ("Traceback", "running.py", "calling.py"):
        assert word not in done.stdout
