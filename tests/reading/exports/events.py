"""Writes the event files of this folder: `python events.py FOLDER`, with tensorboard and tensorboardX."""

import sys
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboardX import SummaryWriter

folder = Path(sys.argv[1])
tensors = EventFileWriter(str(folder / "tensors"))  # scalars as tensors, as TensorFlow 2 writes them
for step in (1, 2):
    loss = TensorProto(dtype=1, float_val=[0.5 * step])
    d = TensorProto(dtype=2, tensor_content=np.float64(0.1 * step).tobytes())
    values = [Summary.Value(tag="loss", tensor=loss), Summary.Value(tag="d", tensor=d)]
    tensors.add_event(Event(step=step, summary=Summary(value=values)))
tensors.close()
simple = SummaryWriter(str(folder / "simple"))  # simple_value, and what is no scalar
for step in range(3):
    simple.add_scalar("val/loss", 0.1 * (step + 1), step)
simple.add_histogram("h", np.arange(10.0), 0)
simple.add_text("t", "hello")
simple.add_image("i", np.zeros((3, 4, 4), np.uint8), 0)
simple.close()
for name in ("tensors", "simple"):
    (written,) = (folder / name).glob("events.out.tfevents.*")
    written.rename(folder / f"events.out.tfevents.{name}")
