"""How patterns did, with honest intervals, beside what random walks did. Pure.

A hit is a return the pattern's way at the horizon. Observations that hang together are taken as one: a
*cluster* is a stretch of time one horizon long, over all symbols (`volume.intervals`). Intervals are Wilson's
for shares, of clusters, and the cluster bootstrap's for means and medians.

Beside it stand the base rate (all patterns of that direction on that timeframe, whatever they are) and the
same pattern on random walks with the same volatility (`random_walk`), found and measured by the same code.
The base rate beside a regime is that of the patterns in this regime: where prices drift every pattern of the
drift's direction is right more often, which is no edge of any. The walks' figures are of all regimes: a walk
has no drift, whatever regime its last bars look like.

Above or below chance is said where the effect beyond walk and base rate has an interval on one side of 0
and a q up to `false_discovery` over all rows of the table (`power`), with `fewest_clusters` on both sides;
anything else is "no demonstrated edge". Both halves of the window stand beside it. The target rate has no
base rate; its verdict wants the two intervals apart.
"""

import math
import zlib
from datetime import datetime
from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse_assets.core.statistics import Interval, bootstrap, wilson
from alphapulse_assets.patterns.evaluation.failures import failures, hints, text
from alphapulse_assets.patterns.evaluation.performance_schema import PERFORMANCE_SCHEMA
from alphapulse_assets.patterns.evaluation.power import (
    ABOVE,
    BELOW,
    HALVES,
    NO_EDGE,
    decide,
    halved,
    halves,
    hit_share,
    standing,
)
from alphapulse_assets.patterns.evaluation.success import shrunk, usual_there
from alphapulse_assets.patterns.events.arrays import micros_of
from alphapulse_assets.patterns.events.configuration import DEFAULT, OutcomeRules, PatternConfiguration
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES

__all__ = ["ABOVE", "BELOW", "NO_EDGE", "PERFORMANCE_SCHEMA", "judged", "measured", "performance", "verdict"]

LOGIC_VERSION: Final = 2
"""Bumped whenever the same outcomes and configuration would give other figures."""

_KEYS: Final = ("timeframe", "family", "pattern", "direction", "horizon")


def performance(
    outcomes: pl.DataFrame,
    walk: pl.DataFrame,
    as_of: datetime,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """PERFORMANCE_SCHEMA from what was known at `as_of`, sorted: `measured`, `judged` as one table."""
    rows = measured(outcomes, walk, as_of, configuration=configuration)
    return judged(rows, as_of, configuration=configuration)


def measured(
    outcomes: pl.DataFrame,
    walk: pl.DataFrame,
    as_of: datetime,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> list[dict[str, Any]]:
    """Rows of PERFORMANCE_SCHEMA before they are judged, with the facts of their failures.

    Args:
        outcomes: PATTERN_OUTCOME_SCHEMA, any number of instruments and timeframes.
        walk: the same of patterns found on `random_walk.matched_walk` of the same candles.
        as_of: outcomes of either that were known later do not count.
        configuration: prior, level and thresholds.

    Raises:
        ValueError: a naive time.
    """
    if as_of.tzinfo is None:
        raise ValueError(f"{as_of} has no time zone; times are UTC and say so")
    rules = configuration.outcomes
    known = _known(outcomes, as_of)
    known, chance = halved(known, _known(walk, as_of))
    whole, *parts = (_bases(known), *(_bases(known.filter(pl.col("half") == half)) for half in HALVES))
    walks = {key: _walked(group, rules) for key, group in chance.partition_by(_KEYS, as_dict=True).items()}
    rows = []
    for key, group in known.partition_by(_KEYS, as_dict=True).items():
        names = dict(zip(_KEYS, key, strict=True))
        place = names["timeframe"], names["direction"], names["horizon"]
        bases = whole[place], *(part.get(place, {}) for part in parts)
        rows += _rows(group, {**names, **walks.get(key, _NO_WALK)}, bases, rules)
    return rows


def judged(
    rows: list[dict[str, Any]], as_of: datetime, *, configuration: PatternConfiguration = DEFAULT
) -> pl.DataFrame:
    """PERFORMANCE_SCHEMA of rows that were `measured`, of all timeframes of one table, sorted."""
    rules = configuration.outcomes
    decide(rows, rules)
    versions = {"configuration_version": configuration.version, "logic_version": LOGIC_VERSION}
    wholes = {tuple(row[name] for name in _KEYS): row for row in rows if row["regime"] is None}
    good: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        key = tuple(row[name] for name in _KEYS)
        if row["regime"] is not None and row["verdict"] == ABOVE != wholes[key]["verdict"]:
            good.setdefault(key, []).append(row["regime"])
    told = []
    for row in rows:
        regimes = good.get(tuple(row[name] for name in _KEYS), ()) if row["regime"] is None else ()
        hint = text(hints(row, row["facts"], regimes, rules))
        kept = {name: value for name, value in row.items() if name not in _SCRATCH}
        kept |= {"failures": text(row["facts"]), "hints": hint, "as_of": as_of, "comparisons": len(rows)}
        told.append({**kept, **versions})
    return pl.DataFrame(told, schema=PERFORMANCE_SCHEMA).sort(*_KEYS[:-1], "regime", "horizon")


def verdict(seen: Interval | None, chance: Interval | None, base_rate: float | None) -> str:
    """Whether an interval stands out from that of chance and from the base rate, where there is one."""
    if seen is None or chance is None:
        return NO_EDGE
    if seen.low > max(chance.high, chance.high if base_rate is None else base_rate):
        return ABOVE
    if seen.high < min(chance.low, chance.low if base_rate is None else base_rate):
        return BELOW
    return NO_EDGE


def _known(outcomes: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    lengths = {name: micros_of(name) for name in PATTERN_TIMEFRAMES}
    length = pl.col("timeframe").replace_strict(lengths, return_dtype=pl.Int64) * pl.col("horizon")
    return (
        outcomes.filter((pl.col("known_at") <= as_of) & pl.col("directed_pct").is_not_null())
        .with_columns((pl.col("confirmed_at").dt.epoch("us") // length).alias("cluster"))
        .sort(*_KEYS, "confirmed_at", "instrument_id", "reference", "regime")
    )


def _bases(known: pl.DataFrame) -> dict[tuple[Any, ...], dict[str | None, float]]:
    """By timeframe, direction and horizon: the hit rate of all patterns by regime, None for all regimes."""
    keys, hits = ("timeframe", "direction", "horizon"), (pl.col("directed_pct") > 0).mean()
    whole = known.group_by(keys).agg(hits)
    found: dict[tuple[Any, ...], dict[str | None, float]] = {
        tuple(key): {None: rate} for *key, rate in whole.iter_rows()
    }
    parts = known.drop_nulls("regime").group_by(*keys, "regime").agg(hits)
    for *key, regime, rate in parts.iter_rows():
        found[tuple(key)][regime] = rate
    return found


_Bases = tuple[dict[str | None, float], ...]
"""Base rates by regime: of the whole window, of its first and of its second half."""


def _rows(
    group: pl.DataFrame, names: dict[str, Any], bases: _Bases, rules: OutcomeRules
) -> list[dict[str, Any]]:
    """The row of all regimes, then one for each that is told."""
    base = bases[0]
    whole = _row(group, {**names, "regime": None, "base_rate": base[None]}, base[None], bases, rules)
    rows = []
    for (regime,), part in sorted(group.drop_nulls("regime").partition_by("regime", as_dict=True).items()):
        usual = min(max(usual_there(whole["shrunk_rate"], base[None], base[regime]), 0.0), 1.0)
        there = {**names, "regime": regime, "base_rate": base[regime]}
        rows.append(_row(part, there, usual, bases, rules))
    return [whole, *rows]


def _row(
    group: pl.DataFrame, names: dict[str, Any], usual: float, bases: _Bases, rules: OutcomeRules
) -> dict[str, Any]:
    hit, clusters = _hits(group, rules)
    target, target_clusters, ambiguous = _targets(group, rules)
    key = zlib.crc32("\0".join(str(names[name]) for name in (*_KEYS, "regime")).encode())
    row = {
        **names,
        "n": group.height,
        "clusters": clusters,
        "hit_rate": hit.value,
        "hit_low": hit.low,
        "hit_high": hit.high,
        "shrunk_rate": shrunk(hit.value, clusters, usual, rules.prior_strength),
        **_sizes(group, key, rules),
        "favourable_atr": group["favourable_atr"].mean(),
        "adverse_atr": group["adverse_atr"].mean(),
        "target_n": group["first_touch"].count(),
        "target_rate": None if target is None else target.value,
        "target_low": None if target is None else target.low,
        "target_high": None if target is None else target.high,
        "ambiguous": ambiguous,
    }
    enough = min(clusters, names["walk_clusters"]) >= rules.fewest_clusters
    row |= _power(group, names, bases, enough, rules)
    row["facts"] = failures(group, rules)
    enough = target_clusters >= rules.fewest_clusters <= names["walk_target_clusters"]
    chance = _interval(names, "walk_target") if enough else None
    row["target_verdict"] = None if target is None else verdict(target, chance, None)
    return row


def _power(
    group: pl.DataFrame, names: dict[str, Any], bases: _Bases, enough: bool, rules: OutcomeRules
) -> dict[str, Any]:
    """How it stands to chance, with a p where there are enough clusters, and in both halves."""
    seen, walk = hit_share(group), names["walk_share"]
    found = None if walk is None else standing(seen, walk, names["base_rate"], rules.level)
    return {
        "effect": found and found.effect.value,
        "effect_low": found and found.effect.low,
        "effect_high": found and found.effect.high,
        "cohens_h": found and found.cohens_h,
        "effective_n": seen.effective,
        "walk_effective_n": walk and walk.effective,
        "p_value": found.p if found is not None and enough else None,
        **halves(group, names["walk_halves"], [base.get(names["regime"]) for base in bases[1:]]),
    }


def _hits(group: pl.DataFrame, rules: OutcomeRules) -> tuple[Interval, int]:
    clusters = group["cluster"].n_unique()
    share: float = group.select((pl.col("directed_pct") > 0).mean()).item()
    return wilson(share, clusters, rules.level), clusters


def _targets(group: pl.DataFrame, rules: OutcomeRules) -> tuple[Interval | None, int, float | None]:
    """How often the target came first, of how many clusters, and how often bars could not tell."""
    fit = group.drop_nulls("first_touch")
    if not fit.height:
        return None, 0, None
    clusters = fit["cluster"].n_unique()
    share = fit.select((pl.col("first_touch") == "target").mean(), pl.col("ambiguous").mean()).row(0)
    return wilson(share[0], clusters, rules.level), clusters, share[1]


def _sizes(group: pl.DataFrame, key: int, rules: OutcomeRules) -> dict[str, float | None]:
    """Mean and median return in ATR with their bounds."""
    sized = group.drop_nulls("directed_atr")
    names = [f"{name}_atr{bound}" for name in ("mean", "median") for bound in ("", "_low", "_high")]
    if not sized.height:
        return dict.fromkeys(names)
    cluster = sized["cluster"].to_numpy()
    returns = sized["directed_atr"].to_numpy()
    if len(np.unique(cluster)) < rules.fewest_clusters:
        # so few tell nothing of their spread
        middle = {"mean_atr": math.fsum(returns) / len(returns), "median_atr": float(np.median(returns))}
        return dict.fromkeys(names) | middle
    found = bootstrap(returns, cluster, key=key, level=rules.level)
    values = [value for each in found for value in (each.value, each.low, each.high)]
    return dict(zip(names, values, strict=True))


def _walked(group: pl.DataFrame, rules: OutcomeRules) -> dict[str, Any]:
    hit, clusters = _hits(group, rules)
    target, target_clusters, _ = _targets(group, rules)
    return {
        "walk_n": group.height,
        "walk_clusters": clusters,
        "walk_rate": hit.value,
        "walk_low": hit.low,
        "walk_high": hit.high,
        "walk_mean_atr": group["directed_atr"].mean(),
        "walk_target_clusters": target_clusters,
        "walk_target_rate": None if target is None else target.value,
        "walk_target_low": None if target is None else target.low,
        "walk_target_high": None if target is None else target.high,
        "walk_facts": failures(group, rules),
        "walk_share": hit_share(group),
        "walk_halves": [
            group.select((pl.col("directed_pct") > 0).filter(pl.col("half") == half).mean()).item()
            for half in HALVES
        ],
    }


_NO_WALK: Final[dict[str, Any]] = {
    **dict.fromkeys(name for name in PERFORMANCE_SCHEMA if name.startswith("walk_")),
    "walk_n": 0,
    "walk_clusters": 0,
    "walk_target_clusters": 0,
    "walk_facts": None,
    "walk_share": None,
    "walk_halves": (None, None),
}
_SCRATCH: Final = frozenset({"facts", "walk_facts", "walk_share", "walk_halves"})
"""What rows carry until they are judged."""


def _interval(names: dict[str, Any], what: str) -> Interval | None:
    value = names[f"{what}_rate"]
    return None if value is None else Interval(value, names[f"{what}_low"], names[f"{what}_high"])
