"""Which stream run follows which symbol. Pure: the same answer in every process, on every machine.

Rendezvous hashing: each symbol goes to the shard that gives it the highest score, so that one shard more
takes about 1/n of the symbols and leaves the others where they are (Thaler & Ravishankar, "A Name-Based
Mapping Scheme for Rendezvous", 1996).
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

_NAME: Final = re.compile(r"([1-9]\d*)-of-([1-9]\d*)")


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """One of `count` parts of all streams; `index` runs from 1."""

    index: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.index <= self.count:
            raise ValueError(f"there is no shard {self.index} of {self.count}: use 1 to {self.count}")

    @property
    def name(self) -> str:
        """As in tags, locks and tables: `1-of-2`."""
        return f"{self.index}-of-{self.count}"

    @classmethod
    def parse(cls, name: str) -> Self:
        """The shard of that name; `ValueError` when it is none."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise ValueError(f"{name!r} is no shard: use a name such as 1-of-2")
        return cls(int(found[1]), int(found[2]))

    def carries(self, venue: str, symbol: str) -> bool:
        """Whether this shard follows the symbol."""
        return shard_of(f"{venue}:{symbol}", self.count) == self


def all_shards(count: int) -> list[Shard]:
    """The shards that together carry everything."""
    return [Shard(index, count) for index in range(1, count + 1)]


@lru_cache(maxsize=100_000)
def shard_of(instrument: str, count: int) -> Shard:
    """The shard of an instrument, given as `venue:symbol`."""
    return max(all_shards(count), key=lambda shard: _score(instrument, shard.index))


def _score(instrument: str, index: int) -> bytes:
    return hashlib.blake2b(f"{index}|{instrument}".encode(), digest_size=8).digest()
