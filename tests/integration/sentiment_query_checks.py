"""What the example queries about sentiment must answer, reckoned without SQL from the same texts."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from aggregate_support import Said, store
from candle_frames import register, write
from query_support import Row, near, only

from alphapulse_assets.news.aggregates import computing
from alphapulse_assets.news.aggregates.model import (
    AGGREGATES_VERSION,
    CORRELATIONS_VERSION,
    SENTIMENT_AGGREGATES,
    SENTIMENT_CORRELATIONS,
)
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.tables import Table
from alphapulse_resources.frames import CANDLE_SCHEMA

FIRST: Final = datetime(2024, 3, 4, tzinfo=UTC)
HOURS: Final = 20 * 24
NOW: Final = FIRST + HOURS * timedelta(hours=1) + timedelta(minutes=30)
LAST: Final = HOURS - 1
HOUR: Final = timedelta(hours=1)
COINS: Final = ("BTC", "ETH")
LEAD: Final = 3
"""Hours after which Bitcoin's price follows what is said of it; Ether's does not."""
SOURCES: Final = 6
STORY: Final = 900_000


@dataclass(frozen=True, slots=True)
class Spoken:
    """Closes and opens by coin and hour, and the texts."""

    closes: dict[str, list[float]]
    texts: list[Said]

    def level(self, coin: str, hour: int) -> tuple[float, int]:
        """Score and stories of the 24 hours until the end of an hour, by the rules of docs/news.md."""
        end = FIRST + (hour + 1) * HOUR
        total, weights, stories = 0.0, 0.0, set[int]()
        for each in sorted(self.texts, key=lambda text: text.at):
            if coin not in each.coins or not end - 24 * HOUR <= each.at < end or each.cluster_id in stories:
                continue
            stories.add(each.cluster_id)
            assert each.score is not None
            assert each.confidence is not None
            weight = 0.9 * each.confidence * 0.5 ** ((end - each.at) / timedelta(hours=6))
            total, weights = total + weight * each.score, weights + weight
        return total / weights, len(stories)


Check = Callable[[list[Row], Spoken], None]


def sentiment_market(database: Database) -> Spoken:
    """Twenty days of two coins: a text an hour of each, a story of six sources, prices, and what follows."""
    keys = register(database, [f"{coin}/USDT" for coin in COINS])
    database.execute("UPDATE instruments SET tracked = true")
    texts, closes = [], {}
    for number, (coin, key) in enumerate(zip(COINS, keys, strict=True)):
        rng = np.random.default_rng([4, number])
        scores = np.clip(rng.normal(0, 0.4, HOURS), -1, 1)
        returns = rng.normal(0, 0.002, HOURS)
        if coin == "BTC":
            returns[LEAD:] += 0.005 * scores[:-LEAD]
        close = 100 * np.exp(np.cumsum(returns))
        closes[coin] = close.tolist()
        _store_prices(database, key, close)
        texts += [
            Said(number * 10_000 + n, FIRST + n * HOUR + timedelta(minutes=20), float(scores[n]), (coin,))
            for n in range(HOURS)
        ]
    rng = random.Random(3)
    told_at = FIRST + (LAST - 40) * HOUR + timedelta(minutes=5)
    texts += [
        Said(STORY + n, told_at + n * timedelta(minutes=30), rng.uniform(-1, -0.5), ("ETH",), story=STORY,
             source=f"s{n}.example", title="Bridge drained" if n == 0 else "")
        for n in range(SOURCES)
    ]  # fmt: skip
    store(database, texts)
    end = FIRST + HOURS * HOUR
    made = computing.aggregate_rows(database, (FIRST, end))
    _store(database, SENTIMENT_AGGREGATES, made, AGGREGATES_VERSION)
    found = computing.correlation_rows(database, end - 24 * HOUR)
    _store(database, SENTIMENT_CORRELATIONS, found, CORRELATIONS_VERSION)
    return Spoken(closes, texts)


def _store(database: Database, table: Table, frame: pl.DataFrame, version: int) -> None:
    rows = frame.with_columns(
        logic_version=pl.lit(version, pl.Int32), created_at=pl.lit(NOW).cast(pl.Datetime("us", "UTC"))
    )
    with database.transaction() as connection:
        database.upsert(connection, table, rows.sort(table.key))


def _store_prices(database: Database, key: int, close: np.ndarray) -> None:  # type: ignore[type-arg]
    opened = np.concatenate(([100.0], close[:-1]))
    frame = pl.DataFrame(
        {
            "ts": [FIRST + n * HOUR for n in range(len(close))],
            "open": opened,
            "high": np.maximum(opened, close) * 1.001,
            "low": np.minimum(opened, close) * 0.999,
            "close": close,
            **dict.fromkeys(("volume", "quote_volume", "taker_buy_volume", "trades"), np.ones(len(close))),
        }
    ).cast(dict(CANDLE_SCHEMA))
    write(database, key, frame)
    database.refresh_timeframes(("5m", "15m", "1h"))


def beside_price(rows: list[Row], data: Spoken) -> None:
    assert [row["ts"] for row in rows] == [FIRST + n * HOUR for n in range(HOURS - 167, HOURS)]
    closes = data.closes["BTC"]
    for hour in (HOURS - 100, HOURS - 1):
        row = only(rows, ts=FIRST + hour * HOUR)
        score, stories = data.level("BTC", hour)
        assert (row["close"], row["stories"], row["hour_stories"]) == (near(closes[hour]), stories, 1)
        assert abs(float(str(row["score"])) - score) < 1e-8
        assert row["log_return"] == near(math.log(closes[hour] / closes[hour - 1]))
    assert rows[-1]["next_return"] is None
    assert rows[-2]["next_return"] == rows[-1]["log_return"]


def mood_moved(rows: list[Row], data: Spoken) -> None:
    assert {row["symbol"] for row in rows} == {"BTC/USDT", "ETH/USDT"}
    moved = []
    for coin in COINS:
        row = only(rows, symbol=f"{coin}/USDT")
        now, before = data.level(coin, LAST), data.level(coin, LAST - 24)
        assert abs(float(str(row["change"])) - (now[0] - before[0])) < 1e-8
        assert (row["stories"], row["known_at"]) == (now[1], FIRST + HOURS * HOUR)
        assert row["day_return"] == near(data.closes[coin][LAST] / data.closes[coin][LAST - 24] - 1)
        moved.append((abs(now[0] - before[0]), f"{coin}/USDT"))
    assert [row["symbol"] for row in rows] == [symbol for _, symbol in sorted(moved, reverse=True)]


def does_it_lead(rows: list[Row], data: Spoken) -> None:
    first = rows[0]
    assert (first["symbol"], first["against"], first["series"], first["lag"], first["verdict"]) == (
        "BTC/USDT", "return", "spike", LEAD, "sentiment leads",
    )  # fmt: skip
    said = [each.score for each in data.texts[:HOURS]]
    closes = np.array(data.closes["BTC"])
    returns = np.diff(np.log(closes), prepend=np.nan)
    raw = np.corrcoef(np.array(said[24:-LEAD], float), returns[24 + LEAD :])[0, 1]
    assert abs(float(str(first["correlation"])) - raw) < 0.05  # of scores, not of their zscores
    assert (first["trials"], first["by_chance"]) == (360, near(18.0))
    others = [row for row in rows if row["symbol"] == "ETH/USDT" or row["against"] == "volatility"]
    assert {row["verdict"] for row in others} == {"no demonstrated relation"}
    assert len(rows) == 2 * 2 * 2


def most_told(rows: list[Row], data: Spoken) -> None:
    story, *others = rows
    texts = [each for each in data.texts if each.number >= STORY]
    assert (story["title"], story["sources"], story["texts"], story["coins"]) == (
        "Bridge drained", SOURCES, SOURCES, ["ETH"],
    )  # fmt: skip
    assert (story["score"], story["hours"]) == (near(texts[0].score), near(2.5))
    begin = LAST - 40 + 1
    closes = data.closes["ETH"]
    assert (story["symbol"], story["day_return"]) == (
        "ETH/USDT", near(closes[begin + 23] / closes[begin - 1] - 1)
    )  # fmt: skip
    assert {row["sources"] for row in others} == {1}
    assert len(rows) == 20


SENTIMENT_CHECKS: Final[dict[str, Check]] = {
    "70_sentiment_beside_price": beside_price,
    "71_whose_mood_moved_most": mood_moved,
    "72_does_sentiment_lead": does_it_lead,
    "73_stories_most_told": most_told,
}
