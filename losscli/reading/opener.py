"""Addresses to containers: what a SOURCE names, each thing opened once in a request."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence
from dataclasses import field, replace
from pathlib import Path

from losscli.reading.access import check_place
from losscli.reading.binary.spool import Scratch
from losscli.reading.container import Container, Single
from losscli.reading.options import ReadOptions
from losscli.reading.text.literals import literal, refuse_list
from losscli.reading.text.numbers import misread
from losscli.schema.data import Data
from losscli.schema.faults import DataFault, LossError
from losscli.schema.number_text import is_number
from losscli.schema.records import record

_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL}

_NAMES = re.compile(r"[,:\[=\]]|\.-?[0-9]+$")  # what is between the names in a selector
_MARK = re.compile(r"\.-?[0-9]+$|=.*\]$", re.DOTALL)  # of a row

_SOURCE = "a SOURCE is a path, a number, a JSON list, or - for standard input"
_LONGEST_SHOWN = 1000
_ALIKE = 0.8  # the share that two names have in common, for difflib
_LONGEST_PATTERN = 4096  # a longer word is a broken list rather, and glob would take minutes over it


@record
class Opened:
    """A source, opened: what errors call it, the container, and what to pick from it."""

    source: str
    container: Container
    selector: str | None = None

    def data(self, missing: str = "error") -> Data:
        """The array that the source names. Unless missing values are skipped, the first is a fault."""
        data = self.container.pick(self.selector)
        if data.missing is not None and missing != "skip":
            raise data.missing.fault
        return replace(data, source=self.source)

    def part(self, selector: str) -> Opened:
        """One array of the container."""
        self.container.expect(selector)
        return Opened(f"{self.source}::{selector}", self.container, selector)


Source = str | Opened
"""An address in a user's words, or data that are at hand, such as the lists of a suite."""


@record
class Opener:
    """Opens the sources of one request; standard input and a file of many columns are read once."""

    options: ReadOptions
    roles: Sequence[str]
    opened: dict[str, Container] = field(default_factory=dict)
    failed: dict[str, LossError] = field(default_factory=dict)
    scratch: Scratch = field(default_factory=Scratch)

    def open(self, source: Source) -> Opened:
        """What a SOURCE names, in the order of the design: standard input, a literal, a path, a glob."""
        if isinstance(source, Opened):
            return source
        if not source.partition("::")[0].strip():
            fact = f"{source}: no file before the selector" if source.strip() else "a SOURCE is empty"
            raise DataFault(fact, f"{_SOURCE}; a variable of the shell that is not set is empty")
        if source == "-" or source.startswith("-::"):
            return self._expected(source, self._container("-", source[3:]), source[3:] or None)
        data = literal(source, self.options.keep_text)
        if data:
            return Opened(source, Single(data))
        address, selector = self._split(source)
        return self._expected(source, self._container(address, selector or ""), selector)

    def _expected(self, source: str, container: Container, selector: str | None) -> Opened:
        """A source, of which the container knows what it selects."""
        if selector is not None:
            if _MARK.search(selector):
                from losscli.reading.rows import row_of  # which most requests need not

                if (row := row_of(container, selector)) is not None:
                    return Opened(source, row)
            container.expect(selector)
        return Opened(source, container, selector)

    def exists(self, address: str) -> bool:
        """Whether the address is a path to something."""
        if not address or "\0" in address:
            return False
        try:
            os.stat(self._path(address))
        except OSError as error:
            if error.errno in _ABSENT:
                return False
            raise DataFault(f"{address}: {error.strerror or error}") from None
        return True

    def names_something(self, address: str) -> bool:
        """Whether the address is a path to something, or a pattern that matches."""
        return self.exists(address) or bool(self._matches(address))

    def _split(self, source: str) -> tuple[str, str | None]:
        """The address and the selector, which start at `::`; but a file's name may hold that itself."""
        if self.names_something(source):
            return source, None
        words = source.split("::")
        for count in range(1, len(words)):
            address = "::".join(words[:count])
            if self.names_something(address):
                return address, "::".join(words[count:]) or None
        raise self._no_such_file(source, words[0])

    def _container(self, address: str, selector: str) -> Container:
        if address in self.failed:  # standard input, or a pipe, would be found empty now
            raise self.failed[address]
        if address not in self.opened:
            try:
                self.opened[address] = self._open_address(address, (*self.roles, *_NAMES.split(selector)))
            except LossError as fault:
                self.failed[address] = fault
                raise
        return self.opened[address]

    def _open_address(self, address: str, names: Sequence[str]) -> Container:
        """The container, in which a first cell that is one of the names is a header."""
        from losscli.reading.opening import open_path, open_stdin  # a literal needs none of this
        from losscli.reading.shards import Shards

        if address == "-":
            return open_stdin(self.options, names, self.scratch)
        paths = [] if self.exists(address) else self._matches(address)
        if not paths:
            return open_path(self._path(address), address, self.options, names, self.scratch)
        parts = (open_path(self._path(path), path, self.options, names, self.scratch) for path in paths)
        return Shards(address, tuple(parts))

    def _matches(self, pattern: str) -> list[str]:
        """The paths a pattern matches, in natural order."""
        if len(pattern) > _LONGEST_PATTERN or "\0" in pattern or not any(mark in pattern for mark in "*?["):
            return []
        from losscli.reading.shards import glob_paths

        return glob_paths(pattern, self.options.base)

    def _path(self, address: str) -> Path:
        path = (self.options.base or Path()) / address
        check_place(path, address)
        return path

    def _no_such_file(self, source: str, address: str) -> DataFault:
        """Why a word names nothing, as near as can be seen, and the word that would."""
        if source.lstrip().startswith("["):
            refuse_list(source)
        shown = source if len(source) <= _LONGEST_SHOWN else f"{source[:_LONGEST_SHOWN]}..."
        if len(source) > 1 and source[0] == source[-1] == "'":
            cure = f'cmd.exe passes single quotes on; write double ones: "{source[1:-1]}"'
            return DataFault(f"no such file: {shown}", cure)
        if "*" in address or "?" in address:
            return DataFault(f"{address}: no file matches this pattern", "see what there is with ls")
        if "," in source and all(is_number(cell.strip()) for cell in source.split(",")) and source.count(",") > 1:
            return DataFault(f"no such file: {shown}", f"if it should be a list: '[{source}]'")
        if re.match(r"[+-]?\.?\d[^;\s]*$", source) and (cure := misread(source)[1]):
            return DataFault(f"no such file: {shown}", f"if it should be a number: {cure}")
        file, colon, column = source.rpartition(":")
        if colon and column and self.exists(file):
            return DataFault(f"no such file: {shown}", f"two colons select a column: {file}::{column}")
        folder, name = os.path.split(self._path(address))
        try:
            hint = _similar_file(name, os.listdir(folder or os.curdir))
        except OSError:
            return DataFault(f"no such file: {shown}, nor is there a folder {os.path.dirname(address)}", _SOURCE)
        return DataFault(
            f"no such file: {address[:_LONGEST_SHOWN]}{hint}",
            _SOURCE,
        )


def _similar_file(name: str, names: Sequence[str]) -> str:
    """`, did you mean 'x.npy'?`: by the whole name or without suffixes, for a suffix in common makes no two alike."""
    from difflib import get_close_matches

    stems = {file.partition(".")[0]: file for file in names if not file.startswith(".")}
    close = [file for file in names if file.lower() == name.lower()] or get_close_matches(name, names, 1, _ALIKE)
    close += [stems[stem] for stem in get_close_matches(name.partition(".")[0], list(stems), 1, _ALIKE)]
    return f", did you mean {close[0]!r}?" if close else ""
