"""What follows from market metrics, brought up to date each few minutes, or made again for whole days.

Hours and bars that are not over have no rows. The newest are made once more each time: candles of the last
minutes come late, and a row that is the same is not written again.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.collecting import Collected, FillContext, FillResult, Rows, Sources
from alphapulse_assets.market_metrics import correlation, dominance
from alphapulse_assets.market_metrics.history import DAY, MAIN_COINS, floor_hour, midnight
from alphapulse_assets.market_metrics.model import (
    CORRELATIONS_VERSION,
    DOMINANCE_CORRELATIONS,
    DOMINANCE_REGIMES,
    MAIN_COINS_BASIS,
    MARKET_BASIS,
    REGIMES_VERSION,
)
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore
from alphapulse_resources.database.upsert import Written

Whose = tuple[str, str]
"""A provider, and of what its dominances are."""
SERIES: Final[tuple[Whose, ...]] = (
    ("coingecko", MARKET_BASIS),
    ("coinmarketcap", MARKET_BASIS),
    ("coingecko", MAIN_COINS_BASIS),
)
AGAIN: Final = {"1h": timedelta(hours=3), "1d": timedelta(days=2)}
"""How much of what is over is made once more by each round."""
CATCH_UP: Final = timedelta(days=30)
"""How far back a round goes for what nobody made: the rest is for a fill."""
AT_ONCE: Final = timedelta(days=31)
"""How much a fill holds in memory at a time."""

Window = tuple[datetime, datetime]


def regime_rows(database: Database, whose: Whose, window: Window) -> pl.DataFrame:
    """Regimes of dominances in the hours of a window; empty where none was told."""
    (provider, basis), (start, end) = whose, window
    before = start - dominance.WARM_UP - dominance.NEWEST_WITHIN
    return dominance.regimes(provider, _told(database, whose, (before, end)), start, end, basis)


def correlation_rows(
    database: Database, whose: Whose, timeframe: str, window: Window, instruments: Sequence[int]
) -> pl.DataFrame:
    """Correlations of the bars in a window, with known_at; empty where dominance was not known."""
    (start, end), length = window, bar_length(timeframe)
    before = start - (correlation.WARM_UP_BARS + 1) * length
    told = _told(database, whose, (before - dominance.NEWEST_WITHIN, end))
    hours = dominance.hourly(told, before, end, whose[1]).rename({"btc_dominance": "dominance"})
    closing = (pl.col("ts") + dominance.HOUR).dt.epoch("s") % round(length.total_seconds()) == 0
    bars = hours.filter(closing).with_columns(pl.col("ts") + dominance.HOUR - length)
    closes = database.read(
        statement("market_metrics/closes", bars=f"ohlcv_{timeframe}"), (list(instruments), before, end)
    )
    found = correlation.correlations(bars, closes, timeframe, start, end)
    known = bars.select("ts", dominance.latest("known_at", correlation.WARM_UP_BARS))
    found = found.join(known, on="ts", how="left", maintain_order="left")
    return found.with_columns(pl.max_horizontal(pl.col("ts") + length, "known_at").alias("known_at"))


def _told(database: Database, whose: Whose, window: Window) -> pl.DataFrame:
    if whose[1] == MARKET_BASIS:
        return database.read(statement("market_metrics/dominance_told"), (whose[0], *window))
    return database.read(statement("market_metrics/main_coins_told"), (list(MAIN_COINS), *window))


def collect_regimes(sources: Sources, now: datetime) -> Collected:
    """The regimes of the hours that are over."""
    until = floor_hour(now)
    frames = []
    for whose in SERIES:
        start = _since(sources.database, "newest_regime", _scope(whose), until, AGAIN["1h"])
        frames.append(regime_rows(sources.database, whose, (start, until)))
    found = _stamped(pl.concat(frames), REGIMES_VERSION)
    return Collected([Rows("dominance_regimes", DOMINANCE_REGIMES, found)])


def collect_correlations(sources: Sources, now: datetime) -> Collected:
    """The correlations of the bars that are over, of all tracked symbols."""
    database = sources.database
    instruments = _instruments(database, None)
    rows = []
    for whose in SERIES if instruments else ():
        for timeframe in correlation.TIMEFRAMES:
            until = _until(timeframe, now)
            scope = {**_scope(whose), "timeframe_id": TIMEFRAME_IDS[timeframe]}
            start = _since(database, "newest_correlation", scope, until, AGAIN[timeframe])
            start = _until(timeframe, start)
            found = correlation_rows(database, whose, timeframe, (start, until), instruments)
            found = found.with_columns(
                provider=pl.lit(whose[0]),
                basis=pl.lit(whose[1]),
                timeframe_id=pl.lit(TIMEFRAME_IDS[timeframe], pl.Int16),
            )
            stamped = _stamped(found, CORRELATIONS_VERSION)
            rows.append(Rows("dominance_correlations", DOMINANCE_CORRELATIONS, stamped))
    return Collected(rows)


def fill_regimes(context: FillContext) -> FillResult:
    """Make the regimes of whole days again."""
    store, total, written = _store(context), Written(), set()
    for window in _windows(context.days, floor_hour(datetime.now(UTC))):
        for whose in SERIES:
            found = regime_rows(store.database, whose, window)
            with store.database.transaction() as connection:
                store.lock(connection, DOMINANCE_REGIMES, 0)
                scope = {**_scope(whose), "logic_version": REGIMES_VERSION}
                total += store.replace(connection, DOMINANCE_REGIMES, found, scope, window)
            written |= set(found["ts"].dt.date())
    return _filled(total, written)


def fill_correlations(context: FillContext) -> FillResult:
    """Make the correlations of whole days again, of all tracked symbols or of some."""
    store, total, written = _store(context), Written(), set[date]()
    instruments = _instruments(store.database, context.symbols)
    now = datetime.now(UTC)
    for timeframe in correlation.TIMEFRAMES:
        for window in _windows(context.days, _until(timeframe, now)):
            for whose in SERIES:
                found = correlation_rows(store.database, whose, timeframe, window, instruments)
                for instrument, frame in _by_instrument(found, instruments):
                    with store.database.transaction() as connection:
                        store.lock(connection, DOMINANCE_CORRELATIONS, instrument)
                        scope = {
                            **_scope(whose),
                            "instrument_id": instrument,
                            "timeframe_id": TIMEFRAME_IDS[timeframe],
                            "logic_version": CORRELATIONS_VERSION,
                        }
                        total += store.replace(connection, DOMINANCE_CORRELATIONS, frame, scope, window)
                written |= set(found["ts"].dt.date())
    return _filled(total, written)


def _scope(whose: Whose) -> dict[str, Any]:
    return {"provider": whose[0], "basis": whose[1]}


def _store(context: FillContext) -> DerivedStore:
    return DerivedStore(context.sources.database)


def _filled(total: Written, written: set[date]) -> FillResult:
    return FillResult(
        inserted=total.inserted,
        changed=total.changed + total.removed,
        unchanged=total.unchanged,
        written=frozenset((None, day) for day in written),
    )


def _by_instrument(found: pl.DataFrame, instruments: Sequence[int]) -> Iterator[tuple[int, pl.DataFrame]]:
    """The rows of each instrument, also of one that has none: what was stored of it goes then."""
    for instrument in instruments:
        yield instrument, found.filter(pl.col("instrument_id") == instrument)


def _windows(days: Sequence[date], until: datetime) -> Iterator[Window]:
    """Days as windows, neighbours together, none longer than AT_ONCE, as far as they are over."""
    start: datetime | None = None
    end = until
    for day in sorted(days):
        opened = midnight(day)
        if start is not None and (opened != end or opened - start >= AT_ONCE):
            yield start, min(end, until)
            start = None
        start, end = start or opened, opened + DAY
        if opened >= until:
            return
    if start is not None and start < until:
        yield start, min(end, until)


def _until(timeframe: str, now: datetime) -> datetime:
    """The open time of the bar that is not over at a time."""
    return floor_hour(now) if timeframe == "1h" else midnight(now.date())


def _since(
    database: Database, newest: str, scope: dict[str, Any], until: datetime, again: timedelta
) -> datetime:
    """From where on a round makes rows: the newest that are stored once more, or what it may catch up."""
    found = database.rows(statement(f"market_metrics/{newest}"), scope)[0]["ts"]
    if found is None:
        return until - CATCH_UP
    return max(min(floor_hour(found), until - again), until - CATCH_UP)


def _instruments(database: Database, symbols: Sequence[str] | None) -> list[int]:
    """Tracked symbols of anything but Bitcoin and dollars; some of them by name."""
    rows = database.rows(
        statement("market_metrics/altcoins"),
        {"symbols": None if symbols is None else list(symbols)},
    )
    return [row["instrument_id"] for row in rows]


def _stamped(found: pl.DataFrame, version: int) -> pl.DataFrame:
    """With version, and the time at which they were made."""
    return found.with_columns(
        logic_version=pl.lit(version, pl.Int32),
        created_at=pl.lit(datetime.now(UTC)).cast(pl.Datetime("us", "UTC")),
    )
