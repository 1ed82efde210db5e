"""HDF5 files, and the weights that Keras keeps in them: datasets by their paths.

No other file is ever opened, whatever links, virtual datasets and external storage a file declares.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from io import BufferedReader
from typing import Any

from losscli.reading.binary.archive import open_archive
from losscli.reading.binary.byte_range import AsFile, Extent
from losscli.reading.binary.datasets import dataset_array
from losscli.reading.binary.heaps import check_heaps
from losscli.reading.columns import Arrays
from losscli.reading.container import address, listed, near_miss
from losscli.reading.content import Content
from losscli.reading.formats import archive_format
from losscli.schema.data import Data
from losscli.schema.faults import DataFault
from losscli.schema.records import record

_MOST_OBJECTS = 100_000
_MOST_LINKS = 16  # that lead from one to the next
_BUFFER = 1 << 16
_CURE = "write it anew with h5py"
_GROUP, _DATASET = 0, 1  # HDF5's numbers for kinds of objects


def open_hdf5(content: Content) -> Arrays:
    """The datasets of a file, by their paths."""
    extent = content.extent()
    return _arrays(extent, extent.name, content.options.keep_text)


def open_keras(content: Content) -> Arrays:
    """The weights of a model that Keras saved: a ZIP archive that holds an HDF5 file of them."""
    extent, cure = content.extent(), "write it anew with model.save"
    archive = open_archive(extent, "Keras", cure)
    path = "model.weights.h5"
    if path not in archive.members:
        if other := archive_format(archive.members):
            raise other.refusal(extent.name)
        raise DataFault(f"{extent.name}: a ZIP archive without {path}", cure)
    return _arrays(archive.member(path, extent.name), extent.name, content.options.keep_text)


def _arrays(extent: Extent, name: str, keep_text: bool) -> Arrays:
    import h5py

    with _hdf5_faults(name):
        file = _File(name, extent, h5py.File(BufferedReader(AsFile(extent), _BUFFER), "r"))
        labels = file.paths(_DATASET)
    if not labels:
        raise DataFault(f"{name}: no datasets in it", _CURE)

    def load(selector: str) -> Data:
        with _hdf5_faults(name):
            path = selector if selector in labels else file.path_of(selector, labels)
            return dataset_array(file.object_at(path), extent, f"{name}::{selector}", keep_text, file.check_heaps)

    return Arrays(name, labels, load, paths=True)


@record
class _File:
    """A file that is open in h5py, which reads it through an extent. `kept` are what was asked of it once."""

    name: str
    extent: Extent
    file: Any
    kept: dict[str, Any] = field(default_factory=dict)

    def paths(self, kind: int) -> tuple[str, ...]:
        """The paths of all objects of a kind that are in this very file: links are not followed."""
        import h5py

        found: list[str] = []
        seen = 0

        def visit(path: bytes, about: Any) -> object:
            nonlocal seen
            seen += 1
            if about.type == kind and path != b".":
                found.append(path.decode("utf-8", "surrogateescape"))
            return "enough" if seen > _MOST_OBJECTS else None

        if h5py.h5o.visit(self.file.id, visit, info=True):
            raise DataFault(f"{self.name}: more than {_MOST_OBJECTS:,} groups and datasets", "save fewer")
        return tuple(found)

    def object_at(self, path: str, *, group: bool = False) -> Any:
        """The dataset, or the group, that a path leads to within this file. Links to other files are refused."""
        import h5py

        root = here = h5py.h5g.open(self.file.id, b"/")
        left, links = _words(path), 0
        while left:
            word = left.pop(0).encode("utf-8", "surrogateescape")
            if not isinstance(here, h5py.h5g.GroupID) or not here.links.exists(word):
                raise self._no_such(path)
            kind = here.links.get_info(word).type
            if kind == h5py.h5l.TYPE_HARD:
                here = h5py.h5o.open(here, word)
                continue
            links += 1
            if kind != h5py.h5l.TYPE_SOFT or links > _MOST_LINKS:
                shown = word.decode("utf-8", "replace")
                what = "to another file" if kind != h5py.h5l.TYPE_SOFT else "that leads round in a circle"
                raise DataFault(f"{self.name}: {shown!r} is a link {what}", "name the file that holds the data")
            target = here.links.get_val(word).decode("utf-8", "surrogateescape")
            here = root if target.startswith("/") else here
            left = [*_words(target), *left]
        if isinstance(here, h5py.h5g.GroupID) and not group:
            prefix = "/".join(_words(path))
            inside = [label for label in self.paths(_DATASET) if label.startswith(f"{prefix}/")]
            cure = f"select from it: {', '.join(address(self.name, label) for label in inside[:5])}"
            raise DataFault(f"{self.name}::{path}: a group of datasets", cure if inside else "select a dataset")
        return here

    def path_of(self, selector: str, labels: tuple[str, ...]) -> str:
        """The path that a selector means: with points for slashes, without its beginning, or by a layer's name."""
        path = "/".join(_words(selector))
        for spelt in (path, path.replace(".", "/")):
            if spelt in labels:
                return spelt
        ends = {label for label in labels if label.endswith(f"/{path}")}
        meant = sorted(ends | self._by_layer().get(path, set()))
        if len(meant) > 1:
            raise DataFault(f"{self.name}: {' and '.join(meant[:3])} both end in {selector!r}", "write the whole path")
        if meant:
            return meant[0]
        first = _words(selector.replace(".", "/"))[0] if _words(selector) else ""
        if first.encode("utf-8", "surrogateescape") in self.file.id:  # a group, or a link
            return path if path.split("/")[0] == first else path.replace(".", "/")
        raise self._no_such(selector)

    def _by_layer(self) -> dict[str, set[str]]:
        """Paths of datasets by the names that Keras shows: `hidden/0`, and `hidden/kernel` where that is certain."""
        if "layers" not in self.kept:
            self.kept["layers"] = named = dict[str, set[str]]()
            groups = [group for group in self.paths(_GROUP) if group.rpartition("/")[2] == "vars"]
            self.check_heaps()  # in which those names are
            model = _said_name(self.object_at("vars", group=True)) if "vars" in groups else ""
            for group in groups:
                below = self.object_at(group, group=True)
                layer = _said_name(below) or group.removesuffix("/vars").rpartition("/")[2]
                words: dict[str, tuple[str, ...]] = {n: (n, f"vars/{n}") for n in map(bytes.decode, below)}
                if list(words) == ["0", "1"]:
                    matrix, vector = (_shape(below, number) for number in words)
                    if len(matrix) > 1 and vector == matrix[-1:]:
                        words = {"0": (*words["0"], "kernel"), "1": (*words["1"], "bias")}
                for number, spellings in words.items():
                    for word in spellings:
                        named.setdefault(f"{layer}/{word}", set()).add(f"{group}/{number}")
                        named.setdefault(f"{model}/{layer}/{word}", set()).add(f"{group}/{number}")
        layers: dict[str, set[str]] = self.kept["layers"]
        return layers

    def check_heaps(self) -> None:
        """Once, before the library reads words of any length."""
        if "heaps" not in self.kept:
            check_heaps(self.extent, self.file.id.get_create_plist().get_sizes(), self.name)
            self.kept["heaps"] = True

    def _no_such(self, selector: str) -> DataFault:
        labels = self.paths(_DATASET)
        return DataFault(
            f"{self.name}: no dataset {selector!r}{near_miss(selector, labels)}", f"it has {listed(labels)}"
        )


def _said_name(group: Any) -> str:
    """The name of a layer or a model that Keras has written beside its weights."""
    import h5py

    name = h5py.AttributeManager(h5py.Group(group)).get("name", "")
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _shape(group: Any, number: str) -> tuple[int, ...]:
    """The shape of a dataset in a group, none of anything else."""
    import h5py

    if group.links.get_info(number.encode()).type != h5py.h5l.TYPE_HARD:
        return ()
    held = h5py.h5o.open(group, number.encode())
    virtual = isinstance(held, h5py.h5d.DatasetID) and held.get_create_plist().get_layout() == h5py.h5d.VIRTUAL
    return () if virtual or not isinstance(held, h5py.h5d.DatasetID) else held.shape or ()


def _words(path: str) -> list[str]:
    return [word for word in path.split("/") if word not in ("", ".")]


@contextmanager
def _hdf5_faults(name: str) -> Iterator[None]:
    """What h5py says of a file, as a DataFault."""
    try:
        yield
    # h5py has no exceptions of its own: what it cannot open, find or convert is any of these.
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, NotImplementedError, UnicodeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataFault(f"{name}: h5py cannot read it ({reason[:200]})", _CURE) from None
