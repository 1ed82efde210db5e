"""TensorBoard's event files: TFRecords of protocol buffers, of which the scalars are read."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from losscli.reading.binary.byte_range import PIECE, Extent, read_bytes
from losscli.reading.columns import Arrays
from losscli.reading.content import Content
from losscli.reading.runs.crc32c import crc32c, masked
from losscli.schema.data import Data, Elements, Held
from losscli.schema.faults import DataFault
from losscli.schema.text import plural

_LARGEST = 16 << 20  # bytes of a record; one of scalars has some fifty
_HEADER, _FOOTER = 12, 4
_MOST_TAGS = 100_000
_FLOAT, _DOUBLE = 1, 2
_TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 4: "u1", 5: "<i2", 6: "i1", 9: "<i8", 10: "?", 19: "<f2"}  # DataType
_LISTS = {_FLOAT: (5, "<f"), _DOUBLE: (6, "<d")}  # the field of TensorProto that holds numbers of a type

Field = tuple[int, int, int | bytes]


@dataclass(slots=True)
class Tag:
    """The numbers of one tag as they come."""

    steps: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))
    single: bool = True


def open_events(content: Content) -> Arrays:
    """The scalars of an event file, each tag a column in the order of its steps."""
    extent = content.extent()
    tags: dict[str, Tag] = {}
    notes: list[str] = []
    for offset, record in _records(extent, notes):
        try:
            _take(record, tags)
        except (ValueError, struct.error, OverflowError):
            fact = f"{extent.name}: the record at offset {offset} is no event"
            raise DataFault(fact, "write the log anew, or name a file of TensorBoard") from None
        if len(tags) > _MOST_TAGS:
            raise DataFault(f"{extent.name}: more than {_MOST_TAGS} tags", "write a log for each run")
    if not tags:
        raise DataFault(
            f"{extent.name}: no scalars in it", "write them with add_scalar, or name the file that has them"
        )

    def load(label: str) -> Data:
        return _data(tags[label], f"{extent.name}::{label}")

    return Arrays(extent.name, tuple(tags), load, notes=tuple(notes), log=True)


def _data(tag: Tag, source: str) -> Data:
    steps = np.array(tag.steps, np.int64)
    order = np.argsort(steps, kind="stable")
    newest = np.append(np.diff(steps[order]) != 0, True)[: len(order)]  # a resumed run repeats some
    order, again = order[newest], int(np.count_nonzero(~newest))
    values = np.array(tag.values, np.float64)[order]
    run = values.astype(np.float32) if tag.single else values
    place = partial(_step, source, steps[order])
    notes = (f"{source}: {plural(again, 'value')} left out, whose steps were written again",) if again else ()
    return Data(source, run.dtype.name, Held(run), place, notes=notes)


def _step(source: str, steps: Elements, flat: int) -> str:
    return f"{source} at step {steps[flat]}"


def _records(extent: Extent, notes: list[str]) -> Iterator[tuple[int, bytes]]:
    """The offset and the bytes of each record; what a run that still writes has not finished is a note."""
    offset = 0
    while offset < extent.size:
        header = read_bytes(extent, offset, _HEADER) if offset + _HEADER <= extent.size else b""
        if header and masked(header[:8]) != int.from_bytes(header[8:], "little"):
            cure = "copy the file anew, or name an event file of TensorBoard"
            raise DataFault(f"{extent.name}: the checksum of the length at offset {offset} does not match", cure)
        length = int.from_bytes(header[:8], "little")
        start = offset + _HEADER
        if not header or start + length + _FOOTER > extent.size:
            notes.append(f"{extent.name}: the last record is not complete, as of a run that still writes; left out")
            return
        checksum, record = 0, b""
        for at in range(start, start + length, PIECE):
            piece = read_bytes(extent, at, min(PIECE, start + length - at))
            checksum = crc32c(piece, checksum)
            if length <= _LARGEST:
                record += piece
        stored = int.from_bytes(read_bytes(extent, start + length, _FOOTER), "little")
        if masked(b"", checksum) != stored:
            fact = f"{extent.name}: the checksum of the record at offset {offset} does not match"
            raise DataFault(fact, "copy the file anew")
        yield offset, record
        offset = start + length + _FOOTER


def _fields(message: bytes) -> Iterator[Field]:
    """The fields of a protocol buffer: number, wire type, and the integer or the bytes; a ValueError if it is none."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield number, wire, value
            continue
        if wire == 2:
            length, at = _varint(message, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError
        if at + length > len(message):
            raise ValueError
        yield number, wire, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            break
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
    raise ValueError


def _take(event: bytes, tags: dict[str, Tag]) -> None:
    """Adds the scalars of an event to their tags."""
    step, summaries = 0, list[bytes]()
    for number, _, value in _fields(event):
        if number == 2 and isinstance(value, int):
            step = value - (1 << 64) if value >> 63 else value
        elif number == 5 and isinstance(value, bytes):
            summaries.append(value)
    for summary in summaries:
        for number, _, value in _fields(summary):
            if number == 1 and isinstance(value, bytes) and (scalar := _scalar(value)) is not None:
                name, single, element = scalar
                tag = tags.setdefault(name, Tag())
                tag.steps.append(step)
                tag.values.append(element)
                tag.single = tag.single and single


def _scalar(summary: bytes) -> tuple[str, bool, float] | None:
    """The tag of a summary value, whether its number is a float32, and the number; None of what is no scalar."""
    name, found = "", None
    for number, wire, value in _fields(summary):
        if number == 1 and isinstance(value, bytes):
            name = value.decode("utf-8", "replace")
        elif number == 2 and wire == 5 and isinstance(value, bytes):
            found = True, float(struct.unpack("<f", value)[0])
        elif number == 8 and isinstance(value, bytes):
            found = _tensor(value)
    return None if found is None else (name, *found)


def _tensor(tensor: bytes) -> tuple[bool, float] | None:
    """As `_scalar`, of a tensor without axes."""
    kind, raw, parts = 0, b"", dict[int, list[int | bytes]]()
    for number, _, value in _fields(tensor):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 2 and isinstance(value, bytes):
            if any(number in (2, 3) for number, _, _ in _fields(value)):  # an axis, or an unknown rank
                return None
        elif number == 4 and isinstance(value, bytes):
            raw = value
        else:
            parts.setdefault(number, []).append(value)
    if kind not in _TYPES:
        return None
    single = kind in (_FLOAT, 19)
    if raw:
        (element,) = np.frombuffer(raw, _TYPES[kind]).tolist()
        return single, float(element)
    if kind in _LISTS:
        at, form = _LISTS[kind]
        packed = b"".join(part for part in parts.get(at, []) if isinstance(part, bytes))
        return single, float(struct.unpack(form, packed)[0]) if packed else 0.0  # a default is not written
    return None
