"""Random numbers that need no memory: counter-based hashing and the smooth noise built on it.

Every function is pure and elementwise, so the answer for one counter does not depend on which others were
asked with it. The mixer is splitmix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
generators").
"""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_SPARSE: Final = 4  # a lattice this many times longer than the points asked is not worth filling


def key(*parts: object) -> int:
    """A 64-bit key for a stream of random numbers, stable across processes and machines."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "big")


def mix(stream: int, counters: Ints) -> Hashes:
    """64 random bits for each counter of the stream `stream`."""
    z = np.asarray(counters, dtype=np.int64).view(np.uint64) * _GOLDEN
    z += np.uint64(stream)
    z ^= z >> np.uint64(30)
    z *= _MIX_1
    z ^= z >> np.uint64(27)
    z *= _MIX_2
    z ^= z >> np.uint64(31)
    return z


def uniform(stream: int, counters: Ints) -> Floats:
    """A number in [0, 1) for each counter."""
    values: Floats = (mix(stream, counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return values


def below(stream: int, counters: Ints, limit: int) -> Ints:
    """An integer in [0, limit) for each counter."""
    return (mix(stream, counters) % np.uint64(limit)).astype(np.int64)


def normal(stream: int, counters: Ints) -> Floats:
    """A nearly normal number (mean 0, deviation 1, within +-3.5) for each counter.

    The sum of four 16-bit uniforms (Irwin-Hall): exact integers until the last step, no transcendental.
    """
    bits = mix(stream, counters)
    mask = np.uint64(0xFFFF)
    total = (bits & mask) + (bits >> np.uint64(16) & mask) + (bits >> np.uint64(32) & mask)
    total += bits >> np.uint64(48)
    values: Floats = (total.astype(np.float64) / 65536.0 - 2.0) * np.sqrt(3.0)
    return values


def noise(stream: int, at: Ints, period: int) -> Floats:
    """Smooth value noise in [-1, 1]: a random value every `period`, eased between by a cubic.

    `at` and `period` share a unit; `at` may be in any order and must not be empty.
    """
    cell = at // period
    fraction = (at - cell * period) / period
    eased = fraction * fraction * (3.0 - 2.0 * fraction)
    first, last = int(cell.min()), int(cell.max())
    if last - first > _SPARSE * len(at):
        left, right = uniform(stream, cell), uniform(stream, cell + 1)
    else:
        lattice = uniform(stream, np.arange(first, last + 2, dtype=np.int64))
        left, right = lattice[cell - first], lattice[cell - first + 1]
    value: Floats = (left + (right - left) * eased) * 2.0 - 1.0
    return value
