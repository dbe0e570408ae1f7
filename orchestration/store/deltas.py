"""Deltas of git: how one object is made from another, as copies of its parts and text in between."""

import zlib


def patched(base: bytes, delta: bytes) -> bytes:
    """Return what `delta` makes of `base`; IndexError or zlib.error when they do not fit."""
    expected, at = _length(delta, 0)
    size, at = _length(delta, at)
    if expected != len(base):
        raise zlib.error("the delta is for another base")
    parts = []
    end = len(delta)
    while at < end:
        code = delta[at]
        at += 1
        if code & 0x80:
            start = length = 0
            for bit in range(4):
                if code & 1 << bit:
                    start |= delta[at] << 8 * bit
                    at += 1
            for bit in range(3):
                if code & 0x10 << bit:
                    length |= delta[at] << 8 * bit
                    at += 1
            length = length or 0x10000
            parts.append(base[start : start + length])
        elif code:
            parts.append(delta[at : at + code])
            at += code
        else:
            raise zlib.error("the delta holds an unknown instruction")
    result = b"".join(parts)
    if len(result) != size:
        raise zlib.error("the delta makes another size")
    return result


def _length(delta: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = delta[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at
