"""Runs cases: one, or many over a few threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import replace
from threading import Event, Lock, Thread

from losscli.checks.claim_sources import claim_from
from losscli.checks.claims import Claim, FunctionClaim, claim_of
from losscli.engine.evaluate import Wanted
from losscli.engine.threads import MOST_THREADS, usable_cores
from losscli.losses.catalogue import losses
from losscli.reading.access import limited
from losscli.reading.logs import split_pattern
from losscli.reading.opener import Source
from losscli.reading.options import ReadOptions
from losscli.reading.text.lists import array_of, written
from losscli.request.compute import compute
from losscli.request.naming import loss_named, names_a_function
from losscli.request.request import Request, from_sources, source_of
from losscli.schema.faults import LossError, ends_the_run, is_bug, lines_of
from losscli.schema.loss import Loss
from losscli.schema.spelling import SUITE, asked_in
from losscli.schema.synonyms import role_named
from losscli.suites.model import ERROR, HOLDS, REFUTED, Broken, Case, Outcome
from losscli.verify.judge import judge


def run_case(case: Case | Broken, *, full: bool = False, jobs: int = 1) -> Outcome:
    """Runs one case. Any failure, even a bug of losscli, ends this case alone."""
    if isinstance(case, Broken):
        return Outcome(case, ERROR, case.faults, bug=case.bug)
    start = time.perf_counter()
    try:
        with asked_in(SUITE), limited(case.limits):
            outcome = _missed_error(case, jobs) if case.expect.error else _judged(case, full, jobs)
    except BaseException as error:
        if ends_the_run(error):
            raise
        outcome = Outcome(case, ERROR, lines_of(error, case.name), bug=is_bug(error))
    return replace(outcome, seconds=time.perf_counter() - start)


def run_cases(
    cases: Sequence[Case | Broken],
    *,
    jobs: int | None = None,
    fail_fast: bool = False,
    full: bool = False,
    progress: Callable[[int], None] | None = None,
) -> tuple[Outcome, ...]:
    """The outcome of every case, in their order; with `fail_fast` up to the first that does not hold."""
    done = []
    for outcome in _outcomes(cases, full, jobs or usable_cores()):
        done.append(outcome)
        if progress is not None:
            progress(1)
        if fail_fast and outcome.status != HOLDS:
            break
    return tuple(done)


def _outcomes(cases: Sequence[Case | Broken], full: bool, jobs: int) -> Iterator[Outcome]:
    """Outcomes in the order of the cases, as they come.

    Only cases that read files go to other threads: what is spelled out is small, and two threads that both hold
    Python's lock most of the time are slower than one. Nor do user-defined functions and patterns. The
    threads are daemons: one that hangs in a case must not keep an interrupted run from ending.
    """
    reading = [case for case in cases if isinstance(case, Case) and _reads(case) and not _needs_main_thread(case)]
    if jobs < 2 or not reading:
        yield from (run_case(case, full=full) for case in cases)
        return
    inside = max(1, jobs // len(reading))  # a suite of one large case may use all threads for it
    awaited: dict[int, Future[Outcome]] = {id(case): Future() for case in reading}
    pending, stopped = iter(reading), Event()
    turn = Lock()

    def work() -> None:
        while not stopped.is_set():
            with turn:
                case = next(pending, None)
            if case is None:
                return
            try:
                awaited[id(case)].set_result(run_case(case, full=full, jobs=inside))
            except BaseException as error:  # for whoever waits
                awaited[id(case)].set_exception(error)

    threads = [Thread(target=copy_context().run, args=(work,), daemon=True) for _ in range(min(jobs, len(reading)))]
    try:
        for thread in threads[:MOST_THREADS]:
            thread.start()
    except RuntimeError:  # the system allows no more
        if threads[0].ident is None:
            work()
    try:
        for case in cases:
            yield awaited[id(case)].result() if id(case) in awaited else run_case(case, full=full)
    finally:
        stopped.set()


def _needs_main_thread(case: Case) -> bool:
    """Whether a case names a user's function, or a pattern, whose search only the main thread can be torn from."""
    claims = (case.expect.value, case.expect.per_sample, *(case.expect.gradients or {}).values())
    words = [word for word in (case.loss, *case.options.values(), *claims) if isinstance(word, str)]
    return any(names_a_function(word) or split_pattern(word) for word in words)


def _reads(case: Case) -> bool:
    """Whether any input of a case, or its parameters, is a SOURCE."""
    values = case.inputs.values() if isinstance(case.inputs, Mapping) else case.inputs
    return any(isinstance(value, str) for value in (*values, case.settings.params))


def _judged(case: Case, full: bool, jobs: int) -> Outcome:
    loss = loss_named(case.loss, case.reading.base)
    request = request_of(case, loss)
    verified = judge(request, list(claims_of(case, loss)), case.tolerances, jobs, spread=False)
    outcome = Outcome(case, HOLDS if verified.holds else REFUTED, verified=verified)
    if not full:
        return outcome
    everything = compute(request.bound(), Wanted(per_sample=True, gradients=True, jobs=jobs))
    return replace(outcome, per_sample=everything.per_sample, gradients=everything.gradients)


def _missed_error(case: Case, jobs: int) -> Outcome:
    """The outcome of a case that expects an error."""
    wanted = " ".join((case.expect.error or "").split())
    try:
        loss = loss_named(case.loss, case.reading.base)
        result = compute(request_of(case, loss).bound(), Wanted(jobs=jobs))
    except LossError as fault:
        if wanted.lower() in " ".join(str(fault).split()).lower():
            return Outcome(case, HOLDS)
        first, *rest = fault.lines
        return Outcome(case, REFUTED, (f"expected an error that says {wanted!r}, but it says: {first}", *rest))
    value = "" if result.value is None else f": {result.value!r}"
    return Outcome(case, REFUTED, (f"expected an error that says {wanted!r}, but there is a value{value}",))


def request_of(case: Case, loss: Loss) -> Request:
    """The request of a case."""
    named: dict[str, Source] = {}
    sources: list[Source] = []
    if isinstance(case.inputs, Mapping):
        named = {role: source_of(value, f"inputs.{role}") for role, value in case.inputs.items()}
    else:
        sources = [source_of(value, f"inputs[{at}]") for at, value in enumerate(case.inputs)]
    options = {
        name: source_of(value, f"options.{name}") if (spec := loss.option(name)) and spec.option.axes else value
        for name, value in case.options.items()
        if value is not None and not _is_idle(name, case, loss)
    }
    claimed = (case.expect.value, case.expect.per_sample, *(case.expect.gradients or {}).values())
    claim_sources = [claim for claim in claimed if isinstance(claim, str) and not names_a_function(claim)]
    return from_sources(loss, sources, options, case.settings, case.reading, named=named, other_sources=claim_sources)


def _is_idle(option: str, case: Case, loss: Loss) -> bool:
    """Whether a default option is meant for other losses; one that no loss has is misspelt."""
    if "options" not in case.settings.defaulted or loss.option(option) is not None:
        return False
    return any(other.option(option) is not None for other in losses())


def claims_of(case: Case, loss: Loss) -> Iterator[Claim | FunctionClaim]:
    """The claims of a case."""
    expect = case.expect
    single = {"value": expect.value, "at_most": expect.at_most, "at_least": expect.at_least}
    for kind, claimed in single.items():
        if claimed is not None:
            yield _claim(claimed, kind, case.reading)
    if expect.per_sample is not None:
        yield _claim(expect.per_sample, "per_sample", case.reading)
    for word, claimed in (expect.gradients or {}).items():
        yield _claim(claimed, "gradient", case.reading, role_named(word, loss.roles) or word)


def _claim(claimed: object, kind: str, reading: ReadOptions, role: str = "") -> Claim | FunctionClaim:
    name = f"expect.gradients.{role}" if role else f"expect.{kind}"
    if isinstance(claimed, str):
        return claim_from(claimed, kind, reading, role)
    if isinstance(claimed, (int, float)):
        return claim_from(written(claimed), kind, reading, role)
    return claim_of(array_of(claimed, name, keep_text=True), kind, role)
