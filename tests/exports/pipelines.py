"""Small pipelines of the frameworks: each trains a little, and writes what its users write.

Every function gets the folder to write to. The frameworks are imported where they are used, since few have them all.
"""

from __future__ import annotations

import json
import lzma
import os
import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np


def _json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _points(samples: int = 60, classes: int = 3, seed: int = 0) -> tuple[Any, Any]:
    """Points around a centre for each class, and the class of each."""
    random = np.random.default_rng(seed)
    labels = random.integers(classes, size=samples)
    return random.normal(size=(samples, 4)) + random.normal(size=(classes, 4))[labels], labels


def sklearn_logistic(folder: Path) -> None:
    import pandas
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    features, labels = _points()
    model = LogisticRegression().fit(features, labels)
    scores = model.predict_proba(features)
    frame = pandas.DataFrame(scores, columns=model.classes_)
    frame["y_true"], frame["y_pred"] = labels, model.predict(features)
    frame.to_csv(folder / "preds.csv")
    _json(folder / "metrics.json", {"val": {"log_loss": log_loss(labels, scores)}})


def sklearn_words(folder: Path) -> None:
    import pandas
    from sklearn.metrics import log_loss
    from sklearn.neural_network import MLPClassifier

    features, labels = _points(seed=1)
    words = np.array(["setosa", "versicolor", "virginica"])[labels]
    model = MLPClassifier((4,), max_iter=60, random_state=0).fit(features, words)
    frame = pandas.DataFrame(model.predict_proba(features), columns=model.classes_)
    frame["species"] = words
    frame.to_csv(folder / "mlp.csv", index=False)
    _json(folder / "metrics.json", {"log_loss": log_loss(words, model.predict_proba(features))})


def xgboost_parquet(folder: Path) -> None:
    import pandas
    import xgboost

    features, labels = _points(classes=2, seed=2)
    data, results = xgboost.DMatrix(features, labels), dict[str, Any]()
    model = xgboost.train(
        {"objective": "binary:logistic", "eval_metric": "logloss", "max_depth": 2, "nthread": 1},
        data,
        8,
        evals=[(data, "valid")],
        evals_result=results,
        verbose_eval=False,
    )
    pandas.DataFrame({"y": labels, "p": model.predict(data)}).to_parquet(folder / "preds.parquet")
    _json(folder / "evals_result.json", results)


def lightgbm_csv(folder: Path) -> None:
    import lightgbm
    import pandas

    features, labels = _points(samples=120, classes=2, seed=3)
    data, results = lightgbm.Dataset(features, labels), dict[str, Any]()
    settings = {"objective": "binary", "metric": "binary_logloss", "num_threads": 1, "verbose": -1}
    model = lightgbm.train(
        settings, data, 5, valid_sets=[data], valid_names=["valid"], callbacks=[lightgbm.record_evaluation(results)]
    )
    pandas.DataFrame({"y_true": labels, "y_prob": model.predict(features)}).to_csv(folder / "preds.csv", index=False)
    _json(folder / "record.json", results)


def _classifier(seed: int) -> tuple[Any, Any, Any]:
    """A small network, its inputs and its labels."""
    import torch

    torch.manual_seed(seed)
    features, labels = _points(seed=seed)
    network = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Dropout(0.5), torch.nn.Linear(8, 3))
    return network, torch.tensor(features, dtype=torch.float32), torch.tensor(labels)


def torch_eval(folder: Path) -> None:
    import torch

    network, features, labels = _classifier(5)
    network.eval()
    logits = network(features)
    torch.save({"logits": logits, "labels": labels, "epoch": 3}, folder / "eval.pt")
    loss = torch.nn.functional.cross_entropy(logits, labels).item()
    (folder / "train.log").write_text(f"epoch 2 val_loss=1.9\nepoch 3 val_loss={loss:.6f}\n")


def torch_bfloat16(folder: Path) -> None:
    import torch
    from safetensors.torch import save_file

    network, features, labels = _classifier(6)
    logits = network(features).to(torch.bfloat16).detach()
    save_file({"logits": logits, "labels": labels}, folder / "eval.safetensors")
    _json(folder / "loss.json", {"loss": torch.nn.functional.cross_entropy(logits.float(), labels).item()})


def torch_running_loss(folder: Path) -> None:
    """The loss of training, with dropout, beside the scores of evaluation: it cannot hold."""
    import torch

    network, features, labels = _classifier(7)
    running = torch.nn.functional.cross_entropy(network(features), labels).item()
    network.eval()
    torch.save(network(features).detach(), folder / "logits.pth")
    torch.save(labels, folder / "labels.pth")
    _json(folder / "log.json", [{"step": 1, "loss": running}])


def _keras() -> Any:
    """Keras, on PyTorch."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    return import_module("keras")


def keras_penalty(folder: Path) -> None:
    keras = _keras()

    features, labels = _points(seed=8)
    keras.utils.set_random_seed(0)
    penalty = keras.regularizers.L2(0.01)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1, kernel_regularizer=penalty)])
    model.compile("sgd", "mse")
    target = labels.astype("float32")[:, None]
    history = model.fit(features, target, validation_data=(features, target), epochs=3, verbose=0)
    np.savez(folder / "valid.npz", pred=model.predict(features, verbose=0), target=target)
    model.save_weights(folder / "model.weights.h5")
    _json(folder / "history.json", history.history)


def keras_weights(folder: Path) -> None:
    keras = _keras()

    features, labels = _points(classes=2, seed=9)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    weights, target = np.random.default_rng(0).uniform(0.5, 2.0, len(labels)), labels.astype("float32")[:, None]
    found = model.evaluate(features, target, sample_weight=weights, return_dict=True, verbose=0, batch_size=100)
    np.save(folder / "p.npy", model.predict(features, verbose=0))
    np.save(folder / "y.npy", target)
    np.save(folder / "w.npy", weights)
    _json(folder / "evaluate.json", found)


def keras_smoothing(folder: Path) -> None:
    keras = _keras()

    features, labels = _points(seed=10)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", keras.losses.CategoricalCrossentropy(label_smoothing=0.1))
    found = model.evaluate(features, np.eye(3)[labels], return_dict=True, verbose=0, batch_size=100)
    np.save(folder / "probs.npy", model.predict(features, verbose=0))
    np.save(folder / "onehot.npy", np.eye(3)[labels])
    _json(folder / "evaluate.json", found)


def keras_two_outputs(folder: Path) -> None:
    keras = _keras()

    features, labels = _points(seed=11)
    keras.utils.set_random_seed(0)
    start = keras.layers.Input((4,))
    price, kind = keras.layers.Dense(1, name="price")(start), keras.layers.Dense(3, name="kind")(start)
    model = keras.Model(start, {"price": price, "kind": kind})
    scores = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", {"price": "mse", "kind": scores}, loss_weights={"price": 0.5, "kind": 2.0})
    truth = {"price": features.sum(axis=1, keepdims=True), "kind": labels}
    logger = keras.callbacks.CSVLogger(str(folder / "log.csv"))
    model.fit(
        features, truth, validation_data=(features, truth), epochs=2, verbose=0, callbacks=[logger], batch_size=100
    )
    found = model.predict(features, verbose=0, batch_size=100)
    np.savez(folder / "price.npz", pred=found["price"], target=truth["price"])


def huggingface_trainer(folder: Path) -> None:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments

    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=17, n_positions=12, n_embd=8, n_layer=1, n_head=1))
    tokens = torch.randint(17, (4, 12))
    rows = [{"input_ids": row, "labels": row} for row in tokens]
    settings = TrainingArguments(
        str(folder / "run"), num_train_epochs=2, eval_strategy="epoch", logging_strategy="epoch", report_to=[],
        save_strategy="no", per_device_eval_batch_size=4, use_cpu=True, disable_tqdm=True,
    )  # fmt: skip
    trainer = Trainer(model, settings, train_dataset=rows, eval_dataset=rows)
    trainer.train()
    trainer.save_state()
    (folder / "run" / "trainer_state.json").rename(folder / "trainer_state.json")
    logits = trainer.predict(rows).predictions
    np.save(folder / "logits.npy", logits[:, :-1])
    np.save(folder / "labels.npy", tokens.numpy()[:, 1:])
    for path in sorted((folder / "run").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (folder / "run").rmdir()


def huggingface_datasets(folder: Path) -> None:
    import torch
    from datasets import Dataset

    network, features, labels = _classifier(13)
    network.eval()
    logits = network(features).detach()
    data = Dataset.from_dict({"logits": logits.tolist(), "label": labels.tolist()})
    data.save_to_disk(str(folder / "preds"))
    data.to_parquet(str(folder / "preds.parquet"))
    data.to_json(str(folder / "preds.jsonl"))
    data.with_format("numpy").to_csv(str(folder / "preds.csv"))
    _json(folder / "loss.json", {"eval_loss": torch.nn.functional.cross_entropy(logits, labels).item()})


def lightning_csv(folder: Path) -> None:
    import lightning
    import torch
    from lightning.pytorch.loggers import CSVLogger

    features, labels = _points(classes=2, seed=14)
    inputs, targets = torch.tensor(features, dtype=torch.float32), torch.tensor(labels, dtype=torch.float32)[:, None]

    class Module(lightning.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)
            self.loss = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor([3.0]))

        def training_step(self, batch: Any) -> Any:
            loss = self.loss(self.layer(batch[0]), batch[1])
            self.log("train_loss", loss)
            return loss

        def validation_step(self, batch: Any) -> None:
            self.log("val_loss", self.loss(self.layer(batch[0]), batch[1]))

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    torch.manual_seed(0)
    module = Module()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(inputs, targets), batch_size=100)
    logger = CSVLogger(str(folder), name="", version="")
    trainer = lightning.Trainer(
        max_epochs=1, logger=logger, log_every_n_steps=1, enable_progress_bar=False, enable_model_summary=False,
        enable_checkpointing=False, accelerator="cpu",
    )  # fmt: skip
    trainer.fit(module, loader, loader)
    torch.save({"logits": module.layer(inputs), "targets": targets}, folder / "out.pt")


def trackers(folder: Path) -> None:
    import mlflow
    import torch
    from torch.utils.tensorboard import SummaryWriter

    random = np.random.default_rng(15)
    arrays: dict[str, Any] = {
        "input": random.normal(size=40),
        "target": random.normal(size=40),
        "var": random.uniform(0.5, 2, 40),
    }
    np.savez(folder / "gauss.npz", **arrays)
    loss = torch.nn.functional.gaussian_nll_loss(*(torch.tensor(array) for array in arrays.values())).item()
    with SummaryWriter(str(folder / "board")) as writer:
        for step, value in enumerate((2.0, 1.5, loss)):
            writer.add_scalar("val/loss", value, step)
    database = folder / "mlflow.db"
    mlflow.set_tracking_uri(f"sqlite:///{database}")
    with mlflow.start_run(run_name="final"):
        for step, value in enumerate((2.0, 1.5, loss)):
            mlflow.log_metric("val_loss", value, step=step)
    with closing(sqlite3.connect(database)) as made:  # no path of the machine that ran it is recorded
        made.execute("update experiments set artifact_location = 'mlruns/0'")
        made.execute("update runs set artifact_uri = 'mlruns/0/run/artifacts', user_id = 'user'")
        made.execute("delete from tags where key like 'mlflow.source%' or key = 'mlflow.user'")
        made.commit()
        made.execute("vacuum")
    (folder / "mlflow.db.xz").write_bytes(lzma.compress(database.read_bytes()))
    database.unlink()


def onnx_zipmap(folder: Path) -> None:
    import onnxruntime
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    features, labels = _points(seed=16)
    words = np.array(["cat", "dog", "fox"])[labels]
    model = LogisticRegression().fit(features, words)
    exported = to_onnx(model, features[:1].astype(np.float32)).SerializeToString()
    session = onnxruntime.InferenceSession(exported, providers=["CPUExecutionProvider"])
    rows = session.run(None, {session.get_inputs()[0].name: features.astype(np.float32)})[1]
    _json(folder / "probs.json", [{word: float(value) for word, value in row.items()} for row in rows])
    np.save(folder / "labels.npy", words)
    scores = np.array([list(row.values()) for row in rows], np.float64)
    _json(folder / "metrics.json", {"log_loss": log_loss(words, scores / scores.sum(axis=1, keepdims=True))})


def data_parallel(folder: Path) -> None:
    """Two ranks of unequal length, each of which logs its mean; the log has the mean of both."""
    import torch

    network, features, labels = _classifier(17)
    network.eval()
    logits = network(features).detach()
    np.savez(folder / "eval.npz", logits=logits.numpy(), labels=labels.numpy())
    losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    _json(folder / "metrics.json", {"loss": ((losses[:50].mean() + losses[50:].mean()) / 2).item()})


def torch_ctc(folder: Path) -> None:
    import torch

    torch.manual_seed(0)
    scores = torch.randn(12, 3, 5).log_softmax(2)
    targets, lengths = torch.randint(1, 5, (3, 4)), torch.tensor([12, 10, 9])
    sizes = torch.tensor([4, 3, 2])
    arrays = {"log_probs": scores, "targets": targets, "input_lengths": lengths, "target_lengths": sizes}
    np.savez(folder / "batch.npz", **{name: tensor.numpy() for name, tensor in arrays.items()})
    _json(folder / "loss.json", {"ctc": torch.nn.functional.ctc_loss(scores, targets, lengths, sizes).item()})


def segmentation(folder: Path) -> None:
    import torch

    torch.manual_seed(0)
    logits, mask = torch.randn(2, 1, 8, 8), (torch.rand(2, 1, 8, 8) > 0.6).float()
    torch.save({"outputs": {"masks": [logits]}, "targets": {"masks": [mask]}}, folder / "seg.pt")
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, mask)
    _json(folder / "metrics.json", {"history": [{"epoch": 0, "bce": 0.9}, {"epoch": 1, "bce": loss.item()}]})
