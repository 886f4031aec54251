"""How often patterns succeeded, as known at a time, shrunk toward what is usual. Pure.

Success is a return the pattern's way at `OutcomeRules.history_horizon`. What followed patterns less than a
horizon apart is partly the same stretch of prices, so what counts as one observation is a *cluster*: the
stretch of time, one horizon long, that the confirmations fell into (as in `volume.intervals`).

The shrunk rate is the mean of the posterior of a beta-binomial model (Gelman et al., Bayesian Data
Analysis, 2.4): the prior is Beta(k b, k (1 - b)) with b the base rate and k = `prior_strength`
observations, the data are the clusters at the rate seen: (rate x clusters + k b) / (clusters + k). The base
rate of a pattern is that of all patterns of its direction on its timeframe, whatever they are, and within a
regime that of all of them in this regime: in a rising market every bullish pattern is right more often.

Within a regime the prior is at the pattern's own shrunk rate over all regimes, moved by what the regime does
to all patterns of its direction: b + (base rate of the regime - base rate of all), within 0..1. So a pattern
of which little is known there is taken to be as much better than usual as it is over all regimes, neither
more nor less for the drift.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, TypeVar

import polars as pl

from alphapulse_assets.core.statistics import wilson
from alphapulse_assets.patterns.events.arrays import micros_of
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.model import DAILY_DELAY, PATTERN_TIMEFRAMES, PatternEvent

LOGIC_VERSION: Final = 2
"""Bumped whenever the same outcomes and configuration would give other rates."""

SUCCESS_SCHEMA: Final = pl.Schema(
    {
        "as_of": pl.Datetime("us", "UTC"),  # only outcomes known by then count; known DAILY_DELAY later
        "timeframe": pl.String(),
        "family": pl.String(),
        "pattern": pl.String(),
        "direction": pl.String(),
        "regime": pl.String(),  # null: all of them
        "horizon": pl.Int64(),  # bars
        "n": pl.Int64(),
        "clusters": pl.Int64(),
        "rate": pl.Float64(),  # of successes
        "low": pl.Float64(),  # Wilson, of the clusters
        "high": pl.Float64(),
        "base_rate": pl.Float64(),  # of all patterns of this direction, timeframe and, if told, regime
        "shrunk_rate": pl.Float64(),
        "excess": pl.Float64(),  # shrunk_rate less base_rate: what confidence and reliability use
        "configuration_version": pl.Int64(),
        "logic_version": pl.Int64(),
    }
)
"""A row per pattern, direction, timeframe and regime, and one for all regimes."""

COUNT_SCHEMA: Final = pl.Schema(
    {
        "timeframe": pl.String(),
        "family": pl.String(),
        "pattern": pl.String(),
        "direction": pl.String(),
        "regime": pl.String(),
        "stretch": pl.Int64(),  # number of the stretch of time, one horizon long, of the confirmation
        "place": pl.Int64(),  # of the first of the times by which the outcomes were known
        "n": pl.Int64(),
        "right": pl.Int64(),  # successes among them
    }
)
"""Outcomes counted: all that rates over many instruments and days need to know of them."""

_Number = TypeVar("_Number", float, pl.Expr)
_KEYS: Final = ("timeframe", "family", "pattern", "direction")


def success(
    outcomes: pl.DataFrame, as_of: datetime, *, configuration: PatternConfiguration = DEFAULT
) -> pl.DataFrame:
    """SUCCESS_SCHEMA from the outcomes known at `as_of` (PATTERN_OUTCOME_SCHEMA, any number of instruments).

    Raises:
        ValueError: a naive time.
    """
    horizon = configuration.outcomes.history_horizon
    known = outcomes.filter(
        (pl.col("known_at") <= _aware(as_of))
        & (pl.col("horizon") == horizon)
        & pl.col("directed_pct").is_not_null()
    ).select(
        *_KEYS,
        "regime",
        _stretch(horizon).alias("stretch"),
        pl.lit(0, dtype=pl.Int64).alias("place"),
        pl.lit(1, dtype=pl.Int64).alias("n"),
        (pl.col("directed_pct") > 0).cast(pl.Int64).alias("right"),
    )
    return success_history(known, [as_of], configuration=configuration)


def success_history(
    counts: pl.DataFrame, times: Sequence[datetime], *, configuration: PatternConfiguration = DEFAULT
) -> pl.DataFrame:
    """SUCCESS_SCHEMA as of each of these times: what `success` says at each, in one pass.

    Args:
        counts: COUNT_SCHEMA: outcomes at `history_horizon`, counted; any number of rows of the same keys.
        times: rising.
        configuration: horizon, prior and level.

    Raises:
        ValueError: a naive time, or times that do not rise.
    """
    if any(later <= time for time, later in pairwise(map(_aware, times))):
        raise ValueError("the times of success rates do not rise")
    rules = configuration.outcomes
    whole = _cumulated(counts, _KEYS, len(times))
    whole = _with_base(whole, ("timeframe", "direction", "place"))
    whole = whole.with_columns(_prior(pl.col("base_rate"), rules.prior_strength).alias("shrunk_rate"))
    parts = _cumulated(counts.drop_nulls("regime"), (*_KEYS, "regime"), len(times))
    parts = _with_base(parts, ("timeframe", "direction", "regime", "place")).join(
        whole.select(*_KEYS, "place", pl.col("base_rate", "shrunk_rate").name.suffix("_of_all")),
        on=[*_KEYS, "place"],
    )
    usual = usual_there(pl.col("shrunk_rate_of_all"), pl.col("base_rate_of_all"), pl.col("base_rate"))
    parts = parts.with_columns(_prior(usual.clip(0.0, 1.0), rules.prior_strength).alias("shrunk_rate"))
    table = pl.concat(
        [whole.with_columns(pl.lit(None, dtype=pl.String()).alias("regime")), parts], how="diagonal"
    )
    bounds = [wilson(rate, n, rules.level) for rate, n in table.select("rate", "clusters").iter_rows()]
    moments = pl.Series(list(times), dtype=pl.Datetime("us", "UTC"))
    return (
        table.with_columns(
            moments.gather(table["place"]).alias("as_of"),
            pl.lit(rules.history_horizon, dtype=pl.Int64).alias("horizon"),
            pl.Series("low", [bound.low for bound in bounds], dtype=pl.Float64),
            pl.Series("high", [bound.high for bound in bounds], dtype=pl.Float64),
            (pl.col("shrunk_rate") - pl.col("base_rate")).alias("excess"),
            pl.lit(configuration.version, dtype=pl.Int64).alias("configuration_version"),
            pl.lit(LOGIC_VERSION, dtype=pl.Int64).alias("logic_version"),
        )
        .select(SUCCESS_SCHEMA.names())
        .match_to_schema(SUCCESS_SCHEMA)
        .sort("as_of", *_KEYS, "regime")
    )


def shrunk(rate: _Number, observations: _Number, base: _Number, strength: float) -> _Number:
    """The posterior mean of a rate seen in so many observations, with a prior worth `strength` of them."""
    return (rate * observations + strength * base) / (observations + strength)


def usual_there(own: _Number, base: _Number, base_there: _Number) -> _Number:
    """A pattern's own rate over all regimes, moved by what a regime does to all patterns; not yet in 0..1."""
    return own + (base_there - base)


class SuccessTable:
    """What `success` knew at one time, for look-ups bar by bar."""

    def __init__(self, table: pl.DataFrame) -> None:
        """`table`: SUCCESS_SCHEMA of one `as_of` (or no rows: nothing is known).

        Raises:
            ValueError: several times.
        """
        times = table["as_of"].unique().to_list()
        if len(times) > 1:
            raise ValueError(f"success rates as of {len(times)} times; a table is of one")
        self.as_of: datetime | None = times[0] if times else None
        self.known_at: datetime | None = self.as_of + DAILY_DELAY if self.as_of else None
        self._excess = {
            tuple(key): excess for *key, excess in table.select(*_KEYS, "regime", "excess").iter_rows()
        }
        self._rates = {
            tuple(key): (rate, clusters)
            for *key, rate, clusters in table.select(*_KEYS, "regime", "shrunk_rate", "clusters").iter_rows()
        }

    def excess(self, event: PatternEvent, regime: str | None) -> float | None:
        """Of the event's pattern in the regime, else of all regimes; None where nothing is known."""
        key = (event.timeframe, event.family, event.pattern, event.direction)
        found: float | None = self._excess.get((*key, regime))
        return self._excess.get((*key, None)) if found is None else found

    def rate(
        self, timeframe: str, family: str, pattern: str, direction: str, regime: str | None
    ) -> tuple[float, int] | None:
        """Shrunk rate and clusters of a pattern in the regime, else in all; None where nothing is known."""
        key = (timeframe, family, pattern, direction)
        return self._rates.get((*key, regime)) or self._rates.get((*key, None))


def _stretch(horizon: int) -> pl.Expr:
    lengths = {name: micros_of(name) * horizon for name in PATTERN_TIMEFRAMES}
    length = pl.col("timeframe").replace_strict(lengths, return_dtype=pl.Int64)
    return pl.col("confirmed_at").dt.epoch("us") // length


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; times are UTC and say so")
    return moment


def _cumulated(counts: pl.DataFrame, keys: Sequence[str], places: int) -> pl.DataFrame:
    """Outcomes, successes and stretches up to each place, from a key's first one on."""
    first = counts.group_by(*keys, "stretch").agg(pl.col("place").min())
    clusters = first.group_by(*keys, "place").agg(pl.len().cast(pl.Int64).alias("clusters"))
    added = counts.group_by(*keys, "place").agg(pl.col("n", "right").sum())
    every = added.select(keys).unique().join(pl.DataFrame({"place": range(places)}), how="cross")
    summed = ("n", "right", "clusters")
    return (
        every.join(added, on=[*keys, "place"], how="left")
        .join(clusters, on=[*keys, "place"], how="left")
        .sort(*keys, "place")
        .with_columns(pl.col(name).fill_null(0).cum_sum().over(keys) for name in summed)
        .filter(pl.col("n") > 0)
        .with_columns((pl.col("right") / pl.col("n")).alias("rate"))
    )


def _with_base(cumulated: pl.DataFrame, alike: Sequence[str]) -> pl.DataFrame:
    """Beside each row the rate of all patterns that share these keys, as known at its place."""
    base = cumulated.group_by(alike).agg((pl.col("right").sum() / pl.col("n").sum()).alias("base_rate"))
    return cumulated.join(base, on=alike)


def _prior(base: pl.Expr, strength: float) -> pl.Expr:
    return shrunk(pl.col("rate"), pl.col("clusters"), base, strength)
