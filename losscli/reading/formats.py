"""The formats: a row each. Names, sniffing, `--stdin`, refusals and the lists in help and README come from here.

To add a format, write its opener in a module of its own, and its row here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from fnmatch import fnmatchcase
from importlib import import_module
from typing import TYPE_CHECKING

from losscli.reading.packing import SUFFIXES, Packing
from losscli.schema.faults import DataFault
from losscli.schema.records import record
from losscli.schema.settings import spelled

if TYPE_CHECKING:
    from losscli.reading.container import Container
    from losscli.reading.content import Content

_DUCKDB = """duckdb -csv -c "from PATH" | losscli … -::COLUMN"""
_PANDAS = """python -c "import pandas; pandas.{}(PATH).to_csv('table.csv', index=False)\""""
_NUMPY = """python -c "import numpy, {}; numpy.save('array.npy', {})\""""
_HUGGING_FACE = """python -c "import datasets; datasets.load_from_disk(PATH).to_csv('table.csv')\""""
_RAW = """python -c "import numpy; numpy.save('array.npy', numpy.fromfile(PATH, 'float32'))\""""
_IMAGES = ("png", "jpg", "jpeg", "tif", "tiff", "bmp")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PICKLES = tuple(bytes((0x80, version)) for version in range(2, 6))
_OLD_PYTORCH = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19"
_ARTICLES = {"pickle": "a ", "image": "an "}
_BLANKS = b"\xef\xbb\xbf \t\r\n"  # before a text


@record
class Format:
    """A format by the name that errors have for it.

    `suffixes` are those of files' names, without the dot; `magic` is how content begins: of a text after blanks, in
    lower case. `opener` is `MODULE:FUNCTION` in this room, imported when it is needed: a function of
    Content to a Container. A format without one is refused, and `conversion` is the command that makes a readable file
    of PATH. A `text` may be packed. `options` are the fields of ReadOptions that the format heeds, `extra` is the
    extra of losscli that its opener needs. A folder of the format holds the files or folders `folder`, a ZIP
    archive of it a member whose path ends in `member`. `names` are patterns of whole names, of files or folders, where
    suffixes do not tell. `by_path` says that it is no stream of bytes: a folder, or a file that another library opens.
    """

    name: str
    suffixes: tuple[str, ...] = ()
    magic: tuple[bytes, ...] = ()
    opener: str = ""
    conversion: str = ""
    text: bool = False
    options: tuple[str, ...] = ()
    extra: str = ""
    folder: tuple[str, ...] = ()
    member: str = ""
    names: tuple[str, ...] = ()
    by_path: bool = False

    @property
    def word(self) -> str:
        """What --stdin calls it."""
        return self.name if self.name.islower() else (*self.suffixes, self.name.lower())[0]

    def open(self, content: Content) -> Container:
        """The container that the content is."""
        module, _, function = self.opener.partition(":")
        try:
            opener: Callable[[Content], Container] = getattr(import_module(f"losscli.reading.{module}"), function)
            return opener(content)
        except ImportError:
            if not self.extra:
                raise
            fact = f"{content.name}: {self.name} is read by an extra of losscli, which is not installed"
            converts = f", or convert it: {with_path(self.conversion, content.name)}" if self.conversion else ""
            raise DataFault(fact, f"pip install 'losscli[{self.extra}]'{converts}") from None

    def refusal(self, name: str, *, by_content: bool = False) -> DataFault:
        """Why a file is not read, by its suffix or its content, and the command that makes one that is."""
        if self.opener:
            return DataFault(
                f"{name}: looks like {self.name}",
                f"name the file .{self.suffixes[0]}, or give {spelled('stdin', self.word)}",
            )
        seen = f"looks like {_ARTICLES.get(self.name, '')}{self.name}, which is not read"
        fact = seen if by_content else f"{self.name} files are not read"
        return DataFault(f"{name}: {fact}", with_path(self.conversion, name))


def with_path(command: str, name: str) -> str:
    """A command with the file of a name in place of PATH, or with FILE if a shell would take the name apart."""
    plain = re.fullmatch(r"[\w./ -]+", name) and name != "standard input"
    return command.replace("PATH", f"'{name}'" if plain else "FILE")


_TABLE = ("key", "header", "delimiter", "decimal", "thousands", "encoding")
FORMATS = (
    Format("csv", ("csv",), opener="text.csv_table:open_csv", text=True, options=_TABLE),
    Format("tsv", ("tsv",), opener="text.csv_table:open_tsv", text=True, options=_TABLE),
    Format("text", ("txt",), opener="text.csv_table:open_text", text=True, options=_TABLE),
    Format("npy", ("npy",), (b"\x93NUMPY",), "binary.npy:open_npy", options=("bfloat16",)),
    Format("npz", ("npz",), _ZIP, "binary.npz:open_npz", options=("key", "bfloat16"), member=".npy"),
    Format("safetensors", ("safetensors",), opener="binary.safetensors:open_safetensors", options=("key",)),
    Format("pickle", ("pkl", "pickle"), _PICKLES, conversion=_PANDAS.format("read_pickle")),
    Format(
        "PyTorch",
        ("pt", "pth", "ckpt"),
        (*_ZIP, _OLD_PYTORCH, *_PICKLES, b"sys_info\0"),  # ZIP since 1.6, a pickle before, at first a tar
        "binary.pytorch:open_pytorch",
        options=("key",),
        member="/data.pkl",
    ),
    Format("HDF5", ("h5", "hdf5"), (b"\x89HDF",), "binary.hdf5:open_hdf5", options=("key",), extra="hdf5"),
    Format(
        "Keras",
        ("keras",),
        _ZIP,
        "binary.hdf5:open_keras",
        options=("key",),
        extra="hdf5",
        member="model.weights.h5",
    ),
    Format("json", ("json",), (b"{",), "text.json_text:open_json", text=True, options=("key",)),
    Format("JSON lines", ("jsonl", "ndjson"), opener="text.json_lines:open_json_lines", text=True, options=("key",)),
    Format("yaml", ("yaml", "yml"), opener="text.structured:open_yaml", text=True, options=("key",)),
    Format("list", (), (b"[", b"tensor(", b"array("), "text.literals:open_list", text=True, options=("key",)),
    Format(
        "Parquet",
        ("parquet",),
        (b"PAR1",),
        "binary.arrow:open_parquet",
        conversion=_DUCKDB,
        options=("key",),
        extra="parquet",
    ),
    Format(
        "Arrow",  # Feather, since its second version; and a stream of Arrow's
        ("arrow", "feather"),
        (b"ARROW1", b"\xff\xff\xff\xff", b"FEA1"),
        "binary.arrow:open_arrow",
        conversion=_PANDAS.format("read_feather"),
        options=("key",),
        extra="parquet",
    ),
    Format(
        "data set of Hugging Face",
        opener="binary.arrow:open_dataset",
        conversion=_HUGGING_FACE,
        options=("key",),
        extra="parquet",
        folder=("state.json", "dataset_info.json"),
        by_path=True,
    ),
    Format(
        "DatasetDict of Hugging Face",
        opener="binary.arrow:open_datasets",
        conversion=_HUGGING_FACE,
        extra="parquet",
        folder=("dataset_dict.json",),
        by_path=True,
    ),
    Format("TensorBoard", opener="runs.events:open_events", names=("events.out.tfevents.*", "*.tfevents.*")),
    Format(
        "SQLite",
        ("db", "sqlite", "sqlite3"),
        (b"SQLite format 3\0",),
        opener="runs.mlflow_db:open_database",
        by_path=True,
    ),
    Format("MLflow run", opener="runs.mlflow:open_run", folder=("meta.yaml", "metrics"), by_path=True),
    Format(
        "MLflow", opener="runs.mlflow:open_store", folder=(".trash",), names=("mlruns",), by_path=True
    ),  # a folder of folders
    Format("Excel", ("xlsx", "xls"), conversion=_PANDAS.format("read_excel")),
    Format("binary", ("bin",), conversion=_RAW),
    Format(
        "MATLAB", ("mat",), (b"MATLAB 5.0",), conversion=_NUMPY.format("scipy.io", "scipy.io.loadmat(PATH)['NAME']")
    ),
    Format(
        "image", _IMAGES, (b"\x89PNG", b"\xff\xd8\xff"), conversion=_NUMPY.format("PIL.Image", "PIL.Image.open(PATH)")
    ),
    Format("ZIP", ("zip",), conversion="unzip PATH"),
)
_BY_NAME = {row.name: row for row in FORMATS}
_BY_SUFFIX = {suffix: row for row in FORMATS for suffix in row.suffixes}
TEXT = _BY_NAME["text"]  # which any text is that no other format begins like
_OF_STDIN = {row.word: row for row in FORMATS if row.opener and not row.by_path}
STDIN_FORMATS = tuple(_OF_STDIN)
FILES_READ = (
    f"{' '.join(f'.{suffix}' for suffix, row in _BY_SUFFIX.items() if row.opener)} "
    f"{' '.join(row.names[0] for row in FORMATS if row.names)}, "
    f"text also as {' '.join(f'.{suffix}' for suffix in SUFFIXES)}"
)
LONGEST_MAGIC = max(len(magic) for row in FORMATS for magic in row.magic)


def stdin_format(word: str) -> Format:
    """The format that --stdin calls by a word."""
    return _OF_STDIN[word]


def format_named(name: str) -> Format:
    """The format of that name."""
    return _BY_NAME[name]


def promised_format(path: str) -> tuple[Format | None, Packing | None]:
    """The format that a path's suffix promises, None if it promises none, and how the suffix says it is packed."""
    name = path.lower().rpartition("/")[2]
    if (row := _named(name)) is not None:
        return row, None
    suffixes = name.split(".")[1:]
    packing = SUFFIXES.get(suffixes[-1]) if suffixes else None
    suffix = suffixes[-2 if packing else -1] if len(suffixes) > bool(packing) else ""
    return _BY_SUFFIX.get(suffix), packing


def binary_format(head: bytes, promised: Format | None = None) -> Format | None:
    """The format of content that begins like this, the promised one if it may; None of text, and without a magic."""
    binary = [row for row in FORMATS if not row.text]
    fits = {row: len(magic) for row in binary for magic in sorted(row.magic, key=len) if head.startswith(magic)}
    return promised if promised in fits else max(fits, key=lambda row: fits[row], default=None)


def archive_format(members: Collection[str]) -> Format | None:
    """The format of a ZIP archive that holds members of these paths."""
    endings = [(row, row.member) for row in FORMATS if row.member]
    return next((row for row, end in endings if any(f"/{member}".endswith(end) for member in members)), None)


def folder_format(names: Collection[str], name: str = "") -> Format | None:
    """The format of a folder that holds files of these names, or has such a name."""
    held = (row for row in FORMATS if row.folder and set(row.folder) <= set(names))
    return next(held, None) or _named(name.lower(), folders=True)


def _named(name: str, *, folders: bool = False) -> Format | None:
    """The format of a file or of a folder whose whole name says it."""
    rows = (row for row in FORMATS if row.names and bool(row.folder) is folders)
    return next((row for row in rows if any(fnmatchcase(name, pattern) for pattern in row.names)), None)


def text_format(head: bytes) -> Format:
    """The format of a text that begins like this."""
    start = head.lstrip(_BLANKS)[:LONGEST_MAGIC].lower()
    return next((row for row in FORMATS if row.text and row.magic and start.startswith(row.magic)), TEXT)
