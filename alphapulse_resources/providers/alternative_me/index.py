"""The fear and greed index: what is asked, and what an answer means.

Documented and seen: `{"name": "Fear and Greed Index", "data": [{"value": "25", "value_classification":
"Extreme Fear", "timestamp": "1639958400", "time_until_update": "62507"}, ...], "metadata": {"error": null}}`;
newest first, all values are text, `time_until_update` (seconds) is of the newest alone.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import polars as pl

from alphapulse_resources.providers.alternative_me import AlternativeMeError
from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.model import WHOLE_MARKET, Series
from alphapulse_resources.venues.model import Fetch, Reject

FIRST_DAY: Final = datetime(2018, 2, 1, tzinfo=UTC)
"""The index has no older day."""
ALL_DAYS: Final = 0

CLASSES: Final = {
    "extreme_fear": (0, 25),
    "fear": (26, 46),
    "neutral": (47, 54),
    "greed": (55, 75),
    "extreme_greed": (76, 100),
}
"""Values of each class, as bodies have them (25 is extreme fear, 46 fear, 47 and 51 neutral): the provider
publishes no bounds, and others write other ones."""
SLACK: Final = 5
"""By how much a value may be beyond its class's bounds (ours): they may move, and a class further off is a
mistake."""

INDEX_SCHEMA: Final = pl.Schema(
    {
        "ts": pl.Datetime("us", "UTC"),  # midnight of the day it is of
        "value": pl.Int16(),  # 0 to 100
        "classification": pl.String(),  # one of CLASSES
    }
)


class Days(NamedTuple):
    """What one answer told: rows of INDEX_SCHEMA, oldest first, and what could not be read."""

    rows: pl.DataFrame
    rejects: list[Reject]
    fetches: list[Fetch]


class FearGreedIndex:
    """Asks for the index."""

    def __init__(self, client: ProviderClient) -> None:
        self._client = client

    def newest(self, days: int, start: datetime, end: datetime) -> Days:
        """The newest `days` days (ALL_DAYS: all there are) that are in `[start, end)`."""
        answer = self._client.get(
            "/fng/",
            {"limit": days},
            Series(self._client.provider.name, WHOLE_MARKET),
            (start, end),
            read,
        )
        rows, rejects = answer.value
        bad = [each for each in rejects if each.ts is None or start <= each.ts < end]
        return Days(rows.filter(pl.col("ts").is_between(start, end, closed="left")), bad, answer.fetches)


def read(body: Any) -> tuple[pl.DataFrame, list[Reject]]:
    """Rows of all days of a body.

    Raises:
        AlternativeMeError: the body says that it is no answer.
        ValueError: it has no day at all.
    """
    if (error := (body.get("metadata") or {}).get("error")) is not None:
        raise AlternativeMeError(f"metadata.error: {error}"[:200])
    if not body["data"]:
        raise ValueError("there is no day in it")
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    for day in body["data"]:
        try:
            rows.append(_row(day))
        except (KeyError, TypeError, ValueError) as error:
            what = f"{type(error).__name__}: {error}"[:200]
            rejects.append(Reject("unreadable_value", {"day": day, "error": what}, _time(day)))
    return pl.DataFrame(rows, INDEX_SCHEMA, orient="row").sort("ts"), rejects


def _row(day: Mapping[str, Any]) -> tuple[datetime, int, str]:
    at = datetime.fromtimestamp(int(day["timestamp"]), UTC)
    value, told = int(day["value"]), str(day["value_classification"])
    name = told.strip().lower().replace(" ", "_")
    if name not in CLASSES:
        raise ValueError(f"{told} is none of the five classes")
    if not 0 <= value <= 100:
        raise ValueError(f"{value} is not from 0 to 100")
    low, high = CLASSES[name]
    if not low - SLACK <= value <= high + SLACK:
        raise ValueError(f"{value} cannot be called {told}: that is {low} to {high}")
    return at.replace(hour=0, minute=0, second=0), value, name


def _time(day: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(day["timestamp"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
