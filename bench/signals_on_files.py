"""What came of signals in candle files, beside random walks: the tables of docs/signal_outcomes.md.

`python -m bench.signals_on_files FILE TIMEFRAME [FILE TIMEFRAME ...]`. Pure code, no database: patterns,
confidences (without history: nothing is stored), signals, outcomes and performance of each file alone.
"""

import sys
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.timeframes import aggregate
from alphapulse_assets.patterns.evaluation.random_walk import SEED
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.signal_performance.baselines import random_entries
from alphapulse_assets.patterns.signal_performance.performance import judged, performance
from alphapulse_assets.patterns.signal_performance.walk import signals_followed, walked
from alphapulse_resources.candle_files.reading import read_candles
from alphapulse_resources.frames import CANDLE_SCHEMA

WALKS: Final = 3
SHOWN: Final = ("all", "signal", "timeframe", "regime")
_COLUMNS: Final = (
    *("value", "n", "clusters", "target_share", "stopped_share", "expired_share", "closed_share"),
    *("mean_gross_pct", "mean_net_pct", "mean_net_low", "mean_net_high", "walk_mean_net_pct"),
    *("walk_mean_net_low", "walk_mean_net_high", "random_mean_net_pct", "profit_factor", "expectancy_r"),
    *("walk_expectancy_r", "drawdown_pct", "hold_net_pct", "verdict"),
)


def of_file(path: Path, timeframe: str) -> pl.DataFrame:
    """PERFORMANCE_SCHEMA of a file's signals."""
    read = read_candles(path, timeframe=timeframe, any_symbol=True).candles
    candles = (
        read.select(CANDLE_SCHEMA.names()).unique("ts").sort("ts").drop_nulls(["open", "close", "volume"])
    )
    start = candles["ts"][min(1_000, candles.height // 5)]
    real = judged(signals_followed(candles, 1, start, finest=timeframe), {1: path.stem})
    real = real.sort("timeframe", "told_at")
    chance = pl.concat(
        [walked(candles, 1, start, finest=timeframe, seed=SEED + number) for number in range(WALKS)]
    )
    random = [
        random_entries(
            part,
            candles if name == timeframe else aggregate(candles, name).filter(pl.col("ts") >= start),
        )
        for (name,), part in real.partition_by("timeframe", as_dict=True, maintain_order=True).items()
    ]
    return performance(
        real,
        judged(chance, {1: path.stem}),
        np.concatenate(random),
        real["known_at"].max(),  # type: ignore[arg-type]  # a time
    )


def _told(value: object) -> str:
    return "" if value is None else format(value, ".3f") if isinstance(value, float) else str(value)


def main() -> None:
    """Print a table for each file."""
    for path, timeframe in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        found = of_file(Path(path), timeframe)
        print(f"\n{Path(path).name} ({DEFAULT.costs.round_trip:.4%} a round trip)\n")
        print("| " + " | ".join(_COLUMNS) + " |\n|" + "---|" * len(_COLUMNS))
        for row in found.filter(pl.col("grouped_by").is_in(list(SHOWN))).iter_rows(named=True):
            print("| " + " | ".join(_told(row[name]) for name in _COLUMNS) + " |")
        out = found.filter(pl.col("verdict") != "no demonstrated edge")
        for row in out.iter_rows(named=True):
            print(row["grouped_by"], row["value"], row["verdict"], row["n"], _told(row["mean_net_pct"]))
        print(f"{found.height} rows, {out.height} stand out")


if __name__ == "__main__":
    main()
