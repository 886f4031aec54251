"""What price did after the stored patterns of a venue: read, summarised, written."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.regime.rules import LOGIC_VERSION as REGIME_VERSION
from alphapulse_assets.volume.definitions import LOGIC_VERSION as PATTERN_VERSION
from alphapulse_assets.volume.reactions import ATR_BARS, LOGIC_VERSION, outcomes, reactions, summarise
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore, Subject
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written

SAMPLE_BARS: Final = 20_000
"""Newest bars of each symbol and timeframe that are looked at: two weeks of 1m, two years of 1h (ours).

It bounds memory (some 60 bytes a bar and horizon), and old minutes tell little of the present market.
"""

GROUPINGS: Final = (
    ("pattern", "direction"),
    ("pattern", "direction", "strength"),
    ("pattern", "direction", "regime"),
)
"""What is told apart; strength and regime together would leave too few of each (ours)."""

_TIME: Final = pl.Datetime("us", "UTC")
ALL: Final = "all"
UNKNOWN: Final = "unknown"

_KEY: Final = (
    *(
        "venue",
        "ts",
        "timeframe_id",
        "pattern",
        "direction",
        "strength",
        "regime",
        "horizon",
        "logic_version",
    ),
)
_FIGURES: Final = (
    *("known_at", "n", "clusters", "share_up", "share_up_low", "share_up_high"),
    *("mean_pct", "mean_pct_low", "mean_pct_high", "median_pct", "median_pct_low", "median_pct_high"),
    *("mean_atr", "base_n", "base_share_up", "base_mean_pct", "base_mean_atr", "edge", "comparisons"),
)
REACTION_STATS: Final = Table(
    "volume_reaction_stats", key=_KEY, values=_FIGURES, provenance=("created_at",), computed=True
)


def write_statistics(
    store: DerivedStore, venue: str, as_of: datetime, timeframes: Sequence[str], bars: int
) -> Written:
    """Make the statistics of a venue as of a moment what its patterns and bars up to then say."""
    written = Written()
    subjects = store.tracked([venue])
    for timeframe in timeframes:
        found = statistics(store, subjects, timeframe, as_of, bars)
        scope: dict[str, int | str] = {
            "venue": venue,
            "timeframe_id": TIMEFRAME_IDS[timeframe],
            "logic_version": LOGIC_VERSION,
        }
        known = pl.lit(as_of).cast(_TIME)
        rows = found.with_columns(known.alias("ts"), known.alias("known_at"))
        with store.database.transaction() as connection:
            written += store.replace(
                connection, REACTION_STATS, rows, scope, (as_of, as_of + timedelta(microseconds=1))
            )
    return written


def statistics(
    store: DerivedStore, subjects: Sequence[Subject], timeframe: str, as_of: datetime, bars: int
) -> pl.DataFrame:
    """The rows of one timeframe, without what they all share: every grouping, `ALL` where not told apart."""
    looked_at = [_subject(store, subject, timeframe, as_of, bars) for subject in subjects]
    reacted = pl.concat([one for one, _ in looked_at]) if looked_at else pl.DataFrame()
    followed = pl.concat([one for _, one in looked_at]) if looked_at else pl.DataFrame()
    if reacted.is_empty():
        return _no_rows()
    tables = [_grouped(reacted, followed, by) for by in GROUPINGS]
    found = pl.concat(tables)
    return found.with_columns(pl.lit(found.height, pl.Int64).alias("comparisons"))


def _grouped(reacted: pl.DataFrame, followed: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    missing = [name for name in ("strength", "regime") if name not in by]
    found = summarise(reacted, followed, by=by)
    return found.with_columns(pl.lit(ALL).alias(name) for name in missing).select(_no_rows().columns)


def _no_rows() -> pl.DataFrame:
    text = ("pattern", "direction", "strength", "regime", "edge")
    whole = ("horizon", "n", "clusters", "base_n", "comparisons")
    names = (*_KEY[3:-1], *_FIGURES[1:])
    kinds = {**dict.fromkeys(text, pl.String()), **dict.fromkeys(whole, pl.Int64())}
    return pl.DataFrame(schema={name: kinds.get(name, pl.Float64()) for name in names})


def _subject(
    store: DerivedStore, subject: Subject, timeframe: str, as_of: datetime, bars: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Reactions of one symbol, and what followed each of its bars."""
    reader = store.bars(subject, timeframe, as_of)
    candles = reader.before(as_of, bars + ATR_BARS)
    first = candles["ts"][min(ATR_BARS, candles.height - 1)] if candles.height else as_of
    trends = _read(store, "derived/trends", (subject.instrument_id, timeframe, REGIME_VERSION, first, as_of))
    events = _read(
        store, "derived/patterns", (subject.instrument_id, timeframe, PATTERN_VERSION, first, as_of)
    )
    names = (
        pl.lit(subject.instrument_id, pl.Int32).alias("instrument_id"),
        pl.col("trend").fill_null(UNKNOWN).alias("regime"),
    )
    with_regime = [
        frame.join(trends, on="ts", how="left", maintain_order="left").with_columns(names).drop("trend")
        for frame in (outcomes(candles, timeframe).filter(pl.col("ts") >= first), events)
    ]
    followed, patterns = with_regime
    return reactions(patterns, followed.drop("instrument_id", "regime")), followed


def _read(
    store: DerivedStore, name: str, parameters: tuple[int, str, int, datetime, datetime]
) -> pl.DataFrame:
    instrument_id, timeframe, version, start, end = parameters
    found = store.database.read(
        statement(name), (instrument_id, TIMEFRAME_IDS[timeframe], version, start, end)
    )
    types = {"ts": _TIME, "known_at": _TIME, "trend": pl.String()}
    return found.with_columns(pl.col(name).cast(types[name]) for name in found.columns if name in types)
