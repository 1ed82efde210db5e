"""Whatever the bytes and words are, reading ends in an array or in a fault, never in another exception."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from losscli.reading.sources import ReadOptions, read_inputs, read_source
from losscli.reading.text import grid, table_pass
from losscli.schema.faults import LossError
from tests.reading.helpers import whole

CELLS = st.sampled_from(
    ["1", "-2.5e3", "", "nan", "cat", "1_0", '"', '"3"', "#", "0", "1", "1e999", "\u0661", " ", "NA"]
)
LINES = st.lists(st.lists(CELLS, min_size=1, max_size=4).map(",".join), max_size=6).map("\n".join)
LIKE_YAML = st.text("ab01. \n-:[]{}&*!'\"#,|>?%@`\t", max_size=40)
LIKE_JSON = st.text('01.eE-+ [],{}":aNfInity\n', max_size=40)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.binary(max_size=60), st.sampled_from([None, "csv", "tsv", "npy", "npz", "json", "yaml"]))
def test_any_bytes(content: bytes, form: str | None) -> None:
    with suppress(LossError):
        whole(read_source("-", ReadOptions(input_stream=io.BytesIO(content), stdin=form)))


@settings(derandomize=True, deadline=None, max_examples=500)
@given(LINES, st.booleans(), st.sampled_from(["-", "-::0", "-::cat", "-::0:1", "-::1,0"]))
def test_any_table(content: str, keep_text: bool, source: str) -> None:
    options = ReadOptions(input_stream=io.BytesIO(content.encode()), keep_text=keep_text, stdin="csv")
    with suppress(LossError):
        data = read_source(source, options)
        for i in range(data.size):
            assert data.place(i)
            assert (data.text is not None) == keep_text
            assert data.text is None or data.text(i)


@settings(derandomize=True, deadline=None, max_examples=500)
@given(LINES)
def test_both_ways_agree_on_any_table(content: str) -> None:
    """Cells where they stand, and rows of texts, give the same array, or the same fault."""
    ends = []
    for spans in (grid.spans_of, lambda *_: None):
        options = ReadOptions(input_stream=io.BytesIO(content.encode()), stdin="csv")
        with patch.object(table_pass, "spans_of", spans):
            try:
                data = read_source("-", options)
                places = [data.place(i) for i in range(data.size)]
                ends.append((repr(whole(data).tolist()), data.words, data.names, places))
            except LossError as fault:
                ends.append((str(fault), (), (), []))
    assert ends[0] == ends[1]


@settings(derandomize=True, deadline=None, max_examples=500)
@given(LIKE_YAML | LIKE_JSON, st.sampled_from(["json", "yaml"]), st.sampled_from(["-", "-::a", "-::0.a", "-::a.1"]))
def test_any_document(content: str, form: str, source: str) -> None:
    with suppress(LossError):
        whole(read_source(source, ReadOptions(input_stream=io.BytesIO(content.encode()), stdin=form)))


@settings(derandomize=True, deadline=None, max_examples=500)
@given(st.text(max_size=12) | st.text("[]01,.-*?:/=~ eE", max_size=12))
def test_any_word(word: str) -> None:
    with TemporaryDirectory() as folder, suppress(LossError):
        options = ReadOptions(base=Path(folder), input_stream=io.BytesIO(b"1\n"))
        read_inputs([word, "target=1"], ["input", "target"], extras={}, options=options)


@pytest.mark.parametrize("order", ["C", "F"])
def test_any_flip_in_an_npy(order: str) -> None:
    stream = io.BytesIO()
    np.save(stream, np.asarray(np.arange(6.0).reshape(2, 3), order="F" if order == "F" else "C"))
    sound = stream.getvalue()
    for place in range(len(sound)):
        for flip in (0x01, 0x08, 0x20, 0x80):
            content = sound[:place] + bytes([sound[place] ^ flip]) + sound[place + 1 :]
            with suppress(LossError):
                whole(read_source("-", ReadOptions(input_stream=io.BytesIO(content), stdin="npy")))
