"""From a candle file to the tables: judged like everything else, stored in chunks, gaps and all.

What belongs here is the order of things; `candle_files` knows how to read, `validation` what is right, the
store how to write. A chunk is one transaction, so an import that is cut short loses the chunk in flight and
can simply be repeated.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

from alphapulse_assets.candles.gaps import Gap, GapState, Stretch, missing
from alphapulse_assets.candles.ingest import independent, update_gaps
from alphapulse_assets.candles.timeframes import compare
from alphapulse_assets.candles.validation import Validated, validate
from alphapulse_resources.candle_files import CandleFile
from alphapulse_resources.candle_store import CandleStore, Connection
from alphapulse_resources.database import statement
from alphapulse_resources.frames import AGGREGATED, TIMEFRAMES, floor_time
from alphapulse_resources.upsert import Written
from alphapulse_resources.venues.registry import VENUES

SOURCE: Final = "import"
CHUNK_ROWS: Final = 200_000
"""Rows stored in one transaction: some 30 MB, half a second (ours)."""

MOST_QUARANTINED: Final = 1000
"""So many bad rows of one file are kept whole; its report counts the others by their reasons (ours)."""

COMPARED: Final = ("open", "high", "low", "close", "volume")
"""Fields of a native bar that are held against the aggregate of its minutes."""

Progress = Callable[[int, int], None]
"""Called after each chunk with the candles handled and the candles of the file."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file's rows.

    `rows` = `candles` + `duplicates` + `forming` + `quarantined` + `absent` + `other_symbols`; `written`
    tells what the candles changed. `first` is the open time of the first candle, `end` the close of the last
    one. `gaps` are stretches within [first, end) that have no bar now. In a dry run `written` and `gaps` say
    what would have been.
    """

    path: Path
    format: str
    time_unit: str | None
    assumptions: tuple[str, ...]
    rows: int
    candles: int
    duplicates: int
    forming: int
    quarantined: int
    absent: int
    other_symbols: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    first: datetime | None = None
    end: datetime | None = None
    written: Written = field(default_factory=Written)
    gaps: tuple[Stretch, ...] = ()

    @property
    def gap_minutes(self) -> int:
        """Minutes without a bar."""
        return sum((gap.end - gap.start) // timedelta(minutes=1) for gap in self.gaps)

    def longest_gaps(self, count: int = 3) -> list[Stretch]:
        """The longest gaps, longest first."""
        return sorted(self.gaps, key=lambda gap: gap.start - gap.end)[:count]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How native bars compare with aggregates of 1m candles, over the bars that both have.

    `differing` bars are in `native_differences`; `incomplete` of them lack minutes, which explains it.
    """

    timeframe: str
    bars: int
    differing: int
    incomplete: int
    fields: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CandleImport:
    """An import of files of one instrument and timeframe. Call `file` for each, then `finish` once.

    An unknown venue or symbol becomes known (but not tracked). `now` is fixed for the whole of it. A dry run
    does everything and rolls it back.
    """

    store: CandleStore
    venue: str
    symbol: str
    timeframe: str
    now: datetime
    dry_run: bool = False
    chunk_rows: int = CHUNK_ROWS

    @property
    def dataset(self) -> str:
        """The table the candles go to."""
        return "ohlcv_1m" if self.timeframe == "1m" else "ohlcv_native"

    def file(self, file: CandleFile, progress: Progress | None = None) -> FileReport:
        """Validate and store the candles of a file; bad rows go to quarantine."""
        valid = validate(file.candles, self.timeframe, now=self.now)
        report = _report(file, valid, TIMEFRAMES[self.timeframe])
        bad = [
            *valid.quarantined.head(MOST_QUARANTINED).iter_rows(named=True),
            *({"ts": r.ts, "reasons": [r.reason], "payload": _storable(r.payload)} for r in file.rejects),
        ]
        written, gaps, done = Written(), dict[datetime, Gap](), 0
        for candles, end in self._chunks(valid.candles):
            chunk_written, chunk_gaps = self._store(candles, end, bad if done == 0 else ())
            written += chunk_written
            gaps |= {gap.start: gap for gap in chunk_gaps}
            done += candles.height
            if progress is not None:
                progress(done, valid.candles.height)
        if valid.candles.is_empty() and bad:
            self._store(valid.candles, self.now, bad)
        still_open = [gap for gap in gaps.values() if gap.state is not GapState.REPAIRED]
        if self.timeframe == "1m":
            return replace(report, written=written, gaps=tuple(Stretch(g.start, g.end) for g in still_open))
        return replace(report, written=written)

    def finish(self, reports: Sequence[FileReport]) -> list[Comparison]:
        """Bring the timeframes up to date and hold native bars against them, over all that was imported."""
        starts = [report.first for report in reports if report.first is not None]
        ends = [report.end for report in reports if report.end is not None]
        if self.dry_run or not starts:
            return []
        if self.timeframe == "1m":
            self.store.database.refresh_timeframes()
        elif self.timeframe not in AGGREGATED:
            return []
        instrument_id = self.store.register(self.venue, self.symbol)
        timeframes = AGGREGATED if self.timeframe == "1m" else (self.timeframe,)
        found = (
            compare_native(self.store, instrument_id, timeframe, min(starts), max(ends))
            for timeframe in timeframes
        )
        return [comparison for comparison in found if comparison is not None]

    def _chunks(self, candles: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, datetime]]:
        """Chunks and where the next one begins, so that together they leave no stretch unseen."""
        for offset in range(0, candles.height, self.chunk_rows):
            chunk = candles.slice(offset, self.chunk_rows)
            after = offset + self.chunk_rows
            if after < candles.height:
                yield chunk, candles["ts"][after]
            else:
                yield chunk, candles["ts"][-1] + TIMEFRAMES[self.timeframe]

    def _store(
        self, candles: pl.DataFrame, end: datetime, bad: Sequence[Mapping[str, Any]]
    ) -> tuple[Written, list[Gap]]:
        """One transaction: candles, quarantine and, for minutes, the gap ledger up to `end`."""
        database = self.store.database
        with database.transaction() as connection, connection.transaction(force_rollback=self.dry_run):
            instrument_id, timeframe_id = self._keys(connection)
            self.store.lock(connection, instrument_id)
            written = self.store.write(
                connection,
                instrument_id,
                candles,
                source=SOURCE,
                received_at=datetime.now(UTC),
                timeframe_id=timeframe_id,
            )
            if bad:
                self.store.quarantine(connection, instrument_id, bad, dataset=self.dataset, source=SOURCE)
            if self.timeframe != "1m" or candles.is_empty():
                return written, []
            return written, update_gaps(
                self.store,
                connection,
                instrument_id,
                (candles["ts"][0], end),
                source=SOURCE,
                answered=False,
                sources_available=len(independent(VENUES[self.venue].sources)) if self.venue in VENUES else 1,
                now=self.now,
            )

    def _keys(self, connection: Connection) -> tuple[int, int]:
        """Keys of the instrument, made known if need be, and of the timeframe."""
        instrument = connection.execute(
            "SELECT register_instrument(%s, %s)", [self.venue, self.symbol]
        ).fetchone()
        timeframe = connection.execute(
            statement("import/timeframe_id"), {"timeframe": self.timeframe}
        ).fetchone()
        if instrument is None or timeframe is None:
            raise ValueError(
                f"this database does not know timeframe {self.timeframe!r}: run `alphapulse migrate`"
            )
        return int(instrument[0]), int(timeframe[0])


def compare_native(
    store: CandleStore, instrument_id: int, timeframe: str, start: datetime, end: datetime
) -> Comparison | None:
    """Hold native bars in a window against aggregates of 1m candles and record where they differ.

    Earlier findings of the window are replaced. None when no bar is on both sides.
    """
    database, start = store.database, floor_time(start, timeframe)
    native = database.read(statement("import/native_bars"), (instrument_id, timeframe, start, end))
    if native.is_empty():
        return None
    query = statement("import/aggregated_bars").format(relation=f"ohlcv_{timeframe}")
    aggregated = database.read(query, (instrument_id, start, end))
    both = native.join(aggregated.select("ts", "bars"), on="ts")
    if both.is_empty():
        return None
    found = compare(
        native.join(both, on="ts", how="semi"), aggregated.join(both, on="ts", how="semi")
    ).filter(pl.col("field").is_in(COMPARED))
    key = {"instrument_id": instrument_id, "timeframe": timeframe}
    with database.transaction() as connection, connection.cursor() as cursor:
        store.lock(connection, instrument_id)
        cursor.execute(statement("import/forget_differences"), {**key, "start": start, "end": end})
        cursor.executemany(
            statement("import/record_difference"), [{**key, **row} for row in found.iter_rows(named=True)]
        )
    differing = both.join(found, on="ts", how="semi")
    minutes = TIMEFRAMES[timeframe] // timedelta(minutes=1)
    return Comparison(
        timeframe=timeframe,
        bars=both.height,
        differing=differing.height,
        incomplete=differing.filter(pl.col("bars") < minutes).height,
        fields=Counter(found["field"].to_list()),
    )


def _report(file: CandleFile, valid: Validated, step: timedelta) -> FileReport:
    """All that is known of a file before it is stored; gaps are those within the file."""
    candles = valid.candles
    reasons = Counter(valid.quarantined["reasons"].explode().to_list())
    reasons.update(reject.reason for reject in file.rejects)
    reasons.update(file.more_rejects)
    first = candles["ts"][0] if candles.height else None
    end = candles["ts"][-1] + step if candles.height else None
    return FileReport(
        path=file.path,
        format=file.format,
        time_unit=file.time_unit,
        assumptions=file.assumptions,
        rows=file.rows,
        candles=candles.height,
        duplicates=valid.duplicates,
        forming=valid.forming + file.forming,
        quarantined=valid.quarantined.height + len(file.rejects) + sum(file.more_rejects.values()),
        absent=file.absent,
        other_symbols=file.other_symbols,
        reasons=reasons,
        first=first,
        end=end,
        gaps=tuple(missing(candles["ts"], first, end, step)) if first and end else (),
    )


def _storable(payload: Mapping[str, Any]) -> str:
    """A payload as JSON text; jsonb cannot hold NUL characters, so they become the symbol for them."""
    return json.dumps(payload, default=str).replace("\\u0000", "\\u2400")
