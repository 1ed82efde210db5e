"""Breaks the code on purpose, one small change at a time, and asks the tests whether they notice.

    python -m tests.mutate            every loss, what losses share, and the reductions
    python -m tests.mutate huber      one loss; several names, to go on after an interruption

A change that no test notices survives: either a test is missing, or the change means the same, and
`equivalents.py` says why.
"""
