from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from losscli.reading.text.structured import LARGEST, load_json, load_yaml
from losscli.schema.faults import DataFault
from tests.reading.helpers import read, same_bits, whole

VALUES: list[tuple[str, object]] = [
    ("1", 1),
    ("-17", -17),
    ("010", 10),
    ("1e5", 1e5),
    ("1.0e5", 1e5),
    ("1e-3", 1e-3),
    (".5", 0.5),
    ("-.5", -0.5),
    ("2.", 2.0),
    ("1.10e2", 110.0),
    (".inf", float("inf")),
    ("-.INF", float("-inf")),
    ("yes", "yes"),
    ("off", "off"),
    ("NO", "NO"),
    ("true", True),
    ("False", False),
    ("null", None),
    ("~", None),
    ("1:30", "1:30"),
    ("1_000", "1_000"),
    ("0x10", "0x10"),
    ("0o10", "0o10"),
    ("2024-01-01", "2024-01-01"),
    ("'1.5'", "1.5"),
    ('"true"', "true"),
    ("<<", "<<"),
    ("[1, [2.5, x]]", [1, [2.5, "x"]]),
    ("{a: 1, b: {c: [2]}}", {"a": 1, "b": {"c": [2]}}),
    ("1: a\n2.50: b", {"1": "a", "2.50": "b"}),
    ("- a\n- - b\n  - c\n", ["a", ["b", "c"]]),
    ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
    ("a:\nb: 2\n", {"a": None, "b": 2}),
    ("[]", []),
    ("{}", {}),
    ("base: &b [1, 2]\nagain: *b\n", {"base": [1, 2], "again": [1, 2]}),
    ("\ufeffa: 1\n", {"a": 1}),
    ("--- 3\n...\n", 3),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_yaml_values(text: str, expected: object, loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if loader == "SafeLoader":
        monkeypatch.delattr(yaml, "CSafeLoader")
    found = load_yaml(text.encode(), "x.yaml")
    assert found == expected
    assert isinstance(found, type(expected))


def test_yaml_nan() -> None:
    found = load_yaml(b".nan", "x.yaml")
    assert isinstance(found, float)
    assert np.isnan(found)


def test_yaml_floats_keep_their_text() -> None:
    found: Any = load_yaml(b"[1.10e2, 2., .5]", "x.yaml")
    assert [leaf.text for leaf in found] == ["1.10e2", "2.", ".5"]


def test_yaml_mappings_know_their_lines(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("losscli: 1\ncases:\n  - name: a\n    x: {b: 1}\n\n  - name: c\n")
    found: Any = load_yaml(tmp_path / "x.yaml", "x.yaml")
    lines = [found.line, *(case.line for case in found["cases"]), found["cases"][0]["x"].line]
    assert lines == [1, 3, 6, 4]


BAD_YAML: list[tuple[str, str | bytes, str]] = [
    ("nothing", "", "x.yaml: empty"),
    ("only a comment", "# nothing\n", "x.yaml: no document in it"),
    ("duplicate key", "a: 1\nb: 2\na: 3\n", "x.yaml line 3, column 1: the key 'a' occurs twice in one mapping"),
    ("duplicate key in a flow", "x: {a: 1, 'a': 2}\n", "x.yaml line 1, column 11: the key 'a' occurs twice"),
    ("recursive alias", "a: &a [*a]\n", "x.yaml line 1, column 8: the alias *a stands for nothing complete"),
    ("unknown alias", "a: *b\n", "x.yaml line 1, column 4: the alias *b stands for nothing complete"),
    ("tag", "a: !!float 1\n", "x.yaml line 1, column 4: the tag tag:yaml.org,2002:float"),
    ("python tag", "!!python/object/apply:os.getpid []\n", "x.yaml line 1, column 1: the tag tag:yaml.org,2002:python"),
    ("private tag", "a: !x 1\n", "x.yaml line 1, column 4: the tag !x"),
    ("lone tag", "a: ! 1\n", "x.yaml line 1, column 4: the tag !"),
    ("tag on a key", "!!str a: 1\n", "x.yaml line 1, column 1: the tag"),
    ("two documents", "a: 1\n---\nb: 2\n", "x.yaml line 2, column 1: a second document starts"),
    ("list as a key", "? [a]\n: 1\n", "x.yaml line 1, column 3: a list or mapping as a key"),
    ("mapping as a key", "{a: 1}: 2\n", "x.yaml line 1, column 1: a list or mapping as a key"),
    ("alias as a key", "- &a b\n- *a : 2\n", "x.yaml line 2, column 3: the alias *a"),
    ("tab", "a:\n\tb: 1\n", "x.yaml line 2, column 1: "),
    ("NUL", "a: \0\n", "x.yaml: "),
    ("control character", "a: \x07\n", "x.yaml: "),
    ("unclosed", "a: [1, 2\n", "x.yaml line 2, column 1: "),
    ("bad indentation", "a: 1\n b: 2\n", "x.yaml line 2, column 3: "),
    (
        "a NumPy scalar",
        "a: !!python/object/apply:numpy.core.multiarray.scalar [1]\n",
        "a NumPy scalar was dumped: write float(x) before dumping",
    ),
    (
        "aliases of a long text",
        f"a: &a {'1' * 300_000}\nb: [*a, *a, *a, *a]\n",
        "aliases repeat more than 10000 values",
    ),
    ("not UTF-8", b"a: \xe4\n", "x.yaml: the byte at offset 3 is not UTF-8"),
    ("deep flow", "[" * 101, "x.yaml line 1, column 101: nested more than 100 deep"),
    ("very deep flow", "[" * 100_000, "x.yaml line 1, column 1"),  # where libyaml itself has a limit, it says so
    ("deep mappings", "{a: " * 100_000, "x.yaml line 1, column 401: nested more than 100 deep"),
    ("deep blocks", "- " * 100_000 + "1", "nested more than 100 deep"),
    ("too large", b" " * LARGEST + b"1", "x.yaml: more than 16 MiB of YAML or JSON"),
]


@pytest.mark.parametrize(("text", "message"), [case[1:] for case in BAD_YAML], ids=[case[0] for case in BAD_YAML])
@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_yaml_refuses(text: str | bytes, message: str, loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if loader == "SafeLoader":
        monkeypatch.delattr(yaml, "CSafeLoader")
    with pytest.raises(DataFault) as caught:
        load_yaml(text if isinstance(text, bytes) else text.encode(), "x.yaml")
    assert message in str(caught.value)
    assert caught.value.cure


def test_yaml_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataFault, match=r"x\.yaml: No such file"):
        load_yaml(tmp_path / "x.yaml", "x.yaml")
    with (tmp_path / "y.yaml").open("wb") as file:
        file.truncate(LARGEST + 2)
    with pytest.raises(DataFault, match="more than 16 MiB"):
        load_yaml(tmp_path / "y.yaml", "y.yaml")


def test_yaml_alias_bomb() -> None:
    lines = ["a0: &a0 [0, 0, 0, 0, 0, 0, 0, 0, 0]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    with pytest.raises(DataFault, match=r"line 5, column .*: aliases repeat more than 10000 values"):
        load_yaml("\n".join(lines).encode(), "x.yaml")


BAD_JSON: list[tuple[str, str | bytes, str]] = [
    ("nothing", "", "x.json: empty"),
    ("duplicate key", '{"a": 1, "b": {"c": 1, "c": 2}}', "x.json: the key 'c' occurs twice in one mapping"),
    ("trailing comma", '{\n"a": [1,]}', "x.json line 2, column 9: "),
    ("two values", "[1] [2]", "x.json line 1, column 5: Extra data"),
    ("unclosed", "[1, 2", "x.json line 1, column 6: "),
    ("deep", "[" * 100_000, "x.json: nested too deeply"),
    ("not UTF-8", b'"\xe4"', "x.json: the byte at offset 1 is not UTF-8"),
    ("leading zero", "[01]", "x.json line 1, column 3: "),
    ("NUL", "[1,\0]", "x.json line 1, column 4: "),
]


@pytest.mark.parametrize(("text", "message"), [case[1:] for case in BAD_JSON], ids=[case[0] for case in BAD_JSON])
def test_json_refuses(text: str | bytes, message: str) -> None:
    with pytest.raises(DataFault) as caught:
        load_json(text if isinstance(text, bytes) else text.encode(), "x.json")
    assert message in str(caught.value)
    assert caught.value.cure


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(), st.lists))
def test_json_is_what_the_library_makes_of_it(value: object) -> None:
    text = json.dumps(value)
    assert load_json(text.encode(), "x.json") == json.loads(text)


ARRAYS: list[tuple[str, str, Any]] = [
    ("x.yaml", "[1, 2.5, 1e-3]", [1, 2.5, 1e-3]),
    ("x.yaml", "- [1, 2]\n- [3, 4]\n", [[1, 2], [3, 4]]),
    ("x.yaml", "only: [1, 2]\n", [1, 2]),
    ("x.yaml", "3.5\n", 3.5),
    ("x.yml::a.b", "a: {b: [1, 2]}\n", [1, 2]),
    ("x.yaml::a.1", "a: [[1, 2], [3, 4]]\n", [3, 4]),
    ("x.yaml::a.1.0", "a: [[1, 2], [3, 4]]\n", 3),
    ("x.yaml::a.b", "a.b: [5]\na: {b: [6]}\n", [5]),
    ("x.yaml::a.b.c", "a: {b.c: [5]}\n", [5]),
    ("x.yaml::0", "- [1, 2]\n- [3, 4]\n", [1, 2]),
    ("x.json", "[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
    ("x.json", '[1e-3, NaN, Infinity, -Infinity, "NaN", "Infinity", "-Infinity"]',
     [1e-3, np.nan, np.inf, -np.inf, np.nan, np.inf, -np.inf]),
    ("x.json", '["1.5", 2]', [1.5, 2]),
    ("x.json", "[]", []),
    ("x.json", "[[], []]", [[], []]),
    ("x.json::per_sample", '{"per_sample": [0.5], "value": 0.5}', [0.5]),
    ("x.json::val_loss.-1", '{"val_loss": [3, 2, 1]}', 1),
    ("x.json::val_loss.-3", '{"val_loss": [3, 2, 1]}', 3),
    ("x.json::p", '[{"p": 1}, {"p": 2}]', [1, 2]),
    ("x.json", '[{"p": 1}, {"p": 2}]', [1, 2]),
    ("x.json::1.p", '[{"p": 1}, {"p": 2}]', 2),
    ("x.json::-1.p", '[{"p": 1}, {"p": 2}]', 2),
    ("x.json::0", '[{"0": 1}, {"0": 2}]', [1, 2]),
    ("x.json::runs.m.loss", '{"runs": [{"m": {"loss": 1}}, {"m": {"loss": 2}}]}', [1, 2]),
    ("x.json::runs.loss.-1", '{"runs": [{"loss": [4, 1]}, {"loss": [5, 6, 2]}]}', [1, 2]),
    ("x.json::p", '[{"p": [1, 2]}, {"p": [3, 4]}]', [[1, 2], [3, 4]]),
    ("x.json::s.a:b", '[{"s": {"a": 1, "b": 2}}, {"s": {"a": 3, "b": 4}}]', [[1, 2], [3, 4]]),
    ("x.json::run.a:b", '{"run": {"a": [1, 3], "b": [2, 4]}}', [[1, 2], [3, 4]]),
    ("x.json::run.b,a", '{"run": {"a": [1, 3], "b": [2, 4]}}', [[2, 1], [4, 3]]),
    ("x.yaml::m.a:b", "m: {'a:b': [5]}\nb: [6]\n", [5]),
    ("x.yaml::a:b", "'a:b': [5]\na: [6]\nb: [7]\n", [5]),
    ("x.yaml", "[.inf, -.inf, .nan]", [np.inf, -np.inf, np.nan]),
    ("x.yaml", "[9007199254740992, 1152921504606846976]", [2.0**53, 2.0**60]),
    ("x.yaml", "[9007199254740993, 0.5]", [2.0**53, 0.5]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "content", "expected"), ARRAYS)
def test_arrays(tmp_path: Path, source: str, content: str, expected: Any) -> None:
    (tmp_path / source.split("::")[0]).write_text(content)
    data = read(tmp_path, source)
    assert data.dtype == "float64"
    assert same_bits(whole(data), np.array(expected, np.float64))


def test_arrays_of_words_and_bools(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("label: [cat, dog, cat]\nmask: [true, false]\none: cat\nswitch: [yes, no]\n")
    data = read(tmp_path, "x.yaml::label")
    assert (data.words, data.dtype, whole(data).tolist()) == (("cat", "dog"), "str", [0, 1, 0])
    assert read(tmp_path, "x.yaml::mask").dtype == "bool"
    assert whole(read(tmp_path, "x.yaml::mask")).tolist() == [True, False]
    assert whole(read(tmp_path, "x.yaml::one")).shape == ()
    assert read(tmp_path, "x.yaml::switch").words == ("yes", "no")


def test_arrays_keep_text_and_places(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": [[2.30, 1], [1.10e2, "0.50"]]}')
    data = read(tmp_path, "x.json::a", keep_text=True)
    assert data.text is not None
    assert [data.text(i) for i in range(4)] == ["2.30", "1", "1.10e2", "0.50"]
    assert data.place(2) == "x.json::a[1, 0]"
    (tmp_path / "x.json").write_text('{"a": [2.30, 1], "b": [1.10e2, "0.50"]}')
    columns = read(tmp_path, "x.json::a:b", keep_text=True)
    assert columns.text is not None
    assert [columns.text(i) for i in range(4)] == ["2.30", "1.10e2", "1", "0.50"]
    assert (columns.decimal, read(tmp_path, "x.json::a:b").text) == (True, None)


BAD_ARRAYS: list[tuple[str, str, str]] = [
    ("x.json", "[[1, 2], [3]]", "x.json[1]: 1 entries, the ones before have 2"),
    ("x.json", "[[1, 2], 3]", "x.json[1]: one number among lists of 2"),
    ("x.json", "[1, [2]]", "x.json[1]: a list among single numbers"),
    ("x.json", "[[[1], [2]], [[3], []]]", "x.json[1, 1]: 0 entries, the ones before have 1"),
    ("x.json", "[1, null]", "x.json[1]: null where a number must stand"),
    ("x.json", '[1, {"a": 2}]', "x.json[1]: a mapping where a number must stand"),
    ("x.json", "[1, true]", "x.json[1]: true among numbers"),
    ("x.json", '[1, "cat"]', "x.json[1]: 'cat' is not a number"),
    ("x.json", '[[1], ["NA"]]', "x.json[1, 0]: 'NA' stands for a missing value"),
    ("x.json", "[1, 1e400]", "x.json[1]: 1e400 is too large for float64"),
    ("x.json", "[1, 1e-400]", "x.json[1]: 1e-400 is too small for float64"),
    ("x.json", '["1e400"]', "x.json[0]: 1e400 is too large for float64"),
    ("x.json", f"[1, 1{'0' * 350}]", "x.json[1]: an integer too large for float64"),
    ("x.json", f"[1, 1{'0' * 5000}]", "is too large for float64"),
    ("x.json", "[1, 9007199254740993]", "x.json[1]: the integer 9007199254740993 is not exact in float64"),
    ("x.json", "[" * 40 + "1" + "]" * 40, "x.json: lists nested more than 32 deep"),
    ("x.yaml", "[1, 1_000]", "x.yaml[1]: '1_000' is not a number\nleave the underscores out"),
    ("x.yaml", "[1, 0x10]", "x.yaml[1]: '0x10' is not a decimal number"),
    ("x.yaml", "[1, 1:30]", "x.yaml[1]: '1:30' is not a number"),
    ("x.yaml", "[1, yes]", "x.yaml[1]: 'yes' is not a number"),
    ("x.yaml", "a: [1]\nb: [2]\n", "x.yaml: 2 arrays, and no selector says which is meant\nselect one: x.yaml::a, x."),
    ("x.json", '[{"a": 1, "b": "w"}]', "x.json: 2 arrays, and no selector says which is meant"),
    ("x.json::b", '[{"a": 1, "b": 2}, {"a": 1}]', "x.json[1]: no key 'b'\nit has a"),
    ("x.json::c", '[{"a": 1}, {"b": 1}]', "x.json: no key 'c'\nit has a, b"),
    ("x.json::r.c", '{"r": [{"a": 1}, {"b": 1}]}', "x.json::r: no key 'c'\nit has a, b"),
    (
        "x.json::r",
        '{"r": [{"a": 1, "b": "w"}]}',
        "x.json::r: records where a number must stand\nselect from it: x.json::r.",
    ),
    ("x.json::a.b", '[{"a": {"b": 1}}, {"a": 3}]', "x.json::a[1]: a single value, 'b' cannot be picked from it"),
    ("x.json::r.a:c", '{"r": {"a": [1], "b": [2]}}', "x.json::r: no array 'c'"),
    ("x.json::2.a", '[{"a": 1}, {"a": 2}]', "x.json: no entry '2'\nits entries are 0 to 1"),
    ("x.json::a.0", '{"a": []}', "x.json::a: no entry '0'\nit is empty"),
    ("x.yaml::c", "label: [1]\nb: [2]\n", "x.yaml: no key 'c'\nit has label, b"),
    ("x.yaml::lable", "label: [1]\nb: [2]\n", "x.yaml: no key 'lable', did you mean 'label'?"),
    ("x.yaml::a.b.d", "a: {b: {c: 1}}\n", "x.yaml::a.b: no key 'd'"),
    ("x.yaml::a.2", "a: [1, 2]\n", "x.yaml::a: no entry '2'\nits entries are 0 to 1"),
    ("x.yaml::a.-3", "a: [1, 2]\n", "x.yaml::a: no entry '-3'"),
    ("x.yaml::a.b", "a: 3\n", "x.yaml::a: a single value, 'b' cannot be picked from it"),
    ("x.yaml::a", "a: {b: 1}\n", "x.yaml::a: a mapping where a number must stand\nselect from it: x.yaml::a.b"),
]


@pytest.mark.parametrize(("source", "content", "message"), BAD_ARRAYS)
def test_refuses_arrays(tmp_path: Path, source: str, content: str, message: str) -> None:
    (tmp_path / source.split("::")[0]).write_text(content)
    with pytest.raises(DataFault) as caught:
        whole(read(tmp_path, source))
    assert message in str(caught.value)
