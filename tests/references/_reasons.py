"""Why results may be more than 4 ulps off: sentences that several losses share.

An ulp is that of the result. A slope that is a difference of two rounded numbers is good to an ulp or so of these, so
that it may be any number of its own ulps off where they cancel.
"""

from __future__ import annotations

VALUE, GRADIENT = "value", "gradient"
CANCEL = "a difference of two rounded terms: good to some ulp of them, and they cancel in part"
SUMS = "sums of rounded products, made by plain matrix products: good to some ulp of the largest of them"
PROJECTION = "what projection leaves of a vector: good to a part in 2⁹⁵ of it, and of neighbours nothing more is left"
