"""What all tests share."""

from __future__ import annotations

import signal

if hasattr(signal, "SIGHUP"):  # which nohup has all processes below it ignore: a test that sends it would wait for ever
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Contents of files are no names: what gzip writes has the time in it, and parallel tests need the same names."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None
