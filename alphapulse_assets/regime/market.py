"""The regime of the market: what most of its quote volume is in."""

from datetime import timedelta
from typing import Final

import polars as pl

from alphapulse_assets.core.timeframes import bar_length

MARKET_SCHEMA: Final = pl.Schema(
    {
        "ts": pl.Datetime("us", "UTC"),  # open time of the symbols' bars; known at their close
        "symbols": pl.Int64(),  # with a bar and a weight
        "trend": pl.String(),
        "trend_share": pl.Float64(),  # of the weight that has a trend; 0 to 1
        "volatility": pl.String(),
        "volatility_share": pl.Float64(),
        "liquidity": pl.String(),
        "liquidity_share": pl.Float64(),
        "btc_dominance": pl.Float64(),  # as it was given; null where none was known
        "dominance_provider": pl.String(),  # who gave it
    }
)

DOMINANCE_SCHEMA: Final = pl.Schema(
    {"provider": pl.String(), "known_at": pl.Datetime("us", "UTC"), "btc_dominance": pl.Float64()}
)
"""Bitcoin's share of the market's value, who says so, and since when it was known."""

PROVIDERS: Final = ("coingecko", "coinmarketcap")
"""Whose figures are taken: a bar has that of the first that told one, never a mixture."""

DOMINANCE_AGE: Final = timedelta(days=3)
"""How old a figure may be to stand beside a bar (ours)."""

_ORDER: Final = {"range": 0, "normal": 0}
"""The middle wins a tie, then the first label by the alphabet."""


def market_regime(
    regimes: pl.DataFrame, timeframe: str, dominance: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The market at each open time: MARKET_SCHEMA, sorted by ts.

    `regimes`: rows of REGIME_SCHEMA of many instruments at one timeframe, with `instrument_id`. Each weighs
    its `quote_volume_mean`, so all should be quoted in one currency (or dollars of about equal worth);
    those without weight do not count. The label with the most weight wins, alone or not by much: the share
    says. It is row by row, without memory. `dominance`: DOMINANCE_SCHEMA; a bar gets the last figure of the
    first of PROVIDERS that was known at its close and is no older than DOMINANCE_AGE.

    Raises:
        ValueError: unknown timeframe, or an instrument that occurs twice at one time.
    """
    close = bar_length(timeframe)
    weighed = regimes.filter(pl.col("quote_volume_mean") > 0).sort("ts", "instrument_id")
    twice = weighed.select("ts", "instrument_id").is_duplicated()
    if twice.any():
        first = weighed.filter(twice).row(0, named=True)
        raise ValueError(f"instrument {first['instrument_id']} occurs twice at {first['ts']}")
    found = weighed.group_by("ts", maintain_order=True).agg(pl.len().cast(pl.Int64).alias("symbols"))
    for name in ("trend", "volatility", "liquidity"):
        found = found.join(_majority(weighed, name), on="ts", how="left", maintain_order="left")
    return _with_dominance(found, close, dominance).match_to_schema(MARKET_SCHEMA)


def _majority(weighed: pl.DataFrame, name: str) -> pl.DataFrame:
    """Per time the label with the most weight, and its share."""
    tie = pl.col(name).replace_strict(_ORDER, default=1, return_dtype=pl.Int8)
    sums = (
        weighed.drop_nulls(name)
        .group_by("ts", name, maintain_order=True)
        .agg(pl.col("quote_volume_mean").sum().alias("weight"))
        .with_columns((pl.col("weight") / pl.col("weight").sum().over("ts")).alias(f"{name}_share"))
    )
    best = sums.sort(pl.col("ts"), -pl.col("weight"), tie, pl.col(name))
    return best.group_by("ts", maintain_order=True).first().select("ts", name, f"{name}_share")


def _with_dominance(found: pl.DataFrame, close: timedelta, dominance: pl.DataFrame | None) -> pl.DataFrame:
    told = DOMINANCE_SCHEMA.to_frame() if dominance is None else dominance
    known = told.select(DOMINANCE_SCHEMA.names()).drop_nulls().sort("known_at")
    rows = found.with_columns((pl.col("ts") + close).alias("known_at"))
    names = []
    for provider in PROVIDERS:
        mine = known.filter(pl.col("provider") == provider).select(
            "known_at", pl.col("btc_dominance").alias(provider)
        )
        rows = rows.join_asof(mine, on="known_at", strategy="backward", tolerance=DOMINANCE_AGE)
        names.append(pl.when(pl.col(provider).is_not_null()).then(pl.lit(provider)))
    return rows.with_columns(
        pl.coalesce(PROVIDERS).alias("btc_dominance"), pl.coalesce(names).alias("dominance_provider")
    ).drop("known_at", *PROVIDERS)
