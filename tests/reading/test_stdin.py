from __future__ import annotations

import gzip
import io
import os
import threading
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pytest

from losscli.reading.binary import byte_range as extent
from losscli.reading.sources import ReadOptions, read_inputs, read_source
from losscli.schema.data import Data
from losscli.schema.faults import DataFault, UsageFault
from tests.reading.helpers import in_runs, read, whole

ROWS = [[1.5, 2.0], [3.0, 4.0]]


class Pipe(io.RawIOBase):
    """A stream that gives a few bytes at a time, as a pipe may."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.rest = content

    def read(self, size: int | None = -1) -> bytes:
        piece, self.rest = self.rest[:5], self.rest[5:]
        return piece if size else b""


def saved(save: Any, *args: Any, **kwargs: Any) -> bytes:
    stream = io.BytesIO()
    save(stream, *args, **kwargs)
    return stream.getvalue()


def piped(content: bytes, source: str = "-", **options: Any) -> Data:
    return read_source(source, ReadOptions(input_stream=io.BytesIO(content), **options))


FORMS = [
    ("npy", saved(np.save, np.array(ROWS))),
    ("npy in Fortran order", saved(np.save, np.asfortranarray(ROWS))),
    ("npz", saved(np.savez, x=np.array(ROWS))),
    ("compressed npz", saved(np.savez_compressed, x=np.array(ROWS))),
    ("csv", b"a,b\n1.5,2\n3,4\n"),
    ("tabs", b"1.5\t2\n3\t4\n"),
    ("spaces", b"# x\n1.5 2\n3 4\n"),
    ("semicolons", b"1.5;2\n3;4\n"),
    ("json", b"[[1.5, 2], [3, 4]]"),
    ("json object", b'\n {"x": [[1.5, 2], [3, 4]]}'),
    ("gzip of csv", gzip.compress(b"a,b\n1.5,2\n3,4\n", mtime=0)),
    ("gzip of json", gzip.compress(b"[[1.5, 2], [3, 4]]", mtime=0)),
]


@pytest.mark.parametrize("content", [form[1] for form in FORMS], ids=[form[0] for form in FORMS])
@pytest.mark.parametrize("disk", [False, True], ids=["memory", "disk"])
def test_forms_are_seen(content: bytes, disk: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if disk:
        monkeypatch.setattr(extent, "_IN_MEMORY", 20)
        monkeypatch.setattr(extent, "PIECE", 7)
    data = piped(content)
    assert data.source == "-"
    assert in_runs(data, 3).tolist() == ROWS
    assert data.place(2).startswith("standard input")


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("csv", b"1.5,2\n3,4\n"),
        ("tsv", b"1.5\t2\n3\t4\n"),
        ("json", b"[[1.5, 2], [3, 4]]"),
        ("yaml", b"[[1.5, 2], [3, 4]]"),
        ("yaml", b"- [1.5, 2]\n- [3, 4]\n"),
        ("npy", FORMS[0][1]),
        ("npz", FORMS[2][1]),
    ],
)
def test_forms_are_said(form: str, content: bytes) -> None:
    assert whole(piped(content, stdin=form)).tolist() == ROWS


@pytest.mark.parametrize(
    ("content", "form", "message"),
    [
        (b"", None, "standard input: empty"),
        (b"\n\n", None, "standard input: empty"),
        (b"1,2\n", "npy", "standard input: should be npy, but looks like text\ncorrect --stdin"),
        (FORMS[0][1], "csv", "standard input: should be csv, but looks like npy\ncorrect --stdin"),
        (b"\x80\x04N.", None, "standard input: looks like a pickle, which is not read"),
        (b"SQLite format 3\0", None, "standard input: looks like SQLite"),
        (gzip.compress(b"1\n", mtime=0)[:-9], None, "standard input: the gzip data are damaged"),
        (gzip.compress(b"1\n", mtime=0) + b"x", None, "standard input: the gzip data are damaged"),
        (gzip.compress(FORMS[0][1], mtime=0), None, "standard input: only text is read from gzip"),
        (gzip.compress(b"", mtime=0), None, "standard input: empty"),
        (b"\0" * 100, None, "standard input line 1: a NUL byte at offset 0"),
        (b"a,b\n1,x\n", None, "standard input line 2, column b: 'x' is not a number"),
        (FORMS[0][1][:-1], None, "standard input: 31 bytes of data, while shape (2, 2) of float64 needs 32"),
    ],
)
def test_refuses(content: bytes, form: str | None, message: str) -> None:
    with pytest.raises(DataFault) as caught:
        piped(content, stdin=form)
    assert message in str(caught.value)


@pytest.mark.parametrize("form", ["txt", "pickle", "", "CSV"])
def test_refuses_formats(form: str) -> None:
    with pytest.raises(UsageFault, match="--stdin"):
        read_source("1", ReadOptions(stdin=form))


def test_a_closed_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(DataFault, match="standard input: closed"):
        read_source("-", ReadOptions())


def test_a_pipe_gives_what_it_has() -> None:
    for _, content in FORMS:
        options = ReadOptions(input_stream=cast(BinaryIO, Pipe(content)))
        assert whole(read_source("-", options)).tolist() == ROWS


def test_read_once_and_shared() -> None:
    options = ReadOptions(input_stream=io.BytesIO(b"y,yhat,w\n1,2,3\n4,5,6\n"))
    found = read_inputs(["-::yhat", "-::y"], ["input", "target"], extras={"--sample-weight": "-::w"}, options=options)
    assert whole(found.roles["input"]).tolist() == [2, 5]
    assert whole(found.roles["target"]).tolist() == [1, 4]
    assert whole(found.extras["--sample-weight"]).tolist() == [3, 6]


def test_all_inputs() -> None:
    options = ReadOptions(input_stream=io.BytesIO(saved(np.savez, logits=np.array(ROWS), labels=np.array([0, 1]))))
    found = read_inputs(["-"], ["input", "target"], extras={}, options=options)
    assert whole(found.roles["input"]).tolist() == ROWS
    assert whole(found.roles["target"]).tolist() == [0, 1]


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device")
def test_devices(tmp_path: Path) -> None:
    with pytest.raises(DataFault, match="/dev/zero line 1: a NUL byte at offset 0"):
        read(tmp_path, "/dev/zero")
    with pytest.raises(DataFault, match="/dev/null: empty"):
        read(tmp_path, "/dev/null")
    with pytest.raises(DataFault, match="/dev/urandom"):
        read(tmp_path, "/dev/urandom")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
@pytest.mark.parametrize("content", [form[1] for form in FORMS], ids=[form[0] for form in FORMS])
def test_named_pipes(tmp_path: Path, content: bytes) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(content,))
    writer.start()
    assert whole(read(tmp_path, "pipe")).tolist() == ROWS
    writer.join()


def test_a_temporary_file_that_fails() -> None:
    class Broken(io.FileIO):
        def readinto(self, _: object) -> int:
            raise OSError(5, "Input/output error")

    with Broken(os.devnull) as file, pytest.raises(DataFault, match="standard input: Input/output error"):
        extent.read_bytes(extent.SpooledExtent("standard input", 8, file, threading.Lock()), 0, 8)


def test_the_temporary_file_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extent, "_IN_MEMORY", 20)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    data = piped(FORMS[0][1])
    assert list(tmp_path.iterdir()) == []
    assert whole(data).tolist() == ROWS
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(DataFault, match="standard input: no room for a temporary file"):
        piped(FORMS[0][1])
