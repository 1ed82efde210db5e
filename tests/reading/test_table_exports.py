"""Tables that pandas, polars and Hugging Face's datasets wrote (tests/reading/exports/tables.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reading.exports.tables import COLUMNS
from tests.reading.helpers import read, refusal, whole

pytest.importorskip("pyarrow")

EXPORTS = Path(__file__).parent / "exports"
NAMES = (
    "pandas.parquet",
    "pandas.feather",
    "polars.parquet",
    "polars.arrow",
    "polars.zstd.arrow",
    "polars.stream.arrow",
    "datasets.parquet",
    "saved/train",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_that_were_written(name: str) -> None:
    for label, dtype in (("y", "float64"), ("label", "int64"), ("hit", "bool"), ("logits", "float64")):
        data = read(EXPORTS, f"{name}::{label}")
        assert (data.dtype, whole(data).tolist()) == (dtype, COLUMNS[label])
    words = read(EXPORTS, f"{name}::word")
    assert [words.words[code] for code in whole(words).tolist()] == COLUMNS["word"]
    if name.startswith("pandas"):  # to which None in a column of numbers is NaN
        assert "gap[1]" in refusal(EXPORTS, f"{name}::gap")
    else:
        assert "gap[1] is null" in refusal(EXPORTS, f"{name}::gap")


def test_the_splits_that_were_saved() -> None:
    assert whole(read(EXPORTS, "saved::test.logits")).tolist() == COLUMNS["logits"][:2]
    assert whole(read(EXPORTS, "saved::train.y")).tolist() == COLUMNS["y"]
