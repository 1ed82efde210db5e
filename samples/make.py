"""Makes the data of samples/ anew: what real models say about scikit-learn's bundled data sets.

    python samples/make.py

Only this script needs scikit-learn; nothing is downloaded. Every split and every model is seeded, and every number is
rounded before it is stored, so that the last bits of another machine's linear algebra do not show. The `expect` values
in the case.yaml files are not made here: each says in a comment which other program gave it.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_linnerud, load_wine
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import (
    BayesianRidge,
    HuberRegressor,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
)
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import NearestNeighbors, NeighborhoodComponentsAnalysis
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

SAMPLES = Path(__file__).parent
SEED = 7
Array = NDArray[Any]


@dataclass(frozen=True)
class Split:
    """One data set, cut in two: what a model learns from, and what it is asked about."""

    known: Array
    known_answers: Array
    asked: Array
    answers: Array


def split(features: Array, answers: Array, held_out: int, *, alike: bool = True) -> Split:
    """Cuts off `held_out` rows, `alike` in their share of classes."""
    known, asked, known_answers, answers = train_test_split(
        features, answers, test_size=held_out, random_state=SEED, stratify=answers if alike else None
    )
    return Split(known, known_answers, asked, answers)


def significant(numbers: Array, digits: int) -> Array:
    """Rounds to significant digits, so that a small probability keeps its own."""
    return np.array([float(f"{number:.{digits}g}") for number in np.ravel(numbers)]).reshape(np.shape(numbers))


def single(numbers: Array, decimals: int = 4) -> Array:
    """As float32, which is what most training code exports."""
    return np.round(np.asarray(numbers, float), decimals).astype(np.float32)


def write_csv(path: str, header: Sequence[str], *columns: Iterable[Any]) -> None:
    """One row an entry, numbered from 0 in the column `id`."""
    with (SAMPLES / path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", *header])
        for index, row in enumerate(zip(*(np.asarray(column).tolist() for column in columns), strict=True)):
            writer.writerow([index, *row])


def softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def network(data: Split, rounds: int) -> MLPClassifier:
    """A small neural network, stopped early enough to make mistakes."""
    model = MLPClassifier((32,), max_iter=rounds, n_iter_no_change=rounds, random_state=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is the point
        return model.fit(data.known, data.known_answers)


def raw_scores(model: MLPClassifier, pictures: Array) -> Array:
    """What the network computes before its last softmax, which scikit-learn does not hand out."""
    hidden = np.maximum(pictures @ model.coefs_[0] + model.intercepts_[0], 0)
    return np.asarray(hidden @ model.coefs_[1] + model.intercepts_[1])


def digit_classifier(digits: Split) -> None:
    """cross_entropy and sce: ten classes of handwritten digits; log_loss: the same as probabilities."""
    model = network(digits, rounds=25)
    logits = single(raw_scores(model, digits.asked))
    np.save(SAMPLES / "cross_entropy/logits.npy", logits)
    for number, shard in enumerate(np.split(logits, [120])):
        np.save(SAMPLES / f"cross_entropy/logits-{number}.npy", shard)
    write_csv("cross_entropy/labels.csv", ["label"], digits.answers)

    # A balanced weight: a class that is rarer in the training data counts for more.
    counts = np.bincount(digits.known_answers)
    write_csv("cross_entropy/class-weights.csv", ["weight"], significant(counts.mean() / counts, 4))

    probabilities = significant(softmax(logits.astype(float)), 12)
    write_csv("log_loss/digits.csv", [f"p{digit}" for digit in range(10)], *probabilities.T)

    # Labels as a careless annotator gives them: one in ten is off by one.
    careless = np.random.default_rng(SEED).random(len(digits.answers)) < 0.1
    write_csv("sce/noisy-labels.csv", ["label"], np.where(careless, (digits.answers + 1) % 10, digits.answers))


def lower_halves(digits: Split) -> None:
    """cross_entropy of pictures: guesses the lower half of a digit, pixel by pixel, from the upper half."""

    def halves(pictures: Array) -> tuple[Array, Array]:
        shade = np.digitize(pictures[:, 32:], [4.0, 12.0])  # 0 paper, 1 grey, 2 ink
        return pictures[:, :32], shade

    known, shades = halves(digits.known)
    asked, answers = halves(digits.asked[:12])
    logits = np.zeros((12, 3, 32))
    for pixel in range(32):
        present = np.unique(shades[:, pixel])
        logits[:, :, pixel] = -20.0  # a shade that this pixel never had
        if len(present) == 1:
            logits[:, present[0], pixel] = 0.0
            continue
        model = LogisticRegression(C=0.01, max_iter=2000).fit(known, shades[:, pixel])
        scores = model.decision_function(asked)
        logits[:, present, pixel] = scores if len(present) > 2 else np.stack([-scores / 2, scores / 2], axis=1)
    edge = np.isin(np.arange(32) % 8, [0, 7])
    answers = np.where(edge, -100, answers)  # the outer columns are nearly always paper: they teach nothing
    np.save(SAMPLES / "cross_entropy/pixel-logits.npy", single(logits).reshape(12, 3, 4, 8))
    np.save(SAMPLES / "cross_entropy/pixel-labels.npy", answers.astype(np.int16).reshape(12, 4, 8))


def wine_cellar() -> None:
    """nll: log-probabilities of three growers from a naive Bayes model; two wines have no label."""
    wines = load_wine()
    data = split(wines.data, wines.target, 60)
    model = GaussianNB(var_smoothing=1e-6).fit(data.known, data.known_answers)
    labels = data.answers.copy()
    labels[[11, 42]] = -100
    header = ["input_0", "input_1", "input_2", "target"]
    write_csv("nll/wine.csv", header, *significant(model.predict_log_proba(data.asked), 10).T, labels)


def iris_species() -> None:
    """log_loss: probabilities under the names of the species, and the species as words."""
    iris = load_iris()
    data = split(iris.data[:, :2], iris.target, 45)  # the sepals alone, which leave room for doubt
    model = LogisticRegression().fit(data.known, data.known_answers)
    probabilities = significant(model.predict_proba(data.asked), 12)
    write_csv("log_loss/iris.csv", list(iris.target_names), *probabilities.T)
    write_csv("log_loss/species.csv", ["species"], iris.target_names[data.answers])


def patients() -> None:
    """mse, l1, huber: how far a disease has come after a year, predicted from ten measurements."""
    diabetes = load_diabetes()
    data = split(diabetes.data, diabetes.target, 89, alike=False)
    ridge = Ridge(alpha=0.05).fit(data.known, data.known_answers)
    write_csv("mse/run.csv", ["prediction", "target"], np.round(ridge.predict(data.asked), 3), data.answers.astype(int))
    # As if only every second patient with high blood pressure had been asked: those who were count twice.
    write_csv("mse/weights.csv", ["weight"], np.where(data.asked[:, 3] > 0, 2, 1))

    line = LinearRegression().fit(data.known[:, 2:3], data.known_answers)  # from the body mass index alone
    write_csv(
        "l1/bmi.csv", ["bmi", "yhat", "y"],
        np.round(data.asked[:, 2], 4), np.round(line.predict(data.asked[:, 2:3]), 2), data.answers.astype(int),
    )  # fmt: skip

    robust = HuberRegressor(max_iter=1000).fit(data.known, data.known_answers)
    run = {"prediction": np.round(robust.predict(data.asked[:30]), 2), "target": data.answers[:30].astype(int)}
    rows = {role: numbers.tolist() for role, numbers in run.items()}
    text = yaml.safe_dump(rows, default_flow_style=None, sort_keys=False, width=100)
    (SAMPLES / "huber/run.yaml").write_text(text, encoding="utf-8")


def gym() -> None:
    """mse and l1 of several targets at once: three body measures of twenty men from three exercises."""
    linnerud = load_linnerud()
    model = make_pipeline(StandardScaler(), Ridge()).fit(linnerud.data, linnerud.target)
    np.save(SAMPLES / "mse/gym.npy", np.round(model.predict(linnerud.data), 3))
    write_csv("mse/gym.csv", [name.lower() for name in linnerud.target_names], *linnerud.target.astype(int).T)


def ink_boxes(digits: Split) -> None:
    """smooth_l1: the box around the ink (left, top, right, bottom) of a digit that shows its middle rows only."""

    def boxes(pictures: Array) -> Array:
        ink = np.asarray(pictures.reshape(-1, 8, 8) > 11)
        columns, rows = ink.any(axis=1), ink.any(axis=2)
        ends = [columns.argmax(1), rows.argmax(1), 8 - np.flip(columns, 1).argmax(1), 8 - np.flip(rows, 1).argmax(1)]
        return np.stack(ends, axis=1)

    seen = np.isin(np.arange(64) // 8, [2, 3, 4, 5])
    model = Ridge(alpha=10.0).fit(digits.known[:, seen], boxes(digits.known))
    np.savez(
        SAMPLES / "smooth_l1/boxes.npz",
        prediction=single(model.predict(digits.asked[:60][:, seen])),
        target=boxes(digits.asked[:60]).astype(np.float32),
    )


def tagger(digits: Split) -> None:
    """bce and bce_with_logits: four tags of a digit, each its own yes or no."""
    tags = {"even": {0, 2, 4, 6, 8}, "prime": {2, 3, 5, 7}, "loop": {0, 6, 8, 9}, "straight": {1, 4, 7}}

    def tagged(answers: Array) -> Array:
        return np.array([[digit in members for members in tags.values()] for digit in answers.tolist()], int)

    known, asked = tagged(digits.known_answers), tagged(digits.answers[:80])
    logits = np.empty(asked.shape)
    for column in range(len(tags)):
        model = LogisticRegression(C=0.001, max_iter=2000).fit(digits.known, known[:, column])
        logits[:, column] = model.decision_function(digits.asked[:80])
    logits = single(logits)
    np.save(SAMPLES / "bce_with_logits/logits.npy", logits)
    share = known.mean(axis=0)
    write_csv("bce_with_logits/pos-weight.csv", ["tag", "pos_weight"], list(tags), significant((1 - share) / share, 4))
    write_csv("bce/tags.csv", list(tags), *asked.T)
    probabilities = significant(1 / (1 + np.exp(-logits.astype(float))), 10)
    write_csv("bce/probabilities.csv", list(tags), *probabilities.T)


def redrawn(digits: Split) -> None:
    """bce of an auto-encoder: digits redrawn from twelve principal components, clipped to [0, 1]."""
    pictures = digits.asked[:10] / 16
    codec = PCA(12, random_state=SEED).fit(digits.known / 16)
    drawn = np.clip(codec.inverse_transform(codec.transform(pictures)), 0, 1)
    np.savez(
        SAMPLES / "bce/pictures.npz",
        redrawn=single(drawn).reshape(10, 8, 8),
        original=pictures.astype(np.float32).reshape(10, 8, 8),
    )


def distillation(digits: Split) -> None:
    """kl_div: a linear student against a neural teacher, both softened by the same temperature."""
    temperature = 4.0
    teacher = network(digits, rounds=60)
    student = LogisticRegression(C=1e-4, max_iter=2000).fit(digits.known, digits.known_answers)
    pictures = digits.asked[:60]
    wanted = softmax(raw_scores(teacher, pictures) / temperature)
    given = softmax(student.decision_function(pictures) / temperature)
    np.savez(
        SAMPLES / "kl_div/distillation.npz",
        student_log_probs=single(np.log(given), 6),
        teacher_probs=single(wanted, 7),
        teacher_log_probs=single(np.log(wanted), 6),
    )


def embeddings(digits: Split) -> None:
    """cosine_similarity, cosine_embedding, triplet_margin: digits as vectors that keep like near like."""
    random = np.random.default_rng(SEED)
    embed = NeighborhoodComponentsAnalysis(8, init="pca", max_iter=20, random_state=SEED)
    known = np.asarray(embed.fit_transform(digits.known[:600] / 16, digits.known_answers[:600]))
    centre, width = known.mean(axis=0), known.std()
    known = (known - centre) / width
    asked = (embed.transform(digits.asked / 16) - centre) / width
    answers = digits.answers

    nearest = NearestNeighbors(n_neighbors=1).fit(known).kneighbors(asked[:40], return_distance=False)[:, 0]
    np.save(SAMPLES / "cosine_similarity/queries.npy", single(asked[:40]))
    np.save(SAMPLES / "cosine_similarity/nearest.npy", single(known[nearest]))

    partner = random.integers(0, len(asked), 60)
    alike = [random.choice(np.flatnonzero(answers == answers[row])) for row in range(60)]
    partner = np.where(np.arange(60) % 2, alike, partner)  # by chance most pairs would differ
    np.save(SAMPLES / "cosine_embedding/first.npy", single(asked[:60]))
    np.save(SAMPLES / "cosine_embedding/second.npy", single(asked[partner]))
    same = answers[:60] == answers[partner]
    write_csv(
        "cosine_embedding/pairs.csv", ["first", "second", "same"], answers[:60], answers[partner], np.where(same, 1, -1)
    )

    positive = [random.choice(np.flatnonzero((answers == answers[row]) & (np.arange(200) != row))) for row in range(48)]
    negative = [random.choice(np.flatnonzero(answers != answers[row])) for row in range(48)]
    np.savez(
        SAMPLES / "triplet_margin/triplets.npz",
        anchor=single(asked[:48]), positive=single(asked[positive]), negative=single(asked[negative]),
    )  # fmt: skip
    plane = np.round(asked[:, :2], 3)  # the first two coordinates, for a file that can be read
    header = [f"{role}_{axis}" for role in ("anchor", "positive", "negative") for axis in range(2)]
    columns = np.concatenate([plane[:24], plane[positive[:24]], plane[negative[:24]]], axis=1).T
    digit = [answers[:24], answers[positive[:24]], answers[negative[:24]]]
    write_csv(
        "triplet_margin/plane.csv", [*header, "anchor_digit", "positive_digit", "negative_digit"], *columns, *digit
    )


def screening() -> None:
    """focal: a rare diagnosis, one patient in ten."""
    tumours = load_breast_cancer()
    malignant = 1 - tumours.target
    rare = np.concatenate([np.flatnonzero(malignant == 0), np.flatnonzero(malignant == 1)[:40]])
    data = split(tumours.data[rare, :10], malignant[rare], 120)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1)).fit(data.known, data.known_answers)
    probability = significant(model.predict_proba(data.asked)[:, 1], 8)
    write_csv("focal/screening.csv", ["probability", "malignant"], probability, data.answers)


def two_sides() -> None:
    """hinge and squared_hinge: what a support vector machine says of tumours; soft_margin: a logistic regression."""
    tumours = load_breast_cancer()
    sides = np.where(tumours.target == 0, 1, -1)
    data = split(tumours.data[:, :5], sides, 100)
    machine = make_pipeline(StandardScaler(), LinearSVC(C=0.1, random_state=SEED)).fit(data.known, data.known_answers)
    scores = np.round(machine.decision_function(data.asked), 6)
    write_csv("hinge/machine.csv", ["score", "side", "malignant"], scores, data.answers, (data.answers + 1) // 2)
    write_csv("hinge/weights.csv", ["weight"], np.where(data.answers == 1, 3, 1))
    logistic = make_pipeline(StandardScaler(), LogisticRegression()).fit(data.known, data.known_answers)
    np.save(SAMPLES / "soft_margin/scores.npy", single(logistic.decision_function(data.asked)).reshape(25, 4))
    np.save(SAMPLES / "soft_margin/sides.npy", data.answers.astype(np.int8).reshape(25, 4))


def pairs_of_digits(digits: Split) -> None:
    """hinge_embedding: how far apart pairs of handwritten digits lie, and whether they are the same digit."""
    pictures, answers = digits.asked[:120] / 16, digits.answers[:120]
    rows = np.arange(120)
    alike = [np.flatnonzero((answers == answers[row]) & (rows != row))[row % 5] for row in rows]
    partner = np.where(rows % 2, alike, np.roll(rows, 7))
    apart = np.abs(pictures - pictures[partner]).mean(axis=1)
    same = np.where(answers == answers[partner], 1, -1)
    write_csv("hinge_embedding/pairs.csv", ["distance", "same"], significant(apart, 6), same)


def one_in_ten(digits: Split) -> None:
    """sigmoid_focal: ten yes-or-no questions to a digit, of which one is a yes."""
    model = LogisticRegression(C=0.001, max_iter=2000)
    scores = [
        model.fit(digits.known, digits.known_answers == each).decision_function(digits.asked) for each in range(10)
    ]
    np.savez(
        SAMPLES / "sigmoid_focal/detections.npz",
        logits=single(np.stack(scores, axis=1)[:80]),
        found=(digits.answers[:80, None] == np.arange(10)).astype(np.int8),
    )


def ink_counts(digits: Split) -> None:
    """poisson_nll: how many pixels of a digit's lower half are dark, expected from the ink in its upper half."""

    def counted(pictures: Array) -> tuple[Array, Array]:
        return pictures[:, :32] / 16, (pictures[:, 32:] > 8).sum(axis=1)

    (known, counts), (asked, answers) = counted(digits.known), counted(digits.asked[:60])
    model = PoissonRegressor(alpha=1e-2, max_iter=1000).fit(known, counts)
    rate = significant(model.predict(asked), 8)
    write_csv("poisson_nll/ink.csv", ["rate", "log_rate", "count"], rate, significant(np.log(rate), 10), answers)


def certainties() -> None:
    """gaussian_nll, quantile and log_cosh: the progress of diabetes again, with what models say of their certainty."""
    diabetes = load_diabetes()
    data = split(diabetes.data, diabetes.target, 89, alike=False)
    mean, deviation = BayesianRidge().fit(data.known, data.known_answers).predict(data.asked, return_std=True)
    header = ["input", "target", "var"]
    write_csv(
        "gaussian_nll/progress.csv", header, np.round(mean, 3), data.answers.astype(int), np.round(deviation**2, 2)
    )
    ends = [
        QuantileRegressor(quantile=share, alpha=0.0).fit(data.known, data.known_answers).predict(data.asked)
        for share in (0.1, 0.9)
    ]
    write_csv("quantile/interval.csv", ["low", "high", "target"], *np.round(ends, 2), data.answers.astype(int))
    centre, width = data.known_answers.mean(), data.known_answers.std()
    in_deviations = np.round((np.stack([mean, data.answers]) - centre) / width, 5)
    write_csv("log_cosh/standardised.csv", ["prediction", "target"], *in_deviations)


def amounts() -> None:
    """msle and mape: quantities that differ by factors, proline in wine and the largest area of a tumour's cells."""
    wines = load_wine()
    data = split(wines.data[:, :12], wines.data[:, 12], 60, alike=False)
    growth = make_pipeline(StandardScaler(), Ridge()).fit(data.known, np.log1p(data.known_answers))
    proline = significant(np.expm1(growth.predict(data.asked)), 6)
    write_csv("msle/proline.csv", ["prediction", "target"], proline, data.answers.astype(int))

    tumours = load_breast_cancer()
    data = split(tumours.data[:, 4:10], tumours.data[:, 23], 80, alike=False)  # shapes and textures, and no size
    growth = make_pipeline(StandardScaler(), Ridge()).fit(data.known, np.log(data.known_answers))
    area = significant(np.exp(growth.predict(data.asked)), 6)
    write_csv("mape/area.csv", ["forecast", "area"], area, data.answers)


def exercises() -> None:
    """rmse of several outputs: what twenty men can do, from three body measures."""
    linnerud = load_linnerud()
    model = make_pipeline(StandardScaler(), Ridge()).fit(linnerud.target, linnerud.data)
    names = [name.lower() for name in linnerud.feature_names]
    write_csv("rmse/expected.csv", names, *np.round(model.predict(linnerud.target), 3).T)
    write_csv("rmse/done.csv", names, *linnerud.data.astype(int).T)


def house_numbers(digits: Split) -> None:
    """ctc: numbers of one to four digits in a row, read by a window that slides over them; class 10 is no digit."""
    random = np.random.default_rng(SEED)
    step, reach = 2, 6  # columns

    def windows(row: Array) -> Array:
        """What is seen at each frame: eight columns, and so the halves of two digits as often as one digit."""
        return np.stack([row[:, at : at + 8].ravel() for at in range(0, row.shape[1] - 7, step)])

    def row_of(members: Array, pictures: Array) -> Array:
        gap = np.zeros((8, reach))
        return np.hstack([gap, *(part for at in members for part in (pictures[at].reshape(8, 8) / 16, gap))])

    def frames_of(members: Array, answers: Array) -> Array:
        """The digit where the window stands right on it, else 10."""
        seen = np.full((reach + len(members) * (8 + reach) - 8) // step + 1, 10)
        seen[reach // step :: (8 + reach) // step] = answers[members]
        return seen

    shuffled = random.permutation(len(digits.known))[:400].reshape(-1, 4)
    known = np.concatenate([windows(row_of(members, digits.known)) for members in shuffled])
    model = LogisticRegression(C=0.3, max_iter=300).fit(
        known, np.concatenate([frames_of(members, digits.known_answers) for members in shuffled])
    )
    numbers = np.split(np.arange(26), np.cumsum([2, 4, 1, 3, 4, 2, 3, 1, 4, 2])[:-1])
    seen = [model.predict_log_proba(windows(row_of(members, digits.asked))) for members in numbers]
    log_probs = np.zeros((max(map(len, seen)), len(numbers), 11))
    targets = np.full((len(numbers), 4), -1)
    for at, (members, frames) in enumerate(zip(numbers, seen, strict=True)):
        log_probs[: len(frames), at] = frames
        targets[at, : len(members)] = digits.answers[members]
    np.save(SAMPLES / "ctc/log-probs.npy", single(log_probs))
    write_csv(
        "ctc/numbers.csv", ["first", "second", "third", "fourth", "frames", "digits"],
        *targets.T, list(map(len, seen)), list(map(len, numbers)),
    )  # fmt: skip


def last_layer(digits: Split) -> None:
    """linear_cross_entropy: the last layer of the network that cross_entropy's logits come from."""
    model = network(digits, rounds=25)
    hidden = np.maximum(digits.asked[:60] @ model.coefs_[0] + model.intercepts_[0], 0)
    np.savez(
        SAMPLES / "linear_cross_entropy/layer.npz",
        hidden=single(hidden), matrix=single(model.coefs_[1].T), bias=single(model.intercepts_[1]),
    )  # fmt: skip
    write_csv("linear_cross_entropy/labels.csv", ["label"], digits.answers[:60])


def next_letter() -> None:
    """adaptive_log_softmax: the next letter of the Zen of Python after two others, the most frequent letters first."""
    import codecs
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()):  # it prints itself
        import this
    text = codecs.decode(this.s, "rot13").lower()
    letters = sorted(set(text), key=lambda letter: (-text.count(letter), letter))
    code = np.array([letters.index(letter) for letter in text])
    before = np.concatenate([np.eye(len(letters))[code[:-2]], np.eye(len(letters))[code[1:-1]]], axis=1)
    hidden, target = single(4 * PCA(16, random_state=SEED).fit_transform(before)), code[2:]
    cutoffs = [8, 16, len(letters)]

    def rows(features: Array, answers: Array) -> Array:
        """A class each, without a bias."""
        return np.asarray(LogisticRegression(fit_intercept=False, max_iter=2000).fit(features, answers).coef_)

    cluster = np.digitize(target, cutoffs[:-1])
    state = {"head.weight": rows(hidden, np.where(cluster, cutoffs[0] + cluster - 1, target))}
    for number, size in enumerate((4, 1)):
        there = cluster == number + 1
        shorter = PCA(size, random_state=SEED).fit(hidden[there]).components_
        state[f"tail.{number}.0.weight"] = shorter
        state[f"tail.{number}.1.weight"] = rows(hidden[there] @ shorter.T, target[there])
    matrices: dict[str, Array] = {name: single(matrix) for name, matrix in state.items()}
    np.savez(
        SAMPLES / "adaptive_log_softmax/letters.npz",
        allow_pickle=False, input=hidden[:120], target=target[:120].astype(np.int16), **matrices,
    )  # fmt: skip


def duels() -> None:
    """margin_ranking: which of two patients fares worse, by scores that a model gives to either."""
    diabetes = load_diabetes()
    data = split(diabetes.data, diabetes.target, 89, alike=False)
    scores = np.round(Ridge(alpha=0.05).fit(data.known, data.known_answers).predict(data.asked) / 100, 3)
    first, second = np.arange(40), np.arange(40, 80)
    worse = np.where(data.answers[first] > data.answers[second], 1, -1)  # none fare alike
    write_csv("margin_ranking/duels.csv", ["first", "second", "worse"], scores[first], scores[second], worse)


def alike_or_not() -> None:
    """contrastive: the pairs of cosine_embedding with labels of 0 and 1."""
    signs = np.genfromtxt(SAMPLES / "cosine_embedding/pairs.csv", delimiter=",", skip_header=1)[:, -1]
    write_csv("contrastive/pairs.csv", ["same"], (signs > 0).astype(int))


def two_views(digits: Split) -> None:
    """info_nce: each digit as it is, and with a third of its pixels missing, as principal components."""
    pictures = digits.asked[:32]
    torn = np.where(np.random.default_rng(SEED).random(pictures.shape) < 1 / 3, 0.0, pictures)
    codec = PCA(8, random_state=SEED).fit(digits.known)
    np.save(SAMPLES / "info_nce/whole.npy", single(codec.transform(pictures) / 16))
    np.save(SAMPLES / "info_nce/torn.npy", single(codec.transform(torn) / 16))


def two_minds() -> None:
    """jensen_shannon: what two models think of an iris, one from the sepals and one from the petals."""
    iris = load_iris()
    data = split(iris.data, iris.target, 45)
    columns = []
    for part in (slice(0, 2), slice(2, 4)):
        model = LogisticRegression().fit(data.known[:, part], data.known_answers)
        columns += [*significant(model.predict_proba(data.asked[:, part]), 12).T]
    header = [f"{part}_{species}" for part in ("sepals", "petals") for species in iris.target_names]
    write_csv("jensen_shannon/irises.csv", header, *columns)


def guessed_ink(digits: Split) -> None:
    """dice and tversky: where the ink of a digit's lower half is, guessed from the upper half."""
    known, asked = digits.known / 16, digits.asked[:10] / 16
    drawn = np.clip(Ridge(alpha=5.0).fit(known[:, :32], known[:, 32:]).predict(asked[:, :32]), 0, 1)
    np.savez(
        SAMPLES / "dice/ink.npz",
        allow_pickle=False, chance=single(drawn).reshape(10, 4, 8), ink=(asked[:, 32:] > 0.5).reshape(10, 4, 8),
    )  # fmt: skip


def support_vectors() -> None:
    """multi_margin and categorical_hinge: how far 60 wines lie on either side of three growers' planes."""
    wines = load_wine()
    data = split(wines.data, wines.target, 60)
    model = make_pipeline(StandardScaler(), LinearSVC(C=0.002, random_state=SEED)).fit(data.known, data.known_answers)
    scores = np.round(model.decision_function(data.asked), 4)
    write_csv("multi_margin/wine.csv", ["input_0", "input_1", "input_2", "target"], *scores.T, data.answers)


def tag_lists(digits: Split) -> None:
    """multilabel_margin: the tags of the digits of bce_with_logits by their indices, ended by -1."""
    members = ({0, 2, 4, 6, 8}, {2, 3, 5, 7}, {0, 6, 8, 9}, {1, 4, 7})  # even, prime, loop, straight
    lists = [[tag for tag in range(4) if digit in members[tag]] for digit in digits.answers[:80].tolist()]
    rows = np.array([[*tags, *[-1] * (4 - len(tags))] for tags in lists])
    write_csv("multilabel_margin/tags.csv", ["first", "second", "third", "fourth"], *rows.T)


def main() -> None:
    folders = "mse l1 smooth_l1 huber cross_entropy nll log_loss bce bce_with_logits kl_div cosine_similarity"
    for folder in [*folders.split(), "cosine_embedding", "triplet_margin", "focal", "sce"]:
        (SAMPLES / folder).mkdir(exist_ok=True)
    pictures = load_digits()
    digits = split(pictures.data, pictures.target, 200)
    for make in (digit_classifier, lower_halves, ink_boxes, tagger, redrawn, distillation, embeddings):
        make(digits)
    for make_alone in (wine_cellar, iris_species, patients, gym, screening):
        make_alone()
    for folder in ("soft_margin", "hinge", "squared_hinge", "hinge_embedding", "sigmoid_focal"):
        (SAMPLES / folder).mkdir(exist_ok=True)
    two_sides()
    pairs_of_digits(digits)
    one_in_ten(digits)
    for folder in ("poisson_nll", "gaussian_nll", "quantile", "log_cosh", "msle", "mape", "rmse"):
        (SAMPLES / folder).mkdir(exist_ok=True)
    ink_counts(digits)
    for make_alone in (certainties, amounts, exercises):
        make_alone()
    (SAMPLES / "ctc").mkdir(exist_ok=True)
    house_numbers(digits)
    for folder in ("linear_cross_entropy", "adaptive_log_softmax"):
        (SAMPLES / folder).mkdir(exist_ok=True)
    last_layer(digits)
    next_letter()
    folders = "margin_ranking triplet_margin_with_distance contrastive info_nce jensen_shannon dice tversky"
    for folder in folders.split():
        (SAMPLES / folder).mkdir(exist_ok=True)
    for make_alone in (duels, alike_or_not, two_minds):
        make_alone()
    for make in (two_views, guessed_ink):
        make(digits)
    for folder in ("multi_margin", "multilabel_margin", "multilabel_soft_margin", "categorical_hinge"):
        (SAMPLES / folder).mkdir(exist_ok=True)
    support_vectors()
    tag_lists(digits)


if __name__ == "__main__":
    main()
