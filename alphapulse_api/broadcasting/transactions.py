"""Which transactions a read of the tables has seen: so an event is told once, whoever was faster. Pure."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Seen:
    """A snapshot of the database's transactions: all below `oldest` are over, none from `next_one` on."""

    oldest: int
    next_one: int
    under_way: frozenset[int] = frozenset()

    @classmethod
    def read(cls, text: str) -> Self:
        """From PostgreSQL's `pg_snapshot`: `oldest:next:under way,...`."""
        oldest, next_one, under_way = text.split(":")
        return cls(int(oldest), int(next_one), frozenset(map(int, filter(None, under_way.split(",")))))

    def has(self, transaction: int | None) -> bool:
        """Whether what that transaction stored could be read. None: it stored nothing that is to be read."""
        if transaction is None:
            return False
        return transaction < self.oldest or (
            transaction < self.next_one and transaction not in self.under_way
        )
