from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from losscli.schema.faults import DataFault
from tests.reading.helpers import read, same_bits, whole

NUMBERS = [
    ("0", 0.0),
    ("-1", -1.0),
    ("+2", 2.0),
    (".5", 0.5),
    ("-.5", -0.5),
    ("2.", 2.0),
    ("1e-3", 1e-3),
    ("1E+3", 1e3),
    ("-0.0", -0.0),
    ("inf", np.inf),
    ("-inf", -np.inf),
    ("Infinity", np.inf),
    ("-Infinity", -np.inf),
    ("NaN", np.nan),
    ("0.1", 0.1),
    ("5e-324", 5e-324),
]


@pytest.mark.parametrize(("word", "value"), NUMBERS)
def test_numbers(tmp_path: Path, word: str, value: float) -> None:
    data = read(tmp_path, word)
    assert same_bits(whole(data), np.array(value))
    assert (data.dtype, data.source) == ("float64", word)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("[1, 2]", [1, 2]),
        (" [[1,2],[3,4]] ", [[1, 2], [3, 4]]),
        ("[]", []),
        ("[[[1e-3]]]", [[[1e-3]]]),
        ("[NaN, -Infinity]", [np.nan, -np.inf]),
        ('["inf", 1]', [np.inf, 1]),
    ],
)
def test_lists(tmp_path: Path, word: str, expected: list[Any]) -> None:
    assert same_bits(whole(read(tmp_path, word)), np.array(expected, np.float64))


def test_lists_of_words(tmp_path: Path) -> None:
    data = read(tmp_path, '["dog", "cat", "dog"]')
    assert (data.words, whole(data).tolist()) == (("dog", "cat"), [0, 1, 0])


def test_text_is_kept(tmp_path: Path) -> None:
    number, several = read(tmp_path, "1.10e2", keep_text=True), read(tmp_path, "[2.30, 1]", keep_text=True)
    assert number.text is not None
    assert several.text is not None
    assert [number.text(0), several.text(0), several.text(1)] == ["1.10e2", "2.30", "1"]
    assert read(tmp_path, "1.10e2").text is None


def test_places(tmp_path: Path) -> None:
    assert read(tmp_path, "[[1,2],[3,4]]").place(2) == "[[1,2],[3,4]][1, 0]"
    assert read(tmp_path, f"[{'1,' * 100}2]").place(3) == "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,...[3]"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("[[1,2],[3]]", "[[1,2],[3]][1]: 1 entries, the ones before have 2"),
        ("[1,[2]]", "[1,[2]][1]: a list among single numbers"),
        ("[1,nan]", "the list line 1, column 4: Expecting value, in [1,nan]\nwrite a JSON list, with NaN"),
        ("[1,2", "the list line 1, column 5: "),
        ("[1.]", "the list line 1, column 3: "),
        ("[null]", "[null][0]: null where a number must stand"),
        ("1e400", "1e400: 1e400 is too large for float64"),
        ("1e-400", "1e-400: 1e-400 is too small for float64"),
        ("1_000", "no such file: 1_000\nif it should be a number: leave the underscores out"),
        ("0x10", "no such file: 0x10\nif it should be a number: write it in decimal digits"),
        ("0,5", "no such file: 0,5\nif it should be a number: write a decimal point"),
        ("١٢", "no such file: ١٢"),
        ("9007199254740993", "the integer 9007199254740993 is not exact"),
        ("[9007199254740993]", "the integer 9007199254740993 is not exact"),
        ("[" * 100_000, "nested too deeply"),
        ("", "no such file"),
    ],
)
def test_refuses(tmp_path: Path, word: str, message: str) -> None:
    with pytest.raises(DataFault) as caught:
        read(tmp_path, word)
    assert message in str(caught.value)
