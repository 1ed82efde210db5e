"""The families as inputs of losses: which arrays go together, by role."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tests.nasty import families
from tests.nasty.families import Array, Draw, Pair, log_softmax, signs, spread, tiniest

Named = dict[str, Array]
Inputs = Mapping[str, Callable[[np.random.Generator], Named]]

UNITS, CLASSES, LENGTH = 12, 4, 4
ROW = (UNITS, CLASSES)


def _each(drawn: Mapping[str, Draw], shape: tuple[int, ...], rest: Callable[[np.random.Generator], Named]) -> Inputs:
    """The input of a family, with other arrays that depend on none."""

    def draw(of: Draw) -> Callable[[np.random.Generator], Named]:
        return lambda random: {"input": of(random, shape), **rest(random)}

    return {name: draw(of) for name, of in drawn.items()}


def _pairs(drawn: Mapping[str, Pair], roles: tuple[str, str], shape: tuple[int, ...]) -> Inputs:
    def draw(of: Pair) -> Callable[[np.random.Generator], Named]:
        return lambda random: dict(zip(roles, of(random, shape), strict=True))

    return {name: draw(of) for name, of in drawn.items()}


def _with(inputs: Inputs, rest: Callable[[np.random.Generator], Named]) -> Inputs:
    def draw(of: Callable[[np.random.Generator], Named]) -> Callable[[np.random.Generator], Named]:
        return lambda random: {**of(random), **rest(random)}

    return {name: draw(of) for name, of in inputs.items()}


def _labels(random: np.random.Generator) -> Named:
    """Class 0, which leads where one does, as often as all others together."""
    return {"target": random.integers(0, CLASSES, UNITS) * (random.random(UNITS) < 0.66)}


def _shares(random: np.random.Generator) -> Named:
    return {"target": random.dirichlet(np.ones(CLASSES), UNITS)}


def _sides(random: np.random.Generator) -> Named:
    return {"target": random.choice([-1, 1], UNITS)}


def _truths(random: np.random.Generator) -> Named:
    return {"target": random.integers(0, 2, UNITS).astype(float)}


def _same_or_apart(random: np.random.Generator) -> Named:
    return {"target": random.integers(0, 2, UNITS)}


def _parts(random: np.random.Generator) -> Named:
    return {"target": random.random(UNITS)}


def _label_rows(random: np.random.Generator) -> Named:
    """Some classes in any order, and -1 after them."""
    labels = random.permuted(np.tile(np.arange(CLASSES), (UNITS, 1)), axis=1)
    labels[np.arange(UNITS), random.integers(1, CLASSES, UNITS)] = -1
    return {"target": labels}


def _tags(random: np.random.Generator) -> Named:
    return {"target": random.integers(0, 2, ROW).astype(float)}


REAL_PAIRS = _pairs(families.PAIRS, ("input", "target"), (UNITS,))
PAIRS_OF_A_WHOLE = _pairs(families.PAIRS, ("input", "target"), (3, 2))
ABOVE_MINUS_1 = _pairs(families.ABOVE_MINUS_1, ("input", "target"), (UNITS,))
RANKED = _with(_pairs(families.PAIRS, ("input1", "input2"), (UNITS,)), _sides)
SIDED = _each(families.SINGLE_SCORES, (UNITS,), _sides)
SCORES_AND_LABELS = _each(families.SINGLE_SCORES, (UNITS,), _truths)
SCORES_AND_SHARES = _each(families.SINGLE_SCORES, (UNITS,), _parts)
CHANCES_AND_LABELS = _each(families.PROBABILITIES, (UNITS,), _truths)
CHANCES_AND_SHARES = _each(families.PROBABILITIES, (UNITS,), _parts)
MASKS = _pairs(families.both(families.PROBABILITIES), ("input", "target"), (2, 4))
ROWS_AND_LABELS = _each(families.ROWS_OF_SCORES, ROW, _labels)
ROWS_AND_SHARES = _each(families.ROWS_OF_SCORES, ROW, _shares)
ROWS_AND_LABEL_ROWS = _each(families.ROWS_OF_SCORES, ROW, _label_rows)
ROWS_AND_TAGS = _each(families.ROWS_OF_SCORES, ROW, _tags)
LOG_ROWS_AND_LABELS = _each(families.ROWS_OF_LOG_PROBABILITIES, ROW, _labels)
DISTRIBUTIONS_AND_LABELS = _each(families.DISTRIBUTIONS, ROW, _labels)
DISTRIBUTIONS_AND_SHARES = _each(families.DISTRIBUTIONS, ROW, _shares)
TWO_DISTRIBUTIONS = _pairs(families.PAIRS_OF_DISTRIBUTIONS, ("input", "target"), ROW)


def vectors(one: str, other: str, rest: Callable[[np.random.Generator], Named] = lambda _: {}) -> Inputs:
    return _with(_pairs(families.VECTORS, (one, other), (UNITS, LENGTH)), rest)


WITH_SIDES = vectors("input1", "input2", _sides)
SAME_OR_APART = vectors("input1", "input2", _same_or_apart)
VIEWS = _pairs(families.VECTORS, ("anchor", "positive"), (4, 3))


def _triplets() -> Inputs:
    """The negative lies about as far away as the positive."""

    def draw(of: Pair) -> Callable[[np.random.Generator], Named]:
        def triplet(random: np.random.Generator) -> Named:
            anchor, positive = of(random, (UNITS, LENGTH))
            mirror = signs(random, anchor.shape) * (1.0 + 1e-3 * random.normal(size=anchor.shape))
            return {"anchor": anchor, "positive": positive, "negative": anchor + (positive - anchor) * mirror}

        return triplet

    return {name: draw(of) for name, of in families.VECTORS.items()}


TRIPLETS = _triplets()


def _logs(random: np.random.Generator, target: Array, error: float = 0.0) -> Named:
    """Log-probabilities that are right, or nearly so."""
    return {"input": np.log(target) * (1.0 + error * random.normal(size=target.shape)), "target": target}


def _independent(log_probability: str, probability: str) -> Callable[[np.random.Generator], Named]:
    return lambda random: {
        "input": families.ROWS_OF_LOG_PROBABILITIES[log_probability](random, ROW).ravel(),
        "target": families.PROBABILITIES[probability](random, (UNITS * CLASSES,)),
    }


LOGS_AND_CHANCES: Inputs = {
    "ordinary": _independent("ordinary", "ordinary"),
    "confident": _independent("confident", "confident"),
    "huge": _independent("huge", "ordinary"),
    "ties": lambda random: _logs(random, random.random(UNITS)),
    "subnormal": _independent("subnormal", "subnormal"),
    "near-parallel": lambda random: _logs(random, random.random(UNITS), 1e-9),
    "mixed sign": _independent("mixed sign", "mixed sign"),
}


def _two_logs(of: Draw) -> Callable[[np.random.Generator], Named]:
    """The target's are not so low that nothing is left of the probability."""
    return lambda random: {"input": of(random, ROW).ravel(), "target": np.maximum(of(random, ROW).ravel(), -700.0)}


def _nearly_the_same_logs(random: np.random.Generator) -> Named:
    target = -5.0 * random.random(UNITS)
    return {"input": target * (1.0 + 1e-9 * random.normal(size=UNITS)), "target": target}


TWO_LOGS: Inputs = {
    **{name: _two_logs(of) for name, of in families.ROWS_OF_LOG_PROBABILITIES.items() if name != "mixed sign"},
    "near-parallel": _nearly_the_same_logs,
}


def _variances(random: np.random.Generator, pair: tuple[Array, Array], var: Array) -> Named:
    return {"input": pair[0], "target": pair[1], "var": var * random.uniform(0.5, 2.0, var.shape)}


def _no_loss(random: np.random.Generator) -> Named:
    """Where log v and e²/v cancel."""
    var = random.uniform(0.01, 0.99, UNITS)
    return {"input": np.sqrt(-var * np.log(var)), "target": np.zeros(UNITS), "var": var}


def _own_variance(random: np.random.Generator) -> Named:
    """Errors as large as the standard deviation says, down to 1e-140."""
    error = spread(random, (UNITS,), -140, -3)
    return {"input": error, "target": np.zeros(UNITS), "var": error**2 * (1.0 + 1e-9 * random.normal(size=UNITS))}


NORMALS: Inputs = {
    "ordinary": lambda random: _variances(random, families.PAIRS["ordinary"](random, (UNITS,)), np.ones(UNITS)),
    "confident": _own_variance,
    "huge": lambda random: _variances(
        random, families.PAIRS["huge"](random, (UNITS,)), 10.0 ** random.uniform(100, 300, UNITS)
    ),
    "offset": lambda random: _variances(random, families.PAIRS["offset"](random, (UNITS,)), np.ones(UNITS)),
    "ties": _no_loss,
    "subnormal": lambda random: _variances(
        random, families.PAIRS["subnormal"](random, (UNITS,)), 3 * tiniest(random, (UNITS,))
    ),
    "mixed sign": lambda random: _variances(
        random, families.PAIRS["mixed sign"](random, (UNITS,)), 10.0 ** random.uniform(-20, 20, UNITS)
    ),
}


def _balanced(random: np.random.Generator, *, log: bool) -> Named:
    """Half where the slope is 0 but for a rounding, log t = x; half where the loss is: e^x = t x."""
    x = random.uniform(1.5, 300, UNITS) if log else 10.0 ** random.uniform(0.5, 20, UNITS)
    target = np.exp(x) if log else x.copy()
    target[::2] /= x[::2] if log else np.log(x[::2])
    return {"input": x, "target": target}


def _counts(random: np.random.Generator) -> Array:
    return random.choice([0.0, 1.0, 2.0, 3.0, 17.0], UNITS)


def _counted(of: Callable[[np.random.Generator], Array]) -> Callable[[np.random.Generator], Named]:
    return lambda random: {"input": of(random), "target": _counts(random)}


LOG_RATES: Inputs = {
    "ordinary": _counted(lambda random: random.normal(0, 3, UNITS)),
    "confident": _counted(lambda random: random.uniform(-700, 650, UNITS)),
    "huge": _counted(lambda random: -(10.0 ** random.uniform(3, 300, UNITS))),
    "ties": lambda random: _balanced(random, log=True),
    "subnormal": _counted(lambda random: signs(random, (UNITS,)) * tiniest(random, (UNITS,))),
    "mixed sign": _counted(lambda random: spread(random, (UNITS,), -20, 2)),
}
RATES: Inputs = {
    "ordinary": _counted(lambda random: random.uniform(0.1, 9, UNITS)),
    "confident": _counted(lambda random: 1.0 + random.normal(size=UNITS) * 1e-9),
    "huge": _counted(lambda random: 10.0 ** random.uniform(3, 300, UNITS)),
    "ties": lambda random: _balanced(random, log=False),
    "subnormal": _counted(lambda random: tiniest(random, (UNITS,))),
    "mixed sign": _counted(lambda random: 10.0 ** random.uniform(-20, 20, UNITS)),
}


def _confident_hidden(random: np.random.Generator, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Scores apart by up to 700."""
    matrix = random.normal(size=shape)
    return np.linspace(5, 100, shape[0])[:, None] * matrix[::-1], matrix


def _cancelling_hidden(random: np.random.Generator, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Scores that are small differences of terms near 1e6."""
    half, rows = 1e3 * random.normal(size=(2, shape[0], shape[1] // 2))
    back = rows * (1.0 + 1e-7 * random.normal(size=rows.shape))
    return np.concatenate([half, -half], axis=1), np.concatenate([rows, back], axis=1)


_HIDDEN: Mapping[str, Pair] = {
    "ordinary": families.PAIRS["ordinary"],
    "confident": _confident_hidden,
    "huge": lambda random, shape: (1e10 * random.normal(size=shape), 1e10 * random.normal(size=shape)),
    "offset": _cancelling_hidden,
    "ties": lambda random, shape: (random.normal(size=shape), np.ones(shape)),
    "subnormal": lambda random, shape: (signs(random, shape) * tiniest(random, shape), random.normal(size=shape)),
    "near-parallel": lambda random, shape: (random.normal(size=shape), 1.0 + 1e-9 * random.normal(size=shape)),
    "mixed sign": lambda random, shape: (spread(random, shape, -5, 2), spread(random, shape, -5, 2)),
}
HIDDEN: Inputs = _with(
    _pairs(_HIDDEN, ("input", "linear_weight"), (5, LENGTH)), lambda random: {"target": random.integers(0, 5, 5)}
)


def _clusters(of: Pair) -> Callable[[np.random.Generator], Named]:
    """Three classes in the head, a cluster of two and one of four, by projections of two and one entry."""

    def draw(random: np.random.Generator) -> Named:
        vectors, head = of(random, (9, LENGTH))
        return {
            "input": vectors,
            "target": np.arange(9),
            "head.weight": head[:5],
            "tail.0.0.weight": head[5:7],
            "tail.0.1.weight": random.normal(size=(2, 2)),
            "tail.1.0.weight": head[7:8],
            "tail.1.1.weight": random.normal(size=(4, 1)),
        }

    return draw


CLUSTERED: Inputs = {name: _clusters(of) for name, of in _HIDDEN.items()}


def _alignable(scores: Callable[[np.random.Generator, tuple[int, ...]], Array]) -> Callable[..., Named]:
    """Six frames of three samples; labels that repeat, and none."""
    return lambda random: {
        "log_probs": scores(random, (6, 3, CLASSES)),
        "targets": np.array([[1, 2], [1, 1], [3, 0]]),
        "input_lengths": np.array([6, 5, 6]),
        "target_lengths": np.array([2, 2, 1]),
    }


def _sure_frames(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Every frame is sure of a class, and all together of an alignment that fits."""
    path = np.array([[1, 0, 2, 0, 0, 0], [1, 0, 1, 0, 0, 0], [0, 0, 3, 3, 0, 0]]).T
    return log_softmax(random.normal(size=shape) + 20.0 * (path[:, :, None] == np.arange(shape[2])))


FRAMES: Inputs = {
    "ordinary": _alignable(lambda random, shape: log_softmax(random.normal(size=shape))),
    "confident": _alignable(_sure_frames),
    "huge": _alignable(lambda random, shape: 1e5 * log_softmax(random.normal(size=shape))),
    "offset": _alignable(lambda random, shape: log_softmax(random.normal(size=shape)) - 1e4),
    "ties": _alignable(lambda _, shape: np.full(shape, -np.log(CLASSES))),
    "subnormal": _alignable(lambda random, shape: -tiniest(random, shape)),
    "mixed sign": _alignable(lambda random, shape: spread(random, shape, -20, 2)),
}
