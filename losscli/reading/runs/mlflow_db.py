"""MLflow's runs in a SQLite file. It is only read, and nothing that it defines is executed."""

from __future__ import annotations

import os
import re
import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import closing, contextmanager
from math import copysign, inf, nan
from pathlib import Path

from losscli.reading.columns import Arrays
from losscli.reading.content import Content
from losscli.reading.runs.mlflow import MOST, Run, metric_data, of_runs
from losscli.schema.data import Data
from losscli.schema.faults import DataFault

_TABLES = {
    "runs": {"run_uuid", "name", "lifecycle_stage"},
    "latest_metrics": {"run_uuid", "key"},
    "metrics": {"run_uuid", "key", "value", "timestamp", "step", "is_nan"},
}
_RUNS = "SELECT run_uuid, name FROM runs WHERE lifecycle_stage = 'active' LIMIT ?"
_METRICS = "SELECT run_uuid, key FROM latest_metrics LIMIT ?"
_HISTORY = "SELECT value, step, is_nan FROM metrics WHERE run_uuid = ? AND key = ? ORDER BY timestamp"
_LARGEST = 1.7976931348623157e308  # what MLflow writes for infinity
_LONGEST = 1 << 20  # bytes of one value
_EVERY = 10_000  # steps of SQLite's machine, after which it asks whether to go on
_FEWEST_STEPS, _STEPS_A_BYTE = 1000, 8  # more than any table takes whose pages occur once in it
_ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ)


def open_database(content: Content) -> Arrays:
    if content.path is None or content.file is None:
        raise DataFault(
            f"{content.name}: looks like SQLite, which is read from files only", "save it, and name the file"
        )
    path, name, extent = Path(os.path.abspath(content.path)), content.name, content.file
    with extent.opened(), _opened(path, name) as connection:
        runs = _runs(connection, name)

    def load(run: str, metric: str) -> Data:
        with extent.opened(), _opened(path, name) as connection:
            return _history(connection, run, metric, f"{name}::{run}/{metric}")

    log = path.with_name(f"{path.name}-wal")
    pending = log.is_file() and log.stat().st_size > 0
    note = f"{name}: what is only in {log.name} so far is not seen"
    return of_runs(name, runs, load, (note,) if pending else ())


@contextmanager
def _opened(path: Path, name: str) -> Iterator[sqlite3.Connection]:
    """A connection that reads the plain tables of MLflow, and may do nothing else."""
    try:
        uri = f"{path.as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "temp_store = MEMORY"):
                connection.execute(f"PRAGMA {pragma}")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            _check_schema(connection, name)
            connection.set_authorizer(_authorized)
            steps = iter(range(_FEWEST_STEPS + path.stat().st_size // _EVERY * _STEPS_A_BYTE))
            connection.set_progress_handler(lambda: next(steps, None) is None, _EVERY)
            yield connection
    except (sqlite3.Error, OverflowError) as error:
        raise DataFault(f"{name}: looks like SQLite, which cannot read it ({error})", "copy the file anew") from None


def _check_schema(connection: sqlite3.Connection, name: str) -> None:
    """Refuses a file that has not the plain tables of MLflow."""
    marks = ", ".join("?" * len(_TABLES))
    found = connection.execute(
        f"SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name IN ({marks})", tuple(_TABLES)
    ).fetchall()
    plain = {table for table, sql in found if isinstance(sql, str) and sql.lstrip().upper().startswith("CREATE TABLE")}
    columns = {
        table: {column for _, column, *_, hidden in connection.execute(f"PRAGMA table_xinfo({table})") if not hidden}
        for table in plain
    }
    if any(not needed <= columns.get(table, set()) for table, needed in _TABLES.items()):
        fact = f"{name}: looks like SQLite, which is not read, but for files of MLflow"
        shown = f"'{name}'" if re.fullmatch(r"[\w./ -]+", name) else "FILE"  # a name that no shell takes apart
        raise DataFault(fact, f"sqlite3 -csv -header {shown} 'select * from TABLE' | losscli … -::COLUMN")


def _authorized(action: int, table: str | None, column: str | None, *_: str | None) -> int:
    """Allows to read the columns that are asked for, and no function."""
    if action == sqlite3.SQLITE_READ and column not in ("", *_TABLES.get(table or "", ())):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _runs(connection: sqlite3.Connection, name: str) -> list[Run]:
    names = connection.execute(_RUNS, (MOST + 1,)).fetchall()
    metrics: dict[object, list[str]] = {run: [] for run, _ in names}
    count = 0
    for run, key in connection.execute(_METRICS, (MOST + 1,)):
        count += 1
        if run in metrics:
            metrics[run].append(str(key))
    if len(names) > MOST or count > MOST:
        raise DataFault(f"{name}: more than {MOST} runs or metrics", "export the metric with mlflow, as CSV")
    return [Run(str(run), str(title or ""), tuple(sorted(metrics[run]))) for run, title in names]


def _history(connection: sqlite3.Connection, run: str, metric: str, source: str) -> Data:
    values, steps = array("d"), array("q")
    for value, step, is_nan in connection.execute(_HISTORY, (run, metric)):
        if not isinstance(value, (int, float)) or not isinstance(step, int):
            raise DataFault(f"{source}: a value or a step that is no number", "export the metric with mlflow, as CSV")
        number = float(value)
        values.append(nan if is_nan else copysign(inf, number) if abs(number) >= _LARGEST else number)
        steps.append(step)
    if not values:
        raise DataFault(f"{source}: no value was logged", "log one with mlflow.log_metric")
    return metric_data(values, steps, source)
