"""Finds suite files: those that are named, and those in folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from losscli.reading.access import admit, limited, limits_of
from losscli.reading.text.structured import LARGEST, load_yaml
from losscli.schema.faults import DataFault, LossError, raise_all
from losscli.schema.records import record

_SUFFIXES = (".yaml", ".yml")
_KEY = re.compile(rb"(?m)^losscli\s*:")


@record
class File:
    """A suite file: what the user calls it, and the folder in which it was found, if it was not named itself."""

    name: str
    path: Path
    folder: Path | None = None


@record
class Files:
    """The suite files that paths stand for, and files that are not suites."""

    suites: tuple[File, ...]
    notes: tuple[str, ...]


def suite_files(paths: Sequence[str | os.PathLike[str]], *, allow_outside: bool = False) -> Files:
    """Each named file, and each suite in a named folder, once."""
    suites: dict[str, File] = {}
    passed_over: list[str] = []
    faults: list[LossError] = []
    for path, word in ((Path(word), os.fspath(word)) for word in paths):
        if word and path.is_dir():
            with limited(limits_of(path, allow_outside=allow_outside)):
                inside, other_yaml = _in_folder(path)
            passed_over += other_yaml
            if not inside:
                faults.append(DataFault(f"{path}: no suite in this folder", "a suite is a .yaml with the key losscli"))
        elif word and path.exists():
            inside = [path]
        else:
            inside = []
            faults.append(DataFault(f"no such file: {path if word else repr(word)}", "name a suite file or a folder"))
        for file in inside:
            folder = path if path.is_dir() else None
            suites.setdefault(os.path.realpath(file), File(file.as_posix(), file, folder))
    raise_all(faults)
    more = f" and {len(passed_over) - 5} more" if len(passed_over) > 5 else ""
    note = f"not suites, since they have no key losscli: {', '.join(passed_over[:5])}{more}"
    return Files(tuple(suites.values()), (note,) if passed_over else ())


def _in_folder(folder: Path) -> tuple[list[Path], list[str]]:
    """The suites under a folder, and the other YAML files there."""
    inside, other_yaml = [], []
    for path in _yaml_files(folder):
        if _looks_like_a_suite(path):
            inside.append(path)
        else:
            other_yaml.append(path.as_posix())
    return inside, other_yaml


def _yaml_files(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(here) / name for name in sorted(names) if name.lower().endswith(_SUFFIXES))


def _looks_like_a_suite(path: Path) -> bool:
    """Whether the file has the key; if it begins a line, then even where the rest is no valid YAML.

    A file that must not be read is taken for one, and refused when it is.
    """
    try:
        admit(path, str(path))
    except DataFault:
        return True
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST)
    except OSError as error:
        raise DataFault(f"{path}: {error.strerror or error}") from None
    if b"losscli" not in content or _KEY.search(content):
        return b"losscli" in content
    try:
        root = load_yaml(content, str(path))
    except DataFault:
        return False
    return isinstance(root, dict) and "losscli" in root
