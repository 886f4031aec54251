"""A day's budget of posts that are paid for one by one: how much of it may be spent by now."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import floor
from typing import Final, Literal

from alphapulse_assets.news.social.model import KEPT_FOR_LOOKUPS
from alphapulse_resources.database.client import Database, statement

Purpose = Literal["search", "lookup"]

AT_ONCE: Final = 0.1
"""Share of a day's budget that may be spent at its beginning (ours); the rest comes with the hours."""


def share_of(budget: int, purpose: Purpose) -> int:
    """How many of a day's posts are for a purpose."""
    lookups = floor(budget * KEPT_FOR_LOOKUPS)
    return lookups if purpose == "lookup" else budget - lookups


def allowed(budget: int, at: datetime) -> int:
    """How many of a day's posts may be spent by a time of it (UTC)."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    gone = (at - midnight) / timedelta(days=1)
    return floor(budget * (AT_ONCE + (1 - AT_ONCE) * gone))


def more_at(budget: int, wanted: int, at: datetime) -> datetime:
    """When so many of a day's posts may be spent altogether: at midnight if not today."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    part = (wanted / budget - AT_ONCE) / (1 - AT_ONCE) if budget else 1.0
    return midnight + timedelta(days=min(max(part, 0.0), 1.0))


@dataclass(slots=True)
class Purse:
    """What may be spent at a provider for a purpose; its books are the table social_spending.

    Posts are set aside before they are asked for, so that processes together spend no more than there is.
    """

    database: Database
    provider: str
    purpose: Purpose
    budget: int
    at: datetime

    @property
    def day(self) -> date:
        """Whose budget it is (UTC)."""
        return self.at.date()

    def spent(self) -> int:
        """Posts of the day that were paid for, or are set aside."""
        return int(self.database.rows(statement("social/spent"), self._key())[0]["posts"])

    def take(self, most: int, least: int) -> int:
        """Set aside as many posts as there are, at most `most`; 0 where there are fewer than `least`."""
        left = min(allowed(self.budget, self.at) - self.spent(), most)
        if left < least:
            return 0
        given = {**self._key(), "posts": left, "allowed": allowed(self.budget, self.at)}
        return left if self.database.rows(statement("social/reserve"), given) else 0

    def give_back(self, posts: int) -> None:
        """Posts that were set aside and did not come."""
        if posts:
            self.database.execute(statement("social/give_back"), {**self._key(), "posts": posts})

    def empty(self, least: int) -> str:
        """What is said where there is too little left."""
        again = more_at(self.budget, self.spent() + least, self.at)
        return (
            f"the budget of {self.budget} posts a day for this is spent as far as it goes by now; asked "
            f"again at {again:%H:%M} UTC (ALPHAPULSE_NEWS__X_POSTS_A_DAY)"
        )

    def _key(self) -> dict[str, object]:
        return {"provider": self.provider, "day": self.day, "purpose": self.purpose}
