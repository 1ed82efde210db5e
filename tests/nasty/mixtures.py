"""Arrays in which everything occurs: ordinary numbers, nearly equal ones, and those of any magnitude."""

from __future__ import annotations

import numpy as np

from tests.nasty.families import Array, spread


def errors(random: np.random.Generator) -> dict[str, Array]:
    """Pairs of numbers to compare: alike, nearly equal, and of any magnitude."""
    input = np.concatenate([random.normal(size=40), spread(random, 40, -150, 150), spread(random, 20, -320, -300)])
    target = np.concatenate([random.normal(size=40), spread(random, 40, -150, 150), spread(random, 20, -320, -300)])
    near = random.normal(size=20)
    return {
        "input": np.concatenate([input, near]),
        "target": np.concatenate([target, near + 1e-15 * random.integers(1, 9, 20)]),
    }


def chances(random: np.random.Generator) -> dict[str, Array]:
    """Probabilities, close to 0, 1 and 1/2 among them, with targets that are 0, 1 or a share."""
    input = np.concatenate(
        [
            random.random(30),
            10.0 ** random.uniform(-300, 0, 15),
            1.0 - 10.0 ** random.uniform(-15, 0, 15),
            [5e-324, 1e-310, 0.25, 0.5, np.nextafter(0.5, 1.0), 0.75, 1.0 - 2.0**-53, 0.3],
        ]
    )
    target = random.random(len(input))
    target[::3], target[1::3] = 0.0, 1.0
    return {"input": input, "target": target}


def scores(random: np.random.Generator, classes: int) -> Array:
    """Raw scores: ordinary, confident, tied, huge, and with classes that are ruled out."""
    rows = [random.normal(size=(5, classes)), random.normal(0, 10, (5, classes)), spread(random, (3, classes), -20, 3)]
    for gap in (30.0, 300.0, 600.0, 740.0):
        confident = random.normal(size=(2, classes))
        confident[:, 0] += gap
        rows.append(confident)
    rows += [np.zeros((1, classes)), np.full((1, classes), 1e3), 1e5 + random.normal(size=(2, classes))]
    ruled_out = random.normal(size=(2, classes))
    ruled_out[:, 1] = -np.inf
    return np.concatenate([*rows, ruled_out])


def vectors(random: np.random.Generator) -> list[tuple[Array, Array]]:
    """Pairs of arrays of vectors: any, opposite, parallel but for 1e-9 or one ulp, huge, tiny, subnormal, uneven."""
    shape = (5, 5)
    one, other = random.normal(size=shape), random.normal(size=shape)
    beside = one * 3.7 + 1e-9 * other
    return [
        (one, other),
        (one, -beside),
        (one, beside),
        (one, np.nextafter(one, np.where(random.random(shape) < 0.5, 9.0, -9.0))),
        (1e200 * one, 1.1e200 * one + 1e190 * other),
        (1e-200 * one, 1e-180 * other),
        (5e-324 * random.integers(1, 9, shape), other),
        (one * 10.0 ** random.uniform(-9, 9, shape), other),
    ]
