"""GitHub: a workflow command for each case that does not hold, which the run shows at the case's line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from losscli.report.report import Ending, Report
from losscli.schema.text import printable


def write_github(report: Report, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """The annotations, their paths from the repository's root; then one line for all cases."""
    root = environment.get("GITHUB_WORKSPACE", "")
    for ending in report.endings:
        if ending.why:
            yield _error(ending.why, {**_place(ending, root), "title": f"{ending.status}: {ending.name}"})
    yield f"{printable(report.summary)}\n"


def _place(ending: Ending, root: str) -> dict[str, str]:
    """The path relative to the repository's root, if the file is in the repository."""
    file = os.path.realpath(ending.file)
    inside = root and os.path.commonpath([os.path.realpath(root), file]) == os.path.realpath(root)
    return {"file": os.path.relpath(file, os.path.realpath(root)) if inside else ending.file, "line": str(ending.line)}


def _error(lines: tuple[str, ...], properties: Mapping[str, str]) -> str:
    marked = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::error {marked}::{_data(chr(10).join(map(printable, lines)))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
