"""What the example queries about candlestick and chart patterns must answer, without SQL.

Candlesticks are TA-Lib's own functions called on the bars, chart patterns the rows of one pass over them.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
import talib
from candle_frames import candles, register, write
from query_support import Row, near, only

from alphapulse_assets.core.timeframes import aggregate
from alphapulse_assets.datasets.derivation import DerivationRunner, midnight
from alphapulse_assets.patterns.chart.batch import detect
from alphapulse_assets.patterns.dataset import CANDLESTICKS, CHARTS
from alphapulse_assets.patterns.events.by_chance import breakouts_by_chance, candlesticks_by_chance
from alphapulse_assets.patterns.events.stored_definitions import (
    store_candlestick_definitions,
    store_chart_definitions,
)
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore

FIRST: Final = midnight(datetime(2024, 3, 4).date())
NOW: Final = FIRST + timedelta(days=3, hours=11)
"""A rectangle of one symbol is forming then, and an inverse head and shoulders of the other."""
BTC, ETH = "BTC/USDT", "ETH/USDT"
LENGTHS: Final = {"5m": timedelta(minutes=5), "15m": timedelta(minutes=15), "1h": timedelta(hours=1)}
FUNCTIONS: Final = {
    "hammer": talib.CDLHAMMER,
    "hanging_man": talib.CDLHANGINGMAN,
    "engulfing": talib.CDLENGULFING,
    "harami": talib.CDLHARAMI,
    "doji": talib.CDLDOJI,
    "spinning_top": talib.CDLSPINNINGTOP,
}

Market = dict[str, pl.DataFrame]
Check = Callable[[list[Row], Market], None]


def pattern_market(database: Database) -> Market:
    """Three days and eleven hours of two symbols with their patterns; the candles by symbol."""
    count = 8 * 1440 + 600
    made = {BTC: candles(FIRST, count, seed=11, price=60_000.0), ETH: candles(FIRST, count, seed=12)}
    market = {symbol: frame.filter(pl.col("ts") < NOW) for symbol, frame in made.items()}
    keys = register(database, market)
    database.execute("UPDATE instruments SET tracked = true")
    for key, frame in zip(keys, market.values(), strict=True):
        write(database, key, frame)
    database.refresh_timeframes()
    store_candlestick_definitions(database, CANDLESTICKS.version)
    store_chart_definitions(database, CHARTS.version)
    for derivation in (CANDLESTICKS, CHARTS):
        deriving = DerivationRunner(DerivedStore(database), derivation, NOW, timeframes=list(LENGTHS))
        deriving.days({"binance": [FIRST.date(), NOW.date()]})
    return market


def _bars(market: Market, symbol: str, timeframe: str) -> pl.DataFrame:
    bars = aggregate(market[symbol], timeframe)
    return bars.filter(pl.col("ts") + LENGTHS[timeframe] <= NOW)


def _signals(bars: pl.DataFrame, pattern: str) -> list[tuple[datetime, int]]:
    """Bars at which TA-Lib's function is not 0."""
    values = FUNCTIONS[pattern](*(bars[name].to_numpy() for name in ("open", "high", "low", "close")))
    return [(ts, int(value)) for ts, value in zip(bars["ts"], values, strict=True) if value]


@dataclass(frozen=True, slots=True)
class Open:
    """A chart pattern that has not ended: its last row, and the newest close."""

    symbol: str
    timeframe: str
    row: dict[str, Any]
    close: float

    def level(self, line: str) -> float:
        """The price of one of its lines at the newest bar."""
        t0, p0, t1, p1 = json.loads(self.row["lines"])[line]
        begin, end = (datetime.fromisoformat(time) for time in (t0, t1))
        newest = NOW - LENGTHS[self.timeframe]
        return float(p0 + (p1 - p0) * ((newest - begin) / (end - begin)))


def _open(market: Market) -> list[Open]:
    found = []
    for symbol in (BTC, ETH):
        for timeframe in LENGTHS:
            bars = _bars(market, symbol, timeframe)
            last: dict[int, dict[str, Any]] = {}
            for row in detect(bars, timeframe).iter_rows(named=True):
                last[row["pattern_id"]] = row
            found += [
                Open(symbol, timeframe, row, bars["close"][-1])
                for row in last.values()
                if row["stage"] in ("forming", "complete")
            ]
    return found


def patterns_of_a_symbol(rows: list[Row], market: Market) -> None:
    bars = _bars(market, BTC, "1h")
    expected = {
        (ts, pattern): strength
        for pattern in ("hammer", "hanging_man", "engulfing", "harami")
        for ts, strength in _signals(bars, pattern)
        if ts >= NOW - timedelta(hours=72)
    }
    assert len(expected) > 5
    assert [((row["ts"], row["pattern"]), row["strength"]) for row in rows] == sorted(expected.items())
    for row in rows:
        assert row["known_at"] == row["ts"] + timedelta(hours=1)
        assert row["began_at"] == row["known_at"] - row["candles"] * timedelta(hours=1)


def forming(rows: list[Row], market: Market) -> None:
    expected = [one for one in _open(market) if one.row["stage"] == "forming"]
    assert {one.row["direction"] for one in expected} >= {"neutral", "bullish"}
    assert len(rows) == len(expected)
    for one in expected:
        row = only(rows, symbol=one.symbol, timeframe=one.timeframe, pattern=one.row["pattern"])
        upper, lower = one.level("upper") - one.close, one.close - one.level("lower")
        sides = {"bullish": upper, "bearish": lower, "neutral": min(upper, lower)}
        distance = sides[one.row["direction"]]
        assert row["atr_to_level"] == near(distance / one.row["atr"])
        assert row["level_now"] == near(one.close + (distance if distance == upper else -distance))
        assert (row["completion"], row["known_at"]) == (near(one.row["completion"]), one.row["known_at"])


def head_and_shoulders(rows: list[Row], market: Market) -> None:
    expected = [one for one in _open(market) if "head_and_shoulders" in one.row["pattern"]]
    assert len(rows) == len(expected) > 0
    for one in expected:
        row = only(rows, symbol=one.symbol, timeframe=one.timeframe, pattern=one.row["pattern"])
        for name in ("target", "invalidation", "breakout_level"):
            assert row[name] == near(one.row[name])
        assert row["promised_pct"] == near((one.row["target"] / one.close - 1) * 100)
        assert row["risk_pct"] == near((one.row["invalidation"] / one.close - 1) * 100)


def beside_chance(rows: list[Row], market: Market) -> None:
    for timeframe in ("5m", "15m"):
        bars = _bars(market, BTC, timeframe)
        for pattern in FUNCTIONS:
            row = only(rows, timeframe=timeframe, family="candlestick", pattern=pattern)
            n = len(_signals(bars, pattern))
            assert (row["n"], row["bars"]) == (n, bars.height)
            assert row["per_1000"] == near(n * 1000 / bars.height)
            assert row["by_chance"] == near(candlesticks_by_chance()[pattern])
    told = detect(_bars(market, BTC, "5m"), "5m").filter(pl.col("stage") == "complete")
    broke = Counter(told["pattern"].to_list())
    assert broke
    found = {row["pattern"]: row for row in rows if row["family"] == "chart" and row["timeframe"] == "5m"}
    assert {name: row["n"] for name, row in found.items()} == broke
    for name, row in found.items():
        assert row["by_chance"] == near(breakouts_by_chance()[name])


def textbook_hammers(rows: list[Row], market: Market) -> None:
    counted: dict[tuple[str, str], list[float]] = {}
    for timeframe in LENGTHS:
        bars = _bars(market, BTC, timeframe)
        high, low, close = (bars[name].to_list() for name in ("high", "low", "close"))
        for pattern, way in (("hammer", -1), ("hanging_man", 1)):
            for ts, _ in _signals(bars, pattern):
                at = bars["ts"].to_list().index(ts)
                moves = counted.setdefault((timeframe, pattern), [])
                if at < 15:
                    continue
                before = range(at - 14, at)
                ranges = [max(high[i], close[i - 1]) - min(low[i], close[i - 1]) for i in before]
                moves.append(way * (close[at - 1] - close[at - 11]) / (sum(ranges) / 14))
    assert {(row["timeframe"], row["pattern"]) for row in rows} == set(counted)
    for row in rows:
        moves = counted[row["timeframe"], row["pattern"]]
        textbook, against = sum(move >= 1 for move in moves), sum(move <= -1 for move in moves)
        assert (row["n"], row["textbook"], row["against"]) == (len(moves), textbook, against)
        assert row["share"] == (near(textbook / len(moves)) if moves else None)
    assert sum(row["textbook"] for row in rows) > 2 < sum(row["against"] for row in rows)


PATTERN_CHECKS: Final[dict[str, Check]] = {
    "34_patterns_of_a_symbol": patterns_of_a_symbol,
    "35_forming_patterns": forming,
    "36_open_head_and_shoulders": head_and_shoulders,
    "37_patterns_beside_chance": beside_chance,
    "83_textbook_hammers": textbook_hammers,
}
