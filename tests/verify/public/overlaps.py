"""Wrong values of losses that compare distributions and masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, sigmoid, value


def _kl(t: Any, logs: Any) -> Any:
    return (t * (np.log(t) - logs)).sum(axis=1)


@value("kl_div", "mean_for_batchmean", "GitHub, pytorch#6622: KLDivLoss, reduction mean and batchmean")
def elements_averaged(d: Data) -> Any:
    """The sum was divided by N·C, not by N."""
    return _kl(d.target, d.input).mean() / d.c


@value("kl_div", "distributions_exchanged", "GitHub, pytorch#57459: KLDivLoss computes KL(Q || P)")
def other_way_round(d: Data) -> Any:
    """The divergence was taken the other way round."""
    return (np.exp(d.input) * (d.input - np.log(d.target))).sum(axis=1).mean()


@value("kl_div", "probabilities_for_logs", "GitHub, lightly#1341: KLDivLoss on probabilities")
def logs_left_out(d: Data) -> Any:
    """The model's probabilities were passed where their logarithms are expected."""
    return _kl(d.target, np.exp(d.input)).mean()


@value("kl_div", "entropy_left_out", "Stack Overflow: KL divergence and cross-entropy in PyTorch")
def cross_entropy_of_soft_labels(d: Data) -> Any:
    """The entropy of the truth was not subtracted: this is cross-entropy."""
    return -(d.target * d.input).sum(axis=1).mean()


@value("kl_div", "temperature_squared_4", "GitHub, haitongli/knowledge-distillation-pytorch#2: KL times T²")
def times_temperature(d: Data) -> Any:
    """It was multiplied by T² = 16, as in distillation at the temperature 4."""
    return _kl(d.target, d.input).mean() * 16


@value("kl_div", "symmetric_sum|jeffreys_computed", "Wikipedia, Kullback-Leibler divergence: Jeffreys divergence")
def both_divergences(d: Data) -> Any:
    """The divergences of both directions were added up."""
    return (_kl(d.target, d.input) + _kl(np.exp(d.input), np.log(d.target))).mean()


@value("jensen_shannon", "middle_left_out|symmetric_sum + half|jeffreys_computed", "GitHub, evansenter/diverge#1")
def without_middle(d: Data) -> Any:
    """The middle was left out: this is half the sum of the divergences of both directions."""
    p, q = d.input, d.target
    return (_kl(p, np.log(q)) + _kl(q, np.log(p))).mean() / 2


@value("jensen_shannon", "same_term_twice|input_for_target", "GitHub, sebastianruder/learn-to-select-data#1")
def same_term_twice(d: Data) -> Any:
    """The divergence of the input from the middle was taken twice, that of the target never."""
    return _kl(d.input, np.log((d.input + d.target) / 2)).mean()


@value("jensen_shannon", "root", "SciPy documentation: scipy.spatial.distance.jensenshannon is the root")
def of_scipy(d: Data) -> Any:
    """The square root was taken: this is the Jensen-Shannon distance of SciPy, of all rows together."""
    m = np.log((d.input + d.target) / 2)
    return np.sqrt((_kl(d.input, m) + _kl(d.target, m)).mean() / 2)


@value(
    "jensen_shannon",
    "distributions_exchanged|divergence_exchanged",
    "GitHub, Jeryi-Sun/ReDEeP-ICLR#2: Potential bug in JSD",
)
def from_the_middle(d: Data) -> Any:
    """The divergences were taken the other way round, of the middle from each."""
    m = (d.input + d.target) / 2
    return (_kl(m, np.log(d.input)) + _kl(m, np.log(d.target))).mean() / 2


@value("jensen_shannon", "log_base_2", "SciPy documentation: jensenshannon(base=2)")
def bits(d: Data) -> Any:
    """The logarithm has base 2."""
    m = np.log((d.input + d.target) / 2)
    return (_kl(d.input, m) + _kl(d.target, m)).mean() / 2 / np.log(2)


@value("jensen_shannon", "half_left_out_of_middle|half_left_out", "Stack Overflow: JSD in Python, m = p + q")
def middle_not_halved(d: Data) -> Any:
    """The middle was not halved."""
    m = np.log(d.input + d.target)
    return (_kl(d.input, m) + _kl(d.target, m)).mean() / 2


def _overlap(d: Data, axis: Any = None) -> tuple[Any, Any, Any]:
    return (d.input * d.target).sum(axis=axis), d.input.sum(axis=axis), d.target.sum(axis=axis)


@value("dice", "one_minus", "Stack Overflow: dice coefficient and dice loss")
def coefficient(d: Data) -> Any:
    """The coefficient was reported, which is 1 minus the loss."""
    both, p, t = _overlap(d)
    return (2 * both + d.smooth) / (p + t + d.smooth)


@value("dice", "two_left_out|factor_left_out", "GitHub, hubutui/DiceLoss-PyTorch#1: Wrong code!")
def two_left_out(d: Data) -> Any:
    """The factor 2 above was left out."""
    both, p, t = _overlap(d)
    return 1 - (both + d.smooth) / (p + t + d.smooth)


@value("dice", "mean_of_samples|mean_of_pictures", "GitHub, BloodAxe/pytorch-toolbelt#99: smaller on the entire batch")
def mean_of_pictures(d: Data) -> Any:
    """The loss of each picture was taken, then their mean."""
    both, p, t = _overlap(d, (1, 2))
    return (1 - (2 * both + d.smooth) / (p + t + d.smooth)).mean()


@value("dice", "squares_below|squared", "GitHub, fastai#3439: squares in the denominator, as in V-Net")
def squares_below(d: Data) -> Any:
    """The sums below are of squares, as in V-Net."""
    both, p, t = (d.input * d.target).sum(), (d.input**2).sum(), (d.target**2).sum()
    return 1 - (2 * both + d.smooth) / (p + t + d.smooth)


@value("dice", "smooth_forgotten|smooth_0", "Stack Overflow: dice loss without smooth")
def no_smooth(d: Data) -> Any:
    """smooth was left at 0."""
    both, p, t = _overlap(d)
    return 1 - 2 * both / (p + t)


@value(
    "dice",
    "smooth_at_every_pixel|smooth_*|mean_for_sum",
    "GitHub, karolzak/keras-unet#33: smoothing term inside the sums",
)
def smooth_in_the_sums(d: Data) -> Any:
    """smooth was added to every pixel, not to the sums."""
    pixels = d.input.size
    both, p, t = _overlap(d)
    return 1 - (2 * both + pixels * d.smooth) / (p + t + pixels * d.smooth)


@value("dice", "jaccard_computed|tversky_computed", "Stack Overflow: IoU and dice mixed up")
def jaccard(d: Data) -> Any:
    """This is 1 - IoU (Jaccard), not dice."""
    both, p, t = _overlap(d)
    return 1 - (both + d.smooth) / (p + t - both + d.smooth)


@value("dice", "thresholded|predictions_hardened", "PyTorch forum: dice of a mask thresholded at 0.5")
def hard(d: Data) -> Any:
    """The probabilities were rounded to 0 and 1 first."""
    p = d.input > 0.5
    return 1 - (2 * (p * d.target).sum() + d.smooth) / (p.sum() + d.target.sum() + d.smooth)


@value("dice", "sigmoid_twice", "PyTorch forum: sigmoid in the network and in the dice loss")
def sigmoid_again(d: Data) -> Any:
    """A sigmoid was applied to what already are probabilities."""
    p = sigmoid(d.input)
    return 1 - (2 * (p * d.target).sum() + d.smooth) / (p.sum() + d.target.sum() + d.smooth)


@value(
    "dice",
    "one_left_out|sign_of_coefficient|one_minus + sign|one_minus_left_out + sign",
    "Kaggle, U-Net: return -dice_coef(y_true, y_pred)",
)
def minus_coefficient(d: Data) -> Any:
    """Minus the coefficient was taken, without the 1."""
    both, p, t = _overlap(d)
    return -(2 * both + d.smooth) / (p + t + d.smooth)


@value("dice", "smooth_1e-05|smooth_forgotten", "GitHub, Project-MONAI/MONAI#1153: smooth_nr and smooth_dr are 1e-5")
def smooth_of_monai(d: Data) -> Any:
    """smooth was 1e-5, MONAI's default."""
    both, p, t = _overlap(d)
    return 1 - (2 * both + 1e-5) / (p + t + 1e-5)


@value("dice/bytes", "not_divided_by_255|masks_not_divided", "Stack Overflow: dice of masks with 0 and 255")
def bytes_for_ones(d: Data) -> Any:
    """The mask holds 0 and 255, where 0 and 1 are meant: divide it by 255."""
    both, p, t = _overlap(d)
    return 1 - (2 * both + d.smooth) / (p + t + d.smooth)


def _tversky(d: Data, alpha: float, beta: float, axis: Any = None) -> Any:
    both, p, t = _overlap(d, axis)
    return 1 - both / (both + alpha * (p - both) + beta * (t - both))


@value("tversky", "alpha_on_missed|alpha_and_beta_swapped", "GitHub, FluxML/Flux.jl#1993: Swapped alpha and beta")
def swapped(d: Data) -> Any:
    """alpha and beta stand in each other's place."""
    return _tversky(d, 0.7, 0.3)


@value(
    "tversky",
    "dice_computed|convention_keras",
    "GitHub, qubvel-org/segmentation_models.pytorch#626: alpha = beta = 0.5",
)
def dice_for_tversky(d: Data) -> Any:
    """alpha and beta were ½: this is dice."""
    return _tversky(d, 0.5, 0.5)


@value("tversky", "one_minus", "GitHub, ivadomed#256: Tversky index and loss")
def index(d: Data) -> Any:
    """The index was reported, which is 1 minus the loss."""
    return 1 - _tversky(d, 0.3, 0.7)


@value("tversky", "mean_of_samples|mean_of_pictures", "PyTorch forum: Tversky loss per picture")
def tversky_of_pictures(d: Data) -> Any:
    """The loss of each picture was taken, then their mean."""
    return _tversky(d, 0.3, 0.7, (1, 2)).mean()


@value("tversky", "focal_power|power|power_0.75", "GitHub, ivadomed#256: Focal Tversky, gamma of 0.75")
def focal(d: Data) -> Any:
    """The loss was raised to 0.75, as in the focal Tversky loss."""
    return _tversky(d, 0.3, 0.7) ** 0.75


@value("tversky", "smooth_1", "Kaggle, loss function library: Tversky with smooth=1")
def smooth_of_one(d: Data) -> Any:
    """smooth was 1."""
    both, p, t = _overlap(d)
    return 1 - (both + 1) / (both + 0.3 * (p - both) + 0.7 * (t - both) + 1)
