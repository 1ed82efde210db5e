"""Parses suite files into cases. The sources of a case are not opened here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from losscli.checks.claims import Tolerances, tolerances
from losscli.losses.catalogue import find
from losscli.reading.access import Limits, admit, limited, limits_of
from losscli.reading.container import near_miss
from losscli.reading.options import check_options, read_options
from losscli.reading.text.lists import written
from losscli.reading.text.structured import load_yaml
from losscli.reading.text.yaml_text import Block
from losscli.schema.faults import DataFault, UsageFault, is_bug, lines_of
from losscli.schema.kinds import WORDS, shown
from losscli.schema.settings import SETTINGS, Settings
from losscli.schema.spelling import SUITE, asked_in
from losscli.suites.keys import CASE, EXPECT, TOLERANCES, TOP, faults_of, line_of
from losscli.suites.model import WHOLE_FILE, Broken, Case, Expectation

_VERSION = 1
_NOT_DEFAULT = "name"
_PENALTY = {"l1", "l2", "params", "penalize_bias"}


def read_suite(
    path: Path, name: str, *, found_in: Path | None = None, allow_outside: bool = False, code: bool = True
) -> tuple[Case | Broken, ...]:
    """The cases of a suite file, which the user knows by that name.

    What is wrong with one of them does not keep the others from running. A file that was `found_in` a folder must lie
    there. Cases read files in the suite's folder and in the working directory, or anywhere with `allow_outside`, and
    execute a user's Python only with `code`.
    """
    try:
        with nullcontext() if found_in is None else limited(limits_of(found_in, allow_outside=allow_outside)):
            admit(path, name)
        root = load_yaml(path, name)
        entries, faults = _top(root)
    except Exception as error:
        return (_broken(name, 0, WHOLE_FILE, error),)
    block = root if isinstance(root, Block) else Block(1)
    defaults = block.get("defaults") or Block(1)
    if isinstance(defaults, Block):
        faults += faults_of(
            defaults, {key: kind for key, kind in CASE.items() if key != _NOT_DEFAULT}, " among the defaults"
        )
    broken = [Broken(name, _line_in(faults[0]), WHOLE_FILE, tuple(faults))] if faults else []
    known = {key: value for key, value in defaults.items() if key in CASE} if isinstance(defaults, Block) else {}
    limits = limits_of(path.parent, allow_outside=allow_outside, code=code)
    with asked_in(SUITE):
        cases = tuple(_distinct(_cases(entries, known, path, name, block.lines.get("cases", 1), limits)))
    return (*broken, *cases)


def _broken(file: str, line: int, name: str, error: Exception) -> Broken:
    """What stands for a case, or a file, that cannot be read; without a line, at the one that the error names."""
    lines = lines_of(error, file)
    return Broken(file, line or _line_in(lines[0]), name, lines, is_bug(error))


def _line_in(fault: str) -> int:
    """The line that an error of a file names, or the first line."""
    match = re.search(r"\bline (\d+)", fault)
    return int(match[1]) if match else 1


def _top(root: object) -> tuple[list[object], list[str]]:
    """The cases of a file as mappings, and faults outside them; a DataFault if the file is not a suite."""
    if not isinstance(root, Block) or "losscli" not in root:
        raise DataFault("no suite: it has no key losscli", "begin it with `losscli: 1`")
    version, entries = root["losscli"], root.get("cases")
    if version != _VERSION or isinstance(version, bool):
        raise DataFault(
            f"{line_of(root, 'losscli')}: a suite of version {version!r}, this losscli reads version {_VERSION}",
            "write `losscli: 1`, or install the losscli that it was written for",
        )
    faults = [
        f"{line_of(root, key)}: unknown key {key!r}{near_miss(key, TOP)}; a suite has {', '.join(TOP)}"
        for key in root
        if key not in TOP
    ]
    if not isinstance(root.get("defaults"), Block | None):
        faults.append(f"{line_of(root, 'defaults')}: defaults must be a mapping")
    place = f"{line_of(root, 'cases')}: " if "cases" in root else ""
    if entries and not isinstance(entries, list):
        faults.append(f"{place}cases must be a list, got {shown(entries)}")
    elif not entries:
        faults.append(f"{place}no cases, and a suite without cases proves nothing")
    return entries if isinstance(entries, list) else [], faults


def _cases(
    entries: list[object], defaults: Mapping[str, object], path: Path, file: str, line: int, limits: Limits
) -> Iterator[Case | Broken]:
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, Block):
            yield Broken(file, line, f"case {number}", (f"case {number} is no mapping",))
            continue
        named = entry.get("name")
        name = written(named).strip() if isinstance(named, (str, int, float)) else ""
        shown = name or f"case {number}"
        try:
            if faults := _faults(entry, defaults, name):
                yield Broken(file, entry.line, shown, tuple(faults))
            else:
                merged = {**defaults, **entry}
                keys = {key: value for key, value in merged.items() if value is not None}  # null sets a default aside
                yield _case(entry, keys, path, file, name, limits)
        except Exception as error:
            yield _broken(file, entry.line, shown, error)


def _distinct(cases: Iterator[Case | Broken]) -> Iterator[Case | Broken]:
    """The cases, where one with the name of an earlier one is broken."""
    lines: dict[str, int] = {}
    for case in cases:
        if case.name in lines:
            fault = f"the case in line {lines[case.name]} is called {case.name!r} too: give each its own name"
            yield Broken(case.file, case.line, case.name, (fault,))
            continue
        lines[case.name] = case.line
        yield case


def _faults(entry: Block, defaults: Mapping[str, object], name: str) -> list[str]:
    keys = {**defaults, **entry}
    options = () if entry.keys() <= CASE.keys() else _options_of(keys.get("loss"))
    faults = faults_of(entry, CASE, options=options)
    if not name:
        faults.append("a case without a name")
    for part, known in (("expect", EXPECT), ("tolerance", TOLERANCES)):
        inner = keys.get(part)
        if isinstance(inner, dict):
            faults += faults_of(inner, known, f" in {part}")
    expect = keys.get("expect")
    if not expect or (isinstance(expect, dict) and all(value is None for value in expect.values())):
        faults.append(f"nothing is expected: give expect one of {', '.join(EXPECT)}")
    elif isinstance(expect, dict) and "error" in expect and len(expect) > 1:
        faults.append("expect has error and something else: a case that ends with an error has no numbers")
    return faults + [f"no {key}" for key in ("loss", "inputs") if keys.get(key) is None]


def _options_of(loss: object) -> tuple[str, ...]:
    """The names of a loss's options; of a user's function none, since its file would be executed."""
    try:
        return tuple(spec.name for spec in find(str(loss)).options)
    except UsageFault:
        return ()


def _case(entry: Block, keys: Mapping[str, object], path: Path, file: str, name: str, limits: Limits) -> Case:
    """A case of keys whose kinds are checked: those of its entry, and defaults."""
    inputs, options, expect = (keys.get(key, {}) for key in ("inputs", "options", "expect"))
    whole_penalty = "params" in keys and ("l1" in keys or "l2" in keys)  # else defaults have no use for it
    idle = () if whole_penalty else _PENALTY - entry.keys()
    given: dict[str, Any] = {key: value for key, value in keys.items() if key in SETTINGS and key not in idle}
    classes, defaulted = _classes(keys.get("classes")), tuple(key for key in keys if key not in entry)
    settings = Settings(**{**given, "classes": classes, "defaulted": defaulted})
    reading = read_options(settings, path.parent)
    check_options(reading)
    return Case(
        file=file,
        line=entry.line,
        name=name,
        loss=str(keys["loss"]),
        inputs=inputs if isinstance(inputs, (list, dict)) else [],
        options=options if isinstance(options, dict) else {},
        settings=settings,
        reading=reading,
        expect=_expectation(expect, own=entry.get("expect") is expect),
        tolerances=_tolerances(keys, entry),
        limits=limits,
    )


def _tolerances(keys: Mapping[str, Any], entry: Mapping[str, object]) -> Tolerances:
    """What is asked for in place of the rule; of what excludes each other, defaults give way to the case's own."""
    stricter = {name: keys[name] for name in ("precision", "exact_inputs") if name in keys}
    given = {name: value for name, value in _mapping(keys.get("tolerance")).items() if value is not None}
    if "tolerance" in entry:
        stricter = {name: value for name, value in stricter.items() if name in entry or "precision" in given}
    elif stricter.keys() & entry.keys():
        given = {}
    return tolerances(**{**stricter, **given})


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _expectation(value: object, *, own: bool) -> Expectation:
    claimed = {key: value for key, value in _mapping(value).items() if value is not None}
    span = value.spans.get("value") if own and isinstance(value, Block) else None
    return Expectation(**claimed, value_span=span)


def _classes(value: object) -> tuple[str, ...]:
    """The class names, which the command line separates by commas."""
    if not isinstance(value, list):
        return () if value is None else WORDS.of_text(str(value))
    if bad := [name for name in value if "," in name]:
        raise UsageFault(f"the class {bad[0]!r} has a comma in its name", "name the classes without commas")
    return tuple(value)
