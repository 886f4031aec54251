"""Bitcoin's network now: fees, mempool, height, hash rate, difficulty; and hash rates of days.

Documented (mempool.space/docs/api/rest):
- `/api/v1/fees/recommended`: `{"fastestFee": 1, "halfHourFee": 1, "hourFee": 1, "economyFee": 1,
  "minimumFee": 1}`, in sat/vB;
- `/api/mempool`: `{"count": 2154, "vsize": 1223360, "total_fee": 2318463, "fee_histogram": [...]}`, in
  transactions, vB and sat;
- `/api/blocks/tip/height`: a number;
- `/api/v1/difficulty-adjustment`: `{"progressPercent": 44.4, "difficultyChange": 98.5, ...,
  "previousRetarget": -4.8}`, in per cent;
- `/api/v1/mining/hashrate/3d` (1m, 3m, 6m, 1y, 2y, 3y): `{"hashrates": [{"timestamp": 1652486400,
  "avgHashrate": 2.4e20}, ...], "difficulty": [...], "currentHashrate": 2.5e20, "currentDifficulty": 3.1e13}`,
  in H/s. A timestamp is the end of its 24 hours (backend/src/api/mining/mining.ts of mempool/mempool): the
  row is of the day before.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.onchain_model import (
    DAY,
    OF_A_DAY,
    OF_A_MOMENT,
    TERA,
    Told,
    days_over,
    figure,
    frame,
    unreadable,
    within,
)
from alphapulse_resources.venues.model import Fetch, Reject, VenueError

COIN: Final = "BTC"
FEES: Final = {
    "fee_fastest": "fastestFee",
    "fee_half_hour": "halfHourFee",
    "fee_hour": "hourFee",
    "fee_economy": "economyFee",
    "fee_minimum": "minimumFee",
}
MEMPOOL: Final = {"mempool_transactions": "count", "mempool_vsize": "vsize", "mempool_fees": "total_fee"}
RETARGET: Final = {"retarget_progress": "progressPercent", "retarget_change": "difficultyChange"}
INTERVALS: Final = (("1m", 28), ("3m", 88), ("6m", 178), ("1y", 363), ("2y", 728), ("3y", 1093))
"""Stretches that hash rates can be asked for, with the days that each has for certain."""

Read = Callable[[Any, datetime], tuple[pl.DataFrame, list[Reject]]]


class Network:
    """Asks mempool.space."""

    def __init__(self, client: ProviderClient) -> None:
        self._client = client

    def now(self, at: datetime) -> tuple[Told, dict[str, str]]:
        """All figures of the moment, stamped `at`, and hash rates of days that are over.

        Beside them what did not come, with the reason: one question that fails leaves the others. Raises
        `VenueError` where none was answered.
        """
        rows: list[pl.DataFrame] = []
        rejects: list[Reject] = []
        fetches: list[Fetch] = []
        missing: dict[str, str] = {}
        failure: VenueError | None = None
        for name, path, read in QUESTIONS:
            try:
                told = self._ask(name, path, read, at)
            except VenueError as error:
                failure = error
                missing[name] = str(error)
                fetches += error.fetches
                continue
            rows.append(told.rows)
            rejects += told.rejects
            fetches += told.fetches
        if failure is not None and not rows:
            raise failure
        return Told(days_over(pl.concat(rows), at), rejects, fetches), missing

    def _ask(self, name: str, path: str, read: Read, at: datetime) -> Told:
        series = Series(self._client.provider.name, name)
        window = (at, at + timedelta(minutes=1))
        answer = self._client.get(path, {}, series, window, lambda body: read(body, at))
        return Told(*answer.value, answer.fetches)

    def hash_rates(self, start: datetime, end: datetime, now: datetime) -> Told:
        """Hash rates of the days in `[start, end)` that are over."""
        needed = (now - start) // DAY + 2
        stretch = next((f"/{name}" for name, days in INTERVALS if days >= needed), "")
        answer = self._client.get(
            f"/api/v1/mining/hashrate{stretch}",
            {},
            Series(self._client.provider.name, "hashrate"),
            (start, end),
            lambda body: read_hash_rates(body, now),
        )
        rows, rejects = answer.value
        of_days = rows.filter(pl.col("sampled") == OF_A_DAY)
        return Told(within(days_over(of_days, now), start, end), rejects, answer.fetches)


def read_fees(body: Any, at: datetime) -> tuple[pl.DataFrame, list[Reject]]:
    """Recommended fees."""
    return _of_moment(body, FEES, at), []


def read_mempool(body: Any, at: datetime) -> tuple[pl.DataFrame, list[Reject]]:
    """What waits to be confirmed."""
    return _of_moment(body, MEMPOOL, at), []


def read_retarget(body: Any, at: datetime) -> tuple[pl.DataFrame, list[Reject]]:
    """How far the present stretch of difficulty is, and by how much it would change now."""
    return _of_moment(body, RETARGET, at), []


def read_height(body: Any, at: datetime) -> tuple[pl.DataFrame, list[Reject]]:
    """Height of the newest block. Raises TypeError where the body is no number."""
    if isinstance(body, bool) or not isinstance(body, int):
        raise TypeError(f"a height was expected, not {str(body)[:100]}")
    return frame([figure(COIN, "block_height", OF_A_MOMENT, at, body)]), []


def read_hash_rates(body: Any, at: datetime) -> tuple[pl.DataFrame, list[Reject]]:
    """Hash rate and difficulty now, and the hash rates of days."""
    rows = [
        figure(COIN, "hash_rate", OF_A_MOMENT, at, float(body["currentHashrate"]) / TERA),
        figure(COIN, "difficulty", OF_A_MOMENT, at, body["currentDifficulty"]),
    ]
    rejects: list[Reject] = []
    for point in body["hashrates"]:
        try:
            rows.append(_day(point))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            rejects.append(unreadable("point", point, error))
    return frame(rows), rejects


def _day(point: Mapping[str, Any]) -> tuple[Any, ...]:
    end = datetime.fromtimestamp(int(point["timestamp"]), UTC)
    if (end - datetime(1970, 1, 1, tzinfo=UTC)) % DAY:
        raise ValueError(f"{end} is no end of a day")
    return figure(COIN, "hash_rate", OF_A_DAY, end - DAY, float(point["avgHashrate"]) / TERA)


def _of_moment(body: Any, fields: Mapping[str, str], at: datetime) -> pl.DataFrame:
    return frame(figure(COIN, metric, OF_A_MOMENT, at, body[field]) for metric, field in fields.items())


QUESTIONS: Final[tuple[tuple[str, str, Read], ...]] = (
    ("fees", "/api/v1/fees/recommended", read_fees),
    ("mempool", "/api/mempool", read_mempool),
    ("height", "/api/blocks/tip/height", read_height),
    ("retarget", "/api/v1/difficulty-adjustment", read_retarget),
    ("hashrate", "/api/v1/mining/hashrate/3d", read_hash_rates),
)
"""What is asked each round: name, path, and what an answer means."""
