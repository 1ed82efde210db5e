"""The build backend: setuptools, run in a copy of the sources that is gone afterwards.

In the checkout setuptools keeps a folder `build` and a list of sources from one build to the next, and ships what it
finds there, modules that were deleted since among them. A copy has neither.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from setuptools import build_meta

_PACKAGE = ("pyproject.toml", "README.md", "LICENSE", "losscli")
_REST = ("tests", "samples", ".github")
_LEFT_OVER = shutil.ignore_patterns("__pycache__", ".*")

Settings = Mapping[str, object] | None


def build_wheel(wheel_directory: str, config_settings: Settings = None, _metadata: str | None = None) -> str:
    """The package alone."""
    with _copy(_PACKAGE):
        return str(build_meta.build_wheel(wheel_directory, config_settings))


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """The package, its tests and its samples."""
    with _copy((*_PACKAGE, *_REST)):
        Path("MANIFEST.in").write_text("".join(f"graft {folder}\n" for folder in _REST), encoding="utf-8")
        return str(build_meta.build_sdist(sdist_directory, config_settings))


def build_editable(wheel_directory: str, config_settings: Settings = None, _metadata: str | None = None) -> str:
    """A wheel that refers to the checkout, and so is built there; what setuptools leaves is removed."""
    try:
        return str(build_meta.build_editable(wheel_directory, config_settings))
    finally:
        shutil.rmtree("losscli.egg-info", ignore_errors=True)


@contextlib.contextmanager
def _copy(names: tuple[str, ...]) -> Iterator[None]:
    """Works in a folder that holds these files and folders of the sources, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        for path in map(Path, names):
            if path.is_dir():
                shutil.copytree(path, Path(folder, path), ignore=_LEFT_OVER)
            else:
                shutil.copy(path, folder)
        with contextlib.chdir(folder):
            yield
