"""CRC-32C (Castagnoli), which zlib has not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78
_SHORT = 4096  # bytes, up to which a plain loop is as fast
_LANES = 1024


def _table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _table()
_ARRAY = np.array(_TABLE, np.uint32)


def crc32c(content: bytes, before: int = 0) -> int:
    """The checksum of bytes that follow others, of which the checksum is `before`."""
    state = before ^ 0xFFFFFFFF
    if len(content) > _SHORT:
        state = _long(content, state)
    else:
        for byte in content:
            state = _TABLE[(state ^ byte) & 0xFF] ^ state >> 8
    return state ^ 0xFFFFFFFF


def masked(content: bytes, before: int = 0) -> int:
    """The checksum as a TFRecord stores it."""
    value = crc32c(content, before)
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _long(content: bytes, state: int) -> int:
    """Stretches of equal length side by side, then joined: zero bytes before the first change nothing."""
    length = -(-len(content) // _LANES)
    lanes = np.zeros(length * _LANES, np.uint8)
    start = len(lanes) - len(content)
    lanes[start:] = np.frombuffer(content, np.uint8)
    lanes[start : start + 4] ^= np.frombuffer(state.to_bytes(4, "little"), np.uint8)
    stretches = _advanced(np.zeros(_LANES, np.uint32), lanes.reshape(_LANES, length).T)
    zeros = np.zeros((length, 32), np.uint8)
    bits = _advanced(np.uint32(1) << np.arange(32, dtype=np.uint32), zeros).tolist()  # what each bit becomes
    state = 0
    for stretch in stretches.tolist():
        moved = stretch
        while state:
            low = state & -state
            moved ^= bits[low.bit_length() - 1]
            state ^= low
        state = moved
    return state


def _advanced(states: NDArray[np.uint32], columns: NDArray[np.uint8]) -> NDArray[np.uint32]:
    for column in columns:
        states = _ARRAY[(states ^ column) & 0xFF] ^ states >> 8
    return states
