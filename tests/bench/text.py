"""CPU time and peak memory of whole processes that compute mse on a table of text, beside other readers of tables."""

from __future__ import annotations

import gzip
import statistics
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tests.bench.measure import Row, cpu_seconds, peak_memory

LIMIT = 150 * 10**6  # above the interpreter with NumPy
READERS = {
    "pandas": "import pandas; d = pandas.read_csv({0!r}, usecols=['p', 't']); print(((d.p - d.t) ** 2).mean())",
    "pyarrow": (
        "from pyarrow import csv, compute as c; t = csv.read_csv({0!r}); d = c.subtract(t['p'], t['t']);"
        "print(c.mean(c.multiply(d, d)))"
    ),
    "polars": (
        "import polars as p; d = (p.col('p') - p.col('t')) ** 2;"
        "print(p.scan_csv({0!r}).select(d.mean()).collect().item())"
    ),
    "duckdb": "import duckdb; d = duckdb.read_csv({0!r}); print(d.aggregate('avg((p - t) ** 2)').fetchall())",
}


def rows(scratch: Path, *, samples: int, runs: int) -> Iterator[Row]:
    """Each kind of file beside each reader that is installed, and the memory of a file four times as long."""
    files = _files(scratch, samples)
    nothing = peak_memory("-c", "import numpy")
    for name, path in files.items():
        ours = ("-m", "losscli", "compute", "mse", f"{path}::p", f"{path}::t", "-b")
        for reader in filter(find_spec, READERS):
            theirs = ("-c", READERS[reader].format(str(path)))
            pairs = [(cpu_seconds(*ours), cpu_seconds(*theirs)) for _ in range(runs)]
            mine, yours = (statistics.median(side) for side in zip(*pairs, strict=True))
            budget = 1.5 if reader == "pandas" else np.inf
            what = f"CPU, {path.stat().st_size / 1e6:.0f} MB of CSV, {name} / {reader}"
            yield Row(what, f"{mine:.2f} s", f"{yours:.2f} s", mine / yours, budget, at_least=False)
        peak = peak_memory(*ours) - nothing
        yield Row(f"memory, {name} / 150 MB", f"{peak / 1e6:.0f} MB", "150 MB", peak / LIMIT, 1.0, at_least=False)
    plain = files["plain"]
    longer = scratch / "longer.csv"
    longer.write_bytes(plain.read_bytes() + plain.read_bytes().partition(b"\n")[2] * 3)
    peak = peak_memory("-m", "losscli", "compute", "mse", f"{longer}::p", f"{longer}::t", "-b") - nothing
    what = f"memory, {longer.stat().st_size / 1e6:.0f} MB of CSV / 150 MB"
    yield Row(what, f"{peak / 1e6:.0f} MB", "150 MB", peak / LIMIT, 1.0, at_least=False)


def _files(scratch: Path, samples: int) -> dict[str, Path]:
    """Two columns of numbers: with a plain header, a quoted one, a column of words before them, and packed."""
    random = np.random.default_rng(0)
    target = random.normal(size=samples)
    pairs = zip((target + random.normal(size=samples) / 10).tolist(), target.tolist(), strict=True)
    lines = [f"{p!r},{t!r}\n" for p, t in pairs]
    contents = {
        "plain": "p,t\n" + "".join(lines),
        "quoted header": '"p","t"\n' + "".join(lines),
        "words": "name,p,t\n" + "".join(f"sample_{row},{line}" for row, line in enumerate(lines)),
    }
    paths = {name: scratch / f"{name.split()[0]}.csv" for name in contents}
    for name, path in paths.items():
        path.write_text(contents[name], encoding="ascii")
    paths["gzip"] = scratch / "plain.csv.gz"
    paths["gzip"].write_bytes(gzip.compress(paths["plain"].read_bytes(), 1))
    return paths
