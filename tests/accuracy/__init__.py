"""The accuracy table: how many ulps each loss is off, at worst, on inputs made to hurt, beside PyTorch in float64.

`python -m tests.accuracy` measures it anew; table.json and table.md keep what was measured.
"""
