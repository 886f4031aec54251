"""Whole days of funding and open interest, from the venues' histories and the bulk archives.

Each instrument's days are asked for in pages, in turn of the sources: over REST as far back as the venue
keeps it, else from the archives. A page is a transaction with its ledger, so that a killed fill goes on where
it was.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import FillContext, FillResult, Sources
from alphapulse_assets.datasets.fetching import Fetching, Outcome, fetch_each
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.futures.history.kinds import FUNDING_PAST, PastKind
from alphapulse_assets.futures.history.past_rules import Contracts, PastRules
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.fetch_store import Batch, FetchStore
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.futures_history.archive_source import ArchivePast
from alphapulse_resources.futures_history.rest import REST, RestPast
from alphapulse_resources.venues.archive_cache import ArchiveCache
from alphapulse_resources.venues.futures_past import PastSeries
from alphapulse_resources.venues.model import Instrument, Page
from alphapulse_resources.venues.plan import ARCHIVE
from alphapulse_resources.venues.registry import VENUES
from alphapulse_resources.venues.sources import Source, pages_in_turn

WORKERS: Final = 4
"""Instruments that are asked for at once (ours): the limiter is what holds them back."""
NOTHING: Final = "the venue's futures have no history that is asked for"
PastSource = Source[Instrument, Page[pl.DataFrame]]


def fill_past(
    kind: PastKind, rules: RuleSet, context: FillContext, *, now: datetime | None = None
) -> FillResult:
    """Fill days of venues. One instrument's failure is in the ledger and in `missing`, and stops no other."""
    now, result = now or datetime.now(UTC), FillResult()
    for venue in context.venues:
        instruments, contracts = _instruments(kind, venue, context)
        sources = _sources(kind, venue, context.sources, contracts)
        if not instruments:
            continue
        if not sources:
            result = _and(result, FillResult(missing={venue: NOTHING}))
            continue
        fetching = _fetching(kind, rules, sources, contracts, context, now)
        days = [day for day in context.days if day <= now.date()]
        fetch = partial(_fetch, fetching, days)
        outcomes = fetch_each(instruments, fetch, workers=WORKERS)
        context.log(f"{kind.dataset} of {len(instruments)} instruments of {venue}: {_counts(outcomes)}")
        result = _and(result, _result(venue, days, outcomes, context.sources))
    return result


def fill_with(kind: PastKind, rules: RuleSet) -> Callable[[FillContext], FillResult]:
    """The fill of a kind, as its data set declares it; `rules` are those of its collectors too."""
    return partial(fill_past, kind, rules)


def _fetch(
    fetching: Fetching[Instrument, Page[pl.DataFrame]],
    days: Sequence[date],
    instrument: Instrument,
    outcome: Outcome[Instrument],
) -> None:
    fetching.days(instrument, days, outcome)


def _instruments(
    kind: PastKind, venue: str, context: FillContext
) -> tuple[list[Instrument], dict[int, tuple[str | None, float | None]]]:
    """Tracked contracts of a venue that have such a past; dated ones have no funding."""
    rows = context.sources.database.rows(
        statement("futures_history/tracked"),
        {
            "venue": venue,
            "kinds": ["perpetual"] if kind is FUNDING_PAST else ["perpetual", "future"],
            "symbols": list(context.symbols) if context.symbols else None,
        },
    )
    contracts = {row["instrument_id"]: (row.pop("contract_kind"), row.pop("contract_size")) for row in rows}
    return [Instrument(**row) for row in rows], contracts


def _sources(kind: PastKind, venue: str, sources: Sources, contracts: Contracts) -> dict[str, PastSource]:
    """The ways to the past of a venue's futures, in the order in which they are tried."""
    past = VENUES[venue].past if venue in VENUES else None
    if past is None:
        return {}
    found: dict[str, PastSource] = {}
    series: PastSeries | None = past.funding if kind is FUNDING_PAST else past.open_interest
    if series is not None:
        found[REST] = RestPast(
            series,
            sources.venue(venue).ask,
            lambda instrument: contracts[instrument.instrument_id][0] or "linear",
            kind.beside,
        )
    if past.archives is not None:
        cache = ArchiveCache(sources.settings.home / "archives", sources.settings, sources.gateway)
        found[ARCHIVE] = ArchivePast(kind.files, past.archives, cache)
    return found


def _fetching(
    kind: PastKind,
    rules: RuleSet,
    sources: dict[str, PastSource],
    contracts: Contracts,
    context: FillContext,
    now: datetime,
) -> Fetching[Instrument, Page[pl.DataFrame]]:
    def ask(instrument: Instrument, start: datetime, end: datetime) -> Iterator[Page[pl.DataFrame]]:
        for first, last, order in _steps(instrument, sources, start, end, now):
            yield from pages_in_turn(sources, order, instrument, (first, last), now, kind.dataset)

    return Fetching(
        FetchStore(context.sources.database, kind.dataset),
        PastRules(context.sources.database, kind, now, rules.guard(), contracts, max(len(sources), 1)),
        ask,
        Batch(context.batch, context.run_id),
        now,
    )


def _steps(
    instrument: Instrument, sources: dict[str, PastSource], start: datetime, end: datetime, now: datetime
) -> Iterator[tuple[datetime, datetime, tuple[str, ...]]]:
    """Stretches with the sources to be tried: what REST does not keep is not asked for over it."""
    past = sources.get(REST)
    reach = past.series.reach if isinstance(past, RestPast) else None
    edge = start if reach is None else min(max(_whole_day(now - reach), start), end)
    for first, last in pairwise([start, edge, end]):
        old = last <= edge and reach is not None
        order = tuple(name for name in sources if not (old and name == REST))
        if first < last and order:
            yield first, last, order


def _whole_day(moment: datetime) -> datetime:
    """The first midnight from a moment on."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == moment else midnight + timedelta(days=1)


def _result(
    venue: str, days: Sequence[date], outcomes: Sequence[Outcome[Instrument]], sources: Sources
) -> FillResult:
    written = sum((each.written for each in outcomes), Written())
    failed = [each for each in outcomes if each.error is not None]
    good = len(outcomes) - len(failed)
    answered = {(venue, day) for day in days} if good or not outcomes else set()
    return FillResult(
        inserted=written.inserted,
        changed=written.changed,
        unchanged=written.unchanged,
        quarantined=sum(each.quarantined for each in outcomes),
        written=frozenset(answered),
        missing={str(each.subject): str(each.error) for each in failed},
        failed=bool(outcomes) and good < sources.settings.history.min_coverage * len(outcomes),
    )


def _and(one: FillResult, other: FillResult) -> FillResult:
    return FillResult(
        one.inserted + other.inserted,
        one.changed + other.changed,
        one.unchanged + other.unchanged,
        one.quarantined + other.quarantined,
        one.written | other.written,
        {**one.missing, **other.missing},
        one.failed or other.failed,
    )


def _counts(outcomes: Sequence[Outcome[Instrument]]) -> str:
    rows, pages = sum(each.rows for each in outcomes), sum(each.pages for each in outcomes)
    failed = sum(each.error is not None for each in outcomes)
    return f"{rows:,} rows in {pages:,} pages" + (f", {failed:,} failed" if failed else "")
