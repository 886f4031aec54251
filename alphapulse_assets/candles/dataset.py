"""Candles as data sets: 1m from the venues, 5m to 1w each from the finer one, gaps and quality."""

from datetime import timedelta
from typing import Final

from alphapulse_assets.candles import quality
from alphapulse_assets.core import timeframes
from alphapulse_assets.datasets.dataset import Dataset, Retention
from alphapulse_resources.database.upsert import OHLCV_1M as CANDLES
from alphapulse_resources.database.upsert import OHLCV_NATIVE as NATIVE
from alphapulse_resources.frames import AGGREGATED

GROUP: Final = "candles"
KEEP_MEASURED: Final = timedelta(days=90)

OHLCV_1M: Final = Dataset(
    name="ohlcv_1m",
    description="Closed 1m candles of every tracked symbol: validated, never filled, each gap on record.\n\n"
    'To give one symbol its history, backfill a range of days of its venue with `symbols: ["BTC/USDT"]` in '
    "the run config. A day that is materialized again is fetched again; equal candles are not written.",
    group=GROUP,
    tables=[CANDLES],
    relations=["ohlcv_revisions", "candle_arrivals"],
    reads=["instruments"],
    fetched_from="venues",
    kinds=frozenset({"python", "postgres"}),
    layer="candles",
    retention={"candle_arrivals": Retention(KEEP_MEASURED)},
)
COARSE_CANDLES: Final = Dataset(
    name="coarse_candles",
    description="The venues' own bars of 1h and 1d from before a symbol has minutes, back to its listing or "
    "as far as `ALPHAPULSE_HISTORY__COARSE_1H_DAYS` and `..._1D_DAYS` say.\n\n"
    "So that 4h, 1d and 1w have a past on the first day. They end with the week in which the minutes begin, "
    "and give way to bars of minutes wherever those are all there. `coarse_ledger` tells how far a venue has "
    "answered; a day that is materialized again is asked for again, and equal bars are not written.",
    group=GROUP,
    tables=[NATIVE],
    relations=["coarse_bars", "ohlcv_built", "coarse_ledger"],
    reads=["instruments"],
    fetched_from="venues",
    kinds=frozenset({"python", "postgres"}),
    layer="history",
)


def _bars(timeframe: str, finer: str) -> Dataset:
    return Dataset(
        name=f"ohlcv_{timeframe}",
        description=f"{timeframe} bars from {finer}: exactly the bars whose candles changed are made anew, "
        "and every bar that touches the partition. The bar that is still forming is left to `ohlcv_latest`.",
        group=GROUP,
        relations=[f"ohlcv_{timeframe}"],
        reads=[f"ohlcv_{finer}"],
        layer="timeframes",
        versions=[timeframes.LOGIC_VERSION],
        kinds=frozenset({"sql", "postgres"}),
    )


TIMEFRAMES: Final = tuple(
    _bars(timeframe, finer) for finer, timeframe in zip(("1m", *AGGREGATED), AGGREGATED, strict=False)
)
OHLCV: Final = Dataset(
    name="ohlcv",
    description="Closed bars of every timeframe from 1m to 1w in one view: what all that follows is computed "
    "from.\n\n"
    "Nothing is written here. A materialization says that the candles and the timeframes of a day are in "
    "step, and how far the bars of each timeframe reach.",
    group=GROUP,
    layer="bars",
    relations=["ohlcv"],
    reads=["ohlcv_1m", *(each.name for each in TIMEFRAMES), "coarse_candles"],
    kinds=frozenset({"sql", "postgres"}),
)
CANDLE_GAPS: Final = Dataset(
    name="candle_gaps",
    description="Missing minutes of the partition and what became of them: detected, repaired, or the venue "
    "had none.",
    group=GROUP,
    relations=["gap_ledger", "candle_gaps"],
    layer="gaps",
    reads=["ohlcv_1m"],
    kinds=frozenset({"sql", "postgres"}),
)
QUALITY_SCORES: Final = Dataset(
    name="quality_scores",
    description="Quality of each symbol's day, 0 to 100, with its parts; odd candles are flagged, never "
    "changed.",
    group=GROUP,
    relations=["quality_daily", "quality_scores", "candle_flags"],
    layer="quality",
    reads=["ohlcv_1m", "candle_gaps"],
    versions=[quality.LOGIC_VERSION],
)
DATASETS: Final = (OHLCV_1M, COARSE_CANDLES, *TIMEFRAMES, OHLCV, CANDLE_GAPS, QUALITY_SCORES)
