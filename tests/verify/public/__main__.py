"""The table of the diagnosis: `python -m tests.verify.public [--only NAME] [--size SIZE] [--list] [--each]`.

--only NAME: cases whose loss, kind or name contains NAME. --list: the cases with text, names and source, unmeasured.
--each: each case that is not named first.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.verify.public import CASES, SIZES
from tests.verify.public.measure import by_kind, outcomes, refuted_right_answers, table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.verify.public", description=__doc__)
    parser.add_argument("--only", default="", metavar="NAME")
    parser.add_argument("--size", choices=SIZES, action="append")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--each", action="store_true")
    asked = parser.parse_args()
    cases = [case for case in CASES if asked.only in f"{case.kind} {case.name}"]
    if asked.list:
        for case in cases:
            lines = (f"{case.name} ({case.kind})", case.text, " or ".join(case.names), case.source)
            sys.stdout.write("\n    ".join(lines) + "\n")
        return
    start = time.monotonic()
    measured = list(outcomes(cases, asked.size or SIZES))
    numbers = [each for each in measured if each.case.kind == "value"]
    sys.stdout.write(table((by_kind(each), each) for each in measured) + "\n\n")
    sys.stdout.write(
        table((each.case.loss, each) for each in sorted(numbers, key=lambda each: each.case.loss)) + "\n\n"
    )
    chosen = measured if asked.each else [each for each in measured if each.kind == "wrong"]
    sys.stdout.write("".join(f"{each.line}\n" for each in chosen if each.kind != "first"))
    if not asked.only:
        refuted = list(refuted_right_answers(asked.size or SIZES))
        sys.stdout.write("".join(f"a right answer is refuted: {line}\n" for line in refuted))
        sys.stdout.write(f"right answers refuted: {len(refuted)}\n")
    sys.stdout.write(f"{len(measured)} claims in {time.monotonic() - start:.0f} s\n")


if __name__ == "__main__":
    main()
