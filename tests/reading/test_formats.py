"""The registry of formats: each row works, and what is derived from the rows agrees."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from losscli.reading.formats import FORMATS, STDIN_FORMATS, Format, promised_format
from losscli.reading.options import ReadOptions
from tests.cli.helpers import losscli
from tests.documents import FORMATS as LISTED
from tests.documents import README
from tests.reading.helpers import read, refusal, whole

READ = [row for row in FORMATS if row.opener]
REFUSED = [row for row in FORMATS if not row.opener]
PRINTED = (
    "tensor([[-1.1, 2.0], [0.5, 3.0]])",
    "tensor([[-1.1000, 2.0000],\n        [ 0.5000, 3.0000]], device='cuda:0', grad_fn=<AddBackward0>)\n",
    "[[-1.1  2. ]\n [ 0.5  3. ]]\n",
    "array([[-1.1,  2. ],\n       [ 0.5,  3. ]])",
    "Array([[-1.1, 2.], [0.5, 3.]], dtype=float32)",
    "[[-1.1, 2.0], [0.5, 3.0]]",
)


@pytest.mark.parametrize("row", READ, ids=lambda row: row.name)
def test_each_format_has_its_opener(row: Format) -> None:
    module, function = row.opener.split(":")
    assert callable(getattr(import_module(f"losscli.reading.{module}"), function))
    assert not row.conversion
    assert set(row.options) <= set(ReadOptions.__dataclass_fields__)


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.name)
def test_each_refusal_says_what_would_work(row: Format, tmp_path: Path) -> None:
    assert row.suffixes
    assert row.conversion
    for suffix in row.suffixes:
        (tmp_path / f"x.{suffix}").write_bytes(b"1")
        said = refusal(tmp_path, f"x.{suffix}")
        assert said.startswith(f"x.{suffix}: {row.name} files are not read\n")
        assert "PATH" not in said


def test_rows_are_distinct() -> None:
    names = [row.name for row in FORMATS]
    suffixes = [suffix for row in FORMATS for suffix in row.suffixes]
    assert len(set(names)) == len(names)
    assert len(set(suffixes)) == len(suffixes)


def test_suffixes() -> None:
    for row in FORMATS:
        assert all(promised_format(f"a.b/x.{suffix.upper()}") == (row, False) for suffix in row.suffixes)
        assert all(promised_format(f"x.{suffix}.gz") == (row, True) for suffix in row.suffixes)
    assert promised_format("x") == (None, False)
    assert promised_format("x.gz") == (None, True)


def test_help_and_readme_list_them() -> None:
    assert "|".join(STDIN_FORMATS) in losscli("compute", "mse", "--help", env={"COLUMNS": "400"}).out
    assert LISTED in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", PRINTED)
def test_stdin_of_what_is_printed(text: str, tmp_path: Path) -> None:
    ended = losscli("compute", "mse", "-", "[[-1.1, 2.0], [0.5, 3.0]]", "-b", stdin=text.encode(), at=tmp_path)
    assert ended.number == 0


@pytest.mark.parametrize("name", ["x", "x.txt", "x.out"])
@pytest.mark.parametrize("text", PRINTED)
def test_files_of_what_is_printed(text: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert whole(read(tmp_path, name)).tolist() == [[-1.1, 2.0], [0.5, 3.0]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tensor([1., 2.,  ..., 3.])", "x.txt: a print that leaves elements out (...)\nsave the array with np.save"),
        ("tensor([1., 2.]) and more", "x.txt: begins like a printed tensor or array, and is none"),
        ("[1, 2", "x.txt line 1, column 6: Expecting ',' delimiter"),
    ],
)
def test_prints_that_cannot_be_read(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(text)
    assert refusal(tmp_path, "x.txt").startswith(said)


def test_csv_stays_csv(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("tensor(1)\n1\n2\n")
    assert whole(read(tmp_path, "x.csv")).tolist() == [1, 2]
