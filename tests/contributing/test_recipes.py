"""Each recipe of CONTRIBUTING, followed to the letter in a copy of the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
COPIED = ("losscli", "tests", "samples", "pyproject.toml", "README.md", "LICENSE", ".github")
TEXT = CONTRIBUTING.read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## (Add .*?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
_FILE = re.compile(r"^`(\S+)`\n\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def follow(recipe: str, tree: Path) -> None:
    """Writes and changes the files of a recipe."""
    for name, language, content in _FILE.findall(recipe):
        path = tree / name
        if language == "diff":
            lines = content.splitlines(keepends=True)
            before, after = ("".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
            text = path.read_text(encoding="utf-8")
            assert text.count(before) == 1, f"{name} has {text.count(before)} times:\n{before}"
            path.write_text(text.replace(before, after), encoding="utf-8")
        else:
            assert not path.exists(), f"{name} is there already"
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")


def run(command: str, tree: Path) -> None:
    """Runs commands in the tree, and fails if one does."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(tree)}
    done = subprocess.run(
        ["bash", "-e", "-c", command],
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]


@pytest.mark.parametrize("title", RECIPES)
def test_recipe(title: str, tmp_path: Path) -> None:
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path)
    follow(RECIPES[title], tmp_path)
    new = [name for name, language, _ in _FILE.findall(RECIPES[title]) if language in ("python", "diff")]
    run(f"python -m ruff check {' '.join(new)} && python -m ruff format --check {' '.join(new)}", tmp_path)
    commands = _COMMANDS.findall(RECIPES[title])
    assert commands
    for command in commands:
        run(command, tmp_path)


def test_there_are_four_recipes() -> None:
    assert len(RECIPES) == 4


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (CONTRIBUTING.parent / target).exists(), target
