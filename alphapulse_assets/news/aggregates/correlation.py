"""Correlations of sentiment with the price of symbols, of a day: all trials together. Pure."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.news.aggregates.kernels import Floats
from alphapulse_assets.news.aggregates.lead_lag import LAGS, LagFigures, adjusted, lead_lag, verdicts
from alphapulse_assets.news.aggregates.model import CORRELATION_SCHEMA

DAYS: Final = (30, 90)
SERIES: Final = ("level", "shift", "spike")
AGAINST: Final = ("return", "volatility")
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
BEFORE: Final = 2 * HOUR
"""What is read before a window: the hour that its first change is from."""


def correlations(sentiment: pl.DataFrame, bars: pl.DataFrame, day: datetime) -> pl.DataFrame:
    """CORRELATION_SCHEMA of all symbols of a day, by key; nothing known after its end takes part.

    q is adjusted for all rows of the day: give all symbols at once.

    Args:
        sentiment: coin, ts, hours, model, model_version, score, zscore of `sentiment_aggregates`, one model
            an hour, back to max(DAYS) and BEFORE.
        bars: instrument_id, coin, ts, high, low, close of hours, as far back.
        day: its beginning, UTC.
    """
    end = day + DAY
    spoken = sentiment.filter(pl.col("ts") < end)
    traded = bars.filter((pl.col("ts") < end) & (pl.col("coin").is_in(spoken["coin"].unique().implode())))
    parts = []
    for (instrument, coin), own in traded.sort("ts").group_by("instrument_id", "coin", maintain_order=True):
        said = spoken.filter(pl.col("coin") == coin)
        for days in DAYS:
            parts += _of_window(said, own, end, days, (int(str(instrument)), str(coin)))
    if not parts:
        return pl.DataFrame(schema=CORRELATION_SCHEMA)
    return _judged(pl.concat(parts), day, end)


def _of_window(
    said: pl.DataFrame, own: pl.DataFrame, end: datetime, days: int, whose: tuple[int, str]
) -> list[pl.DataFrame]:
    """Rows without q and verdict of one symbol and window; none where nothing was said in it."""
    grid = pl.datetime_range(end - days * DAY - HOUR, end, HOUR, closed="left", time_zone="UTC", eager=True)
    grid = grid.alias("ts").cast(pl.Datetime("us", "UTC"))
    inside = said.filter((pl.col("ts") >= end - days * DAY) & (pl.col("ts") < end))
    if inside.is_empty():
        return []
    told, prices = _sentiment(said, grid), _prices(own, grid)
    facts: dict[str, int | str] = {
        "instrument_id": whose[0],
        "coin": whose[1],
        "days": days,
        "model": ", ".join(inside["model"].unique().sort()),
        "model_version": ", ".join(inside["model_version"].unique().sort()),
    }
    return [
        _rows(lead_lag(told[series], prices[against]), {**facts, "series": series, "against": against})
        for series in SERIES
        for against in AGAINST
    ]


def _sentiment(said: pl.DataFrame, grid: pl.Series) -> dict[str, Floats]:
    """Each series by the hour of a grid, but for its first hour, which changes are from."""
    level = _on_grid(said.filter(pl.col("hours") == 24), "score", grid)
    spike = _on_grid(said.filter(pl.col("hours") == 1), "zscore", grid)
    return {"level": level[1:], "shift": np.diff(level), "spike": spike[1:]}


def _prices(own: pl.DataFrame, grid: pl.Series) -> dict[str, Floats]:
    """Log return and Parkinson's volatility (1980) by the hour of a grid, but for its first."""
    close, high, low = (_on_grid(own, name, grid) for name in ("close", "high", "low"))
    with np.errstate(divide="ignore", invalid="ignore"):
        returns, spread = np.diff(np.log(close)), np.log(high / low)[1:] / (2 * np.sqrt(np.log(2)))
    return {
        "return": np.where(np.isfinite(returns), returns, np.nan),
        "volatility": np.where(np.isfinite(spread), spread, np.nan),
    }


def _on_grid(rows: pl.DataFrame, column: str, grid: pl.Series) -> Floats:
    values = grid.to_frame().join(rows.select("ts", column), on="ts", how="left", maintain_order="left")
    return values[column].cast(pl.Float64).to_numpy(allow_copy=True).astype(np.float64)


def _rows(figures: LagFigures, facts: dict[str, int | str]) -> pl.DataFrame:
    columns = {
        "lag": pl.Series(LAGS, dtype=pl.Int16),
        "pairs": pl.Series(figures.pairs, dtype=pl.Int32),
        "effective_n": figures.effective,
        "correlation": figures.correlation,
        "low": figures.low,
        "high": figures.high,
        "p": figures.p,
        "shuffled_best": np.full(len(LAGS), figures.best),
        "shuffled_share": figures.share,
    }
    return pl.DataFrame(columns).with_columns(
        **{name: pl.lit(value, CORRELATION_SCHEMA[name]) for name, value in facts.items()}
    )


def _judged(rows: pl.DataFrame, day: datetime, end: datetime) -> pl.DataFrame:
    """With q of all trials of the day, and what may be said."""
    p = rows["p"].to_numpy()
    whose = rows.select(pl.struct("instrument_id", "days", "against").rank("dense")).to_series().to_numpy()
    q = adjusted(p, whose.astype(np.int64))
    found, best = rows["correlation"].to_numpy(), rows["shuffled_best"].to_numpy()
    lags = rows["lag"].to_numpy().astype(np.int64)
    told = np.full(rows.height, "", dtype=object)
    for own in (np.flatnonzero(whose == each) for each in np.unique(whose)):
        told[own] = verdicts(found[own], q[own], best[own], lags[own])
    floats = [name for name, dtype in CORRELATION_SCHEMA.items() if dtype.is_float()]
    return (
        rows.with_columns(
            q=pl.Series(q),
            verdict=pl.Series(told.tolist(), dtype=pl.String),
            trials=pl.lit(int(np.sum(~np.isnan(p))), pl.Int32),
            ts=pl.lit(day).cast(CORRELATION_SCHEMA["ts"]),
            known_at=pl.lit(end).cast(CORRELATION_SCHEMA["known_at"]),
        )
        .with_columns(pl.col(floats).fill_nan(None))
        .select(CORRELATION_SCHEMA.names())
        .cast(CORRELATION_SCHEMA)
        .sort("instrument_id", "days", "series", "against", "lag")
    )
