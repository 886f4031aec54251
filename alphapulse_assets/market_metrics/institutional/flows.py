"""Flows of spot ETFs: what the collector asks each hour, where there is a key, and what a backfill does."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, FillContext, FillResult, Rows, Sources, needs
from alphapulse_assets.datasets.round_clock import RoundClock
from alphapulse_assets.datasets.vintage_filling import VintageRules, fill_series
from alphapulse_assets.datasets.vintage_store import last_look, newest_stored
from alphapulse_assets.datasets.vintages import as_vintages
from alphapulse_assets.market_metrics.institutional.model import FLOWS, LOOK_BACK
from alphapulse_assets.market_metrics.institutional.rules import FLOW_RULES
from alphapulse_resources.providers.cftc.release import EASTERN
from alphapulse_resources.providers.client import SOURCE
from alphapulse_resources.providers.coinglass import COINGLASS
from alphapulse_resources.providers.coinglass.etf import ASSETS, EtfFlows
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Page, VenueError

DATASET: Final = FLOWS.name
COLLECTOR: Final = f"{DATASET} {COINGLASS.name}"
KEY: Final = "coinglass_key"
PUBLIC: Final = time(9, 30)
"""When the flows of a day are public, on the next (ours): issuers tell in the evening and at night."""


def public_at(day: date) -> datetime:
    """When the flows of a trading day are taken to be public: 09:30 US Eastern of the next day."""
    return datetime.combine(day + timedelta(days=1), PUBLIC, EASTERN).astimezone(UTC)


def collect(sources: Sources, now: datetime) -> Collected:
    """Flows of the last hundred days that are new or told otherwise; one coin's failure leaves the other."""
    asking, clock = EtfFlows(sources.provider(COINGLASS)), RoundClock(now)
    start = (now - LOOK_BACK).replace(hour=0, minute=0, second=0, microsecond=0)
    told, rejects, fetches = [], [], []
    missing: dict[str, str] = {}
    failure: VenueError | None = None
    for asset in ASSETS:
        try:
            answer = asking.between(asset, start, now)
        except VenueError as error:
            failure = error
            missing[asset] = str(error)
            fetches += error.fetches
            continue
        told.append(with_due(answer.rows))
        rejects += answer.rejects
        fetches += answer.fetches
    if failure is not None and not told:
        raise failure
    stored = newest_stored(sources.database, FLOWS, start, now)
    looked = last_look(sources.database, COLLECTOR, LOOK_BACK)
    rows = as_vintages(pl.concat(told), stored, FLOWS, clock(), looked)
    return Collected(rows=(Rows(DATASET, FLOWS, rows, rejects),), fetches=fetches, missing=missing)


def fill(context: FillContext) -> FillResult:
    """Bring the flows of days; without a key nothing is asked, and the result says so."""
    sources, now = context.sources, datetime.now(UTC)
    if sources.settings.providers.coinglass_key is None:
        return FillResult(missing={COINGLASS.name: needs(KEY)})
    asking = EtfFlows(sources.provider(COINGLASS))

    def ask(series: Series, start: datetime, end: datetime) -> Iterator[Page[pl.DataFrame]]:
        answer = asking.between(series.name, start, end)
        yield Page(SOURCE, start, end, with_due(answer.rows), answer.rejects, answer.fetches)

    watch = last_look(sources.database, COLLECTOR, LOOK_BACK)
    rules = VintageRules(sources.database, FLOWS, FLOW_RULES, now, watch)
    wanted = [asset for asset in ASSETS if not context.symbols or asset in context.symbols]
    subjects = [Series(COINGLASS.name, asset) for asset in wanted]
    return fill_series(context, DATASET, subjects, rules, ask, until=now)


def with_due(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of FLOW_SCHEMA with their provider and `due_at`."""
    due = {ts: public_at(ts.date()) for ts in rows["ts"].unique()}
    return rows.with_columns(
        provider=pl.lit(COINGLASS.name),
        due_at=pl.col("ts").replace_strict(due, return_dtype=pl.Datetime("us", "UTC")),
    )
