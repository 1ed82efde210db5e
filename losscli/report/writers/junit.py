"""JUnit XML, which every CI server shows: a test suite a file, a test case a case, failures and errors apart.

It is valid by the schema of Jenkins' xunit plugin; the family `gitlab` adds the file and line of each case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from xml.etree import ElementTree

from losscli.report.report import Ending, Report
from losscli.schema.text import printable

_NO_XML = re.compile("[\ufffe\uffff]")  # XML 1.0 has no way to write these, nor the control characters


def write_junit(report: Report, family: str) -> Iterator[str]:
    """The document; refuted cases are failures, broken ones are errors."""
    root = ElementTree.Element("testsuites", {"name": "losscli", **_counts(report.endings)})
    for file, group in groupby(report.endings, key=lambda ending: ending.file):
        endings = tuple(group)
        suite = ElementTree.SubElement(root, "testsuite", {"name": _safe(file), **_counts(endings), "skipped": "0"})
        for ending in endings:
            _add_case(suite, ending, family)
    ElementTree.indent(root)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield ElementTree.tostring(root, encoding="unicode") + "\n"


def _add_case(suite: ElementTree.Element, ending: Ending, family: str) -> None:
    place = {"file": _safe(ending.file), "line": str(ending.line)} if family == "gitlab" else {}
    names = {"name": _safe(ending.name), "classname": _safe(ending.file)}
    case = ElementTree.SubElement(suite, "testcase", {**names, **place, "time": f"{ending.seconds:.3f}"})
    if ending.why:
        tag = "error" if ending.status == "error" else "failure"
        first = {"type": ending.status, "message": _safe(ending.why[0])}
        ElementTree.SubElement(case, tag, first).text = "\n".join(map(_safe, ending.why))


def _counts(endings: Iterable[Ending]) -> dict[str, str]:
    statuses = [(ending.status, ending.seconds) for ending in endings]
    names = [status for status, _ in statuses]
    return {
        "tests": str(len(names)),
        "failures": str(names.count("refuted")),
        "errors": str(names.count("error")),
        "time": f"{sum(seconds for _, seconds in statuses):.3f}",
    }


def _safe(text: str) -> str:
    return _NO_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", printable(text))
