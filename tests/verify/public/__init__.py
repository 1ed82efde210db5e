"""Wrong computations that nobody here chose: the measure of the diagnosis (`python -m tests.verify.public`).

Each is what somebody wrote, taken from public questions, issue threads and course notes, in plain NumPy and without a
look at what the diagnosis can find; a case is never changed to suit it. A name may be added to those that are right
where it says the same of these data. A source with a number is a thread of that repository; the others name the kind
of place and what is asked there, and no title.
"""

from tests.verify.public import (
    answers,
    averages,
    classes,
    focused,
    labels,
    margins,
    nearness,
    overlaps,
    relative,
    robust,
    runs,
    slopes,
    tokens,
    twofold,
    vectors,
)
from tests.verify.public.data import FIXTURES, UNFIT, data
from tests.verify.public.making import CASES, SIZES, Case, Data

__all__ = [
    "CASES",
    "FIXTURES",
    "SIZES",
    "UNFIT",
    "Case",
    "Data",
    "answers",
    "averages",
    "classes",
    "data",
    "focused",
    "labels",
    "margins",
    "nearness",
    "overlaps",
    "relative",
    "robust",
    "runs",
    "slopes",
    "tokens",
    "twofold",
    "vectors",
]
