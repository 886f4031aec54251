"""How often scores were right at each of their levels, beside the same on random walks. Pure.

A score that ranks has to be right more often where it is higher. Whether it is follows from the trend of the
share right over its levels (Cochran 1954, Armitage 1955), with the variance of clusters: outcomes of one
stretch of time are one observation (`core.proportions`). A score that claims to be a probability has to be
right as often as it says; `predicted` stands beside the share right for that (reliability diagram, Murphy &
Winkler 1977). Random walks say what chance and the mechanics of scoring make of both.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl

from alphapulse_assets.core.proportions import Trend, trend
from alphapulse_assets.core.statistics import bootstrap_mean, wilson
from alphapulse_assets.patterns.calibration.model import CALIBRATION_SCHEMA, LOGIC_VERSION
from alphapulse_assets.patterns.calibration.notes import note
from alphapulse_assets.patterns.calibration.pieces import Condensed, deciles, pieces
from alphapulse_assets.patterns.calibration.scores import SCORES, Score
from alphapulse_assets.patterns.events.configuration import DEFAULT, OutcomeRules, PatternConfiguration


def calibration(
    real: Condensed,
    walk: Condensed,
    as_of: datetime,
    *,
    scores: Sequence[Score] = SCORES,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """CALIBRATION_SCHEMA from what was known at `as_of`, sorted. A score whose column
    is not there is left out. `real` and `walk`: what `pieces.condensed` gives, of any number of instruments.

    Raises:
        ValueError: a naive time.
    """
    if as_of.tzinfo is None:
        raise ValueError(f"{as_of} has no time zone; times are UTC and say so")
    seen, chance = _known(real, as_of), _known(walk, as_of)
    rows = [
        row
        for score in scores
        if score.column in seen[0].columns
        for row in _of_score(score, seen, chance, configuration)
    ]
    versions = {"configuration_version": configuration.version, "logic_version": LOGIC_VERSION}
    told = [{**row, "as_of": as_of, **versions} for row in rows]
    return pl.DataFrame(told, schema=CALIBRATION_SCHEMA).sort("timeframe", "score", "horizon", "place")


def _known(told: Condensed, as_of: datetime) -> Condensed:
    scores, came = told
    return scores, came.filter(pl.col("known_at") <= as_of)


def _of_score(
    score: Score, real: Condensed, walk: Condensed, configuration: PatternConfiguration
) -> list[dict[str, Any]]:
    rows = []
    for (timeframe,), mine in sorted(real[0].partition_by("timeframe", as_dict=True).items()):
        cuts = deciles(score, mine)
        seen = pieces(score, mine, real[1], cuts)
        there = walk[0].filter(pl.col("timeframe") == timeframe)
        chance = pieces(score, there, walk[1], cuts) if score.column in there.columns else seen.clear()
        walks = chance.partition_by("horizon", as_dict=True)
        for key, group in sorted(seen.partition_by("horizon", as_dict=True).items()):
            beside = walks.get(key, chance.clear())
            names = {"timeframe": timeframe, "score": score.name, "horizon": key[0]}
            rows += _levels(score, names, group, beside, configuration)
    return rows


def _levels(
    score: Score,
    names: dict[str, Any],
    group: pl.DataFrame,
    walk: pl.DataFrame,
    configuration: PatternConfiguration,
) -> list[dict[str, Any]]:
    """A row per level, each with what all levels together say."""
    costs, rules = configuration.costs.round_trip * 100, configuration.outcomes
    walks = {place: part for (place,), part in walk.partition_by("place", as_dict=True).items()}
    rows: list[dict[str, Any]] = []
    for (place,), part in sorted(group.partition_by("place", as_dict=True).items()):
        mean = _mean(part["value"])
        row = {**names, "level": part["level"][0], "place": place, "mean_score": mean}
        row["predicted"] = mean if score.probability else None
        rows.append(row | _seen(row, part, costs, rules) | _chance(walks.get(place), costs, rules))
    told = _trend(group, rules) if _enough(rows, rules) else None
    beside = _trend(walk, rules)
    shared = {
        "base_rate": _mean(group["directed_pct"] > 0),
        "slope": told and told.slope.value,
        "slope_low": told and told.slope.low,
        "slope_high": told and told.slope.high,
        "trend_p": told and told.p,
        "increasing": None if told is None else told.slope.low > 0,
        "walk_slope": beside and beside.slope.value,
        "walk_trend_p": beside and beside.p,
    }
    return [{**row, **shared, "note": note(score, names, rows, told)} for row in rows]


def _seen(row: dict[str, Any], part: pl.DataFrame, costs: float, rules: OutcomeRules) -> dict[str, Any]:
    clusters = part["cluster"].n_unique()
    right = wilson(_mean(part["directed_pct"] > 0), clusters, rules.level)
    paid = wilson(_mean(part["directed_pct"] > costs), clusters, rules.level)
    size = _size(row, part, rules)
    return {
        **{"n": int(part["names"].sum()), "evidence": part.height, "clusters": clusters},
        **{"right_share": right.value, "right_low": right.low, "right_high": right.high},
        **{"paid_share": paid.value, "paid_low": paid.low, "paid_high": paid.high},
        **{"mean_atr": size[0], "mean_atr_low": size[1], "mean_atr_high": size[2]},
    }


def _size(
    row: dict[str, Any], part: pl.DataFrame, rules: OutcomeRules
) -> tuple[float | None, float | None, float | None]:
    """Mean return in ATR; with its bounds where there are enough clusters."""
    sized = part.drop_nulls("directed_atr")
    if not sized.height:
        return None, None, None
    if sized["cluster"].n_unique() < rules.fewest_clusters:
        return _mean(sized["directed_atr"]), None, None
    key = zlib.crc32(
        "\0".join(str(row[name]) for name in ("timeframe", "score", "horizon", "level")).encode()
    )
    values, clusters = sized["directed_atr"].to_numpy(), sized["cluster"].to_numpy()
    found = bootstrap_mean(values, clusters, key=key, level=rules.level)
    return found.value, found.low, found.high


def _chance(part: pl.DataFrame | None, costs: float, rules: OutcomeRules) -> dict[str, Any]:
    if part is None or not part.height:
        untold = ("walk_right", "walk_low", "walk_high", "walk_paid", "walk_mean_atr")
        return {"walk_evidence": 0, "walk_clusters": 0, **dict.fromkeys(untold)}
    clusters = part["cluster"].n_unique()
    right = wilson(_mean(part["directed_pct"] > 0), clusters, rules.level)
    return {
        **{"walk_evidence": part.height, "walk_clusters": clusters},
        **{"walk_right": right.value, "walk_low": right.low, "walk_high": right.high},
        **{"walk_paid": _mean(part["directed_pct"] > costs), "walk_mean_atr": part["directed_atr"].mean()},
    }


def _enough(rows: Sequence[dict[str, Any]], rules: OutcomeRules) -> bool:
    told = [row for row in rows if row["place"] > 0 and row["clusters"] >= rules.fewest_clusters]
    return len(told) > 1


def _trend(group: pl.DataFrame, rules: OutcomeRules) -> Trend | None:
    levelled = group.filter(pl.col("place") > 0)
    hits = (levelled["directed_pct"] > 0).cast(pl.Float64).to_numpy()
    places = levelled["place"].cast(pl.Float64).to_numpy()
    return trend(hits, places, levelled["cluster"].to_numpy(), rules.level)


def _mean(values: pl.Series) -> float:
    return float(values.mean())  # type: ignore[arg-type]  # numbers, at least one
