"""What signals are held against besides walks: entries at random bars, and holding all the time. Pure."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alphapulse_assets.patterns.signal_outcomes.model import SIDES

DRAWS: Final = 100
"""Times that all entries are drawn anew (ours): bounds at 95 % are means of the outer ones."""
SEED: Final = 20_260_101

Floats = NDArray[np.float64]


def random_entries(
    trades: pl.DataFrame, candles: pl.DataFrame, *, draws: int = DRAWS, seed: int = SEED
) -> Floats:
    """Net returns in per cent of entries at random bars: shape (trades, draws).

    As many entries as there are trades, each of the same side and held for as many bars, from the open of a
    bar to a close, with the same costs; any bar within the trades' time is as likely as another.

    Args:
        trades: TRADE_SCHEMA of one instrument and timeframe.
        candles: CANDLE_SCHEMA of that timeframe, sorted, from the first entry to the last exit.
        draws: how often.
        seed: the same one draws the same bars.

    Raises:
        ValueError: fewer candles than a trade was held for.
    """
    held = trades["bars"].to_numpy().astype(np.int64)
    if not len(held):
        return np.empty((0, draws))
    last = candles.height - held
    if last.min() < 0:
        raise ValueError(f"{candles.height} candles for a trade of {held.max()} bars; read them all")
    random = np.random.default_rng([seed, int(trades["instrument_id"][0]), len(held)])
    begin = random.integers(0, (last + 1)[:, None], (len(held), draws))
    opened, closed = (candles[name].cast(pl.Float64).to_numpy() for name in ("open", "close"))
    moved = closed[begin + np.maximum(held - 1, 0)[:, None]] / opened[begin] - 1.0
    sign = trades["side"].replace_strict(SIDES, return_dtype=pl.Float64).to_numpy()
    return np.asarray(100.0 * sign[:, None] * moved - trades["cost_pct"].to_numpy()[:, None])


def always_in(trades: pl.DataFrame) -> tuple[float, float]:
    """Holding each symbol from its first entry to its last exit, bought once: net per cent, and per hour.

    Mean of the symbols, each over its own time. `trades`: TRADE_SCHEMA, at least one.
    """
    spans = trades.group_by("symbol").agg(
        pl.col("entry").sort_by("entry_at").first(),
        pl.col("exit").sort_by("closed_at").last(),
        ((pl.col("closed_at").max() - pl.col("entry_at").min()).dt.total_seconds() / 3600).alias("hours"),
        pl.col("cost_pct").first(),
    )
    net = 100 * (pl.col("exit") / pl.col("entry") - 1) - pl.col("cost_pct")
    per_hour = pl.when(pl.col("hours") > 0).then(net / pl.col("hours"))
    found = spans.select(net.mean().alias("net"), per_hour.mean().alias("per_hour"))
    return found["net"][0], found["per_hour"][0] or 0.0
