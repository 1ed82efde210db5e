from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from losscli.reading.text.printed import number_text
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


PRINTED: list[tuple[str, list[Any] | float]] = [
    ("[1. 0.5]", [1, 0.5]),
    ("[1., 0.]", [1, 0]),
    ("[0.9 0.1]", [0.9, 0.1]),
    ("[1 -2]", [1, -2]),
    ("[[ 1.5  2. ]\n [-3.   4. ]]", [[1.5, 2], [-3, 4]]),
    ("[1., nan, -inf]", [1, np.nan, -np.inf]),
    ("(1,2)", [1, 2]),
    ("((0.9, 0.1), (.2, .8),)", [[0.9, 0.1], [0.2, 0.8]]),
    ("(1.5,)", [1.5]),
    ("(1.5)", 1.5),
    ("tensor([.1, 2.])", [0.1, 2]),
    ("tensor(1.3449, grad_fn=<NllLossBackward0>)", 1.3449),
    ("tensor([[1., 2.],\n        [3., 4.]], device='cuda:0', requires_grad=True)", [[1, 2], [3, 4]]),
    ("tensor([1., 2.], device='mps:0', dtype=torch.float64)", [1, 2]),
    ("array([1, 2], dtype=float32)", [1, 2]),
    ("np.array([[1., 2.]])", [[1, 2]]),
    ("array(1.3449)", 1.3449),
    ("np.float64(0.5)", 0.5),
    ("np.float32(1e-05)", 1e-5),
    ("[np.float64(0.5), np.float64(1.0)]", [0.5, 1]),
    ("[tensor(0.5), tensor(2.)]", [0.5, 2]),
    ("Array([1., 2.], dtype=float32)", [1, 2]),
    ("tf.Tensor([1. 2.], shape=(2,), dtype=float32)", [1, 2]),
]


@pytest.mark.parametrize(("word", "expected"), PRINTED, ids=[word for word, _ in PRINTED])
def test_what_frameworks_print(tmp_path: Path, word: str, expected: list[Any] | float) -> None:
    assert same_bits(whole(read(tmp_path, word)), np.array(expected, np.float64))


def test_what_frameworks_print_of_truths_and_words(tmp_path: Path) -> None:
    truths = read(tmp_path, "[True, False]")
    assert (truths.dtype, whole(truths).tolist()) == ("bool", [True, False])
    assert read(tmp_path, "['dog' 'cat']").words == ("dog", "cat")


def test_a_print_of_this_numpy(tmp_path: Path) -> None:
    array = np.random.default_rng(4).normal(size=(7, 3)) * [1e-4, 1.0, 1e5]
    for text in (repr(array.tolist()), np.array2string(array, floatmode="unique"), repr(array)):
        assert np.allclose(whole(read(tmp_path, text)), array, rtol=1e-4)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.50", "0.50"),
        ("tensor(1.3449, grad_fn=<NllLossBackward>)", "1.3449"),
        ("np.float64(1.3449)", "1.3449"),
        ("array(1.30)", "1.30"),
        ("[1.30]", "1.30"),
        ("loss: 1.3449", "1.3449"),
        ("val_loss = tensor(0.25)", "0.25"),
        ("7", "7"),
        ("loss", None),
        ("[1, 2]", None),
        ("True", None),
        ("a.csv", None),
        ("", None),
    ],
)
def test_the_digits_of_a_number(text: str, number: str | None) -> None:
    assert number_text(text) == number


def test_text_of_prints_is_kept(tmp_path: Path) -> None:
    data = read(tmp_path, "tensor([2.30, 1.])", keep_text=True)
    assert data.text is not None
    assert [data.text(0), data.text(1)] == ["2.30", "1."]


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
        ("[1,x]", "the list line 1, column 4: Expecting value, in [1,x]\nwrite a JSON list, with NaN"),
        ("[1-2]", "the list line 1, column 3: "),
        ("[0. 1. ... 8. 9.]", "a print that leaves elements out (...)\nsave the array with np.save"),
        ("[1,2", "the list line 1, column 5: "),
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
        ("", "a SOURCE is empty"),
    ],
)
def test_refuses(tmp_path: Path, word: str, message: str) -> None:
    with pytest.raises(DataFault) as caught:
        read(tmp_path, word)
    assert message in str(caught.value)
