"""Writes the files of torch.save in this folder anew: `python -m tests.reading.exports.pytorch`, with PyTorch 2.13."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent
DTYPES = (
    *("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"),
    *("uint64", "uint32", "uint16"),
)


def dtypes(torch: Any) -> dict[str, Any]:
    """A tensor of each dtype that losscli reads."""
    values = torch.tensor([[0, 1, 2], [3, 100, 5]])
    return {name: values.to(getattr(torch, name)) for name in DTYPES}


def layouts(torch: Any) -> dict[str, Any]:
    """Views of one storage, in many layouts."""
    whole = torch.arange(120, dtype=torch.float32) / 3
    cube = whole.reshape(2, 3, 4, 5)
    return {
        "whole": whole,
        "scalar": whole[7],
        "offset": whole[10:20],
        "every_third": whole[1::3],
        "transposed": whole.reshape(10, 12).t(),
        "column": whole.reshape(10, 12)[:, 3],
        "block": whole.reshape(10, 12)[2:7, 3:9],
        "channels_last": cube.contiguous(memory_format=torch.channels_last),
        "permuted": cube.permute(2, 0, 3, 1),
        "repeated": whole[:3].reshape(3, 1).expand(3, 4),
        "windows": whole.unfold(0, 5, 2),
        "empty": whole[:0].reshape(0, 4),
        "negative": torch.tensor([0.0, -0.0, float("nan"), float("-inf")]),
    }


def checkpoint(torch: Any) -> dict[str, Any]:
    """What Lightning writes, in small."""
    torch.manual_seed(3)
    model = torch.nn.Sequential(OrderedDict(fc=torch.nn.Linear(3, 2), norm=torch.nn.BatchNorm1d(2)))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(4, 3)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "global_step": 12,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": model.state_dict(),
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 3, "completed": 3}}}},
        "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.25), "last": None}},
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [],
        "hyper_parameters": Namespace(lr=0.01, layers=(3, 2)),
    }


def results(torch: Any) -> dict[str, Any]:
    """Plain values beside tensors, and NumPy's."""
    return {
        "logits": torch.tensor([[0.5, -1.25], [2.0, 0.125], [-0.5, 0.75]]),
        "labels": torch.tensor([0, 1, 0]),
        "losses": [torch.tensor(0.5), torch.tensor(0.25)],
        "history": [0.9, 0.5, np.float64(0.25)],
        "table": [[1, 2], [3, 4]],
        "names": ["cat", "dog", "cat"],
        "loss": 0.375,
        "steps": 7,
        "done": True,
        "array": np.arange(6.0).reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6, dtype=np.int32).reshape(2, 3)),
        "number": np.float32(0.1),
        "batches": [torch.tensor([1.0, 2.0]), torch.tensor([3.0])],
        "counts": Counter(a=2),
        "sets": defaultdict(list, {"a": [1]}),
        "records": [{"p": 0.5, "y": 1}, {"p": 0.25, "y": 0}],
        "parameter": torch.nn.Parameter(torch.tensor([1.5, 2.5])),
        "fc.weight": torch.tensor([9.0]),
    }


EXPORTS = {"dtypes": dtypes, "layouts": layouts, "checkpoint": checkpoint, "results": results}


def array(tensor: Any) -> Any:
    """A tensor as NumPy has it; bfloat16 as float32, which holds its values."""
    return np.array((tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy(), order="C")


def main() -> None:
    """Writes each file, and the arrays in it as NumPy sees them."""
    import torch

    for name, make in EXPORTS.items():
        torch.save(make(torch), FOLDER / f"{name}.pt")
    expected = {
        f"{name}.pt::{key}": array(view) for name in ("dtypes", "layouts") for key, view in EXPORTS[name](torch).items()
    }
    np.savez_compressed(FOLDER / "pytorch.npz", **expected)
    torch.save(torch.arange(6.0).reshape(2, 3), FOLDER / "tensor.pt")
    torch.save(torch.arange(6.0), FOLDER / "old.pt", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 1), FOLDER / "module.pt")
    torch.save({"a": torch.arange(6.0), "n": np.arange(3.0)}, FOLDER / "protocol5.pt", pickle_protocol=5)


if __name__ == "__main__":
    main()
