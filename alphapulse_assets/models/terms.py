"""The numbers that models read of a row of features, in one order, for frames and for single rows. Pure.

What is not known is NaN. Only +, -, x and comparisons are used, so that both ways agree bit by bit.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse_assets.models.model import FEATURE_SCHEMA, FEATURES_VERSION, SHAPE_NAMES, Floats, digest
from alphapulse_assets.patterns.events.kinds import SIGNS
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES

_AS_THEY_ARE: Final = (
    *("names", "strength", "volume", "trend", "context", "history", "convergence", "coverage"),
    *("volatility_percentile", "liquidity_percentile", "atr_share", "cost_atr", "bar_move_atr"),
    *("move_before_atr", "breakout_atr", "target_atr", "invalidation_atr", "hour", "weekday"),
)
TERMS: Final = ("sign", "place", "shape", "regime_with", "slope_with", *_AS_THEY_ARE)
"""sign: 1 bullish, -1 bearish. place: of the timeframe in the hierarchy. shape: its place in SHAPE_NAMES.
regime_with: 1 in a trend its way, -1 in one against it, 0 in a range. slope_with: slope of the trend its
way. The others are the features of that name."""

AT: Final = {name: place for place, name in enumerate(TERMS)}
_TREND: Final = {"up": 1.0, "range": 0.0, "down": -1.0}
_PLACES: Final = {name: float(place) for place, name in enumerate(PATTERN_TIMEFRAMES)}
_SHAPES: Final = {name: float(place) for place, name in enumerate(SHAPE_NAMES)}
_SIGNS: Final = {name: float(sign) for name, sign in SIGNS.items()}


def terms(features: pl.DataFrame) -> Floats:
    """A row of TERMS for each row of FEATURE_SCHEMA."""

    def coded(name: str, codes: Mapping[str, float]) -> pl.Expr:
        return pl.col(name).replace_strict(codes, default=None, return_dtype=pl.Float64)

    sign = coded("direction", _SIGNS)
    chosen = features.select(
        sign.alias("sign"),
        coded("timeframe", _PLACES).alias("place"),
        coded("shape", _SHAPES).alias("shape"),
        (sign * coded("regime", _TREND)).alias("regime_with"),
        (sign * pl.col("trend_slope")).alias("slope_with"),
        *(pl.col(name).cast(pl.Float64) for name in _AS_THEY_ARE),
    )
    return np.ascontiguousarray(chosen.fill_null(math.nan).to_numpy(), dtype=np.float64)


def terms_of(rows: Sequence[Mapping[str, Any]]) -> Floats:
    """The same of rows by name."""
    made = np.empty((len(rows), len(TERMS)))
    for i, row in enumerate(rows):
        sign = _SIGNS[row["direction"]]
        regime, slope = row["regime"], row["trend_slope"]
        made[i, 0], made[i, 1], made[i, 2] = sign, _PLACES[row["timeframe"]], _SHAPES[row["shape"]]
        made[i, 3] = math.nan if regime is None else sign * _TREND[regime]
        made[i, 4] = math.nan if slope is None else sign * slope
        made[i, 5:] = [math.nan if (value := row[name]) is None else value for name in _AS_THEY_ARE]
    return made


def features_digest() -> str:
    """What the features are: names, types, version and terms; a model of others is refused."""
    columns = ",".join(f"{name}:{kind}" for name, kind in FEATURE_SCHEMA.items())
    return digest(columns, ",".join(TERMS), ",".join(SHAPE_NAMES), FEATURES_VERSION)
