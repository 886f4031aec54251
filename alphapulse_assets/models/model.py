"""What probabilities are made of and what they look like: schemas, versions, words. Pure.

A row is one piece of evidence (`patterns.events.evidence`): the confirmed, directed events of an instrument,
timeframe, bar, direction and shape, told by the surest of them.
"""

from hashlib import sha256
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alphapulse_assets.patterns.events.evidence import CHART, SHAPES
from alphapulse_resources.database.tables import Table

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LOGIC_VERSION: Final = 1
"""Bumped whenever the same rows and models would give other probabilities."""
FEATURES_VERSION: Final = 1
"""Bumped whenever the same rows would give other features: models of another version are not used."""
TRAINING_VERSION: Final = 1
"""Bumped whenever the same features and labels would give another model."""

SHAPE_NAMES: Final = tuple(sorted({*SHAPES.values(), CHART}))
"""In the order of the models' codes."""

_TIME: Final = pl.Datetime("us", "UTC")
IDENTITY: Final = ("instrument_id", "timeframe", "ts", "known_at", "direction", "shape")
NUMBERS: Final = (
    *("strength", "confidence", "reliability", "boosted", "coverage"),
    *("volume", "trend", "context", "history", "convergence"),
    *("volume_coverage", "trend_coverage", "context_coverage", "history_coverage", "convergence_coverage"),
)
"""Features that are columns of the event or of its confidence."""
REGIME_NUMBERS: Final = ("trend_slope", "volatility_percentile", "liquidity_percentile")

FEATURE_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),
        "ts": _TIME,  # open time of the bar at whose close the events were confirmed
        "known_at": _TIME,  # that close: everything here was known then
        "direction": pl.String(),  # bullish, bearish
        "shape": pl.String(),
        "family": pl.String(),  # of the event that stands for the group: the surest, then the strongest
        "pattern": pl.String(),
        "reference": pl.String(),
        "names": pl.Int64(),  # events in the group
        **dict.fromkeys(NUMBERS, pl.Float64()),
        "regime": pl.String(),  # trend of its timeframe: up, down, range
        **dict.fromkeys(REGIME_NUMBERS, pl.Float64()),
        "price": pl.Float64(),  # close of the bar: the entry
        "atr": pl.Float64(),  # of 14 bars
        "atr_share": pl.Float64(),  # ATR over price
        "cost_atr": pl.Float64(),  # what a round trip costs, in ATR
        "bar_move_atr": pl.Float64(),  # the bar's own move its way, close to close, in ATR
        "move_before_atr": pl.Float64(),  # the move its way of the MOVE_BARS bars before the bar, in ATR
        "breakout_atr": pl.Float64(),  # of chart patterns: the close beyond the breakout level, in ATR
        "target_atr": pl.Float64(),  # distance of the target, in ATR; null without one ahead
        "invalidation_atr": pl.Float64(),  # of the invalidation; null without one behind
        "hour": pl.Int64(),  # of known_at, UTC, 0..23
        "weekday": pl.Int64(),  # of known_at, Monday 1 .. Sunday 7
        "history_as_of": _TIME,  # as of when the success rates were that `history` rests on
    }
)
"""A row per piece of evidence, by known_at; null where something is not known."""

LABEL_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),
        "ts": _TIME,
        "direction": pl.String(),
        "shape": pl.String(),
        "horizon": pl.Int64(),  # bars
        "gross_return": pl.Float64(),  # its way, from the entry to the close `horizon` bars later, a fraction
        "net_return": pl.Float64(),  # less the costs of a round trip
        "is_right": pl.Boolean(),  # whether the net return is above 0
        "label_known_at": _TIME,  # close of the bar at the horizon: for purging
    }
)
"""A row per piece of evidence and horizon that is over."""

PROBABILITY_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),
        "ts": _TIME,
        "known_at": _TIME,
        "direction": pl.String(),
        "shape": pl.String(),
        "horizon": pl.Int64(),
        "family": pl.String(),
        "pattern": pl.String(),
        "reference": pl.String(),
        "names": pl.Int64(),
        "probability": pl.Float64(),  # that the return its way at the horizon exceeds the costs
        "probability_low": pl.Float64(),
        "probability_high": pl.Float64(),
        "move_probability": pl.Float64(),  # that the price moves by more than the costs, either way
        "break_even": pl.Float64(),  # share right at which wins pay for losses and costs; null without ATR
        "cost": pl.Float64(),  # of a round trip, a fraction of the notional
        "model_version": pl.String(),
        "trained_until": _TIME,  # nothing that became known later went into the model
    }
)

KEY: Final = ("instrument_id", "timeframe_id", "ts", "direction", "shape", "horizon")
EVENT_PROBABILITIES: Final = Table(
    "event_probabilities",
    (*KEY, "logic_version", "configuration_version"),
    (
        *("known_at", "family", "pattern", "reference", "names", "probability", "probability_low"),
        *("probability_high", "move_probability", "break_even", "cost", "model_version", "trained_until"),
    ),
    provenance=("created_at",),
    computed=True,
)

FROM_RATES: Final = "success-rates"
"""`model_version` where there is no model yet: the shrunk success rate known then, less what costs take."""

SKILL: Final = "demonstrated predictive value"
NO_SKILL: Final = "no demonstrated predictive value"
WORSE: Final = "worse than the base rate"
TOO_LITTLE: Final = "too little data"
VERDICTS: Final = (SKILL, NO_SKILL, WORSE, TOO_LITTLE)


def digest(*parts: Any) -> str:
    """SHA-256 of texts or bytes, in hexadecimal."""
    made = sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        made.update(len(data).to_bytes(8, "little") + data)
    return made.hexdigest()
