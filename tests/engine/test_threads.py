"""Threads: all runs once, the first failure stops the rest, and no thread more than the system gives."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from losscli.engine import threads as pool
from losscli.engine.threads import fold, usable_cores

RUNS = [(i, i + 1) for i in range(500)]


@pytest.mark.parametrize("jobs", [1, 2, 7, 1000])
def test_every_run_counts_once(jobs: int) -> None:
    done: Counter[int] = Counter()

    def work(start: int, stop: int) -> int:
        done[start] += 1
        return stop * stop

    assert fold(RUNS, work, 0, jobs) == sum(stop * stop for _, stop in RUNS)
    assert set(done.values()) == {1}
    assert len(done) == len(RUNS)


def test_nothing_to_do() -> None:
    assert fold([], lambda start, stop: stop - start, 0, 4) == 0


@pytest.mark.parametrize("jobs", [1, 4])
@pytest.mark.parametrize("failure", [ValueError("x"), KeyboardInterrupt()], ids=repr)
def test_a_failure_stops_all(jobs: int, failure: BaseException) -> None:
    started: list[int] = []

    def work(start: int, _: int) -> int:
        started.append(start)
        if start == 10:
            raise failure
        return 1

    with pytest.raises(type(failure)):
        fold(RUNS, work, 0, jobs)
    assert len(started) < len(RUNS)
    assert threading.active_count() == 1 or not any(t.name.startswith("Thread") for t in threading.enumerate())


def test_progress_is_told_every_unit() -> None:
    told: list[int] = []
    fold([(0, 10), (10, 15), (15, 16)], lambda *_: 0, 0, 3, told.append)
    assert sorted(told) == [1, 5, 10]


def test_threads_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[bool] = []

    class Counted(threading.Thread):
        def start(self) -> None:
            started.append(True)
            super().start()

    monkeypatch.setattr(pool, "Thread", Counted)
    assert fold(RUNS, lambda start, stop: stop - start, 0, 100_000) == 500
    assert len(started) < 1000


def test_a_system_without_threads_is_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(pool, "Thread", Refused)
    assert fold(RUNS, lambda start, stop: stop - start, 0, 8) == 500


def test_usable_cores() -> None:
    assert usable_cores() >= 1
