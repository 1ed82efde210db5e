"""The nineteen pipelines, what each needs to be made, and the commands that a user types first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.exports import pipelines

HOLDS, UNKNOWN = "", "no known mistake"
_LM = "ce logits.npy labels.npy --class-axis -1"
RECORDED = Path(__file__).parent / "recorded"


@dataclass(frozen=True)
class Case:
    """A pipeline, the modules of its frameworks, those that reading needs, and commands with the mistake of each."""

    make: Callable[[Path], None]
    frameworks: tuple[str, ...]
    commands: tuple[tuple[str, str], ...]
    reading: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.make.__name__


CASES = (
    Case(
        pipelines.sklearn_logistic,
        ("sklearn", "pandas"),
        ((HOLDS, "log_loss preds.csv::0:2 preds.csv::y_true --claim metrics.json::val.log_loss"),),
    ),
    Case(
        pipelines.sklearn_words,
        ("sklearn", "pandas"),
        ((HOLDS, "log_loss mlp.csv::setosa:virginica mlp.csv::species --claim metrics.json::log_loss"),),
    ),
    Case(
        pipelines.xgboost_parquet,
        ("xgboost", "pandas", "pyarrow"),
        ((HOLDS, "bce preds.parquet::p preds.parquet::y --claim evals_result.json::valid.logloss.-1"),),
        ("pyarrow",),
    ),
    Case(
        pipelines.lightgbm_csv,
        ("lightgbm", "pandas"),
        ((HOLDS, "bce preds.csv --claim record.json::valid.binary_logloss.-1"),),
    ),
    Case(
        pipelines.torch_eval,
        ("torch",),
        ((HOLDS, r"ce eval.pt::logits eval.pt::labels --claim 'train.log::/val_loss=(\S+)/'"),),
    ),
    Case(
        pipelines.torch_bfloat16,
        ("torch", "safetensors"),
        ((HOLDS, "ce eval.safetensors::logits eval.safetensors::labels --claim loss.json::loss"),),
    ),
    Case(pipelines.torch_running_loss, ("torch",), ((UNKNOWN, "ce logits.pth labels.pth --claim log.json::-1.loss"),)),
    Case(
        pipelines.keras_penalty,
        ("keras", "h5py"),
        (
            (
                HOLDS,
                ("mse valid.npz --convention keras --l2 0.01 --params model.weights.h5::layers/dense/vars/0 "
                "--claim history.json::val_loss.-1"),
            ),
        ),
        ("h5py",),
    ),
    Case(
        pipelines.keras_weights,
        ("keras",),
        ((HOLDS, "bce p.npy y.npy --sample-weight w.npy --convention keras --claim evaluate.json::loss"),),
    ),
    Case(
        pipelines.keras_smoothing,
        ("keras",),
        (
            (
                HOLDS,
                ("keras.losses.CategoricalCrossentropy probs.npy onehot.npy --label-smoothing 0.1 "
                "--claim evaluate.json::loss"),
            ),
        ),
    ),
    Case(
        pipelines.keras_two_outputs,
        ("keras",),
        ((HOLDS, "mse price.npz --claim log.csv::val_price_loss.-1"),),
    ),
    Case(
        pipelines.huggingface_trainer,
        ("torch", "transformers", "accelerate"),
        (
            ("divided_by_unshifted_count", f"{_LM} --claim trainer_state.json::log_history.eval_loss.-1"),
            ("divided_by_unshifted_count", f"{_LM} --claim trainer_state.json::log_history.-2.eval_loss"),
        ),
    ),
    Case(
        pipelines.huggingface_datasets,
        ("torch", "datasets", "pandas"),
        tuple(
            (HOLDS, f"ce {preds}::logits {preds}::label --claim loss.json::eval_loss")
            for preds in ("preds", "preds.parquet", "preds.jsonl", "preds.csv")
        ),
        ("pyarrow",),
    ),
    Case(
        pipelines.lightning_csv,
        ("torch", "lightning"),
        (("pos_weight_3", "bce_with_logits out.pt::logits out.pt::targets --claim metrics.csv::val_loss"),
         (HOLDS, "bce_with_logits out.pt::logits out.pt::targets --pos-weight 3 --claim metrics.csv::val_loss")),
    ),
    Case(
        pipelines.trackers,
        ("torch", "tensorboard", "mlflow"),
        (
            (HOLDS, "gaussian_nll gauss.npz --claim 'board/events.*::val/loss.-1'"),
            (HOLDS, "gaussian_nll gauss.npz --claim mlflow.db::final/val_loss.-1"),
        ),
    ),
    Case(
        pipelines.onnx_zipmap,
        ("onnxruntime", "skl2onnx", "sklearn"),
        ((HOLDS, "log_loss probs.json labels.npy --claim metrics.json::log_loss"),),
    ),
    Case(
        pipelines.data_parallel,
        ("torch",),
        (("mean_of_batch_means", "ce eval.npz::logits eval.npz::labels --claim metrics.json::loss"),),
    ),
    Case(pipelines.torch_ctc, ("torch",), ((HOLDS, "ctc batch.npz --claim loss.json::ctc"),)),
    Case(
        pipelines.segmentation,
        ("torch",),
        (
            (
                HOLDS,
                "bce_with_logits seg.pt::outputs.masks.0 seg.pt::targets.masks.0 --claim metrics.json::history.-1.bce",
            ),
        ),
    ),
)  # fmt: skip
