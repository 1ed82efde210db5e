"""Text as people write it: marks, encodings, missing cells, arrays in cells, packed files, and pieces of any size."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from losscli.reading.options import ReadOptions
from losscli.reading.sources import read_inputs, read_source
from losscli.reading.text import pieces
from losscli.schema.faults import DataFault, LossError, UsageFault
from tests.cli.helpers import fails, succeeds, write
from tests.reading.helpers import read, refusal, whole


@pytest.mark.parametrize(
    ("content", "name", "options", "expected"),
    [
        ("a;b\n1,5;2\n-0,25;3\n", "x.csv", {"decimal": ","}, [[1.5, 2], [-0.25, 3]]),
        ("1,5\n2,5\n", "x.csv", {"decimal": ","}, [1.5, 2.5]),
        ("a\n1.234,5\n-12.345.678,25\n", "x.tsv", {"decimal": ",", "thousands": "."}, [1234.5, -12345678.25]),
        ('a,b\n"1,234.50",2\n"12,345",3\n', "x.csv", {"thousands": ","}, [[1234.5, 2], [12345, 3]]),
        ("a;b\n1'000;2\n2'000'000.5;3\n", "x.txt", {"thousands": "'"}, [[1000, 2], [2000000.5, 3]]),
        ("a;b\n1 000;2\n12 345;3\n", "x.txt", {"thousands": "space"}, [[1000, 2], [12345, 3]]),
    ],
)  # fmt: skip
def test_marks(content: str, name: str, options: dict[str, str], expected: list[Any], tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    for keep_text in (False, True):
        data = read(tmp_path, name, keep_text=keep_text, **options)
        assert whole(data).tolist() == expected
        if data.text is not None:
            assert [float(data.text(at)) for at in range(data.size)] == np.ravel(expected).tolist()


COMMAS = {"thousands": ",", "delimiter": ";"}


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("a\n1,5\n2.5\n", {"decimal": ","}, "line 3, column a: '2.5' has a decimal point, and --decimal , was given"),
        ("a\n1\n12,34\n", COMMAS, "line 3, column a: '12,34' has no groups of three digits"),
        ("a\n1\n1,2345\n", COMMAS, "line 3, column a: '1,2345' has no groups of three digits"),
        ("a\n1\n1.5,000\n", COMMAS, "line 3, column a: '1.5,000' is not a number"),
    ],
)  # fmt: skip
def test_numbers_in_another_notation(content: str, options: dict[str, str], said: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(content)
    assert said in refusal(tmp_path, "x.csv", **options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"decimal": "x"}, "--decimal"),
        ({"thousands": "x"}, "--thousands"),
        ({"thousands": "."}, "--decimal and --thousands are both '.'"),
        ({"decimal": ",", "delimiter": "comma"}, "--decimal and --delimiter are both ','"),
        ({"encoding": "klingon"}, "--encoding 'klingon' is no encoding"),
        ({"encoding": "hex"}, "--encoding 'hex' is no encoding"),
        ({"missing": "maybe"}, "--missing"),
    ],
)
def test_options_that_mean_nothing(options: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageFault) as caught:
        read(tmp_path, "x.csv", **options)
    assert said in str(caught.value)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-8-sig", "utf-32"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes("größe,y\n1,2\n3,4\n".encode(encoding))
    assert whole(read(tmp_path, "x.csv::größe", encoding=encoding)).tolist() == [1, 3]


def test_an_encoding_that_the_file_has_not(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes("größe\n1\n".encode("latin-1"))
    assert "x.csv: not in the encoding ascii" in refusal(tmp_path, "x.csv", encoding="ascii")
    assert "give --encoding latin-1" in refusal(tmp_path, "x.csv")


CELLS = {
    "numpy": "[-0.5  0.25]", "json": "[-0.5, 0.25]", "tuple": "(-0.5, 0.25)", "wrapped": "[-0.5\n  0.25]",
    "spaced": "[ -0.5, .25 ]",
}  # fmt: skip


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_arrays_in_cells(cell: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f'id,p\n0,"{cell}"\n1,"{cell}"\n')
    assert whole(read(tmp_path, "x.csv::p")).tolist() == [[-0.5, 0.25]] * 2


def test_nested_arrays_in_cells(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('p\n"[[1, 2], [3, 4]]"\n"[[5 6]\n [7 8]]"\n')
    assert whole(read(tmp_path, "x.csv::p")).tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]


def test_arrays_that_begin_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 16)
    (tmp_path / "x.csv").write_text("id,p\n" + "1,\n" * 20 + "2,[1 2]\n" * 3)
    options = ReadOptions(base=tmp_path, missing="skip")
    found = read_inputs(["x.csv::p"], ["input"], extras={}, options=options).roles["input"]
    assert whole(found).tolist() == [[1, 2]] * 3
    assert read(tmp_path, "x.csv::id", keep_text=True).text is not None


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["[1 2]", "[1 2 3]"], "line 3, column p: an array of shape (3,), line 2 has one of (2,)"),
        (["[1 2]", "[1 cat]"], "line 3, column p: '[1 cat]' is no array of numbers"),
        (["[1 2]", "7"], "line 3, column p: '7' is no array of numbers"),
        (["[1 ... 2]", "[1 2]"], "line 2, column p: "),
        (["[1 2]", ""], "line 3, column p: empty cell"),
        (["[1 2]", "[1 1e999]"], "line 3, column p: 1e999 is too large for float64"),
    ],
)
def test_cells_that_are_no_arrays(cells: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id,p\n" + "".join(f'{row},"{cell}"\n' for row, cell in enumerate(cells)))
    assert said in refusal(tmp_path, "x.csv::p")


def test_missing_rows_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, p_csv="p\n1\nNA\n3\n4\n", t_csv="t,c\n1,a\n2,b\n,c\n6,a\n", w_csv="w\n1\n1\n1\n3\n")
    given = ("compute", "mse", "p.csv::p", "t.csv::t", "--sample-weight", "w.csv", "--missing", "skip")
    ended = succeeds(*given, "-f", "json", "--per-sample", "--gradients", at=tmp_path)
    assert ended.json["count"] == 2
    assert ended.json["per_sample"] == [0, 12]
    assert "2 rows of 4 left out for missing values" in ended.err
    assert "p.csv line 3, column p: 'NA' stands for a missing value" in fails(3, *given[:4], at=tmp_path)
    assert "t.csv line 4, column t: empty cell" in fails(3, *given[:4], at=tmp_path)
    assert "leave such rows out with --missing skip" in fails(3, *given[:4], at=tmp_path)


def test_missing_words_and_columns_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b,y\n.5,.5,cat\n.2,,dog\n.1,.9,\n.9,.1,dog\n")
    options = ReadOptions(base=tmp_path, missing="skip")
    found = read_inputs(["x.csv::a,b", "x.csv::y"], ["input", "target"], extras={}, options=options).roles
    assert whole(found["input"]).tolist() == [[0.5, 0.5], [0.9, 0.1]]
    assert [found["target"].words[code] for code in whole(found["target"])] == ["cat", "dog"]
    assert found["input"].place(3) == "x.csv line 5, column b"


def test_rows_must_agree_where_some_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n\n2\nNA\n")
    options = ReadOptions(base=tmp_path, missing="skip")
    with pytest.raises(DataFault, match="line 5, column a: 'NA'"):
        read_inputs(["x.csv::a", "[1,2]"], ["input", "target"], extras={}, options=options)


def test_all_cells_missing(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n,1\nNA,2\n")
    assert "x.csv line 2, column a: empty cell" in refusal(tmp_path, "x.csv::a")


def test_truths_are_the_same_each_time_they_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\nTrue,False\nFalse,True\n")
    data = read(tmp_path, "x.csv")
    assert [whole(data).tolist() for _ in range(2)] == [[[1, 0], [0, 1]]] * 2


PACKED: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize("name", ["x.csv", "x.json", "x"])
def test_packed_text(suffix: str, name: str, tmp_path: Path) -> None:
    content = b'{"a": [1, 2]}' if name == "x.json" else b"a\n1\n2\n"
    (tmp_path / f"{name}.{suffix}").write_bytes(PACKED[suffix](content))
    assert whole(read(tmp_path, f"{name}.{suffix}::a")).tolist() == [1, 2]
    stream = io.BytesIO(PACKED[suffix](content))
    assert whole(read_source("-::a", ReadOptions(input_stream=stream))).tolist() == [1, 2]


@pytest.mark.parametrize("suffix", PACKED)
def test_damaged_packed_text(suffix: str, tmp_path: Path) -> None:
    packed = PACKED[suffix](b"a\n" + b"".join(b"%d.5\n" % row for row in range(5000)))
    for content in (packed[: len(packed) // 2], packed[:40] + b"\xff" * 40 + packed[80:]):
        (tmp_path / f"x.csv.{suffix}").write_bytes(content)
        assert "data are damaged" in refusal(tmp_path, f"x.csv.{suffix}")


def test_text_that_swells_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("losscli.reading.packing._HARMLESS", 1 << 20)
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"1\n" * (4 << 20)))
    assert "KiB of gzip data unpack to over 3 MiB" in refusal(tmp_path, "x.csv.gz")


def test_a_file_that_changes_between_two_looks(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "1,2\n" * 400_000)  # more than is read at once
    data = ReadOptions(base=tmp_path)
    from losscli.reading.opener import Opener

    opened = Opener(data, ()).open("x.csv::a")
    path.write_text("a,b\n" + "1,3\n" * 400_000)
    os.utime(path, (1, 1))
    with pytest.raises(DataFault, match=r"x.csv: the file changed while it was read"):
        opened.data()


ODD_LINES = [
    "1,2.5,x\n",
    '"3",4e-2,"a,b"\n',
    "# note\n",
    "\n",
    '5,6,"two\nlines"\n',
    " 7 , 8 ,y\r\n",
    "NA,9,z\n",
    ",1,\n",
]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(ODD_LINES), max_size=12), st.integers(1, 40), st.sampled_from(["0", "1", "2", "0:1"]))
def test_the_size_of_pieces_changes_nothing(lines: list[str], size: int, selector: str) -> None:
    ends = []
    whole_piece = pieces.PIECE
    try:
        for piece in (whole_piece, size):
            pieces.PIECE = piece
            stream = io.BytesIO(("a,b,c\n" + "".join(lines)).encode())
            options = ReadOptions(input_stream=stream, stdin="csv", missing="skip")
            try:
                data = read_inputs([f"-::{selector}"], ["input"], extras={}, options=options)
                array = data.roles["input"]
                places = [array.place(flat) for flat in range(array.size)]
                ends.append((whole(array).tolist(), array.words, places, data.notes))
            except LossError as fault:
                ends.append(([], (), [str(fault)], ()))
    finally:
        pieces.PIECE = whole_piece
    assert ends[0] == ends[1]


def test_many_pieces_keep_every_bit(tmp_path: Path) -> None:
    """A file of several megabytes, spooled, with places in its last lines, from a file and from a stream."""
    numbers = np.random.default_rng(0).normal(size=(200_000, 2)) * 10.0 ** np.arange(-3, 1)[:2]
    text = "id,a,b\n" + "".join(f"r{row},{a!r},{b!r}\n" for row, (a, b) in enumerate(numbers.tolist()))
    (tmp_path / "x.csv").write_text(text)
    for stream in (None, io.BytesIO(text.encode())):
        options = ReadOptions(base=tmp_path, input_stream=stream)
        name = "x.csv" if stream is None else "-"
        found = read_inputs([f"{name}::a", f"{name}::b"], ["input", "target"], extras={}, options=options).roles
        assert np.array_equal(found["input"].array(), numbers[:, 0])
        assert np.array_equal(found["target"].array(), numbers[:, 1])
        assert found["target"].place(199_999).endswith("line 200001, column b")


def test_a_stream_can_be_read_for_further_columns(tmp_path: Path) -> None:
    text = "id,a\n" + "".join(f"{row},{row}.5\n" for row in range(200_000))
    (tmp_path / "t.csv").write_text(text)
    options = ReadOptions(base=tmp_path, input_stream=io.BytesIO(text.encode()))
    found = read_inputs(["-::a", "t.csv::a"], ["input", "target"], extras={}, options=options)
    assert np.array_equal(found.roles["input"].array(), found.roles["target"].array())
    assert found.roles["input"].key == "id"


def test_progress_of_a_long_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("1.5\n" * 500_000)
    seen: list[tuple[int, str]] = []

    @contextmanager
    def watch(size: int, name: str) -> Iterator[Callable[[int], None]]:
        seen.append((size, name))
        yield lambda count: seen.append((count, ""))

    read(tmp_path, "x.csv", watch=watch)
    assert seen[0] == (2_000_000, "x.csv")
    assert sum(count for count, _ in seen[1:]) == 2_000_000


def test_key_from_a_stream(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("k,t\nb,2\na,1\n")
    options = ReadOptions(base=tmp_path, input_stream=io.BytesIO(b"k,p\na,1\nb,2\n"), key="k")
    found = read_inputs(["-::p", "t.csv::t"], ["input", "target"], extras={}, options=options).roles
    assert whole(found["target"]).tolist() == [1, 2]


@pytest.mark.parametrize("cell", ["[1,,2]", "[,1,2]", "[1,2,]", "[0,1 0,9]", "[1, 2 3]"])
def test_array_cells_with_holes_or_two_kinds_of_marks(cell: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f'id,p\n0,"{cell}"\n')
    assert f"line 2, column p: {cell!r} is no array of numbers" in refusal(tmp_path, "x.csv::p")


def test_array_cells_in_another_notation(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("x;y\n[0,1 0,9];1\n[1.234,5 0];0\n")
    assert whole(read(tmp_path, "x.csv::x", decimal=",", thousands=".")).tolist() == [[0.1, 0.9], [1234.5, 0]]


@pytest.mark.parametrize("word", ["NA", "<NA>", "n/a", "null", "NaT", ""])
@pytest.mark.parametrize("at", [0, 1])
def test_missing_among_truths(word: str, at: int, tmp_path: Path) -> None:
    rows = ["True,0.5", "False,0.25"]
    rows.insert(at, f"{word},0.25")
    write(tmp_path, t_csv="y,yhat\n" + "\n".join(rows) + "\n")
    ended = succeeds("compute", "bce", "t.csv", "-b", "--missing", "skip", at=tmp_path)
    assert ended.number == pytest.approx((np.log(2) - np.log(0.75)) / 2)
    assert f"t.csv line {at + 2}, column y: " in fails(3, "compute", "bce", "t.csv", at=tmp_path)


def test_rows_keep_their_numbers_where_some_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, x_csv="p,t\n1,1\nNA,2\n5,1\n2,2\n")
    ended = succeeds(
        "compute", "mse", "x.csv::p", "x.csv::t", "--missing", "skip", "--worst", "1", "-f", "json", at=tmp_path
    )
    assert ended.json["rows"][0]["key"] == "2"


def test_inspect_counts_what_is_missing(tmp_path: Path) -> None:
    write(tmp_path, x_csv="p,t\n1,1\nNA,2\n5,1\n2,2\n")
    ended = succeeds("inspect", "x.csv", at=tmp_path)
    assert "x.csv::p: 1 of 4 rows have no value" in ended.err
    assert succeeds("inspect", "x.csv::p", at=tmp_path).err == ended.err


@pytest.mark.parametrize(
    ("cell", "options", "cure"),
    [
        ("1_000", {}, "leave the underscores out"),
        ('"1,000.5"', {}, "if commas separate groups of digits, give --thousands ,"),
        ("-2.731,71", {"decimal": ",", "delimiter": ";"}, "give --decimal , --thousands ."),
        ('"0,5"', {}, "write a decimal point, or give --decimal ,"),
    ],
)
def test_a_first_cell_that_was_meant_as_a_number(cell: str, options: dict[str, str], cure: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"p\n{cell}\n")
    assert cure in refusal(tmp_path, "x.csv", header=True, **options)


def test_the_pattern_that_a_folder_suggests(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    assert "quote a pattern: 'log/*.npy'" in refusal(tmp_path, "log")
    (tmp_path / "log" / "events.out.tfevents.1.x").write_bytes(b"")
    assert "quote a pattern: 'log/events.out.tfevents.*'" in refusal(tmp_path, "log/")
