"""Files of formats that are not read: how they are recognised, and the command that makes one that is."""

from __future__ import annotations

import re

from losscli.schema.faults import DataFault

_DUCKDB = """duckdb -csv -c "from {path}" | losscli … -::COLUMN"""
_PANDAS = """python -c "import pandas; pandas.{reader}({path}).to_csv('table.csv', index=False)\""""
_NUMPY = """python -c "import numpy, {library}; numpy.save('array.npy', {read})\""""
_CURES = {
    "Parquet": _DUCKDB,
    "JSON lines": _DUCKDB,
    "Arrow": _PANDAS.replace("{reader}", "read_feather"),
    "Feather": _PANDAS.replace("{reader}", "read_feather"),
    "Excel": _PANDAS.replace("{reader}", "read_excel"),
    "pickle": _PANDAS.replace("{reader}", "read_pickle"),
    "PyTorch": _NUMPY.replace("{library}", "torch").replace("{read}", "torch.load({path}, 'cpu').numpy()"),
    "binary": """python -c "import numpy; numpy.save('array.npy', numpy.fromfile({path}, 'float32'))\"""",
    "HDF5": _NUMPY.replace("{library}", "h5py").replace("{read}", "h5py.File({path})['NAME'][()]"),
    "MATLAB": _NUMPY.replace("{library}", "scipy.io").replace("{read}", "scipy.io.loadmat({path})['NAME']"),
    "SQLite": """sqlite3 -csv -header {path} 'select * from TABLE' | losscli … -::COLUMN""",
    "image": _NUMPY.replace("{library}", "PIL.Image").replace("{read}", "PIL.Image.open({path})"),
    "ZIP": "unzip {path}",
    "bzip2": "bunzip2 -c {path} | losscli … -",
    "xz": "xz -dc {path} | losscli … -",
    "Zstandard": "zstd -dc {path} | losscli … -",
}
FOREIGN_SUFFIXES = {
    **dict.fromkeys(("pt", "pth", "ckpt"), "PyTorch"),
    **dict.fromkeys(("pkl", "pickle"), "pickle"),
    **dict.fromkeys(("h5", "hdf5"), "HDF5"),
    **dict.fromkeys(("xlsx", "xls"), "Excel"),
    **dict.fromkeys(("jsonl", "ndjson"), "JSON lines"),
    **dict.fromkeys(("db", "sqlite", "sqlite3"), "SQLite"),
    **dict.fromkeys(("png", "jpg", "jpeg", "tif", "tiff", "bmp"), "image"),
    "bin": "binary",
    "mat": "MATLAB",
    "parquet": "Parquet",
    "feather": "Feather",
    "arrow": "Arrow",
    "zip": "ZIP",
    "bz2": "bzip2",
    "xz": "xz",
    "zst": "Zstandard",
}
FOREIGN_BEGINNINGS = (
    (b"\x89HDF", "HDF5"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"FEA1", "Feather"),
    (b"SQLite format 3\0", "SQLite"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"MATLAB 5.0", "MATLAB"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    *((bytes((0x80, version)), "a pickle") for version in range(2, 6)),
)


def refusal(form: str, name: str) -> DataFault:
    """Why a file of another format is not read, and the command that makes one that is."""
    return DataFault(f"{name}: {form} files are not read", conversion(form, name))


def conversion(form: str, name: str) -> str:
    """The command that makes a file of another format readable."""
    path = f"'{name}'" if re.fullmatch(r"[\w./ -]+", name) else "FILE"  # a name that no shell takes apart
    return _CURES[form.removeprefix("a ").removeprefix("an ")].replace("{path}", path)
