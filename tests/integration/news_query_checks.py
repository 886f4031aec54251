"""What the example queries about news must answer, without SQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import polars as pl
from candle_frames import register
from query_support import Row, near

from alphapulse_assets.news.model import NEWS_EVENTS, TEXT_LINKS, TEXT_SCORES
from alphapulse_assets.news.texts.model import NEWS_SCHEMA
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.upsert import OHLCV_NATIVE

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
NOW: Final = datetime(2024, 5, 20, 12, tzinfo=UTC)
MOVES: Final = {  # hours before now: close by open
    ("BTC/USDT", 50): 1.06,
    ("BTC/USDT", 30): 0.94,
    ("BTC/USDT", 20): 1.049,
    ("ETH/USDT", 40): 1.08,
}


class Article(NamedTuple):
    """One article: when it was seen, which story it is of, about which coins."""

    text_id: int
    ts: datetime
    cluster_id: int
    coins: tuple[str, ...]


def at(hours: float, minutes: int = 0) -> datetime:
    """So long before now."""
    return NOW - hours * HOUR - minutes * MINUTE


ARTICLES: Final = (
    Article(1, at(50, 350), 1, ("BTC",)),
    Article(2, at(50, 90), 1, ("BTC", "ETH")),
    Article(3, at(50, -10), 1, ("BTC",)),  # a copy that came within the hour: not known before it
    Article(4, at(50, 361), 4, ("BTC",)),  # too early
    Article(5, at(40, 1), 5, ("ETH",)),
    Article(6, at(30, 30), 6, ("ETH",)),  # of another coin
    Article(7, at(30, 45), 7, ("BTC",)),
    Article(8, at(30), 8, ("BTC",)),  # as the hour began: not before it
    Article(9, at(20, 30), 9, ("BTC",)),  # before an hour of 4.9 %
    Article(10, at(30, 370), 10, ("BTC",)),  # the first article is older than six hours, its copy is not
    Article(11, at(30, 200), 10, ("BTC",)),
)
SCORES: Final = {2: 0.5, 7: -0.8, 5: None}


def headlines(database: Database) -> tuple[Article, ...]:
    """Four hours that moved, eleven articles before and within them."""
    ids = dict(zip(("BTC/USDT", "ETH/USDT"), register(database, ["BTC/USDT", "ETH/USDT"]), strict=True))
    with database.transaction() as connection:
        for symbol, instrument_id in ids.items():
            database.upsert(connection, OHLCV_NATIVE, _bars(symbol, instrument_id))
        rows = [_row(each) for each in ARTICLES]
        database.upsert(connection, NEWS_EVENTS, pl.DataFrame(rows, NEWS_SCHEMA))
        links = [_link(each, coin) for each in ARTICLES for coin in each.coins]
        database.upsert(connection, TEXT_LINKS, _frame(links, TEXT_LINKS.columns).sort(TEXT_LINKS.key))
        scores = [_score(text_id, score) for text_id, score in SCORES.items()]
        database.upsert(connection, TEXT_SCORES, _frame(scores, TEXT_SCORES.columns).sort(TEXT_SCORES.key))
    return ARTICLES


def before_moves(rows: list[Row], articles: tuple[Article, ...]) -> None:
    told = {(row["symbol"], row["ts"], row["title"]): row for row in rows}
    assert len(told) == len(rows)
    expected = {}
    for (symbol, hours), ratio in MOVES.items():
        if abs(ratio - 1) < 0.05:
            continue
        hour, coin = at(hours), symbol.partition("/")[0]
        before = [each for each in articles if hour - 6 * HOUR <= each.ts < hour and coin in each.coins]
        for cluster in {each.cluster_id for each in before}:
            first = min((each for each in before if each.cluster_id == cluster), key=lambda each: each.ts)
            copies = sum(each.cluster_id == cluster for each in before)
            expected[symbol, hour, f"Headline {first.text_id}"] = (ratio - 1, first, copies)
    assert set(told) == set(expected)
    assert len(expected) == 4
    for key, (move, first, copies) in expected.items():
        row = told[key]
        assert row["move"] == near(move)
        assert (row["first_seen"], row["copies"], row["outlets"]) == (first.ts, copies, copies)
        assert row["minutes_before"] == (key[1] - first.ts) // MINUTE
        assert row["score"] == SCORES.get(first.text_id)


def _row(article: Article) -> dict[str, Any]:
    return {
        "text_id": article.text_id, "ts": article.ts, "provider": "rss",
        "source": f"{article.text_id}.example", "url": f"https://{article.text_id}.example/a",
        "title": f"Headline {article.text_id}",
        "language": "en", "cluster_id": article.cluster_id, "logic_version": 1, "known_at": article.ts,
    }  # fmt: skip


def _link(article: Article, coin: str) -> dict[str, Any]:
    return {
        "text_id": article.text_id, "coin": coin, "logic_version": 1, "ts": article.ts, "rule": "name",
        "confidence": 0.9, "mention": coin, "known_at": article.ts, "created_at": NOW,
    }  # fmt: skip


def _score(text_id: int, score: float | None) -> dict[str, Any]:
    seen = next(each.ts for each in ARTICLES if each.text_id == text_id)
    return {
        "text_id": text_id, "model": "lexicon", "model_version": "1", "ts": seen, "score": score,
        "data_hash": "0", "known_at": seen, "created_at": NOW,
    }  # fmt: skip


_TYPES: Final = {
    **dict.fromkeys(("ts", "known_at", "created_at"), pl.Datetime("us", "UTC")),
    **dict.fromkeys(("score", "confidence", "negative", "neutral", "positive"), pl.Float64()),
    "text_id": pl.Int64(),
    "logic_version": pl.Int32(),
}


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, {name: _TYPES.get(name, pl.String()) for name in columns})


def _bars(symbol: str, instrument_id: int) -> pl.DataFrame:
    hours = [NOW - n * HOUR for n in range(60, 0, -1)]
    opens = [100.0] * len(hours)
    closes = [100 * MOVES.get((symbol, (NOW - hour) // HOUR), 1.001) for hour in hours]
    return pl.DataFrame(
        {
            "instrument_id": pl.Series([instrument_id] * len(hours), dtype=pl.Int32),
            "timeframe_id": pl.Series([60] * len(hours), dtype=pl.Int16),
            "ts": pl.Series(hours, dtype=pl.Datetime("us", "UTC")),
            "open": opens, "high": [max(each, 100.0) for each in closes],
            "low": [min(each, 100.0) for each in closes], "close": closes, "volume": opens,
            "quote_volume": opens, "trades": pl.Series([1] * len(hours), dtype=pl.Int64),
            "taker_buy_volume": [0.5] * len(hours),
            "source_id": pl.Series([2] * len(hours), dtype=pl.Int16),
            "received_at": pl.Series([NOW] * len(hours), dtype=pl.Datetime("us", "UTC")),
        }
    )  # fmt: skip


NEWS_CHECKS: Final[dict[str, Callable[[list[Row], tuple[Article, ...]], None]]] = {
    "67_headlines_before_moves": before_moves,
}
