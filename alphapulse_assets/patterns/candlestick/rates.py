"""How often candlestick patterns fire: on given candles, and on random walks where they mean nothing.

A pattern that is as frequent on a random walk as on a market says nothing by being there. The walk is matched
to the candles in what decides how often shapes occur by chance: the spread of returns, the tick, and how
often bars open where the one before closed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

import numpy as np
import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.candlestick.batch import checked, detect
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE
from alphapulse_resources.frames import CANDLE_SCHEMA

STEPS: Final = 60
"""Trades in a bar of a random walk (ours): a minute of one a second."""

RATE_SCHEMA: Final = pl.Schema(
    {
        "pattern": pl.String(),  # every pattern of the catalogue
        "hits": pl.Int64(),
        "per_1000": pl.Float64(),  # hits per 1,000 candles
        "walk_hits": pl.Int64(),
        "walk_per_1000": pl.Float64(),  # the same on the matched random walk
    }
)

_START: Final = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Walk:
    """What a random walk is like.

    `volatility` is the standard deviation of a bar's log return, `tick` the price step (0: none), `joined`
    the share of bars that open at the close before whatever the trades do: rounding to ticks joins more.
    """

    price: float = 100.0
    volatility: float = 0.001
    tick: float = 0.01
    joined: float = 0.0

    @classmethod
    def like(cls, candles: pl.DataFrame) -> Self:
        """The walk that resembles these candles (CANDLE_SCHEMA); with a single one, the usual volatility.

        The tick is the smallest difference between two prices, to twelve digits.
        """
        bars = checked(candles)
        if len(bars) < 2:
            return cls(price=float(bars.close[0])) if len(bars) else cls()
        prices = np.unique(bars.values[:4].round(12))
        steps = np.diff(prices).round(12)
        return cls(
            price=float(bars.close[0]),
            volatility=float(np.diff(np.log(bars.close)).std()),
            tick=float(steps[steps > 0].min()) if (steps > 0).any() else 0.0,
            joined=float((bars.values[0, 1:] == bars.close[:-1]).mean()),
        )


def random_walk(count: int, seed: int, timeframe: str = "1m", walk: Walk | None = None) -> pl.DataFrame:
    """So many candles (CANDLE_SCHEMA) of a walk without drift or memory, the same for the same seed.

    Each bar has STEPS trades of independent normal log returns. Volume is 1; what venues may tell is null.

    Raises:
        ValueError: unknown timeframe.
    """
    walk = walk or Walk()
    random = np.random.default_rng(seed)
    moves = random.normal(0, walk.volatility / np.sqrt(STEPS), (count, STEPS))
    moves[random.random(count) < walk.joined, 0] = 0
    trades = walk.price * np.exp(np.cumsum(moves)).reshape(count, STEPS)
    if walk.tick > 0:
        trades = np.maximum(np.round(trades / walk.tick), 1) * walk.tick
    step = bar_length(timeframe) // timedelta(microseconds=1)
    ts = round(_START.timestamp() * 1_000_000) + np.arange(count, dtype=np.int64) * step
    return pl.DataFrame(
        {
            "ts": pl.Series(ts).cast(CANDLE_SCHEMA["ts"]),
            "open": trades[:, 0],
            "high": trades.max(axis=1, initial=0),
            "low": trades.min(axis=1, initial=np.inf),
            "close": trades[:, -1],
            "volume": np.ones(count),
            **dict.fromkeys(("quote_volume", "trades", "taker_buy_volume")),
        },
        schema=CANDLE_SCHEMA,
    )


def firing_rates(candles: pl.DataFrame, timeframe: str, *, seed: int = 0) -> pl.DataFrame:
    """How often each pattern fires on these candles and on a random walk like them: RATE_SCHEMA.

    One row per pattern of the catalogue, also where it never fires, in order of name.

    Raises:
        ValueError: as `candlestick.detect`.
    """
    walk = random_walk(candles.height, seed, timeframe, Walk.like(candles))
    bars = max(candles.height, 1)
    return (
        pl.DataFrame({"pattern": list(CATALOGUE)})
        .join(_hits(candles, timeframe).rename({"len": "hits"}), "pattern", "left")
        .join(_hits(walk, timeframe).rename({"len": "walk_hits"}), "pattern", "left")
        .with_columns(pl.col("hits", "walk_hits").fill_null(0).cast(pl.Int64()))
        .with_columns(
            (pl.col("hits") * 1_000 / bars).alias("per_1000"),
            (pl.col("walk_hits") * 1_000 / bars).alias("walk_per_1000"),
        )
        .sort("pattern")
        .match_to_schema(RATE_SCHEMA)
    )


def _hits(candles: pl.DataFrame, timeframe: str) -> pl.DataFrame:
    return detect(candles, timeframe).group_by("pattern").len()
