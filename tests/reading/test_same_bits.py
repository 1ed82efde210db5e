"""One array, the same bits from every format, layout and byte order."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from losscli.reading.binary import strided
from tests.reading.helpers import in_runs, read, same_bits

Array = NDArray[np.float64]


def values() -> Array:
    """Floats of all magnitudes, and the hard ones among them."""
    rng = np.random.default_rng(20)
    spread = rng.choice([-1.0, 1.0], 400) * 10.0 ** rng.uniform(-320, 308, 400)
    hard = [0.0, -0.0, 5e-324, -2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 2**53 + 2.0, 9007199254740993e-3]
    return np.concatenate([spread, hard, rng.standard_normal(192)]).reshape(120, 5)


def text(number: str, delimiter: str = ",") -> Callable[[Path, Array], object]:
    def save(path: Path, array: Array) -> object:
        rows = (delimiter.join(format(value, number) for value in row) for row in array)
        return path.write_text(f"a{delimiter}b{delimiter}c{delimiter}d{delimiter}e\n" + "\n".join(rows) + "\n")

    return save


def shards(save: Callable[[Path, Array], object]) -> Callable[[Path, Array], object]:
    def save_each(path: Path, array: Array) -> None:
        for number, part in enumerate(np.split(array, [1, 7, 7, 50])):
            if len(part):
                save(path.with_name(path.name.replace("*", str(number * 5))), part)

    return save_each


def document(path: Path, array: Array) -> object:
    return path.write_text(json.dumps(array.tolist()))


FORMS: list[tuple[str, Callable[[Path, Array], object]]] = [
    ("x.npy", lambda path, array: np.save(path, array)),
    ("fortran.npy", lambda path, array: np.save(path, np.asfortranarray(array))),
    ("big-endian.npy", lambda path, array: np.save(path, array.astype(">f8"))),
    ("both.npy", lambda path, array: np.save(path, np.asfortranarray(array.astype(">f8")))),
    ("x.npz", lambda path, array: np.savez(path, array)),
    ("compressed.npz", lambda path, array: np.savez_compressed(path, np.asfortranarray(array))),
    ("x.csv", text(".17g")),
    ("exponents.csv", text(".16e")),
    ("x.tsv", text(".17g", "\t")),
    ("spaces.txt", text(".17g", "  ")),
    ("x.json", document),
    ("x.yaml", document),
    ("part-*.npy", shards(lambda path, array: np.save(path, array))),
    ("part-*.csv", shards(text(".17g"))),
]


@pytest.mark.parametrize(("name", "save"), FORMS, ids=[name for name, _ in FORMS])
@pytest.mark.parametrize("options", [{}, {"keep_text": True}], ids=["plain", "with text"])
def test_same_bits(
    tmp_path: Path,
    name: str,
    save: Callable[[Path, Array], object],
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(strided, "_TILE", 400)
    array = values()
    save(tmp_path / name, array)
    data = read(tmp_path, name, **options)
    for length in (1, 64, 600):
        assert same_bits(in_runs(data, length), array)
