"""Rows of before migration 0055 in their narrow form: nothing lost, the views show what they showed."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Final

import polars as pl
import psycopg
import pytest
from candle_frames import candles, without
from derived_support import FIRST

from alphapulse_assets.core.timeframes import aggregate
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.evaluation.outcomes import PATTERN_OUTCOME_SCHEMA, outcomes
from alphapulse_assets.patterns.evaluation.stored_outcomes import read_counts, read_outcomes
from alphapulse_assets.patterns.events.adapters import candlestick_events
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.configuration_store import record
from alphapulse_assets.patterns.events.evidence import shape_of
from alphapulse_assets.patterns.events.kinds import KINDS
from alphapulse_assets.patterns.scoring.confidence import CONFIDENCE_SCHEMA, confidence
from alphapulse_assets.patterns.scoring.confluence import CONFLUENCE_SCHEMA, confluence
from alphapulse_assets.patterns.scoring.context import CONTEXT_SCHEMA
from alphapulse_resources.database import migrations
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.database.migrations import MIGRATIONS, migrate
from alphapulse_resources.database.tables import Table
from tests.databases import fresh_database

BEFORE: Final = "0054"
OUTCOME_KEY: Final = (
    *("instrument_id", "timeframe_id", "ts", "family", "pattern", "direction", "reference", "horizon"),
    "logic_version",
)
VERSIONS: Final = ("logic_version", "configuration_version")
SCORE_KEY: Final = (
    "instrument_id",
    "timeframe_id",
    "ts",
    "family",
    "pattern",
    "direction",
    "stage",
    "reference",
)


def old_events(bars: pl.DataFrame, instrument_id: int) -> pl.DataFrame:
    """Events of before: candlesticks, the same without a direction, and chart patterns with levels."""
    rows = candlestick.detect(bars, "5m")
    atr = bars.select("ts", pl.when(pl.int_range(pl.len()) > 13).then(0.5).alias("atr_14"))
    told = candlestick_events(rows, bars, atr, "5m", instrument_id)
    neutral = told.filter(pl.col("pattern") == "engulfing").with_columns(
        pl.lit("neutral").alias("direction"),
        pl.lit("doji").alias("pattern"),
        pl.lit("indecision").alias("nature"),
    )
    way = pl.when(pl.col("direction") == "bullish").then(1.0).otherwise(-1.0)
    charts = told.filter(pl.col("pattern") == "belt_hold").with_columns(
        pl.lit("chart").alias("family"),
        pl.lit("double_bottom").alias("pattern"),
        pl.lit("reversal").alias("nature"),
        (pl.col("price") + way * 0.9).alias("target"),
        (pl.col("price") - way * 0.6).alias("invalidation"),
        pl.int_range(pl.len()).cast(pl.String).alias("reference"),
    )
    return pl.concat([told, neutral, charts])


def store_old(database: Database, name: str, key: tuple[str, ...], frame: pl.DataFrame) -> None:
    """Rows as code of before wrote them: names as text, an empty reference instead of none."""
    rows = frame.drop("timeframe").with_columns(
        pl.lit(5, pl.Int16).alias("timeframe_id"),
        pl.col("reference").fill_null(""),
        pl.col(*(each for each in VERSIONS if each in frame.columns)).cast(pl.Int32),
    )
    values = ("known_at", *(each for each in rows.columns if each not in {*key, "known_at"}))
    with database.transaction() as connection:
        database.upsert(connection, Table(name, key, values, computed=True), rows.sort(key))


def long_rows(told: pl.DataFrame) -> pl.DataFrame:
    """PATTERN_OUTCOME_SCHEMA as the long table had it."""
    shares = [name for name in told.columns if name.endswith(("_pct", "_atr"))]
    return told.with_columns(
        pl.col(*shares).cast(pl.Float32), pl.col("horizon", "touch_bars").cast(pl.Int16)
    ).with_columns(pl.lit("up").alias("regime"))


def same(one: pl.DataFrame, other: pl.DataFrame, order: list[str]) -> None:
    """The columns of one are those of the other, but for the seventh digit."""
    assert one.height == other.height > 0
    one, other = one.sort(order), other.sort(order)
    for name in one.columns:
        left, right = one[name], other[name].cast(one[name].dtype)
        if left.dtype.is_float():
            assert left.is_null().equals(right.is_null()), name
            assert not ((left - right).abs() > 1e-5 * left.abs() + 2e-6).any(), name
        else:
            assert left.equals(right), name


def test_rows_of_before_are_shown_as_they_were(
    server_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in sorted(MIGRATIONS.glob("*.sql")):
        if file.stem[:4] <= BEFORE:
            shutil.copy(file, tmp_path)
    minutes = candles(FIRST, 3 * 1440, seed=3)
    bars = aggregate(without(minutes, (FIRST + timedelta(hours=30), FIRST + timedelta(hours=33))), "5m")
    with fresh_database(server_dsn, migrated=False) as dsn:
        with monkeypatch.context() as patched:
            patched.setattr(migrations, "apply_objects", lambda *_: [])  # those of now need the tables of now
            migrate(dsn, directory=tmp_path)
        database = Database(dsn)
        (row,) = database.rows(
            "INSERT INTO instruments (venue, symbol, base, quote, kind)"
            " VALUES ('binance', 'BTC/USDT', 'BTC', 'USDT', 'spot') RETURNING instrument_id AS id"
        )
        events = old_events(bars, row["id"])
        told = outcomes(events, bars, "5m")
        sure = confidence(events, pl.DataFrame(schema=CONTEXT_SCHEMA))
        leaning = confluence(events)[0]
        record(database, DEFAULT)
        store_old(database, "pattern_outcome_events", OUTCOME_KEY, long_rows(told))
        store_old(database, "pattern_confidences", (*SCORE_KEY, *VERSIONS), sure)
        store_old(database, "pattern_confluences", (*SCORE_KEY[:3], *VERSIONS), leaning)
        database.close()
        assert migrate(dsn).applied[0].startswith("0055")
        database = Database(dsn)
        order = ["ts", "family", "pattern", "direction", "reference", "horizon"]
        shown = database.read("SELECT * FROM pattern_outcomes")
        same(told.drop("regime"), shown, order)
        assert shown["regime"].unique().to_list() == ["up"]
        wide = database.read("SELECT late FROM pattern_outcome_events")
        assert wide.height == told.select(*SCORE_KEY[2:6], "reference").unique().height
        assert wide["late"].drop_nulls().len() > 0  # horizons that ended later over the missing hours
        store = DerivedStore(database)
        as_of = FIRST + timedelta(hours=31)
        read = read_outcomes(store, [row["id"]], "5m", FIRST, as_of)
        same(told.filter(pl.col("known_at") <= as_of).drop("regime"), read, order)
        assert read.schema == PATTERN_OUTCOME_SCHEMA
        counts = read_counts(store, "5m", [as_of], instrument_ids=[row["id"]])
        counted = told.filter(
            pl.col("known_at") <= as_of, pl.col("horizon") == 10, pl.col("direction") != "neutral"
        )
        assert counts["n"].sum() == counted.height
        assert counts["right"].sum() == (counted["directed_pct"] > 0).sum()
        names = [name for name in CONFIDENCE_SCHEMA if name not in ("reference", "timeframe")]
        same(
            sure.select(names),
            database.read("SELECT * FROM pattern_confidence"),
            ["ts", "family", "pattern", "direction"],
        )
        names = [name for name in CONFLUENCE_SCHEMA if name not in ("reference", "timeframe")]
        same(leaning.select(names), database.read("SELECT * FROM pattern_confluence"), ["ts"])
        with psycopg.connect(dsn) as connection:
            left = connection.execute("SELECT FROM pg_class WHERE relname LIKE '%unconverted'").fetchall()
        assert left == []
        kinds = database.read("SELECT family, pattern, kind_id, shape FROM pattern_kinds")
        assert {(f, p): k for f, p, k, _ in kinds.iter_rows()} == dict(KINDS)
        assert all(shape_of(f, p) == shape for f, p, _, shape in kinds.iter_rows())
        database.close()
