"""The example queries run, and each gives a number that was computed here independently."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from alert_query_checks import NOW as RULE_NOW
from alert_query_checks import RULE_CHECKS, rule_market
from calibration_support import CALIBRATION_CHECKS, calibration_market
from calibration_support import NOW as CALIBRATION_NOW
from candle_frames import DAY, MINUTE, candles, changed, count, register, rows_of, without, write
from chain_query_checks import CHAIN_CHECKS, chain_market
from chain_query_checks import NOW as CHAIN_NOW
from derived_query_checks import DERIVED_CHECKS, derived_market
from derived_query_checks import NOW as DERIVED_NOW
from futures_query_checks import FUTURES_CHECKS, futures_market
from futures_query_checks import NOW as FUTURES_NOW
from history_query_checks import HISTORY_CHECKS, history_market
from history_query_checks import NOW as HISTORY_NOW
from institutional_query_checks import INSTITUTIONAL_CHECKS, institutional_market
from institutional_query_checks import NOW as INSTITUTIONAL_NOW
from leverage_query_checks import LEVERAGE_CHECKS, leverage_queries_market
from leverage_query_checks import NOW as LEVERAGE_NOW
from liquidation_query_checks import LIQUIDATION_CHECKS, liquidation_market
from liquidation_query_checks import NOW as LIQUIDATION_NOW
from market_query_checks import MARKET_CHECKS, market_metrics
from market_query_checks import NOW as MARKET_NOW
from news_query_checks import NEWS_CHECKS, headlines
from news_query_checks import NOW as NEWS_NOW
from option_query_checks import NOW as OPTION_NOW
from option_query_checks import OPTION_CHECKS, option_market
from outcome_query_checks import NOW as OUTCOME_NOW
from outcome_query_checks import OUTCOME_CHECKS, outcome_market
from pattern_query_checks import NOW as PATTERN_NOW
from pattern_query_checks import PATTERN_CHECKS, pattern_market
from position_query_checks import NOW as POSITION_NOW
from position_query_checks import POSITION_CHECKS, position_market
from probability_query_checks import PROBABILITY_CHECKS
from query_support import QUERIES, Row, near, only, run
from scored_text_query_checks import NOW as SCORED_TEXT_NOW
from scored_text_query_checks import SCORED_TEXT_CHECKS, scored_market
from sentiment_query_checks import NOW as SENTIMENT_NOW
from sentiment_query_checks import SENTIMENT_CHECKS, sentiment_market
from signal_query_checks import NOW as SIGNAL_NOW
from signal_query_checks import SIGNAL_CHECKS, signal_market
from social_query_checks import NOW as SOCIAL_NOW
from social_query_checks import SOCIAL_CHECKS, talk
from stream_market import stream_market
from stream_query_checks import STREAM_CHECKS

from alphapulse_assets.core.timeframes import aggregate
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.upsert import OHLCV_1M

TODAY: Final = datetime(2024, 3, 12, tzinfo=UTC)
NOW: Final = TODAY + timedelta(hours=10)
FIRST: Final = TODAY - 8 * DAY
CORRECTED: Final = TODAY - 100 * MINUTE
LATE: Final = TODAY - 50 * MINUTE
HOLE: Final = (TODAY - 5 * DAY, TODAY - 5 * DAY + 130 * MINUTE)

BTC, ETH, COINBASE, BYBIT = (
    ("binance", "BTC/USDT"),
    ("binance", "ETH/USDT"),
    ("coinbase", "BTC/USD"),
    ("bybit", "BTC/USDT"),
)


def market() -> dict[tuple[str, str], pl.DataFrame]:
    """Eight days of four instruments: Bitcoin nearly alike on three venues, one with a hole, and Ether."""
    btc = candles(FIRST, 8 * 1440, seed=3, price=60_000.0)
    dearer = btc.with_columns(pl.col("open", "high", "low", "close") * 1.0004)
    return {
        BTC: changed(btc, CORRECTED, high=99_000.0, close=70_000.0),
        ETH: candles(FIRST, 8 * 1440, seed=4, price=3_000.0),
        COINBASE: without(dearer, HOLE).with_columns(pl.lit(None, pl.Float64).alias("quote_volume")),
        BYBIT: candles(FIRST, 8 * 1440, seed=5, price=60_100.0),
    }


@pytest.fixture
def data() -> dict[tuple[str, str], pl.DataFrame]:
    """The candles in the database, by venue and symbol."""
    return market()


@pytest.fixture
def loaded(database: Database, data: dict[tuple[str, str], pl.DataFrame]) -> Database:
    """A database with the market, a correction, a late candle, flags, gaps and quality."""
    ids = {name: register(database, [name[1]], name[0])[0] for name in data}
    database.execute("UPDATE instruments SET tracked = true, tracked_at = %(at)s", {"at": FIRST})
    for name, frame in data.items():
        write_live(database, ids[name], frame)
    database.refresh_timeframes()
    write_native(database, ids[BTC], data[BTC])
    database.execute(
        "INSERT INTO candle_flags (instrument_id, ts, flag, score, logic_version, known_at)"
        " SELECT %(id)s, %(ts)s, flag, 20, 1, %(ts)s FROM unnest(ARRAY['wick', 'jump']) AS flag",
        {"id": ids[BTC], "ts": CORRECTED},
    )
    database.execute(
        "INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at, verifications)"
        " VALUES (%(id)s, %(start)s, %(end)s, 'detected', %(end)s, '[{\"source\": \"rest\"}]')",
        {"id": ids[COINBASE], "start": HOLE[0], "end": HOLE[1]},
    )
    database.execute(
        "INSERT INTO quality_daily (instrument_id, day, score, coverage_of_score, expected, present,"
        " venue_had_none, quarantined, flagged, logic_version, known_at)"
        " SELECT instrument_id, %(day)s, 90 + instrument_id, 1, 1440, 1440, 0, 0, 0, 1, now()"
        " FROM instruments",
        {"day": (TODAY - DAY).date()},
    )
    return database


def write_live(database: Database, instrument_id: int, frame: pl.DataFrame) -> None:
    """As live: each minute 2 s after its close, but one an hour late, and one corrected the next day."""
    delay = pl.when(pl.col("ts") == LATE).then(timedelta(hours=1)).otherwise(timedelta(seconds=2))
    rows = rows_of(frame, instrument_id, source="stream").with_columns(
        (pl.col("ts") + MINUTE + delay).cast(pl.Datetime("us", "UTC")).alias("received_at")
    )
    first = rows.with_columns(
        pl.when(pl.col("ts") == CORRECTED).then("open").otherwise("close").alias("close")
    )
    with database.transaction() as connection:
        database.upsert(connection, OHLCV_1M, first)
    write(database, instrument_id, frame, source="archive", received_at=TODAY + timedelta(hours=2))


def write_native(database: Database, instrument_id: int, frame: pl.DataFrame) -> None:
    """The venue's own hours of a day, one of them with another close."""
    hours = aggregate(frame.filter(pl.col("ts") >= TODAY - DAY), "1h").drop("bars")
    odd = hours.with_columns(
        pl.when(pl.col("ts") == TODAY - DAY).then(pl.col("close") * 1.01).otherwise("close")
    )
    with database.transaction() as connection:
        CandleStore(database).write(
            connection, instrument_id, odd, source="rest", received_at=TODAY, timeframe_id=60
        )


Frames = dict[tuple[str, str], pl.DataFrame]
Check = Callable[[list[Row], Frames], None]


def hourly_returns(frame: pl.DataFrame) -> pl.DataFrame:
    hours = aggregate(frame, "1h")
    follows = pl.col("ts").diff() == timedelta(hours=1)
    return hours.select("ts", pl.when(follows).then(pl.col("close").log().diff()).alias("r")).drop_nulls()


def daily_bars(rows: list[Row], data: Frames) -> None:
    assert len(rows) == 7
    day = {name: aggregate(data[name], "1d").row(-1, named=True) for name in (BTC, BYBIT, COINBASE)}
    last = rows[-1]
    assert (last["binance"], last["bybit"], last["coinbase"]) == tuple(bar["close"] for bar in day.values())
    assert last["volume"] == near(sum(bar["volume"] for bar in day.values()))


def volatile_hours(rows: list[Row], data: Frames) -> None:
    hours = aggregate(data[ETH], "1h").with_columns(hour=pl.col("ts").dt.hour())
    means = hours.group_by("hour").agg(((pl.col("high") / pl.col("low")).log().mean() * 10_000).alias("bps"))
    hour, bps = means.sort("bps", descending=True).row(0)
    best = only(rows, venue="binance", symbol="ETH/USDT", rank=1)
    assert (best["hour"], best["hours"], best["range_bps"]) == (hour, 8, near(bps))


def realised_volatility(rows: list[Row], data: Frames) -> None:
    for name in (ETH, COINBASE):
        returns = hourly_returns(data[name])["r"]
        row = only(rows, venue=name[0], symbol=name[1])
        assert row["returns"] == len(returns)
        deviation = returns.std()
        assert isinstance(deviation, float)
        assert row["volatility"] == near(deviation * math.sqrt(24 * 365))


def volume_by_weekday(rows: list[Row], data: Frames) -> None:
    mondays = aggregate(data[ETH], "1d").filter(pl.col("ts").dt.weekday() == 1)
    row = only(rows, venue="binance", symbol="ETH/USDT", weekday=1)
    assert (row["days"], row["mean_volume"]) == (2, near(mondays["volume"].mean()))
    assert sum(float(str(r["share"])) for r in rows if r["symbol"] == "ETH/USDT") == near(1.0)
    assert [r for r in rows if r["venue"] == "coinbase" and r["weekday"] == HOLE[0].isoweekday()] == []


def vwap(rows: list[Row], data: Frames) -> None:
    day = (TODAY - DAY).date()
    last = data[BTC].filter(pl.col("ts").dt.date() == day)
    row = only(rows, venue="binance", symbol="BTC/USDT", day=day)
    assert (row["vwap"], row["exact"]) == (near(last["quote_volume"].sum() / last["volume"].sum()), True)
    assert only(rows, venue="coinbase", symbol="BTC/USD", day=day)["exact"] is False


def largest_moves(rows: list[Row], data: Frames) -> None:
    assert len(rows) == 20
    opened, volume = data[BTC].filter(pl.col("ts") == CORRECTED).select("open", "volume").row(0)
    top = rows[0]
    assert (top["venue"], top["ts"], top["flags"], top["volume"]) == (
        "binance",
        CORRECTED,
        "jump, wick",
        volume,
    )
    assert top["move_bps"] == near(math.log(70_000.0 / opened) * 10_000)


def cross_venue_spread(rows: list[Row], data: Frames) -> None:
    hour = TODAY - timedelta(hours=5)
    names = [name for name in data if name != ETH]
    closes = pl.concat([data[name].select("ts", "close") for name in names]).filter(
        pl.col("ts").dt.truncate("1h") == hour
    )
    spread = closes.group_by("ts").agg((pl.col("close").max() / pl.col("close").min() - 1) * 10_000)
    row = only(rows, hour=hour)
    assert (row["minutes"], row["mean_bps"]) == (60, near(spread["close"].mean()))


def missing_minutes(rows: list[Row], data: Frames) -> None:
    (row,) = rows
    assert row["minutes"] == 8 * 1440 - data[COINBASE].height == 130
    assert (row["venue"], row["state"], row["asked"]) == ("coinbase", "detected", "rest")


def quality_ranking(rows: list[Row], data: Frames) -> None:
    assert [row["venue"] for row in rows] == ["bybit", "coinbase", "binance"]
    assert rows[-1]["score"] == near(pl.Series([91.0, 92.0]).mean())
    assert rows[-1]["worst"] == f"BTC/USDT {(TODAY - DAY).date()}"


def latency(rows: list[Row], data: Frames) -> None:
    row = only(rows, venue="coinbase", source="stream")
    live = (
        data[COINBASE].filter((pl.col("ts") >= NOW - 7 * DAY) & ~pl.col("ts").is_in([LATE, CORRECTED])).height
    )
    assert (row["candles"], row["p50"], row["worst"]) == (live, 2.0, 2.0)


def correlation(rows: list[Row], data: Frames) -> None:
    both = hourly_returns(data[ETH]).join(hourly_returns(data[COINBASE]), on="ts", suffix="_b")
    row = only(rows, first="binance ETH/USDT", second="coinbase BTC/USD")
    expected = both.select(pl.corr("r", "r_b")).item()
    assert (row["hours"], row["correlation"]) == (both.height, pytest.approx(expected, abs=1e-9))


def drawdown(rows: list[Row], data: Frames) -> None:
    for name, frame in data.items():
        close = aggregate(frame, "5m")["close"]
        row = only(rows, venue=name[0], symbol=name[1])
        assert row["drawdown"] == near((close / close.cum_max() - 1).min())


def as_known(rows: list[Row], data: Frames) -> None:
    yesterday = data[BTC].filter((pl.col("ts") >= TODAY - DAY) & (pl.col("ts") < TODAY))
    in_time = yesterday.filter((pl.col("ts") != LATE) & (pl.col("ts") != TODAY - MINUTE))
    assert [row["ts"] for row in rows] == in_time["ts"].to_list()
    (replaced,) = [row for row in rows if row["corrected"]]
    assert replaced["ts"] == CORRECTED
    assert replaced["close"] == yesterday.filter(pl.col("ts") == CORRECTED)["open"].item()


def native(rows: list[Row], data: Frames) -> None:
    assert len(rows) == 24
    assert (rows[0]["ts"], rows[0]["close_bps"]) == (TODAY - DAY, pytest.approx(100, abs=1e-6))
    hour = aggregate(data[BTC], "1h").filter(pl.col("ts") == TODAY - DAY).row(0, named=True)
    assert (rows[0]["aggregated_close"], rows[0]["bars"]) == (hour["close"], 60)
    assert all(abs(float(str(row["volume_bps"]))) < 1e-6 for row in rows)


CHECKS: Final[dict[str, Check]] = {
    "01_daily_bars_across_venues": daily_bars,
    "02_volatile_hours": volatile_hours,
    "03_realised_volatility": realised_volatility,
    "04_volume_by_weekday": volume_by_weekday,
    "05_vwap_per_day": vwap,
    "06_largest_moves": largest_moves,
    "07_cross_venue_spread": cross_venue_spread,
    "08_missing_minutes": missing_minutes,
    "09_quality_ranking": quality_ranking,
    "10_latency_percentiles": latency,
    "11_correlation": correlation,
    "12_maximum_drawdown": drawdown,
    "13_as_known_at": as_known,
    "14_native_against_aggregates": native,
}


def test_every_query_has_one_check() -> None:
    checked = [
        *CHECKS,
        *STREAM_CHECKS,
        *DERIVED_CHECKS,
        *PATTERN_CHECKS,
        *SIGNAL_CHECKS,
        *PROBABILITY_CHECKS,
        *OUTCOME_CHECKS,
        *MARKET_CHECKS,
        *FUTURES_CHECKS,
        *LEVERAGE_CHECKS,
        *LIQUIDATION_CHECKS,
        *OPTION_CHECKS,
        *POSITION_CHECKS,
        *INSTITUTIONAL_CHECKS,
        *NEWS_CHECKS,
        *SOCIAL_CHECKS,
        *SCORED_TEXT_CHECKS,
        *SENTIMENT_CHECKS,
        *CHAIN_CHECKS,
        *RULE_CHECKS,
        *HISTORY_CHECKS,
        *CALIBRATION_CHECKS,
    ]
    assert sorted(checked) == [path.stem for path in QUERIES]


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_every_query_says_what_it_answers(path: Path) -> None:
    question, *rest = path.read_text().splitlines()
    assert question.startswith("-- ")
    assert question.endswith("?")
    assert any(line.startswith("-- Change: ") for line in rest)


def answer_right(
    database: Database, checks: Mapping[str, Callable[..., None]], data: Any, now: datetime
) -> None:
    """Every query that has a check gives rows, and the right ones."""
    for path in QUERIES:
        if path.stem in checks:
            rows = run(database, path, now)
            assert rows, path.stem
            checks[path.stem](rows, data)


def test_the_queries_about_candles_answer_right(loaded: Database, data: Frames) -> None:
    assert count(loaded, "ohlcv_revisions") == len(data)
    answer_right(loaded, CHECKS, data, NOW)


def test_the_queries_about_streams_answer_right(database: Database) -> None:
    market = stream_market(database)
    answer_right(database, STREAM_CHECKS, market, market.now)


MARKETS: Final = {
    "derived rows": (derived_market, DERIVED_CHECKS, DERIVED_NOW),
    "patterns": (pattern_market, PATTERN_CHECKS, PATTERN_NOW),
    "signals": (signal_market, SIGNAL_CHECKS, SIGNAL_NOW),
    "calibration": (calibration_market, CALIBRATION_CHECKS, CALIBRATION_NOW),
    "outcomes": (outcome_market, OUTCOME_CHECKS, OUTCOME_NOW),
    "futures": (futures_market, FUTURES_CHECKS, FUTURES_NOW),
    "market metrics": (market_metrics, MARKET_CHECKS, MARKET_NOW),
    "leverage": (leverage_queries_market, LEVERAGE_CHECKS, LEVERAGE_NOW),
    "liquidations": (liquidation_market, LIQUIDATION_CHECKS, LIQUIDATION_NOW),
    "options": (option_market, OPTION_CHECKS, OPTION_NOW),
    "institutional flows": (institutional_market, INSTITUTIONAL_CHECKS, INSTITUTIONAL_NOW),
    "news": (headlines, NEWS_CHECKS, NEWS_NOW),
    "fear and greed": (chain_market, CHAIN_CHECKS, CHAIN_NOW),
    "scored texts": (scored_market, SCORED_TEXT_CHECKS, SCORED_TEXT_NOW),
    "positions": (position_market, POSITION_CHECKS, POSITION_NOW),
    "posts": (talk, SOCIAL_CHECKS, SOCIAL_NOW),
    "history": (history_market, HISTORY_CHECKS, HISTORY_NOW),
    "alert rules": (rule_market, RULE_CHECKS, RULE_NOW),
    "sentiment": (sentiment_market, SENTIMENT_CHECKS, SENTIMENT_NOW),
}


@pytest.mark.parametrize("about", MARKETS)
def test_the_queries_about_what_is_derived_answer_right(database: Database, about: str) -> None:
    make_market, checks, now = MARKETS[about]
    answer_right(database, checks, make_market(database), now)
