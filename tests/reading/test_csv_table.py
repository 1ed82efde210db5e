from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from losscli.reading.content import Content
from losscli.reading.options import ReadOptions
from losscli.reading.text.csv_table import open_csv
from losscli.reading.text.table import Table
from losscli.schema.data import without_flags
from losscli.schema.faults import DataFault, UsageFault
from tests.reading.helpers import read, same_bits, whole


def table(path: Path, content: str | bytes, source: str = "x.csv", **options: Any) -> Any:
    (path / source.split("::")[0]).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, source, **options)


def opened(content: bytes, **options: Any) -> Table:
    return open_csv(Content("x.csv", content, lambda _: b"", ReadOptions(**options), ()))


def notes(content: bytes) -> tuple[str, ...]:
    """The notes of a table that was read."""
    found = opened(content)
    found.pick(None)
    return found.notes


GOOD: list[tuple[str, str, list[Any]]] = [
    ("one column", "1\n2\n3\n", [1, 2, 3]),
    ("no newline at the end", "1\n2\n3", [1, 2, 3]),
    ("header", "p\n1\n2\n", [1, 2]),
    ("two columns", "a,b\n1,2\n3,4\n", [[1, 2], [3, 4]]),
    ("no header", "1,2\n3,4\n", [[1, 2], [3, 4]]),
    ("one row", "5,6\n", [[5, 6]]),
    ("one number", "5", [5]),
    ("byte order mark", "\ufeffp\n1\n", [1]),
    ("byte order mark before numbers", "\ufeff1\n2\n", [1, 2]),
    ("CRLF", "p\r\n1\r\n2\r\n", [1, 2]),
    ("CR alone", "p\r1\r2\r", [1, 2]),
    ("mixed line ends", "p\r1\n2\r\n", [1, 2]),
    ("quoted numbers", 'p\n"1"\n"2"\n', [1, 2]),
    ("quoted header with a delimiter", '"a,b"\n1\n', [1]),
    ("spaces around", "a, b\n 1 , 2\n", [[1, 2]]),
    ("space before a quote", 'a, b\n1, "2"\n', [[1, 2]]),
    ("leading comment", "# from run 7\n1\n2\n", [1, 2]),
    ("comment between rows", "1\n# half time\n2\n", [1, 2]),
    ("blank lines", "1\n\n2\n\n\n", [1, 2]),
    ("blank line of spaces", "1\n  \n2\n", [1, 2]),
    ("inf and nan words", "inf\n-Infinity\nNaN\n", [np.inf, -np.inf, np.nan]),
    ("all forms of a number", "1.\n.5\n+3\n-4e-2\n1E+3\n007\n", [1.0, 0.5, 3.0, -0.04, 1000.0, 7.0]),
    ("negative zero", "-0\n-0.0\n0e-999\n", [-0.0, -0.0, 0.0]),
    ("smallest numbers", "5e-324\n2.2250738585072014e-308\n", [5e-324, 2.2250738585072014e-308]),
    ("index from 1", "1,2\n3,4\n", [[1, 2], [3, 4]]),
    ("lone 0 above whole numbers", "0\n1\n2\n", [0, 1, 2]),
    ("lone 0 above some whole numbers", "0\n0.5\n1\n", [0, 0.5, 1]),
    ("lone 0.0 above floats", "0.0\n0.5\n", [0, 0.5]),
    ("columns of truths", "a,b,c\nTrue,no,2\nFalse,yes,3\n", [[1, 0, 2], [0, 1, 3]]),
    ("large integers that are exact", "9007199254740992\n1152921504606846976\n", [2.0**53, 2.0**60]),
    ("large integers beside a fraction", "9007199254740993\n0.5\n", [9007199254740992.0, 0.5]),
]


@pytest.mark.parametrize(("content", "expected"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
@pytest.mark.parametrize("keep_text", [False, True], ids=["short way", "careful way"])
def test_accepts(tmp_path: Path, content: str, expected: list[Any], keep_text: bool) -> None:
    assert same_bits(whole(table(tmp_path, content, keep_text=keep_text)), np.array(expected, np.float64))


BAD: list[tuple[str, str | bytes, str]] = [
    ("nothing", "", "x.csv: empty"),
    ("only line ends", "\n\n", "x.csv: empty"),
    ("only comments", "# a\n# b\n", "x.csv: nothing but comments"),
    ("only a header", "input\n", "x.csv: a header and no rows"),
    ("only a header of two", "a,b\n", "x.csv: a header and no rows"),
    ("ragged, long", "a,b\n1,2\n3,4,5\n", "x.csv line 3: 3 cells, line 1 has 2"),
    ("ragged, short", "1,2\n3\n", "x.csv line 2: 1 cell, line 1 has 2"),
    ("trailing comma in one row", "a,b\n1,2,\n", "x.csv line 2: 3 cells, line 1 has 2\nleave the delimiter"),
    ("trailing comma everywhere", "1,2,\n3,4,\n", "x.csv line 1, column 2: empty cell"),
    ("empty cell", "a,b\n1,2\n,4\n", "x.csv line 3, column a: empty cell\nwrite a number there"),
    ("empty cell at the end", "a,b\n1,2\n3,\n", "x.csv line 3, column b: empty cell"),
    ("underscore", "p\n1\n1_000\n", "x.csv line 3, column p: '1_000' is not a number\nleave the underscores out"),
    (
        "underscore first",
        "1_000\n2\n",
        "x.csv line 1: '1_000' is not a number\nleave the underscores out; give --header",
    ),
    ("Arabic digits", "p\n1\n١٢\n", "x.csv line 3, column p: '١٢' is not a number\nwrite the digits 0 to 9"),
    ("full-width digits", "p\n1\n１２\n", "line 3, column p: '１２' is not a number\nwrite the digits 0 to 9"),
    ("superscript digit", "p\n1\n²\n", "line 3, column p: '²' is not a number"),
    ("hexadecimal", "p\n1\n0x10\n", "line 3, column p: '0x10' is not a decimal number"),
    ("hexadecimal float", "p\n1\n0x1p3\n", "line 3, column p: '0x1p3' is not a decimal number"),
    (
        "no-break space",
        "p\n1\n\u00a02\n",
        "line 3, column p: '\\xa02' is not a number\nwrite the digits 0 to 9 and plain",
    ),
    ("percent", "q,p\n1,1\n2,48.78 %\n", "line 3, column p: '48.78 %' has a % sign\nwrite the number without it"),
    ("percent first", "p\n48%\n1\n", "line 2, column p: '48%' has a % sign, though line 3 has '1'\nwrite the num"),
    ("words beside words", "s,p\na,1\nb,x\n", "line 2, column s: 'a' is not a number\nselect columns: x.csv::p"),
    ("decimal comma", 'p\n1\n"0,5"\n', "line 3, column p: '0,5' has a decimal comma\nwrite a decimal point"),
    ("semicolons", "1;2\n3;4\n", "line 1: '1;2' is not a number\nif ';' separates the columns, give --delimiter ';'"),
    ("semicolons below a header", "a;b\n1;2\n", "line 1: 'a;b' is not a number\nif ';' separates the columns"),
    ("tabs", "1\t2\n3\t4\n", "is not a number\nif '\\t' separates the columns, give --delimiter tab"),
    ("spaces", "1 2\n3 4\n", "line 1: '1 2' is not a number\nif spaces separate the columns, give --delimiter space"),
    ("NA", "p\n1\nNA\n", "line 3, column p: 'NA' stands for a missing value"),
    ("NA first", "NA\n1\n2\n", "line 1: 'NA' stands for a missing value"),
    ("null", "p\n1\nnull\n", "line 3, column p: 'null' stands for a missing value"),
    ("word among numbers", "p\n1\ncat\n", "line 3, column p: 'cat' is not a number"),
    ("number among words", "p\ncat\n1\n", "line 2, column p: 'cat' is not a number, though line 3 has '1'"),
    ("empty cell among words", 'label\ncat\n""\ndog\n', "line 3, column label: empty cell"),
    ("comment in a line", "p\n1\n2 # two\n", "line 3, column p: '2 # two' is not a number"),
    ("overflow", "p\n1\n1e400\n", "line 3, column p: 1e400 is too large for float64"),
    ("negative overflow", "-1e309\n", "line 1: -1e309 is too large for float64"),
    ("underflow", "p\n1\n1e-400\n", "line 3, column p: 1e-400 is too small for float64"),
    ("underflow without exponent", f"1\n0.{'0' * 400}1\n", "is too small for float64"),
    (
        "integer that is rounded",
        "p\n1\n9007199254740993\n",
        "line 3, column p: the integer 9007199254740993 is not exact",
    ),
    ("endless number", "1\n" + "1" * 100_000 + "\n", "line 2: a number of 100000 characters"),
    ("NUL byte", "1\n\0\n", "x.csv line 2: a NUL byte at offset 2"),
    ("UTF-16", "1\n2\n".encode("utf-16"), "x.csv: the text is UTF-16\nsave it as UTF-8, or give --encoding utf-16"),
    ("latin-1", "p\n1\nä\n".encode("latin-1"), "x.csv line 3: byte 0xe4 at offset 4 is not UTF-8"),
    ("latin-1 header", "ä\n1\n".encode("latin-1"), "x.csv line 1: byte 0xe4 at offset 0 is not UTF-8"),
    ("unclosed quote", 'p\n"1\n2\n', "x.csv line 2: unexpected end of data"),
    ("text after a quote", 'p\n"1"2\n', "x.csv line 2: "),
    ("mixed first row", "p,1\n2,3\n", "x.csv line 1, column 0: 'p' is not a number\ngive --header if line 1 names"),
    (
        "first row 0 to k",
        "0,1,2\n3,4,5\n",
        "x.csv line 1: 0 to 2 may be data or the names of the columns\ngive --header",
    ),
    ("lone 0 above floats", "0\n0.5\n0.25\n", "x.csv line 1: 0 may be a number or the name of the column"),
    ("lone 0 above one float", "0\n1e-3\n", "x.csv line 1: 0 may be a number or the name of the column"),
    ("truths", "True\nFalse\nTrue\n", "x.csv line 1: 'True' may be data or the name of the column\ngive --header"),
    ("rows of truths", "True,False\nFalse,True\n", "x.csv line 1: 'True' may be data or the name of the column"),
    (
        "yes among no number",
        "p,q\nyes,1\nmaybe,2\n",
        "line 2, column p: 'yes' is not a number\nselect columns: x.csv::q",
    ),
    ("lone words", "cat\ndog\n", "x.csv line 1: 'cat' may be a label or the name of the column\ngive --header"),
    ("an index without a name", ",a,b\n0.5,1,2\n1,3,4\n", "x.csv line 1: column 0 has no name"),
    ("words in a row", "a,b\n1,cat\n", "line 2, column b: 'cat' is not a number"),
    ("lone minus", "1\n-\n", "line 2: '-' stands for a missing value"),
    ("exponent alone", "1\ne5\n", "line 2: 'e5' is not a number"),
    ("two points", "1\n1.2.3\n", "line 2: '1.2.3' is not a number"),
]


@pytest.mark.parametrize(("content", "message"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
@pytest.mark.parametrize("keep_text", [False, True], ids=["short way", "careful way"])
def test_refuses(tmp_path: Path, content: str | bytes, message: str, keep_text: bool) -> None:
    with pytest.raises(DataFault) as caught:
        table(tmp_path, content, keep_text=keep_text)
    assert message in str(caught.value)


@pytest.mark.parametrize("before", ["", "1\n"])
def test_refuses_a_line_without_end(before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pieces", "csv_table"):
        monkeypatch.setattr(f"losscli.reading.text.{module}.LONGEST_LINE", 2 << 20)
    with pytest.raises(DataFault, match=f"line {1 + before.count(chr(10))}: over 2 MiB in one line"):
        table(tmp_path, before + "1," * (3 << 20))


@pytest.mark.parametrize(
    ("content", "header", "expected"),
    [
        ("0,1,2\n3,4,5\n", True, [[3, 4, 5]]),
        ("0,1,2\n3,4,5\n", False, [[0, 1, 2], [3, 4, 5]]),
        ("7\n8\n", True, [8]),
        ("p,1\n2,3\n", True, [[2, 3]]),
        ("1_000\n2\n", True, [2]),
    ],
)
def test_header_is_what_the_user_says(tmp_path: Path, content: str, header: bool, expected: list[Any]) -> None:
    assert whole(table(tmp_path, content, header=header)).tolist() == expected


@pytest.mark.parametrize(
    ("content", "header", "words", "indices"),
    [
        ("label\ncat\ndog\ncat\n", None, ("cat", "dog"), [0, 1, 0]),
        ("y_true\ncat\n", None, ("cat",), [0]),
        ("cat\ndog\n", False, ("cat", "dog"), [0, 1]),
        ("cat\ndog\ncat\n", True, ("dog", "cat"), [0, 1]),
        ('label\n"New York"\n"a,b"\n', None, ("New York", "a,b"), [0, 1]),
    ],
)
def test_words(tmp_path: Path, content: str, header: bool | None, words: tuple[str, ...], indices: list[int]) -> None:
    data = table(tmp_path, content, header=header)
    assert data.words == words
    assert data.dtype == "str"
    assert whole(data).tolist() == indices


SELECTED: list[tuple[str, str, list[Any], tuple[str, ...]]] = [
    ("name", "b", [2, 5], ()),
    ("index", "1", [2, 5], ()),
    ("list", "c,a", [[3, 1], [6, 4]], ("c", "a")),
    ("list of one and a range", "c,a:b", [[3, 1, 2], [6, 4, 5]], ("c", "a", "b")),
    ("range, both ends", "a:c", [[1, 2, 3], [4, 5, 6]], ("a", "b", "c")),
    ("range of one", "b:b", [[2], [5]], ("b",)),
    ("range of indices", "1:2", [[2, 3], [5, 6]], ("b", "c")),
    ("list of indices", "0,2", [[1, 3], [4, 6]], ("a", "c")),
]


@pytest.mark.parametrize("case", SELECTED, ids=[case[0] for case in SELECTED])
@pytest.mark.parametrize("keep_text", [False, True], ids=["short way", "careful way"])
def test_selects(tmp_path: Path, case: tuple[str, str, list[Any], tuple[str, ...]], keep_text: bool) -> None:
    _, selector, expected, names = case
    data = table(tmp_path, "a,b,c\n1,2,3\n4,5,6\n", f"x.csv::{selector}", keep_text=keep_text)
    assert whole(data).tolist() == expected
    assert data.names == names
    assert data.source == f"x.csv::{selector}"


def test_a_name_wins_over_an_index(tmp_path: Path) -> None:
    assert whole(table(tmp_path, "1,0\n7,8\n", "x.csv::0", header=True)).tolist() == [8]


def test_a_name_may_hold_what_joins_names(tmp_path: Path) -> None:
    content = '"a,b","c:d",e\n1,2,3\n'
    assert whole(table(tmp_path, content, "x.csv::a,b")).tolist() == [1]
    assert whole(table(tmp_path, content, "x.csv::c:d")).tolist() == [2]
    assert whole(table(tmp_path, content, "x.csv::c:d,e")).tolist() == [[2, 3]]


@pytest.mark.parametrize(
    ("content", "selector", "message"),
    [
        ("pred,label\n1,2\n", "lable", "x.csv: no column 'lable', did you mean 'label'?\nit has pred, label"),
        ("pred,label\n1,2\n", "2", "x.csv: no column '2'"),
        ("pred,label\n1,2\n", "-1", "x.csv: no column '-1'"),
        ("1,2\n", "pred", "x.csv: no column 'pred': it has no header\nits columns are 0 to 1"),
        ("a,b\n1,2\n", "b:a", "x.csv: the range b:a runs backwards\nwrite a:b"),
        ("a,a\n1,2\n", "a", "x.csv: two columns are named a"),
        ("a,b\n1,2\n", "a,,b", "x.csv: no column ''"),
        ("a,b\n1,2\n", "²", "x.csv: no column '²'"),
    ],
)
def test_refuses_selectors(tmp_path: Path, content: str, selector: str, message: str) -> None:
    with pytest.raises(DataFault) as caught:
        table(tmp_path, content, f"x.csv::{selector}")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("source", "content", "delimiter"),
    [
        ("x.tsv", "a\tb\n1\t2\n3\t4\n", None),
        ("x.txt", "a\tb\n1\t2\n3\t4\n", None),
        ("x.txt", "a;b\n1;2\n3;4\n", None),
        ("x.txt", "a b\n1 2\n3    4\n", None),
        ("x.txt", "# saved\n  1.0  2.0 \n  3.0 4.0\n", None),
        ("x.txt", "1,2\n3,4\n", None),
        ("x.csv", "a;b\n1;2\n3;4\n", ";"),
        ("x.csv", "a|b\n1|2\n3|4\n", "|"),
        ("x.csv", "a b\n1 2\n3 \t 4\n", " "),
        ("x.csv", "a b\n1 2\n3 4\n", "space"),
        ("x.csv", "a\tb\n1\t2\n3\t4\n", r"\t"),
    ],
)
@pytest.mark.parametrize("keep_text", [False, True], ids=["short way", "careful way"])
def test_delimiters(tmp_path: Path, source: str, content: str, delimiter: str | None, keep_text: bool) -> None:
    data = table(tmp_path, content, source, delimiter=delimiter, keep_text=keep_text)
    assert whole(data).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("word", ["", ",,", "1", "a", ".", "-", "#", '"', "\n", "é"])
def test_refuses_delimiters_before_any_file(tmp_path: Path, word: str) -> None:
    with pytest.raises(UsageFault, match="--delimiter"):
        read(tmp_path, "nothing.csv", delimiter=word)


@pytest.mark.parametrize("keep_text", [False, True], ids=["short way", "careful way"])
def test_places_count_every_line(tmp_path: Path, keep_text: bool) -> None:
    data = table(tmp_path, "# one\n# two\na,b\n1,2\n3,4\n", keep_text=keep_text)
    assert data.place(0) == "x.csv line 4, column a"
    assert data.place(3) == "x.csv line 5, column b"
    assert table(tmp_path, "1\n2\n", keep_text=keep_text).place(1) == "x.csv line 2"


def test_places_behind_skipped_lines_and_long_cells(tmp_path: Path) -> None:
    data = table(tmp_path, 'a,b\n1,2\n\n# three\n3,4\n"5\n",6\n7,8\n', "x.csv::b")
    assert [data.place(i) for i in range(4)] == [f"x.csv line {n}, column b" for n in (2, 5, 6, 8)]


def test_skipped_lines_are_counted() -> None:
    found = notes(b"# a\n1\n\n# b\n\n2\n\n")
    assert found == ("2 comment lines skipped in x.csv", "2 blank lines skipped in x.csv")
    assert notes(b"# a\n1\n2\n") == ("1 comment line skipped in x.csv",)
    quoted = notes(b'# a\n"1"\n\n# b\n2\n# c\n\n')
    assert quoted == ("3 comment lines skipped in x.csv", "1 blank line skipped in x.csv")
    assert notes(b"1\n2\n\n\n") == ()


def test_numbers_keep_their_text(tmp_path: Path) -> None:
    data = table(tmp_path, "a,b\n1.10e2,2.\n3, 4.50 \n", "x.csv::b,a", keep_text=True)
    assert data.text is not None
    assert [data.text(i) for i in range(4)] == ["2.", "1.10e2", "4.50", "3"]
    assert table(tmp_path, "1\n2\n").text is None


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2), min_size=1))
def test_every_float_comes_back(rows: list[list[float]]) -> None:
    content = "".join(",".join(map(repr, row)) + "\n" for row in rows).encode()
    for keep_text in (False, True):
        assert same_bits(whole(opened(content, header=False, keep_text=keep_text).pick(None)), np.array(rows))


def test_a_million_columns_are_not_listed(tmp_path: Path) -> None:
    names = ",".join(f"c{n}" for n in range(100_000))
    with pytest.raises(DataFault) as caught:
        table(tmp_path, f"{names}\n{names.replace('c', '')}\n", "x.csv::nope")
    assert str(caught.value) == "x.csv: no column 'nope'\nit has c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, …"


def test_header_of_numbers(tmp_path: Path) -> None:
    """With --header, a name wins over an index."""
    content = "2,0,1\n.7,.2,.1\n"
    assert whole(table(tmp_path, content, "x.csv::2", header=True)).tolist() == [0.7]
    assert whole(table(tmp_path, content, "x.csv::0:1", header=True)).tolist() == [[0.2, 0.1]]
    assert table(tmp_path, content, header=True).names == ("2", "0", "1")
    assert whole(table(tmp_path, "0\n0.5\n", header=True)).tolist() == [0.5]
    assert whole(table(tmp_path, "0\n0.5\n", header=False)).tolist() == [0, 0.5]


def test_index_and_columns_of_pandas(tmp_path: Path) -> None:
    for header in (True, None):
        assert whole(table(tmp_path, ",0,1\n0,.5,1\n1,.25,2\n", header=header)).tolist() == [[0.5, 1], [0.25, 2]]
        assert whole(table(tmp_path, ",0\n0,.5\n1,.25\n", header=header)).tolist() == [0.5, 0.25]
        scores = "0,1,2,y_true\n.5,.25,.25,0\n"
        assert whole(table(tmp_path, scores, "x.csv::0:2", header=header)).tolist() == [[0.5, 0.25, 0.25]]


def test_a_selector_that_names_the_first_cell_makes_it_a_header(tmp_path: Path) -> None:
    assert table(tmp_path, "species\nsetosa\nvirginica\n", "x.csv::species").words == ("setosa", "virginica")
    with pytest.raises(DataFault, match="'species' may be a label or the name of the column"):
        table(tmp_path, "species\nsetosa\nvirginica\n")


def test_truths_are_words_until_it_is_known_what_names_them(tmp_path: Path) -> None:
    data = table(tmp_path, "y\nTrue\nFalse\nTrue\n")
    assert data.words == ("True", "False")
    assert whole(without_flags(data)).tolist() == [True, False, True]
    other = table(tmp_path, "y\nyes\nmaybe\n", header=True)
    assert without_flags(other) is other
