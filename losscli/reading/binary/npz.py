"""The .npz format: a ZIP archive of .npy members."""

from __future__ import annotations

from losscli.reading.binary.archive import open_archive
from losscli.reading.binary.npy import npy_data
from losscli.reading.columns import Arrays
from losscli.reading.container import STDIN, Container
from losscli.reading.content import Content
from losscli.reading.formats import archive_format, promised_format
from losscli.schema.data import Data
from losscli.schema.faults import DataFault

_CURE = "write it anew with np.savez"


def open_npz(content: Content) -> Container:
    """The arrays of an archive. One of another format is opened as that, unless it was named .npz."""
    archive = open_archive(content.extent(), "NumPy", _CURE)
    name = archive.extent.name
    members: dict[str, str] = {}
    for path in archive.members:
        label = path.removesuffix(".npy")
        if label in members:
            raise DataFault(f"{name}: two members are named {label!r}", _CURE)
        if label != path:
            members[label] = path
    if not members:
        other = archive_format(archive.members)
        if other is None:
            raise DataFault(f"{name}: a ZIP archive without .npy members", "write it with np.savez")
        if promised_format(name)[0] or (name == STDIN and content.options.stdin):
            raise other.refusal(name)
        return other.open(content)

    def load(label: str) -> Data:
        return npy_data(archive.member(members[label], f"{name}::{label}"), content.options)

    return Arrays(name, tuple(members), load, ending=".npy")
