"""No single word costs more than its length: 100 kB of any token end within a second."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from losscli.reading.text.literals import literal
from losscli.reading.text.numbers import misread
from losscli.reading.text.printed import number_text
from losscli.schema.faults import DataFault
from losscli.schema.number_text import is_number
from tests.reading.helpers import read, whole

_LENGTH = 100_000
TOKENS = [
    f"{(piece * _LENGTH)[:_LENGTH]}{end}"
    for piece in ("1", "1.", "-", "e", "1e", ",", ".", "[", "(", "a(", "'", "1 ", "²", "_", "\\", "[1,", "nan", "=")
    for end in ("", "x", "]", ")")
]
IDS = [f"{token[:3]!r}…{token[-1]!r}" for token in TOKENS]


def seconds(call: object, *arguments: object) -> float:
    start = process_time()
    try:
        assert callable(call)
        call(*arguments)
    except DataFault:
        pass
    return process_time() - start


@pytest.mark.parametrize("token", TOKENS, ids=IDS)
@pytest.mark.parametrize("function", [is_number, misread, number_text, lambda word: literal(word, True)])
def test_a_word(function: object, token: str) -> None:
    assert seconds(function, token) < 1.0


@pytest.mark.parametrize("token", TOKENS, ids=IDS)
@pytest.mark.parametrize("source", ["x.csv", "x.csv::p", "x.yaml", "x.json"])
def test_a_word_in_a_file(tmp_path: Path, source: str, token: str) -> None:
    shapes = {"x.csv": f"p\n1\n{token}\n", "x.yaml": f"p: {token}\n", "x.json": f'["{token}", 1]'}
    name = source.split("::")[0]
    (tmp_path / name).write_text(shapes[name], encoding="utf-8")
    assert seconds(lambda: whole(read(tmp_path, source))) < 1.0
