"""Options that a command line writes, and that have no use in it: an error of usage.

What the environment chooses makes nothing useless. Options of reading wait for the sources: see request/unused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from losscli.schema.faults import UsageFault
from losscli.schema.settings import SETTINGS, Settings, spelled, without_use

_RUNNING = ("jobs", "progress", "quiet", "format", "suite_format", "output")  # how to run and where to write
_SAMPLES = ("by", "worst", "rows", "per_sample", "gradients")
_ARRAYS = ("save_per_sample", "save_gradients")
_OF_ALL_SAMPLES = ("reduction", "size_average", "reduce", "sample_weight")
_NO_DATA, _SCHEMA = "no data are named", "--schema prints the schema alone"
_PLAIN = Settings()


def refuse_unused(
    command: str, settings: Settings, sources: Collection[str], options: Mapping[str, object], form: str
) -> None:
    """A UsageFault for the first option without use; `form` is empty where the environment chose it."""
    for names, reason in _without_use(command, settings, sources, form):
        for name in names:
            if (value := getattr(settings, name)) != getattr(_PLAIN, name):
                raise without_use(name, value, reason)
    if command == "explain" and not sources and options:
        raise without_use(next(iter(options)), None, _NO_DATA)
    if settings.schema and sources:
        raise UsageFault(f"{next(iter(sources))} has no use here: {_SCHEMA}", "leave it out")


def _without_use(
    command: str, settings: Settings, sources: Collection[str], form: str
) -> Iterator[tuple[Iterable[str], str]]:
    """Settings that have no effect with the other ones, and why."""
    if form in ("json", "csv"):
        yield ("digits",), f"{form.upper()} holds all digits"
    everything = [name for name, setting in SETTINGS.items() if command in setting.commands]
    if settings.size_average is not None or settings.reduce is not None:
        yield ("reduction",), f"{spelled('size_average')} and {spelled('reduce')} go before it"
    if command == "explain" and sources:
        yield _OF_ALL_SAMPLES, "the steps are those of one sample, before any reduction"
    if command == "explain" and not sources:
        yield (name for name in everything if name not in _RUNNING), _NO_DATA
    if command == "suite" and settings.schema:
        yield (name for name in everything if name not in ("schema", "output")), _SCHEMA
    if command == "suite" and settings.junit is None:
        yield ("junit_family",), f"there is no {spelled('junit')} file"
    if command == "verify" and form == "bare":
        yield ("digits", "hint_only"), "--bare shows the verdict alone"
    if command == "compute":
        yield from _of_compute(settings, form)


def _of_compute(settings: Settings, form: str) -> Iterator[tuple[Iterable[str], str]]:
    if settings.convention == "all":
        yield (*_SAMPLES, *_ARRAYS), "--convention all shows one number a convention"
    if form == "bare":
        yield (name for name in _SAMPLES if getattr(settings, name) is not False), "--bare shows one number"
    if form == "csv":
        yield ("by",), "CSV holds samples, and no groups"
        if settings.per_sample is False:
            yield ("per_sample",), "CSV holds samples, and nothing else"
    if settings.per_sample is False and form in ("table", "markdown"):
        yield ("rows", "worst"), "no samples are shown"
    if settings.worst is not None:
        yield ("rows",), f"{spelled('worst')} says how many samples are shown"
