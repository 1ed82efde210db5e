"""Start-up: whole processes."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Row, command, times_as_long, times_faster

BARE_TYPER = """
import typer
app = typer.Typer(rich_markup_mode=None)
@app.command()
def one(): "Does one thing."
@app.command()
def two(): "Does another."
app()
"""
TORCH_MSE = """
import torch
print(torch.nn.functional.mse_loss(torch.tensor([1., 2., 3.]), torch.tensor([2., 3., 4.])).item())
"""
MSE = ("-m", "losscli", "compute", "mse", "[1,2,3]", "[2,3,4]", "-b")


def rows(scratch: Path, *, runs: int) -> Iterator[Row]:
    """Help and usage errors against a bare Typer application, one small loss against the imports it cannot avoid."""
    bare = scratch / "bare.py"
    bare.write_text(BARE_TYPER)
    help_of_bare = command(str(bare), "--help")
    for words, codes in ((("--help",), (0,)), (("--version",), (0,)), (("frobnicate",), (2,))):
        ours = command("-m", "losscli", *words, codes=codes)
        yield times_as_long(f"losscli {words[0]} / bare Typer --help", ours, help_of_bare, 1.2, runs=runs, warm=2)
    imports = command("-c", "import numpy, typer")
    yield times_as_long("compute mse -b / import numpy, typer", command(*MSE), imports, 1.5, runs=runs, warm=2)
    ours = command("-m", "losscli", "list")
    yield times_as_long("losscli list / import numpy, typer", ours, imports, 1.5, runs=runs, warm=2)
    if importlib.util.find_spec("torch"):
        theirs = command("-c", TORCH_MSE)
        yield times_faster("compute mse -b, PyTorch's script / ours", command(*MSE), theirs, 8.0, runs=runs, warm=1)
