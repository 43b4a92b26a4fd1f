"""Small damages to bytes, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

Change = Callable[[random.Random, bytearray], None]

_EXTREMES = (0, 1, 7, 0x7F, 0x80, 0xFF, 0xFFFF, 1 << 31, 0xFFFFFFFF, 1 << 63, (1 << 64) - 1)


def dice(seed: int) -> random.Random:
    """Return a repeatable series of chances."""
    return random.Random(seed)  # noqa: S311 - a repeatable series, not a secret


def flip_bits(chance: random.Random, data: bytearray) -> None:
    """Turn one to three bits over."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def set_bytes(chance: random.Random, data: bytearray) -> None:
    """Set one to eight bytes, each somewhere else."""
    for _ in range(chance.choice((1, 1, 2, 8))):
        data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, 0x85, 0x18))


def splice(chance: random.Random, data: bytearray) -> None:
    """Copy, move, repeat or cut out a stretch."""
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice((1, 4, 8, 16, 64, 200))]
    place = chance.randrange(len(data))
    deed = chance.randrange(4)
    if deed == 0:
        data[place : place + len(piece)] = piece
    elif deed == 1:
        data[place:place] = piece
    elif deed == 2:
        del data[place : place + len(piece)]
    else:
        del data[start : start + len(piece)]
        data[place:place] = piece


def numbers(spans: tuple[tuple[int, int], ...], width: int) -> Change:
    """Return a change that sets an aligned little-endian number within ``spans``."""

    def change(chance: random.Random, data: bytearray) -> None:
        start, end = chance.choice(spans)
        at = start + width * chance.randrange((end - start) // width)
        old = int.from_bytes(data[at : at + width], "little")
        near = old + chance.choice((-8, -1, 1, 8, 64))
        other = chance.randrange(start, end - width + 1)
        copied = int.from_bytes(data[other : other + width], "little")
        new = chance.choice((*_EXTREMES, near, near, copied, copied, old << 1, old >> 1))
        data[at : at + width] = (new % (1 << 8 * width)).to_bytes(width, "little")

    return change


def changed(original: bytes, seed: int, change: Change, times: int) -> Iterator[bytes]:
    """Yield ``times`` damaged copies; one that came out as the original is left out."""
    chance = dice(seed)
    for _ in range(times):
        data = bytearray(original)
        change(chance, data)
        if data != original:
            yield bytes(data)
