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
    assert "no such file: nowhere.npy" in done.stdout
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
    heavy = "[n for n in ('numpy', 'yaml', 'rich', 'typer', 'losscli.judging') if n in sys.modules]"
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
