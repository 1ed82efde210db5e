"""Changes that mean the same: the id that `python -m tests.mutate` prints, and why no test can notice."""

from __future__ import annotations

EQUIVALENTS: dict[str, str] = {}
