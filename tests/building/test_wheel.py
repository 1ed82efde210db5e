"""What is built: nothing stale, nothing missing; the wheel made of the sdist works alone, outside the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (".github", "pyproject.toml", "README.md", "LICENSE", "losscli", "samples", "tests")
QUICK = "--no-build-isolation"  # with the setuptools that the tests need anyway; one test builds in isolation
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


def _run(*words: str, cwd: Path) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _copied(folder: Path) -> Path:
    """A clean checkout."""
    for name in SOURCES:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(path, folder)
    return folder


def _files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def _wheel(sources: Path, folder: Path, *how: str) -> Path:
    _run(sys.executable, *PIP, "wheel", *how, "--no-deps", "--wheel-dir", str(folder), str(sources), cwd=folder)
    (built,) = folder.glob("losscli-*.whl")
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of a clean checkout, which is kept beside it."""
    folder = tmp_path_factory.mktemp("sdist")
    script = "import sys; sys.path.insert(0, 'tests/building'); import backend; backend.build_sdist(sys.argv[1])"
    _run(sys.executable, "-c", script, str(folder), cwd=_copied(folder / "sources"))
    (built,) = folder.glob("losscli-*.tar.gz")
    return built


def test_a_build_leaves_nothing_and_ships_nothing_stale(tmp_path: Path) -> None:
    """As a user who installs from a checkout, pulls a release with one module less, and builds again."""
    sources = _copied(tmp_path / "sources")
    gone = sources / "losscli" / "deleted_since.py"
    gone.touch()
    before = _files(sources)
    for number in (1, 2):
        (folder := tmp_path / str(number)).mkdir()
        with ZipFile(_wheel(sources, folder, QUICK)) as wheel:
            assert (f"losscli/{gone.name}" in wheel.namelist()) == gone.exists()
        if number == 1:
            assert _files(sources) == before
            gone.unlink()


def test_an_editable_install_follows_the_checkout(tmp_path: Path) -> None:
    sources = _copied(tmp_path / "sources")
    before = _files(sources)
    target = tmp_path / "environment"
    _run(sys.executable, "-m", "venv", "--without-pip", str(target), cwd=tmp_path)
    python = target / "bin" / "python"
    pip = (sys.executable, *PIP, "--python", str(python), "install")
    _run(*pip, "--no-deps", "--editable", str(sources), cwd=tmp_path)
    assert _files(sources) == before
    (sources / "losscli" / "added_since.py").touch()
    out = _run(str(python), "-c", "import losscli.added_since as it; print(it.__file__)", cwd=tmp_path)
    assert Path(out.strip()) == sources / "losscli" / "added_since.py"


def test_the_sdist_holds_tests_that_start(sdist: Path, tmp_path: Path) -> None:
    _run("tar", "xzf", str(sdist), cwd=tmp_path)
    folder = tmp_path / sdist.name.removesuffix(".tar.gz")
    assert _files(folder) >= _files(sdist.parent / "sources")
    words = ("-m", "pytest", "-p", "no:cacheprovider", "tests/test_layers.py", "samples/mse")
    _run(sys.executable, *words, cwd=folder)


def test_the_wheel_of_the_sdist_works_alone(sdist: Path, tmp_path: Path) -> None:
    """In an environment that holds it and what it asks for, nothing else: as a command, as a module, and complete."""
    wheel = _wheel(sdist, tmp_path)
    place = tmp_path / "environment" / "bin"
    _run(sys.executable, "-m", "venv", "--without-pip", str(place.parent), cwd=tmp_path)
    _run(sys.executable, *PIP, "--python", str(place / "python"), "install", str(wheel), cwd=tmp_path)
    (outside := tmp_path / "outside").mkdir()
    for command in ((str(place / "losscli"),), (str(place / "python"), "-m", "losscli")):
        assert _run(*command, "compute", "mse", "[1,2,3]", "[2,3,4]", "--bare", cwd=outside) == "1.0\n"
    listed = _run(str(place / "losscli"), "list", "--format", "csv", cwd=outside).splitlines()[1:]
    names = sorted(path.stem for path in (ROOT / "losscli" / "losses").glob("*/[a-z]*.py"))
    assert sorted(line.split(",")[0] for line in listed) == names
    with ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert {"losscli/py.typed", "losscli/CHANGELOG.md"} <= packed
    assert {name.split("/")[0].partition("-")[0] for name in packed} == {"losscli"}
