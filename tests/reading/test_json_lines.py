"""JSON lines: a record a line, and lists of records."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from losscli.reading.sources import ReadOptions, read_inputs
from losscli.reading.text.structured import LARGEST
from losscli.schema.faults import DataFault
from tests.cli.helpers import losscli
from tests.reading.helpers import in_runs, read, refusal, same_bits, whole

RECORDS: list[dict[str, Any]] = [
    {
        "id": "q1",
        "y": 1,
        "loss": 0.25,
        "ok": True,
        "label": "cat",
        "out": {"logits": [0.1, -0.9], "p_0": 0.5, "p_1": 2},
    },
    {"id": "q2", "y": 0, "loss": 1e-3, "ok": False, "label": "dog", "out": {"logits": [0.3, 7], "p_0": 1, "p_1": 3}},
    {"id": "q3", "y": 2, "loss": -0.0, "ok": True, "label": "cat", "out": {"logits": [4, 5], "p_0": 0.125, "p_1": 4}},
]
TEXT = "".join(f"{json.dumps(record)}\n" for record in RECORDS)
MARKED = b"\xef\xbb\xbf" + TEXT.encode()
SELECTED: list[tuple[str, object]] = [
    ("y", [1, 0, 2]),
    ("loss", [0.25, 1e-3, -0.0]),
    ("ok", [True, False, True]),
    ("out.logits", [[0.1, -0.9], [0.3, 7], [4, 5]]),
    ("out.logits.0", [0.1, 0.3, 4]),
    ("out.logits.-1", [-0.9, 7, 5]),
    ("out.p_0", [0.5, 1, 0.125]),
    ("out.p_*", [[0.5, 2], [1, 3], [0.125, 4]]),
    ("out.p_1,p_0", [[2, 0.5], [3, 1], [4, 0.125]]),
    ("y,loss", [[1, 0.25], [0, 1e-3], [2, -0.0]]),
    ("y:loss", [[1, 0.25], [0, 1e-3], [2, -0.0]]),
    ("loss.-1", -0.0),
    ("loss.1", 1e-3),
    ("loss[id=q2]", 1e-3),
    ("[id=q2].loss", 1e-3),
    ("y[loss=0.25]", 1),
    ("out.logits[label=dog]", [0.3, 7]),
    ("out.logits[out.p_1=4]", [4, 5]),
]


@pytest.mark.parametrize(("selector", "expected"), SELECTED)
@pytest.mark.parametrize("name", ["x.jsonl", "x.ndjson", "x.json", "x.txt", "x", "x.jsonl.gz", "list.json"])
def test_selectors(tmp_path: Path, name: str, selector: str, expected: object) -> None:
    text = json.dumps(RECORDS) if name == "list.json" else TEXT
    (tmp_path / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    data = read(tmp_path, f"{name}::{selector}")
    if data.dtype == "bool":
        assert whole(data).tolist() == expected
    else:
        assert same_bits(whole(data), np.array(expected, np.float64))


def test_words_names_and_text(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(TEXT)
    label = read(tmp_path, "x.jsonl::label")
    assert (label.words, whole(label).tolist()) == (("cat", "dog"), [0, 1, 0])
    assert read(tmp_path, "x.jsonl::out.p_*").names == ("p_0", "p_1")
    kept = read(tmp_path, "x.jsonl::out.logits", keep_text=True)
    assert kept.text is not None
    assert [kept.text(at) for at in range(6)] == ["0.1", "-0.9", "0.3", "7", "4", "5"]
    assert kept.place(3) == "x.jsonl line 2, out.logits[1]"
    (tmp_path / "d.jsonl").write_text('{"v": 1.10e2}\n{"v": 2.30}\n')
    last = read(tmp_path, "d.jsonl::v.-1", keep_text=True)
    assert last.text is not None
    assert last.text(0) == "2.30"


def test_standard_input() -> None:
    ended = losscli("compute", "mse", "-::y", "[1, 0, 4]", "-b", stdin=TEXT.encode())
    assert ended.number == pytest.approx(4 / 3)
    ended = losscli(
        "compute", "mse", "-::y", "[1, 0, 4]", "-b", "--stdin", "jsonl", stdin=b"\xef\xbb\xbf" + TEXT.encode()
    )
    assert ended.code == 0


def test_one_file_for_all_roles_and_a_key(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"id": "b", "pred": 1.5}\n{"id": "a", "pred": 3}\n')
    (tmp_path / "y.jsonl").write_text('{"id": "a", "target": 3}\n{"id": "b", "target": 1}\n')
    options = ReadOptions(base=tmp_path, key="id")
    joined = read_inputs(["x.jsonl::pred", "y.jsonl::target"], ["input", "target"], extras={}, options=options)
    assert [whole(data).tolist() for data in joined.roles.values()] == [[1.5, 3], [1, 3]]
    (tmp_path / "z.jsonl").write_text('{"y_pred": 1, "y_true": 2}\n{"y_pred": 3, "y_true": 5}\n')
    both = read_inputs(["z.jsonl"], ["input", "target"], extras={}, options=ReadOptions(base=tmp_path))
    assert [whole(data).tolist() for data in both.roles.values()] == [[1, 3], [2, 5]]


@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_mappings_of_numbers_are_columns_by_name(tmp_path: Path, name: str) -> None:
    """As ONNX Runtime's ZipMap writes probabilities."""
    records = [{"cat": 0.1, "dog": 0.9}, {"dog": 0.75, "cat": 0.25}]
    nested = [{"id": 4, "p": record} for record in records]
    (tmp_path / name).write_text("\n".join(map(json.dumps, records)) if "l" in name else json.dumps(records))
    data = read(tmp_path, name)
    assert (data.names, whole(data).tolist()) == (("cat", "dog"), [[0.1, 0.9], [0.25, 0.75]])
    (tmp_path / name).write_text("\n".join(map(json.dumps, nested)) if "l" in name else json.dumps(nested))
    data = read(tmp_path, f"{name}::p")
    assert (data.names, whole(data).tolist()) == (("cat", "dog"), [[0.1, 0.9], [0.25, 0.75]])


@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_a_whole_file_leaves_ids_out(tmp_path: Path, name: str) -> None:
    records = [{"id": 4, "a": 0.1, "b": 1}, {"id": 5, "a": 0.2, "b": 2}]
    (tmp_path / name).write_text("\n".join(map(json.dumps, records)) if "l" in name else json.dumps(records))
    data = read(tmp_path, name)
    assert whole(data).tolist() == [[0.1, 1], [0.2, 2]]
    assert data.notes == (f"{name}: id looks like a row id, left out",)


def test_lines_without_keys(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("[0.1, 0.9]\n[0.2, 0.8]\n")
    assert whole(read(tmp_path, "x.jsonl")).tolist() == [[0.1, 0.9], [0.2, 0.8]]
    assert whole(read(tmp_path, "x.jsonl::-1")).tolist() == [0.2, 0.8]
    (tmp_path / "n.jsonl").write_text("1\n2.5\n")
    assert whole(read(tmp_path, "n.jsonl")).tolist() == [1, 2.5]
    assert refusal(tmp_path, "n.jsonl::a").startswith("n.jsonl: no 'a': its lines are no mappings")


MISSING: list[tuple[str, str, list[int], str]] = [
    ('{"a": 1}\n{"a": null}\n{"b": 2}\n', "a", [1, 2], "x.jsonl line 2, a: null where a value must stand"),
    ('{"b": 1}\n\n{"a": 3}\n', "a", [0], "x.jsonl line 1, a: no such key, it has b"),
    ('{"a": [1, 2]}\n{"a": null}\n{"a": [3, null]}\n', "a", [1, 2], "x.jsonl line 2, a: null where a value"),
    ('{"a": [[1, null]]}\n{"a": [[3, 4]]}\n', "a", [0], "x.jsonl line 1, a[0, 1]: null where a value"),
    ('{"a": null}\n{"a": "cat"}\n', "a", [0], "x.jsonl line 1, a: null where a value"),
    ('{"a": true}\n{"a": null}\n', "a", [1], "x.jsonl line 2, a: null where a value"),
    ('{"a": {"b": 1}}\n{"a": null}\n{"a": {}}\n', "a.b", [1, 2], "x.jsonl line 2, a.b: null where a value"),
    ('{"a": {"x": 1, "y": 2}}\n{"a": null}\n', "a", [1], "x.jsonl line 2, a: null where a value"),
]


@pytest.mark.parametrize(("text", "selector", "rows", "fault"), MISSING)
def test_missing(tmp_path: Path, text: str, selector: str, rows: list[int], fault: str) -> None:
    (tmp_path / "x.jsonl").write_text(text)
    assert refusal(tmp_path, f"x.jsonl::{selector}").startswith(fault)
    data = read_inputs(
        [f"x.jsonl::{selector}"], ["input"], extras={}, options=ReadOptions(base=tmp_path, missing="skip")
    )
    kept = whole(data.roles["input"])
    assert len(kept) == sum(bool(line) for line in text.split("\n")) - len(rows)
    assert not np.isnan(kept.astype(float)).any()


BAD: list[tuple[str, str, str]] = [
    ("", "a", "x.jsonl: empty, it holds no data"),
    ("\n \n", "a", "x.jsonl: empty, it holds no data"),
    ('{"a": 1}\n{"a": 1\n', "a", "x.jsonl line 2, column 8: Expecting ',' delimiter\nwrite one JSON document a line"),
    ('{"a": 1}\n{"a": 1} {"a": 2}\n', "a", "x.jsonl line 2, column 10: Extra data"),
    ('{"a": 1}\n{"a": 1, "a": 2}\n', "a", "x.jsonl line 2: the key 'a' occurs twice in one mapping"),
    ('{"a": 1}\n[2]\n', "a", "x.jsonl line 2: no mapping, the lines before are one"),
    ('[1]\n{"a": 2}\n', "", "x.jsonl line 2: a mapping, the lines before are none"),
    ('{"a": 1}\n{"a": "cat"}\n', "a", "x.jsonl line 2, a: 'cat' is not a number"),
    ('{"a": "cat"}\n{"a": 1}\n', "a", "x.jsonl line 2, a: 1, where the records before have words"),
    ('{"a": true}\n{"a": 1}\n', "a", "x.jsonl line 2, a: 1, where the records before have truth values"),
    ('{"a": 1}\n{"a": true}\n', "a", "x.jsonl line 2, a: true, where the records before have numbers"),
    ('{"a": [1, 2]}\n{"a": [1]}\n', "a", "x.jsonl line 2, a: shape (1,), the records before have (2,)"),
    ('{"a": [1, 2]}\n{"a": 1}\n', "a", "x.jsonl line 2, a: shape (), the records before have (2,)"),
    ('{"a": [1, [2]]}\n', "a", "x.jsonl line 1, a[1]: a list among single numbers"),
    ('{"a": [1, "cat"]}\n', "a", "x.jsonl line 1, a[1]: 'cat' is not a number"),
    ('{"a": 9007199254740993}\n', "a", "x.jsonl line 1, a: the integer 9007199254740993 is not exact in float64"),
    ('{"a": 1e400}\n', "a", "x.jsonl line 1, a: 1e400 is too large for float64"),
    ('{"a": 1e-400}\n', "a", "x.jsonl line 1, a: 1e-400 is too small for float64"),
    ('{"a": 1%s}\n' % ("0" * 350), "a", "x.jsonl line 1, a: an integer too large for float64"),
    ('{"a": {"b": "x"}}\n', "a", "x.jsonl line 1, a: a mapping where a number must stand\nselect from it: a.b"),
    ('{"a": {"b": 1}}\n{"a": {"c": 1}}\n', "a", "x.jsonl line 2, a: the key 'b' is not in all of these mappings"),
    ('{"a": 1}\n', "b", "x.jsonl: no key 'b'\nit has a"),
    ('{"loss": 1}\n', "los", "x.jsonl: no key 'los', did you mean 'loss'?"),
    ('{"a": 1}\n', "a.b", "x.jsonl line 1, a.b: a single value, 'b' cannot be picked from it"),
    ('{"a": [1]}\n{"a": []}\n', "a.0", "x.jsonl line 2, a.0: no entry '0'\nit is empty"),
    ('{"a": 1}\n{"a": "\\u0000"}\n', "a", "x.jsonl line 2, a: '\\x00' is not a number"),
    ('{"a": 1}\n{"a": 2\0}\n', "a", "x.jsonl line 2, column 8: Expecting ',' delimiter"),
    ('{"a": 1, "b": "w"}\n', "", "x.jsonl: 2 arrays, and no selector says which is meant"),
    ('{"a": 1}\n{"a": ' + "[" * 100_000, "a", "x.jsonl line 2: nested too deeply"),
    ('{"a": 1}\n{"a": ' + "[" * 40 + "1" + "]" * 40 + "}", "a", "x.jsonl line 2, a: lists nested more than 32 deep"),
    (
        '{"i": 1, "v": 2}\n{"i": 1, "v": 3}\n',
        "v[i=1]",
        "x.jsonl: 2 rows with i = '1': 0, 1\nselect one by",
    ),
    (
        '{"i": 1, "v": 2}\n{"i": 5, "v": 3}\n',
        "v[i=4]",
        "x.jsonl: no row with i = '4', the nearest: 1 and 5",
    ),
    (
        '[\n{"a": 1},\n{"a": 2}\n]\n',
        "a",
        "x.jsonl line 1, column 2: Expecting value\nname a file of one",
    ),
]


@pytest.mark.parametrize(("text", "selector", "said"), BAD)
def test_refuses(tmp_path: Path, text: str, selector: str, said: str) -> None:
    (tmp_path / "x.jsonl").write_text(text)
    assert refusal(tmp_path, f"x.jsonl::{selector}" if selector else "x.jsonl").startswith(said)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b'{"a": 1}\n{"\xff": 2}\n')
    assert refusal(tmp_path, "x.jsonl::a").startswith("x.jsonl line 2: the byte at offset 2 is not UTF-8")
    (tmp_path / "x.jsonl").write_bytes(TEXT.encode("utf-16"))
    assert "not UTF-8" in refusal(tmp_path, "x.jsonl::y")
    (tmp_path / "x.jsonl").write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert whole(read(tmp_path, "x.jsonl::y")).tolist() == [1, 0, 2]


def test_a_line_without_end(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b'{"a": 1}\n{"a": "' + b"x" * (LARGEST + 10) + b'"}\n')
    tracemalloc.start()
    said = refusal(tmp_path, "x.jsonl::a")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said.startswith("x.jsonl line 2: longer than 16 MiB")
    assert peak < 5 * LARGEST


def test_short_lines_that_ask_for_much(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": null}\n' * 20_000 + json.dumps({"a": [0] * 20_000}) + "\n")
    assert "20000 records without a value" in refusal(tmp_path, "x.jsonl::a")


def test_keys_after_the_head(tmp_path: Path) -> None:
    lines = ['{"a": 1, "pad": "%s"}\n' % ("x" * 1000)] * 1500
    (tmp_path / "x.jsonl").write_text("".join([*lines, '{"a": 2, "pad": "x", "late": 7}\n']))
    assert whole(read(tmp_path, "x.jsonl::late.-1")).tolist() == 7
    assert refusal(tmp_path, "x.jsonl::lat").startswith("x.jsonl: no key 'lat', did you mean 'late'?")
    lines = ['{"a": 1, "b": 3}\n'] * 100_000
    (tmp_path / "x.jsonl").write_text("".join([*lines, '{"a": 2, "b": 1, "late": 7}\n']))
    said = "x.jsonl line 100001: the key 'late', which no record at the beginning has\nselect columns: x.jsonl::a,b"
    assert refusal(tmp_path, "x.jsonl") == said


def test_any_size(tmp_path: Path) -> None:
    """Memory does not grow with the file, and one pass reads the columns of both roles."""
    rng = np.random.default_rng(0)
    values = rng.standard_normal((20_000, 3))
    text = "".join(
        f'{{"id": {at}, "text": "{"w" * 300}", "v": {json.dumps(row.tolist())}, "s": {row[0]!r}}}\n'.replace(
            "np.float64(", ""
        ).replace(")}", "}")
        for at, row in enumerate(values)
    )
    (tmp_path / "x.jsonl").write_text(text)
    tracemalloc.start()
    data = read(tmp_path, "x.jsonl::v")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(text)
    assert same_bits(in_runs(data, 977), values)
    assert data.place(3 * 19_999 + 2) == "x.jsonl line 20000, v[2]"
    assert same_bits(whole(read(tmp_path, "x.jsonl::s")), values[:, 0])


def test_shards(tmp_path: Path) -> None:
    for part in (1, 2, 10):
        (tmp_path / f"p-{part}.jsonl").write_text(f'{{"a": {part}}}\n{{"a": {part}.5}}\n')
    assert whole(read(tmp_path, "p-*.jsonl::a")).tolist() == [1, 1.5, 2, 2.5, 10, 10.5]


def test_any_cut_is_refused_or_read(tmp_path: Path) -> None:
    for end in range(0, len(TEXT), 5):
        (tmp_path / "x.jsonl").write_text(TEXT[:end])
        try:
            assert len(whole(read(tmp_path, "x.jsonl::y"))) == TEXT[:end].rstrip("\n").count("\n") + 1
        except DataFault:
            assert end < len(TEXT)
