"""Days of the past: the volatility index's history, greeks and summaries computed again of stored quotes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import FillContext, FillResult, Sources
from alphapulse_assets.datasets.fetching import Fetching, Outcome, fetch_each, midnight
from alphapulse_assets.datasets.page_rules import TableRules
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.options.batch import summarise, with_greeks
from alphapulse_assets.options.collectors import summary_rows
from alphapulse_assets.options.model import QUOTES, VOLATILITY_INDEX
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.fetch_store import Batch, FetchStore
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.providers.deribit import DERIBIT
from alphapulse_resources.providers.deribit.model import INVERSE
from alphapulse_resources.providers.deribit.source import DeribitSource
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Page

DAY: Final = timedelta(days=1)
INDEX_RULES: Final = RuleSet(
    known=("open", "high", "low", "close"),
    between=dict.fromkeys(("open", "high", "low", "close"), (0.0, 1000.0)),
    ordered=(*(("low", name) for name in ("open", "close")), *((name, "high") for name in ("open", "close"))),
)
"""Percent of a year; more than a thousand was never heard of (ours)."""
NOT_KEPT: Final = "no quotes are stored of this day: they were not collected, or are older than what is kept"


def fill_index(context: FillContext) -> FillResult:
    """Fetch the hours of the index of whole days, as far back as Deribit has them."""
    sources = context.sources
    now = datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    source = DeribitSource(sources.provider(DERIBIT))
    fetching: Fetching[Series, Page[pl.DataFrame]] = Fetching(
        FetchStore(sources.database, VOLATILITY_INDEX.name),
        TableRules(sources.database, VOLATILITY_INDEX, now, INDEX_RULES.guard()),
        lambda series, start, end: source.pages(series, start, end, now),
        Batch(context.batch, context.run_id),
        until=hour,
    )
    wanted = [name for name in INVERSE if context.symbols is None or name in context.symbols]
    series = [Series(DERIBIT.name, name) for name in wanted]

    def fetch(one: Series, outcome: Outcome[Series]) -> None:
        fetching.days(one, context.days, outcome)

    outcomes = fetch_each(series, fetch, workers=max(1, len(series)))
    written = sum((each.written for each in outcomes), Written())
    return FillResult(
        inserted=written.inserted,
        changed=written.changed,
        unchanged=written.unchanged,
        quarantined=sum(each.quarantined for each in outcomes),
        written=frozenset((None, day) for day in _days_with_rows(context, VOLATILITY_INDEX)),
        missing=_missing(outcomes),
        failed=any(each.error is not None for each in outcomes),
    )


def _missing(outcomes: Sequence[Outcome[Series]]) -> Mapping[str, str]:
    found = {str(each.subject): str(each.error) for each in outcomes if each.error is not None}
    nothing = "Deribit has no hour of these days: its index begins in March 2021"
    return {
        **found,
        **{str(each.subject): nothing for each in outcomes if each.error is None and not each.rows},
    }


def fill_chain(context: FillContext) -> FillResult:
    """Compute the greeks of stored quotes again, by the present rules: nobody has older quotes."""
    total, missing, written = Written(), {}, set()
    for day in context.days:
        window = (midnight(day), midnight(day) + DAY)
        quotes = context.sources.database.read(statement("options/quotes_of_days"), (DERIBIT.name, *window))
        if quotes.is_empty():
            missing[day.isoformat()] = NOT_KEPT
            continue
        total += _write(context.sources, QUOTES, with_greeks(quotes))
        written.add((None, day))
    return FillResult(
        total.inserted, total.changed, total.unchanged, written=frozenset(written), missing=missing
    )


def fill_summary(context: FillContext) -> FillResult:
    """Sum up the stored quotes of whole days again, by the present rules."""
    total, missing, written = Written(), {}, set()
    for day in context.days:
        chain = stored_chain(context.sources, midnight(day), midnight(day) + DAY)
        if chain.is_empty():
            missing[day.isoformat()] = NOT_KEPT
            continue
        for rows in summary_rows(summarise(chain)):
            total += _write(context.sources, rows.table, rows.frame.sort(rows.table.key))
        written.add((None, day))
    return FillResult(
        total.inserted, total.changed, total.unchanged, written=frozenset(written), missing=missing
    )


def stored_chain(sources: Sources, start: datetime, end: datetime) -> pl.DataFrame:
    """Quotes of a window as `summarise` takes them."""
    return sources.database.read(statement("options/chain_of_days"), (DERIBIT.name, start, end))


def _write(sources: Sources, table: Table, frame: pl.DataFrame) -> Written:
    with sources.database.transaction() as connection:
        return sources.database.upsert(connection, table, frame)


def _days_with_rows(context: FillContext, table: Table) -> list[date]:
    """The days of a fill that have rows now."""
    return [
        day
        for day in context.days
        if context.sources.database.rows(
            statement("options/has_rows", table=table.name),
            {"start": midnight(day), "end": midnight(day) + DAY},
        )
    ]
