"""What is known of a piece of evidence at the moment it is known: one row, from rows of that close. Pure.

Every input is a row of the bar's own close or of an earlier one, so a row never changes as history goes on.
`features` is for frames, `features_of` for the events of one moment in a stream; both do the same arithmetic
in the same order, so they agree bit by bit.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse_assets.models.model import FEATURE_SCHEMA, NUMBERS, REGIME_NUMBERS
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.evidence import CHART, EVIDENCE, shape_column, shape_of
from alphapulse_assets.patterns.events.kinds import SIGNS
from alphapulse_assets.patterns.events.model import CONFIRMED, PatternEvent
from alphapulse_assets.patterns.events.model import IDENTITY as EVENT

MOVE_BARS: Final = 10
"""Bars before the bar whose move is looked at (ours; as the reversal candles' `move_before`)."""
CLOSES: Final = MOVE_BARS + 2
"""Closes that a row needs: the bar's own, the one before, and MOVE_BARS before that."""
_OF_CONFIDENCE: Final = (*(name for name in NUMBERS if name != "strength"), "history_as_of")
SEVEN_DIGITS: Final = tuple(name for name in NUMBERS if name != "confidence")
"""Rounded to single precision, as tables may keep them: so that a stream and what is stored say the same. The
confidence says which event stands for its group, and is left as it is."""
_REGIME: Final = ("trend", *REGIME_NUMBERS)


def features(
    events: pl.DataFrame,
    confidences: pl.DataFrame,
    regimes: pl.DataFrame,
    closes: pl.DataFrame,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """FEATURE_SCHEMA of one instrument and timeframe, by known_at, direction and shape.

    Args:
        events: PATTERN_EVENT_SCHEMA; forming and neutral ones, and those without a shape, are left out.
        confidences: CONFIDENCE_SCHEMA (more columns do not matter) of these events; an event without a row
            was not scored, and is left out.
        regimes: ts, trend, trend_slope and percentiles of the bars.
        closes: ts and close of the bars, sorted, from CLOSES - 1 before the first event's on.
        configuration: for the costs.
    """
    kept = events.filter(
        (pl.col("stage") == CONFIRMED) & pl.col("direction").is_in(["bullish", "bearish"])
    ).with_columns(shape_column())
    told = confidences.select(*EVENT, *_OF_CONFIDENCE)
    rows = kept.drop_nulls("shape").join(told, on=EVENT, how="inner", nulls_equal=True)
    # the surest stands for the group; where that says nothing the strongest, then the first by name
    rows = rows.sort(
        *EVIDENCE, "confidence", "strength", "family", "pattern", "reference",
        descending=[False] * len(EVIDENCE) + [True, True, False, False, False], nulls_last=True,
    )  # fmt: skip
    firsts = rows.group_by(EVIDENCE, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("names"), pl.all().first()
    )
    before = closes.select(
        "ts",
        pl.col("close").shift(1).alias("close_1"),
        pl.col("close").shift(CLOSES - 1).alias("close_n"),
    )
    beside = firsts.join(regimes.select("ts", *_REGIME), on="ts", how="left").join(
        before, on="ts", how="left"
    )
    return (
        beside.with_columns(
            pl.col("trend_right").alias("regime"),
            *(pl.col(name).cast(pl.Float32).cast(pl.Float64) for name in SEVEN_DIGITS),
            *_sizes(configuration.costs.round_trip),
        )
        .select(FEATURE_SCHEMA.names())
        .match_to_schema(FEATURE_SCHEMA)
        .sort("known_at", "direction", "shape")
    )


def _sizes(cost: float) -> Sequence[pl.Expr]:
    """Distances in ATR, and the clock."""
    sign = pl.col("direction").replace_strict(SIGNS, return_dtype=pl.Float64)
    price, atr = pl.col("price"), pl.col("atr")
    # levels of others than chart patterns follow from their bars, and are not stored
    drawn = pl.col("family") == CHART
    ahead = sign * (pl.col("target") - price) / atr
    behind = sign * (price - pl.col("invalidation")) / atr
    return (
        (atr / price).alias("atr_share"),
        (pl.lit(cost) * price / atr).alias("cost_atr"),
        (sign * (price - pl.col("close_1")) / atr).alias("bar_move_atr"),
        (sign * (pl.col("close_1") - pl.col("close_n")) / atr).alias("move_before_atr"),
        pl.when(drawn).then(sign * (price - pl.col("breakout_level")) / atr).alias("breakout_atr"),
        pl.when(drawn & (ahead > 0)).then(ahead).alias("target_atr"),
        pl.when(drawn & (behind > 0)).then(behind).alias("invalidation_atr"),
        pl.col("known_at").dt.hour().cast(pl.Int64).alias("hour"),
        pl.col("known_at").dt.weekday().cast(pl.Int64).alias("weekday"),
    )


def features_of(
    events: Sequence[PatternEvent],
    confidences: Sequence[Mapping[str, Any]],
    regimes: Mapping[str, Mapping[str, Any] | None],
    closes: Mapping[str, Sequence[float]],
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> list[dict[str, Any]]:
    """Rows of FEATURE_SCHEMA of one moment, as `features` has them, in the order of its groups.

    Args:
        events: of one `known_at`, any timeframes.
        confidences: their rows of CONFIDENCE_SCHEMA, any order.
        regimes: by timeframe the regime of the bar that closed, where it is known.
        closes: by timeframe the last closes up to that of the bar itself, the newest last.
        configuration: for the costs.
    """
    sure = {tuple(row[name] for name in EVENT): row for row in confidences}
    groups: dict[tuple[str, str, str], list[tuple[PatternEvent, Mapping[str, Any]]]] = {}
    for event in events:
        if event.stage != CONFIRMED or event.direction == "neutral":
            continue
        row = sure.get(tuple(getattr(event, name) for name in EVENT))
        if row is not None:
            key = event.timeframe, event.direction, shape_of(event.family, event.pattern)
            groups.setdefault(key, []).append((event, row))
    cost = configuration.costs.round_trip
    found = []
    for (timeframe, _, shape), members in sorted(groups.items()):
        event, row = min(members, key=_order)
        found.append(
            _row(event, row, shape, len(members), regimes.get(timeframe), closes.get(timeframe, ()), cost)
        )
    return found


def _order(member: tuple[PatternEvent, Mapping[str, Any]]) -> tuple[Any, ...]:
    """By which the first event of a group stands for it."""
    event, row = member
    sure = row["confidence"]
    return (
        *(sure is None, 0.0 if sure is None else -sure, -event.strength, event.family, event.pattern),
        *(event.reference is None, event.reference or ""),
    )


def _row(
    event: PatternEvent,
    sure: Mapping[str, Any],
    shape: str,
    names: int,
    regime: Mapping[str, Any] | None,
    closes: Sequence[float],
    cost: float,
) -> dict[str, Any]:
    sign, price, atr = float(SIGNS[event.direction]), event.price, event.atr
    close_1 = closes[-2] if len(closes) > 1 else None
    close_n = closes[-CLOSES] if len(closes) >= CLOSES else None

    def in_atr(higher: float | None, lower: float | None) -> float | None:
        return None if higher is None or lower is None or atr is None else sign * (higher - lower) / atr

    drawn = event.family == CHART
    ahead = in_atr(event.target, price) if drawn else None
    behind = in_atr(price, event.invalidation) if drawn else None
    return {
        **{name: getattr(event, name) for name in ("instrument_id", "timeframe", "ts", "known_at")},
        "direction": event.direction,
        "shape": shape,
        **{name: getattr(event, name) for name in ("family", "pattern", "reference")},
        "names": names,
        "strength": _rounded(event.strength),
        **{name: _rounded(sure[name]) for name in SEVEN_DIGITS if name != "strength"},
        **{name: sure[name] for name in ("confidence", "history_as_of")},
        "regime": None if regime is None else regime["trend"],
        **{name: None if regime is None else regime[name] for name in REGIME_NUMBERS},
        "price": price,
        "atr": atr,
        "atr_share": None if atr is None else atr / price,
        "cost_atr": None if atr is None else cost * price / atr,
        "bar_move_atr": in_atr(price, close_1),
        "move_before_atr": in_atr(close_1, close_n),
        "breakout_atr": in_atr(price, event.breakout_level) if drawn else None,
        "target_atr": ahead if ahead is not None and ahead > 0 else None,
        "invalidation_atr": behind if behind is not None and behind > 0 else None,
        "hour": event.known_at.hour,
        "weekday": event.known_at.isoweekday(),
    }


def _rounded(value: float | None) -> float | None:
    """To single precision."""
    return None if value is None else float(np.float32(value))
