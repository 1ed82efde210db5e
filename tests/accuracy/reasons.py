"""Where an error may be above 4 ulps, and why. The paragraph `Accuracy:` of each of these losses says so to its users.

An ulp here is that of the result. A slope that is a difference of two rounded numbers is good to an ulp or so of these,
so that it may be any number of its own ulps off where they cancel.
"""

from __future__ import annotations

VALUE, GRADIENT = "value", "gradient"
_CANCEL = "a difference of two rounded terms: good to some ulp of them, and they cancel in part"
_SUMS = "sums of rounded products, made by plain matrix products: good to some ulp of the largest of them"
_PROJECTION = "what projection leaves of a vector: good to a part in 2⁹⁵ of it, and of neighbours nothing more is left"

REASONS: dict[tuple[str, str], str] = {
    ("gaussian_nll", VALUE): "where log v and e²/v cancel to the last bit, their sum is good to a part in 2¹⁰⁰ of them",
    (
        "poisson_nll",
        VALUE,
    ): "where e^x and t x cancel to the last bit, their difference is good to a part in 2⁹⁵ of them",
    (
        "poisson_nll",
        GRADIENT,
    ): "where e^x and t agree to the last bit, their difference is good to a part in 2⁹⁵ of them",
    ("focal", GRADIENT): _CANCEL,
    ("sigmoid_focal", GRADIENT): _CANCEL,
    ("cross_entropy", GRADIENT): f"of shares, {_CANCEL}: softmax and share",
    ("softmax_focal", GRADIENT): f"of shares, {_CANCEL}",
    ("linear_cross_entropy", GRADIENT): _SUMS,
    ("adaptive_log_softmax", GRADIENT): _SUMS,
    ("cosine_similarity", GRADIENT): _PROJECTION,
    ("cosine_embedding", GRADIENT): _PROJECTION,
    ("triplet_margin", GRADIENT): "of the anchor, a difference of two rounded unit vectors: good to some ulp of 1",
    ("triplet_margin_with_distance", GRADIENT): (
        "of the anchor, a difference of two rounded slopes: good to some ulp of them, and no number where those of "
        f"subnormal vectors overflow; of cosine, {_PROJECTION}"
    ),
    ("info_nce", GRADIENT): "a sum of rounded slopes, one a pair: good to some ulp of the largest of them",
    ("dice", GRADIENT): f"{_CANCEL}; products of two probabilities under 1e-154 underflow",
    ("tversky", GRADIENT): "products of two probabilities under 1e-154 underflow",
}
