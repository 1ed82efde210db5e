"""Writes Keras' files in this folder anew: `KERAS_BACKEND=numpy python -m tests.reading.exports.keras`, Keras 3.15."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent


def main() -> None:
    """One model, its layers named by hand in part, in each form; and its weights as Keras names them."""
    import keras

    keras.utils.set_random_seed(4)
    layers = [keras.layers.Dense(3, name="hidden"), keras.layers.BatchNormalization(), keras.layers.Dense(2)]
    model = keras.Sequential([keras.layers.Input((4,)), *layers], name="model")
    model.save_weights(FOLDER / "keras.weights.h5")
    model.save(FOLDER / "model.keras")
    model.save(FOLDER / "legacy.h5")
    weights: dict[str, Any] = {weight.path: np.asarray(weight) for weight in model.weights}
    np.savez_compressed(FOLDER / "keras.npz", **weights)
    narrow = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, dtype="bfloat16")])
    narrow.set_weights([np.arange(12.0).reshape(4, 3), np.full(3, -0.5)])
    narrow.save_weights(FOLDER / "narrow.weights.h5")


if __name__ == "__main__":
    main()
