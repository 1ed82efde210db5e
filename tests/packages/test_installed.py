"""Packages that add losses: the example is built, installed beside losscli, and used; broken ones are told of."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from math import log1p
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs losscli in a process of its own, which finds the packages of a folder."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))}
    command = (sys.executable, "-m", "losscli", *words)
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, cwd=folder)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example package in it, built by pip without a network: some two seconds."""
    folder = tmp_path_factory.mktemp("packages")
    sources = folder / "sources"  # a build leaves its own folders where it runs
    shutil.copytree(HERE / "losscli-cauchy", sources, ignore=shutil.ignore_patterns("__pycache__"))
    words = ("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    target = folder / "installed"
    command = (sys.executable, "-m", *words, "--target", str(target), str(sources))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def test_computes(installed: Path) -> None:
    done = _run(installed, "compute", "cauchy", "[1, 2, 30]", "[1, 2, 3]", "--scale", "2", "--bare")
    # 2²/2 · log(1 + (27/2)²) / 3, by hand
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(2.0 * log1p(13.5**2) / 3.0, rel=1e-15)


def test_is_what_its_readme_says(installed: Path) -> None:
    lines = (HERE / "losscli-cauchy" / "README.md").read_text(encoding="utf-8").splitlines()
    shown = lines[next(at for at, line in enumerate(lines) if line.startswith("$ ")) + 1]
    done = _run(installed, "compute", "cauchy", "[1, 2, 30]", "[1, 2, 3]", "--scale", "2", "--bare")
    assert done.stdout == f"{shown}\n"


def test_has_its_options_its_aliases_and_its_gradient(installed: Path) -> None:
    assert "--scale" in _run(installed, "compute", "cauchy", "--help").stdout
    assert _run(installed, "gradcheck", "lorentzian", "[1, 2, 30]", "[1, 2, 3.5]").returncode == 0
    assert "Lorentzian" in _run(installed, "explain", "cauchy").stdout


def test_is_listed_by_its_package(installed: Path) -> None:
    rows = _run(installed, "list", "-f", "csv").stdout.splitlines()
    assert rows[-1] == (
        'cauchy,,,losscli-cauchy,"input, target",Squared error near zero that grows only like a logarithm in the tails.'
    )
    script = "import losscli; print(losscli.losses()[-1].name, losscli.compute('cauchy', [1.0], [1.0]).value)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(installed), str(ROOT)))}
    done = subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "cauchy 0.0\n"


def test_a_name_like_it_is_suggested(installed: Path) -> None:
    done = _run(installed, "compute", "cauchi", "1", "2")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean cauchy?" in done.stderr


@pytest.mark.parametrize(
    ("source", "told"),
    [("LOSS = 3", "TypeError: broken_loss:LOSS is int"), ("import nowhere_to_be_found", "ModuleNotFoundError")],
)
def test_a_broken_package_is_told_of(tmp_path: Path, source: str, told: str) -> None:
    (tmp_path / "broken_loss.py").write_text(f"{source}\n", encoding="utf-8")
    about = tmp_path / "broken_loss-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-loss\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[losscli.losses]\nbad = broken_loss:LOSS\n", encoding="utf-8")
    listed = _run(tmp_path, "list", "-f", "csv")
    assert listed.returncode == 0
    assert "\nmse," in listed.stdout
    assert "warning: broken-loss adds a loss bad, but it fails: " in listed.stderr
    assert told in listed.stderr
    assert told in _run(tmp_path, "compute", "bad", "1", "2").stderr
    built_in = _run(tmp_path, "compute", "mse", "1", "2", "--bare")
    assert (built_in.stdout, built_in.stderr) == ("1.0\n", "")  # where it is not looked for, it does no harm
