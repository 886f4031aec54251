"""What Deribit is asked again and again about options, and what its answers are summed up to."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import polars as pl
import polars.selectors as cs
from psycopg.types.json import Jsonb

from alphapulse_assets.datasets.collecting import OURS, Collected, Collector, Rows, Sources
from alphapulse_assets.options.batch import Summaries, summarise, with_greeks
from alphapulse_assets.options.model import (
    EXPIRIES,
    QUOTES,
    SUMMARY_VERSION,
    TIME,
    TOTALS,
    VOLATILITY_INDEX,
)
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.providers.deribit import DERIBIT
from alphapulse_resources.providers.deribit.model import CURRENCIES, INVERSE
from alphapulse_resources.providers.deribit.source import DeribitSource
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Fetch, Reject, VenueError

EVERY: Final = timedelta(minutes=15)
"""Cadence of snapshots (ours): some two thousand rows each, 42 MB a day before they are packed."""
SUMMARY_EVERY: Final = timedelta(minutes=1)
INDEX_EVERY: Final = timedelta(minutes=5)
INDEX_AGAIN: Final = timedelta(hours=6)
"""How far back each round asks for the index, and to the day's start: a short silence mends itself (ours)."""
LOOK_BACK: Final = timedelta(hours=6)
"""How far back snapshots are looked for that nobody has summed up; older days are for a materialization."""


class _Answer(NamedTuple):
    quotes: pl.DataFrame
    rejects: list[Reject]


def collect_chain(sources: Sources, now: datetime) -> Collected:
    """All options of all currencies: their terms, and a snapshot of their quotes with greeks.

    Raises:
        VenueError: no currency was answered for.
    """
    source = DeribitSource(sources.provider(DERIBIT))
    answers: list[_Answer] = []
    fetches: list[Fetch] = []
    missing: dict[str, str] = {}
    failed: VenueError | None = None
    for currency in CURRENCIES:
        try:
            answers.append(_snapshot(source, sources.database, currency, now, fetches))
        except VenueError as error:
            failed, missing[currency] = error, str(error)
            fetches += error.fetches
    if failed is not None and not answers:
        failed.fetches = fetches
        raise failed
    rows = [Rows("options_chain", QUOTES, answer.quotes, answer.rejects) for answer in answers]
    return Collected(rows, fetches, missing)


def _snapshot(
    source: DeribitSource, database: Database, currency: str, now: datetime, fetches: list[Fetch]
) -> _Answer:
    """One currency's options; the requests are added to `fetches`."""
    listed = source.contracts(currency, now)
    fetches += listed.fetches
    quoted = source.quotes(currency, now)
    fetches += quoted.fetches
    known_at = pl.lit(datetime.now(UTC), TIME)
    keys = register(database, listed.value.frame, now)
    quotes = quoted.value.frame.join(keys, on="name", how="left")
    known = quotes.filter(pl.col("contract_id").is_not_null() & (pl.col("ts") < pl.col("expiry")))
    rejects = [
        *listed.value.rejects,
        *quoted.value.rejects,
        *_refused(quotes.filter(pl.col("contract_id").is_null()), "unknown_contract"),
        *_refused(quotes.filter(pl.col("ts") >= pl.col("expiry")), "expired"),
    ]
    frame = with_greeks(known).with_columns(known_at=known_at, series=pl.col("currency"))
    return _Answer(frame, rejects)


def register(database: Database, contracts: pl.DataFrame, seen: datetime) -> pl.DataFrame:
    """Keep the terms of contracts (CONTRACT_SCHEMA) as seen at a time; gives them with their keys."""
    rows = [
        {**row, "expiry": row["expiry"].isoformat(), "listed_at": row["listed_at"].isoformat()}
        for row in contracts.iter_rows(named=True)
    ]
    database.execute(
        statement("options/register"), {"provider": DERIBIT.name, "seen": seen, "contracts": Jsonb(rows)}
    )
    keys = database.read(statement("options/keys"), (DERIBIT.name, contracts["name"].to_list()))
    return contracts.join(keys, on="name", how="inner")


def _refused(quotes: pl.DataFrame, reason: str) -> list[Reject]:
    told = quotes.with_columns(cs.temporal().dt.to_string("iso:strict"))
    rows = zip(quotes["ts"], told.iter_rows(named=True), strict=True)
    return [Reject(reason, row, ts) for ts, row in rows]


def collect_summaries(sources: Sources, now: datetime) -> Collected:
    """What the snapshots sum up to that nobody has summed up yet, out of the rows as they are stored."""
    chain = sources.database.read(
        statement("options/not_summarised"), (DERIBIT.name, SUMMARY_VERSION, now - LOOK_BACK)
    )
    return Collected(summary_rows(summarise(chain)) if chain.height else ())


def summary_rows(summaries: Summaries) -> Sequence[Rows]:
    """Summaries as rows of their tables, in the present version."""
    told = {
        "provider": pl.lit(DERIBIT.name),
        "logic_version": pl.lit(SUMMARY_VERSION, pl.Int32),
        "created_at": pl.lit(datetime.now(UTC), TIME),
        "series": pl.col("currency"),
    }
    return [
        Rows("options_summary", table, frame.with_columns(**told))
        for table, frame in ((TOTALS, summaries.totals), (EXPIRIES, summaries.expiries))
    ]


def collect_index(sources: Sources, now: datetime) -> Collected:
    """The hours of the volatility index that ended lately.

    Raises:
        VenueError: no currency was answered for.
    """
    source = DeribitSource(sources.provider(DERIBIT))
    hour = now.replace(minute=0, second=0, microsecond=0)
    since = min(hour - INDEX_AGAIN, hour.replace(hour=0))
    rows: list[Rows] = []
    fetches: list[Fetch] = []
    missing: dict[str, str] = {}
    failed: VenueError | None = None
    for currency in INVERSE:
        series = Series(DERIBIT.name, currency)
        try:
            for page in source.pages(series, since, hour, now):
                named = {"provider": pl.lit(series.provider), "series": pl.lit(series.name)}
                frame = page.rows.with_columns(**named)
                rows.append(Rows("volatility_index", VOLATILITY_INDEX, frame, page.rejects))
                fetches += page.fetches
        except VenueError as error:
            failed, missing[currency] = error, str(error)
            fetches += error.fetches
    if failed is not None and not rows:
        failed.fetches = fetches
        raise failed
    return Collected(rows, fetches, missing)


CHAIN: Final = Collector(
    name="options_chain deribit",
    source=DERIBIT.name,
    datasets=("options_chain",),
    every=EVERY,
    collect=collect_chain,
)
SUMMARY: Final = Collector(
    name="options_summary",
    source=OURS,
    datasets=("options_summary",),
    every=SUMMARY_EVERY,
    collect=collect_summaries,
)
INDEX: Final = Collector(
    name="volatility_index deribit",
    source=DERIBIT.name,
    datasets=("volatility_index",),
    every=INDEX_EVERY,
    collect=collect_index,
)
