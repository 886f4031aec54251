"""Bars of an hour and of a day from before there are minutes: what is asked of a venue, judged and stored.

They reach from the listing, or as far back as settings and venue allow, to the end of the week in which the
minutes of a symbol begin: so every longer bar has a whole one, and minutes take over where they are all
there. A page is one transaction, with how far the venue has answered (`coarse_ledger`); a fetch that is cut
short goes on there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from alphapulse_assets.candles.validation import validate
from alphapulse_assets.datasets.fetching import DAY, Outcome, Progress, fetch_each, midnight
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS
from alphapulse_resources.database.fetch_store import Batch
from alphapulse_resources.database.upsert import OHLCV_NATIVE
from alphapulse_resources.frames import TIMEFRAMES, floor_time
from alphapulse_resources.venues.coarse import COARSE, coarse_reach
from alphapulse_resources.venues.model import CandlePage, Instrument, VenueError

WEEK: Final = timedelta(weeks=1)
_MICROSECOND: Final = timedelta(microseconds=1)


class CoarseClient(Protocol):
    """What is needed of a venue client."""

    def coarse_candles(
        self, instrument: Instrument, timeframe: str, start: datetime, end: datetime, *, now: datetime
    ) -> Iterator[CandlePage]:
        """Pages of closed bars that together cover the window."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of its own bars a symbol is given, `[start, end)`; empty where there are none to ask for."""

    timeframe: str
    start: datetime
    end: datetime
    whole: bool = True
    """Whether it ends there for good; else more of it closes from now on."""


def wanted(
    instrument: Instrument,
    minutes_from: datetime | None,
    reach: Mapping[str, int],
    first: date,
    now: datetime,
) -> list[Wanted]:
    """What to ask for of a symbol by each timeframe. Pure.

    Args:
        instrument: when it was listed and delisted, as far as that is known.
        minutes_from: when its minutes begin, or are to.
        reach: days back, by timeframe.
        first: the first day that is asked for of anything.
        now: the moment it is asked.
    """
    found = []
    for timeframe in COARSE:
        served = coarse_reach(instrument.venue, timeframe)
        days = reach.get(timeframe, 0)
        if served is None or not days:
            continue
        length = TIMEFRAMES[timeframe]
        starts = [midnight(first), midnight(now.date() - days * DAY)]
        starts += [] if served == timedelta.max else [floor_time(now - served, timeframe) + length]
        starts += [floor_time(instrument.listed_at, timeframe)] if instrument.listed_at else []
        ends = [floor_time(minutes_from, "1w") + TIMEFRAMES["1w"]] if minutes_from else []
        ends += [floor_time(instrument.delisted_at, timeframe)] if instrument.delisted_at else []
        start = floor_time(max(starts) + length - _MICROSECOND, timeframe)
        closed = floor_time(now, timeframe)
        end = min([closed, *ends])
        if start < end and (minutes_from is None or start < minutes_from):
            found.append(Wanted(timeframe, start, end, whole=bool(ends) and min(ends) <= closed))
    return found


def due(
    store: CandleStore,
    venue: str,
    reach: Mapping[str, int],
    first: date,
    now: datetime,
    resting: Collection[int] = (),
) -> list[tuple[Instrument, Wanted]]:
    """What tracked instruments of a venue lack, and the venue was not asked for yet.

    `resting` are instruments whose venue has just failed to answer.
    """
    instruments = [each for each in store.tracked(venue) if each.instrument_id not in resting]
    begins, known = minutes_from(store, instruments), answered(store)
    found = []
    for instrument in instruments:
        for part in wanted(instrument, begins.get(instrument.instrument_id), reach, first, now):
            told = known.get((instrument.instrument_id, part.timeframe))
            start = told[1] if told is not None and told[0] <= part.start else part.start
            # what closes in the week in which the minutes begin is asked for when that week is over
            waits = start > part.start and not part.whole and part.end - start < WEEK
            if start < part.end and not waits:
                found.append((instrument, replace(part, start=start)))
    return found


@dataclass(frozen=True, slots=True)
class CoarseFetch:
    """Everything a fetch needs besides what to fetch. `now` is fixed for the whole of it."""

    client: CoarseClient
    store: CandleStore
    batch: Batch
    now: datetime
    reach: Mapping[str, int]
    first: date
    progress: Progress[Instrument] | None = None
    workers: int = 4

    def days(self, instruments: Sequence[Instrument], days: Sequence[date]) -> list[Outcome[Instrument]]:
        """Fetch what is wanted of whole UTC days, asked for before or not."""
        first, end = midnight(min(days)), midnight(max(days)) + DAY
        minutes = minutes_from(self.store, instruments)

        def run(instrument: Instrument, outcome: Outcome[Instrument]) -> None:
            begins = minutes.get(instrument.instrument_id)
            for part in wanted(instrument, begins, self.reach, self.first, self.now):
                asked = replace(part, start=max(part.start, first), end=min(part.end, end))
                if asked.start < asked.end and outcome.error is None:
                    self._fetch(instrument, asked, outcome)

        return fetch_each(instruments, run, workers=self.workers)

    def _fetch(self, instrument: Instrument, part: Wanted, outcome: Outcome[Instrument]) -> None:
        begin = part.start
        try:
            pages = self.client.coarse_candles(instrument, part.timeframe, part.start, part.end, now=self.now)
            for page in pages:
                self._store(instrument, part, page, outcome)
                if self.progress is not None:
                    self.progress(instrument, page.end, part.end, outcome.rows)
                begin = page.end
        except VenueError as error:
            outcome.error = error
            outcome.fetches.extend(error.fetches)
            self._failed(instrument, replace(part, start=begin), error)

    def _store(
        self, instrument: Instrument, part: Wanted, page: CandlePage, outcome: Outcome[Instrument]
    ) -> None:
        """One transaction: bars and longer ones of them, what was wrong with others, how far it answers."""
        valid = validate(page.candles, part.timeframe, now=self.now, window=(page.start, page.end))
        bad = [
            *valid.quarantined.iter_rows(named=True),
            *({"ts": each.ts, "reasons": [each.reason], "payload": each.payload} for each in page.rejects),
        ]
        key, source = instrument.instrument_id, page.source
        with self.store.database.transaction() as connection:
            self.store.lock(connection, key)
            written = self.store.write(
                connection,
                key,
                valid.candles,
                source=source,
                received_at=datetime.now(UTC),
                timeframe_id=TIMEFRAME_IDS[part.timeframe],
            )
            if bad:
                self.store.quarantine(connection, key, bad, dataset=OHLCV_NATIVE.name, source=source)
            told = {"start": page.start, "end": page.end, "rows": valid.candles.height, "bad": len(bad)}
            connection.execute(
                statement("candles/coarse_answered"),
                {"instrument_id": key, "timeframe_id": TIMEFRAME_IDS[part.timeframe], **told},
            )
            self.store.log_fetches(
                connection,
                page.fetches,
                venue=instrument.venue,
                instrument_id=key,
                run_id=self.batch.run_id,
                dataset=OHLCV_NATIVE.name,
            )
        outcome.written += written
        outcome.quarantined += len(bad)
        outcome.duplicates += valid.duplicates
        outcome.pages += 1
        outcome.fetches.extend(page.fetches)

    def _failed(self, instrument: Instrument, part: Wanted, error: VenueError) -> None:
        key = {
            "instrument_id": instrument.instrument_id,
            "timeframe_id": TIMEFRAME_IDS[part.timeframe],
        }
        with self.store.database.transaction() as connection:
            connection.execute(statement("candles/coarse_failed"), {**key, "error": str(error)[:1000]})
            self.store.log_fetches(
                connection,
                error.fetches,
                venue=instrument.venue,
                instrument_id=instrument.instrument_id,
                run_id=self.batch.run_id,
                dataset=OHLCV_NATIVE.name,
            )


def answered(store: CandleStore) -> dict[tuple[int, str], tuple[datetime, datetime]]:
    """What venues have answered for, by instrument and timeframe."""
    rows = store.database.rows(
        "SELECT l.instrument_id, t.timeframe, l.fetched_from, l.fetched_until FROM coarse_ledger AS l"
        " JOIN timeframes AS t USING (timeframe_id) WHERE l.fetched_until IS NOT NULL"
    )
    return {
        (row["instrument_id"], row["timeframe"]): (row["fetched_from"], row["fetched_until"]) for row in rows
    }


def minutes_from(store: CandleStore, instruments: Sequence[Instrument]) -> dict[int, datetime]:
    """When the minutes of instruments begin, or are to: what is stored, and what history they are given."""
    rows = store.database.rows(
        statement("candles/minutes_from"), {"ids": [each.instrument_id for each in instruments]}
    )
    return {row["instrument_id"]: row["minutes_from"] for row in rows if row["minutes_from"] is not None}
