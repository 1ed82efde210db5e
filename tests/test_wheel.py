"""The wheel alone: built, installed in an empty environment, and used outside the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _run(*words: str, cwd: Path) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel and what it asks for, nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"  # a build leaves its own folders where it runs
    sources.mkdir()
    shutil.copytree(ROOT / "losscli", sources / "losscli", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(sources), cwd=folder)
    wheels = list(folder.glob("losscli-*.whl"))
    assert len(wheels) == 1
    _run(sys.executable, "-m", "venv", str(folder / "environment"), cwd=folder)
    place = folder / "environment" / "bin"
    _run(str(place / "python"), *pip[1:], "install", str(wheels[0]), cwd=folder)
    return place


def test_computes(clean: Path, tmp_path: Path) -> None:
    out = _run(str(clean / "losscli"), "compute", "mse", "[1,2,3]", "[2,3,4]", "--bare", cwd=tmp_path)
    assert out == "1.0\n"


def test_lists_every_loss(clean: Path, tmp_path: Path) -> None:
    names = sorted(path.stem for path in (ROOT / "losscli" / "losses").glob("*/[a-z]*.py"))
    out = _run(str(clean / "losscli"), "list", "--format", "csv", cwd=tmp_path)
    assert sorted(line.split(",")[0] for line in out.splitlines()[1:]) == names


def test_ships_what_is_no_code(clean: Path, tmp_path: Path) -> None:
    script = "import losscli, pathlib; print(sorted(p.name for p in pathlib.Path(losscli.__file__).parent.glob('*.*')))"
    out = _run(str(clean / "python"), "-c", script, cwd=tmp_path)
    assert "py.typed" in out
    assert "CHANGELOG.md" in out
