"""Leverage snapshots as a data set: every hour from what the collectors have stored, and whole days again."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.alerts.market import MarketAlert
from alphapulse_assets.core.windows import Window, merged
from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.collecting import (
    OURS,
    Collected,
    Collector,
    FillContext,
    FillResult,
    Rows,
    Sources,
)
from alphapulse_assets.datasets.dataset import Check, Dataset
from alphapulse_assets.datasets.derivation import DAY, midnight
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.futures.leverage.alerts import funding_alerts, open_interest_alerts
from alphapulse_assets.futures.leverage.checks import made_again
from alphapulse_assets.futures.leverage.model import HOUR, LOGIC_VERSION, QUADRANTS, SNAPSHOTS
from alphapulse_assets.futures.leverage.picture import (
    DAYS_SHOWN,
    MOST_SYMBOLS,
    funding_picture,
    open_interest_picture,
)
from alphapulse_assets.futures.leverage.stored import snapshot_rows
from alphapulse_assets.regime.dataset import DOLLARS
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.frames import floor_time

NAME: Final = "leverage_snapshots"
EVERY: Final = timedelta(minutes=5)
MOST_HOURS: Final = 24
"""How far back a round makes up for what was missed (ours); days before that are filled."""
AGAIN: Final = 2
"""Newest hours that a round makes again: what was known by then may have been stored a moment later."""
SETTLED: Final = timedelta(minutes=12)
"""How long after its hour a snapshot is made again (ours): what was known by then is stored long before."""
DAYS_AT_ONCE: Final = 31
"""Days that a fill holds at a time (ours)."""


def collect(sources: Sources, now: datetime) -> Collected:
    """The snapshots of the hours since the newest stored one, and the newest again while it is young."""
    hour = floor_time(now, "1h")
    newest = sources.database.rows(statement("leverage/newest"), {"logic_version": LOGIC_VERSION})[0]["ts"]
    if newest == hour and now - hour > SETTLED:
        return Collected()
    end = hour + HOUR
    earliest = end - MOST_HOURS * HOUR
    window = max(min(newest or earliest, end - AGAIN * HOUR), earliest), end
    return Collected([Rows(NAME, SNAPSHOTS, snapshot_rows(sources.database, window))])


def alerts(sources: Sources, now: datetime) -> list[MarketAlert]:
    """Extreme funding of the newest hour, and jumps of open interest within the last one."""
    snapshots = sources.database.rows(statement("leverage/newest_snapshots"), {"now": now})
    told = {"now": now, "dollars": list(DOLLARS)}
    changes = sources.database.rows(statement("leverage/changes_of_the_hour"), told)
    return [*funding_alerts(snapshots), *open_interest_alerts(changes)]


def fill(context: FillContext) -> FillResult:
    """Whole days made again of what is stored now; what a day no longer has goes.

    Of some symbols alone, their rows are written and no others touched.
    """
    now, done = datetime.now(UTC), Written()
    written: set[tuple[str | None, date]] = set()
    for window in windows_of(context.days, now):
        rows = snapshot_rows(context.sources.database, window)
        done += _write(context, rows, window)
        written |= {(None, day) for day in rows["ts"].dt.date().unique().to_list()}
        context.log(f"leverage from {window[0]:%Y-%m-%d}: {rows.height} snapshots")
    empty = [day for day in context.days if (None, day) not in written]
    missing = {f"{day}": "no open interest and no funding is stored of it" for day in empty}
    return FillResult(
        done.inserted, done.changed, done.unchanged, written=frozenset(written), missing=missing
    )


def _write(context: FillContext, rows: pl.DataFrame, window: Window) -> Written:
    store = DerivedStore(context.sources.database)
    with store.database.transaction() as connection:
        store.lock(connection, SNAPSHOTS, 0)
        if context.symbols is None:
            return store.replace(connection, SNAPSHOTS, rows, {"logic_version": LOGIC_VERSION}, window)
        found = store.database.rows(
            "SELECT instrument_id FROM instruments WHERE symbol = ANY (%(symbols)s)",
            {"symbols": list(context.symbols)},
        )
        asked = pl.col("instrument_id").is_in([row["instrument_id"] for row in found])
        return store.database.upsert(connection, SNAPSHOTS, rows.filter(asked))


def windows_of(days: Sequence[date], now: datetime) -> list[Window]:
    """Days that follow one another as one window, DAYS_AT_ONCE at most; hours to come are left out."""
    last = floor_time(now, "1h") + HOUR
    found = []
    for start, end in merged((midnight(day), midnight(day) + DAY) for day in days):
        while start < min(end, last):
            stop = min(start + DAYS_AT_ONCE * DAY, end, last)
            found.append((start, stop))
            start = stop
    return found


def show(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """Open interest under the price of the largest perpetual, and funding of the largest: two weeks."""
    end = midnight(max(days)) + DAY
    rows = sources.database.read(
        statement("leverage/pictured"), (end - DAYS_SHOWN * DAY, end, MOST_SYMBOLS, list(DOLLARS))
    )
    if rows.is_empty():
        return {}
    return {
        "open interest under price": dg.MetadataValue.md(open_interest_picture(rows)),
        "funding": dg.MetadataValue.md(funding_picture(rows)),
    }


_SHARES: Final = tuple(f"{name}_percentile" for name in ("funding", "open_interest", "volume", "crowding"))
_NOT_NEGATIVE: Final = ("open_interest_base", "open_interest_quote", "price", "volume_24h")
RULES: Final = RuleSet(
    known=("known_at",),
    between={
        **dict.fromkeys(_SHARES, (0.0, 1.0)),
        **dict.fromkeys(_NOT_NEGATIVE, (0.0, None)),
        **dict.fromkeys(("open_interest_to_volume", "leverage_ratio"), (0.0, None)),
        "open_interest_change_24h": (-1.0, None),
        "price_change_24h": (-1.0, None),
    },
    ordered=(("open_interest_at", "ts"), ("funding_at", "ts")),
    among={"price_source": ("candle", "mark"), "quadrant": QUADRANTS},
)

LEVERAGE: Final = Dataset(
    name=NAME,
    description="Open interest of each perpetual at whole hours against volume and market cap, funding and "
    "crowding as percentiles of its own last 90 days, and whether price and open interest rose or fell.\n\n"
    "Made of what was known at the hour, and of nothing later.",
    group="futures",
    layer="collected",
    tables=[SNAPSHOTS],
    relations=[NAME],
    reads=["open_interest", "funding_rates", "mark_prices", "coin_metrics", "ohlcv_1h"],
    versions=[LOGIC_VERSION],
    collectors=[
        Collector(name=NAME, source=OURS, datasets=(NAME,), every=EVERY, collect=collect, alerts=alerts)
    ],
    fill=fill,
    show_collected=show,
    rules=RULES,
    checks=[
        collected_rules("Percentiles from 0 to 1, nothing negative, nothing that is later than its hour."),
        Check("recomputed", "The last day made again of readings alone is what is stored.", made_again),
    ],
)
DATASETS: Final = (LEVERAGE,)
