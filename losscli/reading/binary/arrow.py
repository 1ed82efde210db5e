"""Parquet, Arrow IPC and the folders of Hugging Face's `save_to_disk`: tables of columns, read by pyarrow.

A column is read when it is needed, batch by batch, and kept as elements of its own dtype.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from losscli.reading.access import admit
from losscli.reading.binary.arrow_in_place import store_in_place
from losscli.reading.binary.arrow_layout import Span, spans
from losscli.reading.binary.arrow_messages import check_schema, checked, is_file
from losscli.reading.binary.arrow_table import ArrowTable, Frame, Splits
from losscli.reading.binary.arrow_values import Kind, holds_lists, holds_words, pyarrow_faults
from losscli.reading.binary.byte_range import AsFile, Extent, file_extent
from losscli.reading.binary.parquet_pages import check_footer, check_lists, check_pages, chunks_of
from losscli.reading.binary.spool import Scratch
from losscli.reading.container import Container
from losscli.reading.content import Content
from losscli.schema.data import Store
from losscli.schema.faults import DataFault

_BUFFER = 1 << 20
_LONGEST_TEXT = 32 << 20
_LONGEST_DOCUMENT = 64 << 20
_MOST_COLUMNS = 200_000

Batches = Iterator[Any]


def open_parquet(content: Content) -> Container:
    """The columns of a Parquet file."""
    extent = content.extent()
    check_footer(extent)
    with pyarrow_faults(extent.name):
        file = pq.ParquetFile(pa.PythonFile(AsFile(extent), "r"), thrift_string_size_limit=_LONGEST_TEXT)
        metadata, schema = file.metadata, file.schema_arrow
        _check_columns(schema, extent.name)

    def batches(columns: Sequence[int], count: int) -> Batches:
        names = [schema.field(at).name for at in columns]
        with pyarrow_faults(extent.name):
            chunks = chunks_of(extent, set(names))
            check_lists(extent, chunks)
            check_pages(extent, chunks)
            values = sum(chunk.values for chunk in chunks)
            rows = max(1, min(count // len(names), count * metadata.num_rows // max(1, values)))
            reader = pq.ParquetFile(
                pa.PythonFile(AsFile(extent), "r"),
                metadata=metadata,
                read_dictionary=[field.name for field in map(schema.field, columns) if _is_words(field.type)],
                pre_buffer=False,
                buffer_size=_BUFFER,
                page_checksum_verification=True,
            )
            with _lean_memory():
                yield from map(_sound, reader.iter_batches(rows, columns=names, use_threads=False))

    return ArrowTable(Frame(extent.name, schema, metadata.num_rows, batches, lambda _: None), content.scratch)


def _is_words(kind: Kind) -> bool:
    """Whether a column's rows are words, not lists of them, whose name in the file is another."""
    return holds_words(kind) and not holds_lists(kind)


def open_arrow(content: Content) -> Container:
    """The columns of an Arrow file, which is Feather too, or of a stream of Arrow's."""
    if content.head.startswith(b"FEA1"):
        cure = "write it with pandas 1 or later: pandas.read_feather(FILE).to_feather(FILE)"
        raise DataFault(f"{content.name}: the first version of Feather, which is not read", cure)
    return _ipc_table(content.name, [content.extent()], content.scratch)


def open_dataset(content: Content) -> Container:
    """A data set that Hugging Face's `save_to_disk` wrote: a folder of streams."""
    assert content.path is not None
    return _dataset(content.path, content.name, content.scratch)


def open_datasets(content: Content) -> Container:
    """A DatasetDict that `save_to_disk` wrote: a folder with a folder of each split."""
    assert content.path is not None
    splits = _document(content.path / "dataset_dict.json", content.name).get("splits")
    if not isinstance(splits, list) or not splits or not all(map(_is_plain, splits)):
        raise DataFault(f"{content.name}: dataset_dict.json names no splits", "save it anew with save_to_disk")
    folder, name = content.path, content.name
    return Splits(name, tuple(splits), lambda split: _dataset(folder / split, f"{name}/{split}", content.scratch))


def _dataset(folder: Path, name: str, scratch: Scratch) -> ArrowTable:
    cure = "save it anew with save_to_disk"
    state = _document(folder / "state.json", name)
    if state.get("_indices_data_files"):
        raise DataFault(f"{name}: rows that are chosen by an index of their own", "save dataset.flatten_indices()")
    listed = state.get("_data_files")
    files = [about.get("filename") for about in listed if isinstance(about, dict)] if isinstance(listed, list) else []
    if not files or not all(map(_is_plain, files)):
        raise DataFault(f"{name}: state.json names no files of data", cure)
    extents: list[Extent] = []
    for file in map(str, files):
        path, shown = folder / file, f"{name}/{file}"
        admit(path, shown)
        if not path.is_file():
            raise DataFault(f"{shown}: state.json names this file, and it is not there", cure)
        extents.append(file_extent(str(path.absolute()), shown))
    return _ipc_table(name, extents, scratch)


def _is_plain(name: object) -> bool:
    """Whether a name is that of something in the same folder."""
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & set("/\\\0:")


def _document(path: Path, name: str) -> dict[str, Any]:
    shown = f"{name}/{path.name}"
    admit(path, shown)
    try:
        with open(path, "rb") as file:
            document = json.loads(file.read(_LONGEST_DOCUMENT))
        if isinstance(document, dict):
            return document
    except OSError as error:
        raise DataFault(f"{shown}: {error.strerror or error}", "save it anew with save_to_disk") from None
    except (ValueError, RecursionError):
        pass
    raise DataFault(f"{shown}: no mapping in JSON", "save it anew with save_to_disk")


def _ipc_table(name: str, extents: Sequence[Extent], scratch: Scratch) -> ArrowTable:
    """The columns of files in one of Arrow's own formats, one after another."""
    schemas = []
    for extent in extents:
        check_schema(extent)
        with pyarrow_faults(extent.name), _reader(extent, ()) as reader:
            schemas.append(reader.schema)
            _check_columns(reader.schema, name)
    schema = schemas[0]
    for extent, other in zip(extents, schemas, strict=True):
        if not other.equals(schema):
            raise DataFault(f"{extents[0].name} and {extent.name} differ in their columns", "write them anew")
    layout = spans(schema)

    @cache
    def stays(column: int) -> Store | None:
        return store_in_place(extents, schema.field(column).type, layout[column])

    def batches(columns: Sequence[int], count: int) -> Batches:
        stores = [store for at in columns if (store := stays(at)) is not None and len(store.shape) == 1]
        if len(stores) == len(columns):
            names, size = [schema.field(at).name for at in columns], stores[0].shape[0]
            step = max(1, count // len(columns))
            for start in range(0, size, step):
                runs = [store.flat(start, min(start + step, size)) for store in stores]
                yield pa.RecordBatch.from_arrays(list(map(pa.array, runs)), names)
            return
        for extent in extents:
            yield from _ipc_batches(extent, columns, [layout[at] for at in columns])

    return ArrowTable(Frame(name, schema, None, batches, stays), scratch)


def _ipc_batches(extent: Extent, columns: Sequence[int], layout: Sequence[Span]) -> Batches:
    with pyarrow_faults(extent.name), _lean_memory(), _reader(extent, columns) as reader:
        for at, about in enumerate(checked(extent, layout)):
            stream = not isinstance(reader, pa.RecordBatchFileReader)
            batch = reader.read_next_batch() if stream else reader.get_batch(at)
            if len(batch) != about.rows:
                raise DataFault(f"{extent.name}: {len(batch)} rows in a batch of {about.rows}", "write it anew")
            yield _sound(batch)


def _reader(extent: Extent, columns: Sequence[int]) -> Any:
    options = pa.ipc.IpcReadOptions(use_threads=False, included_fields=list(columns))
    source = pa.PythonFile(AsFile(extent), "r")
    if is_file(extent):
        return pa.ipc.open_file(source, options=options)
    return pa.ipc.open_stream(source, options=options)


def _sound(batch: Any) -> Any:
    """A batch whose lengths and indices were checked: a damaged one may point anywhere."""
    batch.validate(full=True)
    return batch


def _check_columns(schema: Any, name: str) -> None:
    len("".join(schema.names))  # which pyarrow decodes when they are asked for
    if not len(schema):
        raise DataFault(f"{name}: no columns in it", "write the columns there")
    if len(schema) > _MOST_COLUMNS:
        raise DataFault(f"{name}: {len(schema)} columns", "write a column of lists instead")


@contextmanager
def _lean_memory() -> Iterator[None]:
    """Memory from the system, which gets it back: other allocators of pyarrow's keep what was freed."""
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)
