"""Writes a report in one of the formats."""

from __future__ import annotations

from collections.abc import Iterator

from losscli.report.report import Report, Screen


def written(report: Report, form: str, screen: Screen, digits: int | None = None) -> Iterator[str]:
    """The text, piece by piece; `digits` applies to tables and Markdown, other formats have all digits."""
    if form == "json":
        from losscli.report.writers.json import write_json

        return write_json(report)
    if form == "csv":
        from losscli.report.writers.csv import write_csv

        return write_csv(report)
    if form == "markdown":
        from losscli.report.writers.markdown import write_markdown

        return write_markdown(report, digits)
    if form == "github":
        from losscli.report.writers.github import write_github

        return write_github(report)
    from losscli.report.writers.table import write_table

    return write_table(report, screen, digits)
