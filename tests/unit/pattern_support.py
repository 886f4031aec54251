"""Pattern events for the tests of what is made of them: hand-made ones and many at random."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from hypothesis import strategies as st

from alphapulse_assets.patterns.events.model import ORDER, PATTERN_EVENT_SCHEMA, PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.scoring.context import CONTEXT_SCHEMA
from alphapulse_resources.frames import TIMEFRAMES as LENGTHS

START: Final = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday: bars of all timeframes begin there
_NAMES: Final = {
    "candlestick": ("engulfing", "hammer", "harami"),
    "chart": ("double_top", "triangle"),
    "volume": ("climax", "spike"),
}
_NATURES: Final = (None, "breakout", "continuation", "indecision", "reversal")


def event(timeframe: str = "1h", bar: int = 0, **changed: Any) -> dict[str, Any]:
    """A bullish hammer at a bar, counted from START, or what is said otherwise."""
    ts = START + bar * LENGTHS[timeframe]
    return {
        "instrument_id": 1,
        "timeframe": timeframe,
        "ts": ts,
        "known_at": ts + LENGTHS[timeframe],
        "family": "candlestick",
        "pattern": "hammer",
        "nature": "reversal",
        "direction": "bullish",
        "stage": "complete",
        "strength": 50.0,
        "price": 100.0,
        "breakout_level": None,
        "target": None,
        "invalidation": None,
        "atr": 2.0,
        "reference": None,
        "logic_version": 1,
    } | changed


def event_frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """These events, in ORDER."""
    return pl.DataFrame(rows, schema=PATTERN_EVENT_SCHEMA).sort(ORDER)


def context_row(timeframe: str = "1h", bar: int = 0, **changed: Any) -> dict[str, Any]:
    """A bar of which nothing is known but what is said."""
    ts = START + bar * LENGTHS[timeframe]
    return {**dict.fromkeys(CONTEXT_SCHEMA), "timeframe": timeframe, "ts": ts} | changed


def context_frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """These rows of context."""
    return pl.DataFrame(rows, schema=CONTEXT_SCHEMA)


def mirrored(events: pl.DataFrame, about: float = 1_000.0) -> pl.DataFrame:
    """The same events with prices turned round: bullish is bearish."""
    turned = {"bullish": "bearish", "bearish": "bullish", "neutral": "neutral"}
    return events.with_columns(
        pl.col("direction").replace_strict(turned),
        *(
            (about - pl.col(name)).alias(name)
            for name in ("price", "breakout_level", "target", "invalidation")
        ),
    ).sort(ORDER)


def mirrored_context(context: pl.DataFrame) -> pl.DataFrame:
    """What is known beside them, turned round too."""
    names = ("change", "trend", "higher_trend", "market_trend", "sentiment")
    turned = pl.col("regime").replace({"up": "down", "down": "up"})
    return context.with_columns(*(-pl.col(name) for name in names), turned)


@st.composite
def scenes(draw: st.DrawFn, most: int = 60) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events of one instrument within some hours of all timeframes, and the context of most of their bars."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = [_random_event(random) for _ in range(draw(st.integers(1, most)))]
    # what a chart pattern ends with is a row of its own, later or at once
    rows += [ended for row in rows if row["reference"] for ended in _ending(random, row)]
    frame = pl.DataFrame(rows, schema=PATTERN_EVENT_SCHEMA)
    keys = ["timeframe", "ts", "family", "pattern", "direction", "stage", "reference"]
    frame = frame.unique(keys, keep="first", maintain_order=True).sort(ORDER)
    bars = frame.select("timeframe", "ts").unique(maintain_order=True)
    known = [
        _random_context(random, timeframe, ts) for timeframe, ts in bars.iter_rows() if random.random() < 0.9
    ]
    return frame, pl.DataFrame(known, schema=CONTEXT_SCHEMA)


def _random_event(random: np.random.Generator) -> dict[str, Any]:
    timeframe = PATTERN_TIMEFRAMES[int(random.choice(7, p=(0.25, 0.2, 0.2, 0.15, 0.1, 0.06, 0.04)))]
    hours = 14 if LENGTHS[timeframe] < timedelta(days=1) else 24 * 14
    bars = max(timedelta(hours=hours) // LENGTHS[timeframe], 1)
    # of short bars the last ones only, so that patterns meet
    bar = int(random.integers(max(bars - 40, 0), bars))
    family = str(random.choice(list(_NAMES)))
    price, atr = 100.0 + random.normal(0, 3), float(random.uniform(0.5, 3))
    sign = int(random.choice((-1, 0, 1), p=(0.45, 0.1, 0.45)))
    levels: dict[str, Any] = {}
    if family != "chart" and sign and random.random() < 0.9:
        levels = {"invalidation": price - sign * random.uniform(-0.2, 4.5) * atr}
    if family == "chart":
        levels = {
            "breakout_level": price - sign * 0.1 * atr,
            "target": price + sign * random.uniform(-0.5, 8) * atr,
            "invalidation": price - sign * random.uniform(-0.5, 6) * atr,
            "reference": f"pattern {random.integers(0, 2**62)}",  # of one life only
        }
    return event(
        timeframe,
        bar,
        family=family,
        pattern=str(random.choice(_NAMES[family])),
        nature=_NATURES[int(random.integers(0, 5))],
        direction=("bearish", "neutral", "bullish")[sign + 1],
        stage="forming" if family == "chart" and random.random() < 0.2 else "complete",
        strength=float(random.choice((0.0, 25.0, 50.0, 80.0, 100.0))),
        price=price,
        atr=atr if random.random() < 0.9 else None,
        **levels,
    )


def _ending(random: np.random.Generator, row: dict[str, Any]) -> list[dict[str, Any]]:
    if random.random() < 0.5:
        return []
    later = int(random.integers(0, 8)) * LENGTHS[row["timeframe"]]
    stage = str(random.choice(("failed", "target_met", "expired")))
    return [row | {"stage": stage, "ts": row["ts"] + later, "known_at": row["known_at"] + later}]


def _random_context(random: np.random.Generator, timeframe: str, ts: datetime) -> dict[str, Any]:
    def maybe(value: float) -> float | None:
        return value if random.random() < 0.85 else None

    return {
        "timeframe": timeframe,
        "ts": ts,
        "volume_ratio": maybe(float(random.lognormal(0.5, 0.7))),
        "change": maybe(float(random.normal(0, 2))),
        "trend": maybe(float(random.uniform(-1, 1))),
        "higher_trend": maybe(float(random.uniform(-1, 1))),
        "volatility_percentile": maybe(float(random.random())),
        "liquidity_percentile": maybe(float(random.random())),
        "market_trend": maybe(float(random.uniform(-1, 1))),
        "sentiment": None,
        "regime": (None, "up", "down", "range")[int(random.integers(0, 4))],
    }
