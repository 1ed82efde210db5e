"""MLflow's runs as folders, and what their metrics are called wherever they are kept."""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from losscli.reading.access import admit
from losscli.reading.columns import Arrays
from losscli.reading.container import listed, near_miss
from losscli.reading.content import Content
from losscli.schema.data import Data, Held
from losscli.schema.faults import DataFault
from losscli.schema.number_text import is_integer, is_number
from losscli.schema.records import record

MOST = 100_000  # runs, or metrics of one
_LONGEST_LINE = 4096
_LONGEST_NAME = 64 << 10


@record
class Run:
    """A run: its id, its name, which others may have too, and its metrics."""

    id: str
    name: str
    metrics: tuple[str, ...]


def of_runs(name: str, runs: Sequence[Run], load: Callable[[str, str], Data], notes: tuple[str, ...] = ()) -> Arrays:
    """The metrics of runs, as RUN/METRIC: RUN is a name that one run has, an id, or how one id alone begins."""
    ids, names = {run.id for run in runs}, Counter(run.name for run in runs)
    every = [
        (run.name if run.name and run.name not in ids and names[run.name] == 1 else run.id, run.id, metric)
        for run in runs
        for metric in run.metrics
    ]
    alike = Counter(f"{title}/{metric}" for title, _, metric in every)  # names and metrics may hold slashes
    places = {
        f"{title if alike[f'{title}/{metric}'] == 1 else run}/{metric}": (run, metric) for title, run, metric in every
    }
    if not places:
        raise DataFault(f"{name}: no run has a metric", "log one with mlflow.log_metric")
    labels = {place: label for label, place in places.items()}

    def meaning(word: str) -> str | None:
        known = [(run, word[at + 1 :]) for at in _slashes(word) if (run := _run_of(word[:at], runs, name)) is not None]
        found = [labels[run.id, metric] for run, metric in known if (run.id, metric) in labels]
        if len(found) > 1:
            raise DataFault(f"{name}: {word!r} may mean {' or '.join(found)}", "write one of these")
        if known and not found:
            run, metric = known[0]
            fact = f"{name}: the run {run.name or run.id} has no metric {metric!r}{near_miss(metric, run.metrics)}"
            raise DataFault(fact, f"it has {listed(run.metrics)}")
        return found[0] if found else None

    return Arrays(name, tuple(places), lambda label: load(*places[label]), notes=notes, meaning=meaning, log=True)


def _slashes(word: str) -> list[int]:
    return [at for at, mark in enumerate(word) if mark == "/"]


def _run_of(word: str, runs: Sequence[Run], name: str) -> Run | None:
    """The run that a word means; a DataFault if it may be several."""
    for found in (
        [run for run in runs if run.id == word],
        [run for run in runs if run.name == word],
        [run for run in runs if word and run.id.startswith(word)],
    ):
        if len(found) > 1:
            ids = ", ".join(run.id for run in found[:5])
            raise DataFault(f"{name}: {len(found)} runs are meant by {word!r}", f"give the id of one: {ids}")
        if found:
            return found[0]
    return None


def metric_data(values: array[float], steps: array[int], source: str) -> Data:
    """The history of a metric in the order of its steps."""
    order = np.argsort(np.array(steps, np.int64), kind="stable")
    run = np.array(values, np.float64)[order]
    return Data(source, "float64", Held(run), lambda flat: f"{source} at step {steps[int(order[flat])]}")


def open_run(content: Content) -> Arrays:
    """The folder of a run: the files in its folder `metrics`, each a metric."""
    assert content.path is not None
    path, name = content.path, content.name
    metrics = _metrics(path, name)
    if not metrics:
        raise DataFault(f"{name}: the run has no metric", "log one with mlflow.log_metric")
    return Arrays(name, metrics, lambda metric: _history(path, metric, f"{name}::{metric}", name), log=True)


def open_store(content: Content) -> Arrays:
    """The folder of many runs: a folder of each experiment, and in it one of each run."""
    assert content.path is not None
    folders: dict[str, Path] = {}
    runs = []
    for experiment in _folders(content.path, content.name):
        for folder in _folders(experiment, content.name):
            if not (folder / "meta.yaml").is_file() or not (folder / "metrics").is_dir() or folder.name in folders:
                continue
            folders[folder.name] = folder
            runs.append(Run(folder.name, _name_of(folder, content.name), _metrics(folder, content.name)))
            if len(runs) > MOST:
                raise DataFault(f"{content.name}: more than {MOST} runs", "name the folder of one run")

    def load(run: str, metric: str) -> Data:
        return _history(folders[run], metric, f"{content.name}::{run}/{metric}", content.name)

    return of_runs(content.name, runs, load)


def _folders(path: Path, name: str) -> list[Path]:
    """The folders in a folder, but for hidden ones and links."""
    with os.scandir(path) as entries:
        found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    if len(found) > MOST:
        raise DataFault(f"{name}: a folder of more than {MOST} folders", "name the folder of one run")
    return sorted(folder for folder in found if not folder.name.startswith("."))


def _metrics(run: Path, name: str) -> tuple[str, ...]:
    """The files below the folder of metrics, links left out."""
    folder, found = run / "metrics", list[str]()
    for root, _, files in os.walk(folder):
        for file in files:
            path = Path(root, file)
            if path.is_file() and not path.is_symlink():
                found.append(path.relative_to(folder).as_posix())
            if len(found) > MOST:
                raise DataFault(f"{name}: more than {MOST} metrics in a run", "log fewer")
    return tuple(sorted(found))


def _name_of(run: Path, name: str) -> str:
    """The name that a run's tag gives it, empty if it has none."""
    path = run / "tags" / "mlflow.runName"
    if not path.is_file() or path.is_symlink():
        return ""
    admit(path, name)
    with path.open("rb") as file:
        return file.read(_LONGEST_NAME).decode("utf-8", "replace").strip()


def _history(run: Path, metric: str, source: str, name: str) -> Data:
    """The lines `TIMESTAMP VALUE STEP` of a metric."""
    path = run / "metrics" / metric
    admit(path, name)
    values, steps = array("d"), array("q")
    with path.open("rb") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            cells = line.decode("utf-8", "replace").split()
            step = cells[2] if len(cells) == 3 else "0"
            if len(cells) not in (2, 3) or not is_number(cells[1]) or not is_integer(step) or len(step) > 18:
                fact = f"{source} line {number}: not TIMESTAMP VALUE STEP, as MLflow writes a metric"
                raise DataFault(fact, "name a metric of a run")
            values.append(float(cells[1]))
            steps.append(int(step))
    if not values:
        raise DataFault(f"{source}: no value was logged", "log one with mlflow.log_metric")
    return metric_data(values, steps, source)
