"""Breaks the code on purpose, one small change at a time, and asks the tests whether they notice.

    python -m tests.mutate                          losses, engine, numerics and the comparison, within an hour
    python -m tests.mutate --minutes 10 huber       one loss, or several targets

All changes of all files take longer than an hour: they are tried in a seeded order of which every beginning has an
equal share of each file, and the report says how many of how many. Tests are chosen by the file that is changed.

A change that no test notices survives: either a test is missing, or the change means the same, and
`equivalents.py` says why.
"""
