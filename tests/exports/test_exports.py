"""The first command that a user types for an export works: on recorded files, and on those made here and now."""

from __future__ import annotations

import lzma
import shlex
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.helpers import losscli
from tests.exports.cases import CASES, RECORDED, Case


def run(case: Case, folder: Path) -> None:
    """Every command of a case in the folder of its files."""
    for packed in folder.glob("*.db.xz"):
        packed.with_suffix("").write_bytes(lzma.decompress(packed.read_bytes()))
    for mistake, words in case.commands:
        ended = losscli("verify", *shlex.split(words), at=folder)
        assert ended.code == bool(mistake), f"{words}\n{ended.out}{ended.err}"
        assert mistake in ended.out


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_recorded(case: Case, tmp_path: Path) -> None:
    for module in case.reading:
        pytest.importorskip(module)
    shutil.copytree(RECORDED / case.name, tmp_path / "files")
    run(case, tmp_path / "files")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_made_here(case: Case, tmp_path: Path) -> None:
    if lacking := [module for module in (*case.frameworks, *case.reading) if find_spec(module) is None]:
        pytest.skip(f"{', '.join(lacking)} not installed")
    case.make(tmp_path)
    run(case, tmp_path)
