"""Supplies of stablecoins: what the collector asks each half hour, and what a backfill of days does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, FillContext, FillResult, Rows, Sources
from alphapulse_assets.datasets.round_clock import RoundClock
from alphapulse_assets.datasets.vintage_filling import VintageRules, fill_series
from alphapulse_assets.market_metrics.institutional.model import SUPPLY
from alphapulse_assets.market_metrics.institutional.rules import SUPPLY_RULES
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.providers.client import SOURCE
from alphapulse_resources.providers.defillama import DEFILLAMA
from alphapulse_resources.providers.defillama.stablecoins import ALL, TRACKED, Stablecoins
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Page, Reject

DATASET: Final = SUPPLY.name
COLLECTOR: Final = f"{DATASET} {DEFILLAMA.name}"
DAY: Final = timedelta(days=1)
LEAST_SHARE: Final = 0.9
"""Share of the coins of before that a total has to be of (ours): coins come and go one by one."""
LIVE: Final = "live"
BY_DAY: Final = "day"


def collect(sources: Sources, now: datetime) -> Collected:
    """The supplies of this minute: known when the answer had come."""
    clock = RoundClock(now)
    at = now.replace(second=0, microsecond=0)
    answer = Stablecoins(sources.provider(DEFILLAMA)).now(at)
    told, rejects, missing = answer.rows, answer.rejects, {}
    if (fewer := _fewer(told, _coins_before(sources.database))) is not None:
        told, lost = told.filter(pl.col("stablecoin") != ALL), told.filter(pl.col("stablecoin") == ALL)
        rejects = [*rejects, Reject("coins_missing", {"all": str(lost.row(0)), "error": fewer}, at)]
        missing = {ALL: fewer}
    rows = told.with_columns(
        provider=pl.lit(DEFILLAMA.name),
        sampled=pl.lit(LIVE),
        revision=pl.lit(0, pl.Int16),
        known_at=pl.lit(clock(), pl.Datetime("us", "UTC")),
    )
    return Collected((Rows(DATASET, SUPPLY, rows, rejects),), answer.fetches, missing)


def _coins_before(database: Database) -> int | None:
    """How many coins the newest stored total is of."""
    rows = database.rows(statement("institutional/coins_before"), {"provider": DEFILLAMA.name})
    return rows[0]["coins"] if rows else None


def _fewer(told: pl.DataFrame, before: int | None) -> str | None:
    """What to say of a total that lacks many of the coins that it had; None where it does not."""
    coins = told.filter(pl.col("stablecoin") == ALL)["coins"][0]
    if before is None or coins >= LEAST_SHARE * before:
        return None
    return (
        f"the answer has {coins} coins, the one before had {before}: a total of these would look like a loss"
    )


def fill(context: FillContext) -> FillResult:
    """Bring the provider's history of days: of all together and of the largest coins of today.

    A day's figure is of its start; that it was public when the day was over is on the safe side. `symbols`
    restricts to some coins, by symbol. Coins that have shrunk since are in the total alone.
    """
    sources, now = context.sources, datetime.now(UTC)
    asking = Stablecoins(sources.provider(DEFILLAMA))
    today = asking.now(now.replace(second=0, microsecond=0)).rows
    coins = today.filter(pl.col("stablecoin") != ALL).head(TRACKED).select("stablecoin", "symbol")
    symbols = {ALL: ALL, **dict(coins.iter_rows())}
    wanted = {
        coin: symbol for coin, symbol in symbols.items() if not context.symbols or symbol in context.symbols
    }

    def ask(series: Series, start: datetime, end: datetime) -> Iterator[Page[pl.DataFrame]]:
        answer = asking.history(series.name, wanted[series.name], start, end)
        yield Page(SOURCE, start, end, by_day(answer.rows), answer.rejects, answer.fetches)

    rules = VintageRules(sources.database, SUPPLY, SUPPLY_RULES, now)
    subjects = [Series(DEFILLAMA.name, coin) for coin in wanted]
    return fill_series(context, DATASET, subjects, rules, ask, until=now)


def by_day(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a history (SUPPLY_SCHEMA) as they are stored, with `due_at`: the end of their day."""
    return rows.with_columns(
        provider=pl.lit(DEFILLAMA.name), sampled=pl.lit(BY_DAY), due_at=pl.col("ts") + DAY
    )
