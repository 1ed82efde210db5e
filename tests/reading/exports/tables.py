"""Writes the tables in this folder anew: `python -m tests.reading.exports.tables`.

With pandas 3.1, polars 2.1, datasets 5.2 and pyarrow 25.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

COLUMNS: dict[str, list[Any]] = {
    "y": [0.5, -1.25, 3.0, 4.5],
    "label": [2, 0, 1, 2],
    "hit": [True, False, True, True],
    "word": ["cat", "dog", "a longer name", "cat"],
    "gap": [1.0, None, 3.0, 4.0],
    "logits": [[0.25, 0.75], [1.0, 0.0], [0.5, 0.5], [-1.0, 2.0]],
}


def main() -> None:
    """The same columns as each library writes them."""
    import datasets
    import pandas
    import polars

    frame = pandas.DataFrame(COLUMNS)
    frame.to_parquet(FOLDER / "pandas.parquet")
    frame.to_feather(FOLDER / "pandas.feather")
    table = polars.DataFrame(COLUMNS)
    table.write_parquet(FOLDER / "polars.parquet")
    table.write_ipc(FOLDER / "polars.arrow")
    table.write_ipc(FOLDER / "polars.zstd.arrow", compression="zstd")
    table.write_ipc_stream(FOLDER / "polars.stream.arrow")
    saved = datasets.Dataset.from_dict(COLUMNS)
    saved.to_parquet(FOLDER / "datasets.parquet")
    datasets.DatasetDict({"train": saved, "test": saved.select(range(2))}).save_to_disk(FOLDER / "saved")


if __name__ == "__main__":
    main()
