"""Whole days of what contracts say, from the venues' histories and the bulk archives.

Each instrument's days are asked for in pages, in turn of the sources: over REST as far back as the venue
keeps it, else from the archives. What nobody keeps is a gap, told by a page without rows, and is not asked
for again. A page is a transaction with its ledger, so that a killed fill goes on where it was.
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
from alphapulse_assets.futures.history.kinds import RATIOS_PAST, Past, PastKind
from alphapulse_assets.futures.history.past_rules import Contracts, PastRules
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.fetch_store import Batch, FetchStore
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.futures_history.archive_source import ArchivePast
from alphapulse_resources.futures_history.archives import read_ratios
from alphapulse_resources.futures_history.files.options import OPEN_INTEREST
from alphapulse_resources.futures_history.rest import REST, RestParts, RestPast
from alphapulse_resources.venues.archive_cache import ArchiveCache
from alphapulse_resources.venues.model import Instrument, Page
from alphapulse_resources.venues.plan import ARCHIVE
from alphapulse_resources.venues.registry import VENUES
from alphapulse_resources.venues.sources import Source, pages_in_turn

WORKERS: Final = 4
"""Instruments that are asked for at once (ours): the limiter is what holds them back."""
NOTHING: Final = "the venue's futures have no history that is asked for"
ARCHIVED_IN: Final = {RATIOS_PAST.dataset: OPEN_INTEREST}
"""Data sets that stand in the files of another: ratios beside open interest, in the metrics."""
READERS: Final = {RATIOS_PAST.dataset: read_ratios}
PastSource = Source[Instrument, Page[pl.DataFrame]]


def fill_past(kind: Past, rules: RuleSet, context: FillContext, *, now: datetime | None = None) -> FillResult:
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


def fill_with(kind: Past, rules: RuleSet) -> Callable[[FillContext], FillResult]:
    """The fill of a kind, as its data set declares it; `rules` are those of its collectors too."""
    return partial(fill_past, kind, rules)


def venues_with(kind: Past) -> tuple[str, ...]:
    """The venues that tell the past of a kind."""
    return tuple(name for name, each in VENUES.items() if each.past and each.past.series(kind.dataset))


def _fetch(
    fetching: Fetching[Instrument, Page[pl.DataFrame]],
    days: Sequence[date],
    instrument: Instrument,
    outcome: Outcome[Instrument],
) -> None:
    fetching.days(instrument, days, outcome)


def _instruments(
    kind: Past, venue: str, context: FillContext
) -> tuple[list[Instrument], dict[int, tuple[str | None, float | None]]]:
    """Tracked contracts of a venue that have such a past; dated ones have no funding."""
    rows = context.sources.database.rows(
        statement("futures_history/tracked"),
        {
            "venue": venue,
            "kinds": list(kind.contracts),
            "symbols": list(context.symbols) if context.symbols else None,
        },
    )
    contracts = {row["instrument_id"]: (row.pop("contract_kind"), row.pop("contract_size")) for row in rows}
    return [Instrument(**row) for row in rows], contracts


def _sources(kind: Past, venue: str, sources: Sources, contracts: Contracts) -> dict[str, PastSource]:
    """The ways to the past of a venue's futures, in the order in which they are tried."""
    past = VENUES[venue].past if venue in VENUES else None
    if past is None:
        return {}
    found: dict[str, PastSource] = {}
    ask, parts = sources.venue(venue).ask, past.series(kind.dataset).values()

    def contract(instrument: Instrument) -> str:
        return contracts[instrument.instrument_id][0] or "linear"

    if parts:
        found[REST] = RestParts([RestPast(series, ask, contract, kind.beside) for series in parts])
    files = kind.files if isinstance(kind, PastKind) else ARCHIVED_IN.get(kind.dataset)
    if past.archives is not None and files is not None:
        cache = ArchiveCache(sources.settings.home / "archives", sources.settings, sources.gateway)
        found[ARCHIVE] = ArchivePast(files, past.archives, cache, READERS.get(kind.dataset))
    return found


def _fetching(
    kind: Past,
    rules: RuleSet,
    sources: dict[str, PastSource],
    contracts: Contracts,
    context: FillContext,
    now: datetime,
) -> Fetching[Instrument, Page[pl.DataFrame]]:
    def ask(instrument: Instrument, start: datetime, end: datetime) -> Iterator[Page[pl.DataFrame]]:
        for first, last, order in _steps(sources, start, end, now):
            if order:
                yield from pages_in_turn(sources, order, instrument, (first, last), now, kind.dataset)
            else:
                yield Page(REST, first, last, pl.DataFrame(schema=kind.schema))

    database, ways = context.sources.database, max(len(sources), 1)
    return Fetching(
        FetchStore(database, kind.dataset),
        PastRules(database, kind, now, rules.guard(), contracts, ways, _series(sources)),
        ask,
        Batch(context.batch, context.run_id),
        now,
    )


def _series(sources: dict[str, PastSource]) -> int:
    """How many rows a moment has where none is missing."""
    past = sources.get(REST)
    return len(past.parts) if isinstance(past, RestParts) else 1


def _steps(
    sources: dict[str, PastSource], start: datetime, end: datetime, now: datetime
) -> Iterator[tuple[datetime, datetime, tuple[str, ...]]]:
    """Stretches with the sources to be tried: what REST does not keep is not asked for over it.

    Where there is no source at all nobody keeps it.
    """
    past = sources.get(REST)
    reach = past.reach if isinstance(past, RestParts) else None
    edge = start if reach is None else min(max(_whole_day(now - reach), start), end)
    for first, last in pairwise([start, edge, end]):
        old = last <= edge and reach is not None
        order = tuple(name for name in sources if not (old and name == REST))
        if first < last:
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
