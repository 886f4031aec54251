"""From a candle file to the tables: judged like everything else, stored in chunks, gaps and all.

What belongs here is the order of things; `candle_files` knows how to read, `validation` what is right,
`import_checks` what fits, the store how to write. A chunk is one transaction, so an import that is cut short
loses the chunk in flight and can simply be repeated, or undone as far as it came.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from alphapulse_assets.candles.gaps import Gap, GapState, Stretch
from alphapulse_assets.candles.import_checks import conflicts, far_from_stored, other_grid, two_levels
from alphapulse_assets.candles.import_report import FileReport, report_of, storable
from alphapulse_assets.candles.ingest import independent, update_gaps
from alphapulse_assets.candles.native import Comparison, compare_native
from alphapulse_assets.candles.off_grid_flags import flag_off_grid, told_off_grid
from alphapulse_assets.candles.validation import Validated, validate
from alphapulse_resources.candle_files import CandleFile
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.fetch_store import Connection
from alphapulse_resources.database.import_log import note_chunk
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.frames import AGGREGATED, CANDLE_SCHEMA, TIMEFRAMES
from alphapulse_resources.off_grid import OFF_GRID_SCHEMA, floor_times
from alphapulse_resources.venues.registry import VENUES

SOURCE: Final = "import"
CHUNK_ROWS: Final = 200_000
"""Rows stored in one transaction: some 30 MB, half a second (ours)."""
QUARANTINED_ROWS: Final = 1_000
"""Bad rows of one file that are kept, the first ones: enough to see what is wrong with it. A file of the
wrong timeframe has hundreds of thousands, which would fill the table and take a minute (ours)."""
BESIDE: Final = 10
"""Bars before and after a file whose stored candles it is held against (ours)."""
SPARSE_ROWS: Final = 20_000
"""A file of fewer rows, spread over fifty times as many bars, has only its own times looked up (ours)."""

Progress = Callable[[int, int], None]
"""Called after each chunk with the candles handled and the candles of the file."""


class FileRefusedError(Exception):
    """A file's candles cannot be stored. The message names the file and says why."""


class ImportStoppedError(Exception):
    """A file's candles look like another instrument's: nothing of it was stored, nor should more be."""


@dataclass(frozen=True, slots=True)
class CandleImport:
    """An import of files of one instrument and timeframe. Call `file` for each, then `finish` once.

    An unknown venue or symbol becomes known (but not tracked). `now` is fixed for the whole of it. A dry run
    does everything and rolls it back. `force` stores candles that do not look like the instrument's. What is
    written is noted for the import `import_id`, if given, so that it can be undone.
    """

    store: CandleStore
    venue: str
    symbol: str
    timeframe: str
    now: datetime
    dry_run: bool = False
    chunk_rows: int = CHUNK_ROWS
    force: bool = False
    import_id: int | None = None
    earlier: list[pl.DataFrame] = field(default_factory=list)
    """Candles of earlier files of a dry run, which are not in the database."""

    @property
    def dataset(self) -> str:
        """The table the candles go to."""
        return "ohlcv_1m" if self.timeframe == "1m" else "ohlcv_native"

    def file(self, file: CandleFile, progress: Progress | None = None) -> FileReport:
        """Validate and store the candles of a file; bad rows go to quarantine, the first QUARANTINED_ROWS.

        Raises:
            FileRefusedError: its bars begin where ours do not.
            ImportStoppedError: its candles look like those of another instrument. Nothing was stored.
        """
        file, off_grid = _floored(file, self.timeframe)
        if grid := other_grid(file.candles["ts"], self.timeframe):
            raise FileRefusedError(f"{file.path.name}: {grid}{_grid_hint(self.timeframe)}")
        valid = validate(file.candles, self.timeframe, now=self.now, payloads=QUARANTINED_ROWS)
        report = self._held_against_stored(file, valid)
        bad = [
            *valid.quarantined.head(QUARANTINED_ROWS).iter_rows(named=True),
            *({"ts": r.ts, "reasons": [r.reason], "payload": storable(r.payload)} for r in file.rejects),
        ][:QUARANTINED_ROWS]
        written, gaps, done = Written(), dict[datetime, Gap](), 0
        for candles, end in self._chunks(valid.candles):
            chunk_written, chunk_gaps = self._store(candles, end, bad if done == 0 else (), off_grid)
            written += chunk_written
            gaps |= {gap.start: gap for gap in chunk_gaps}
            done += candles.height
            if progress is not None:
                progress(done, valid.candles.height)
        if valid.candles.is_empty() and bad:
            self._store(valid.candles, self.now, bad, off_grid)
        if self.dry_run:
            self.earlier.append(valid.candles)
        report = replace(report, written=written, quarantine_kept=len(bad))
        if self.timeframe != "1m":
            return report
        still_open = [gap for gap in gaps.values() if gap.state is not GapState.REPAIRED]
        return replace(report, gaps=tuple(Stretch(gap.start, gap.end) for gap in still_open))

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

    # before it is written --------------------------------------------------------------------------------

    def _held_against_stored(self, file: CandleFile, valid: Validated) -> FileReport:
        """The report on a file that fits, with what is stored otherwise."""
        candles, report = valid.candles, report_of(file, valid, TIMEFRAMES[self.timeframe])
        instrument_id = self._instrument()
        report = replace(report, new_instrument=instrument_id is None)
        if candles.is_empty():
            return report
        stored = self._stored(instrument_id, candles)
        if not self.force and (why := self._misfit(instrument_id, candles, stored)):
            raise ImportStoppedError(
                f"{file.path.name}: {why}; nothing of it was stored as {self.venue} {self.symbol}. "
                "If it is right all the same: --force"
            )
        return replace(report, conflicts=conflicts(candles, stored))

    def _misfit(self, instrument_id: int | None, candles: pl.DataFrame, stored: pl.DataFrame) -> str | None:
        closes = [stored.select("ts", "close")]
        if self.timeframe in AGGREGATED and instrument_id is not None:
            query = statement("import/aggregated_bars", relation=f"ohlcv_{self.timeframe}")
            window = candles["ts"][0], candles["ts"][-1] + TIMEFRAMES[self.timeframe]
            closes.append(self.store.database.read(query, (instrument_id, *window)).select("ts", "close"))
        beside = stored.join(candles, on="ts", how="anti")
        return far_from_stored(candles, pl.concat(closes).unique("ts")) or two_levels(
            pl.concat([candles, beside]), self.timeframe
        )

    def _stored(self, instrument_id: int | None, candles: pl.DataFrame) -> pl.DataFrame:
        """What is stored at the times of candles, around and between them: CANDLE_SCHEMA."""
        frames = [frame.select(CANDLE_SCHEMA.names()) for frame in self.earlier]
        if instrument_id is not None:
            step, ts = TIMEFRAMES[self.timeframe], candles["ts"]
            sparse = ts.len() <= SPARSE_ROWS and (ts[-1] - ts[0]) // step > 50 * ts.len()
            frames.append(
                self.store.database.read(
                    statement("import/stored_minutes" if self.timeframe == "1m" else "import/stored_bars"),
                    (
                        instrument_id,
                        self.timeframe,
                        ts[0] - BESIDE * step,
                        ts[-1] + BESIDE * step,
                        ts.to_list() if sparse else None,
                    ),
                )
            )
        return pl.concat([pl.DataFrame(schema=CANDLE_SCHEMA), *frames]).unique("ts", keep="last")

    def _instrument(self) -> int | None:
        """Key of the instrument, if it is known already."""
        rows = self.store.database.rows(
            statement("instruments/by_symbol"), {"venue": self.venue, "symbol": self.symbol}
        )
        return int(rows[0]["instrument_id"]) if rows else None

    # writing ---------------------------------------------------------------------------------------------

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
        self, candles: pl.DataFrame, end: datetime, bad: Sequence[Mapping[str, Any]], off_grid: pl.DataFrame
    ) -> tuple[Written, list[Gap]]:
        """One transaction: candles, quarantine and, for minutes, the gap ledger up to `end`."""
        database = self.store.database
        with database.transaction() as connection, connection.transaction(force_rollback=self.dry_run):
            instrument_id, timeframe_id = self._keys(connection)
            self.store.lock(connection, instrument_id)
            received_at = _server_time(connection)
            written = self.store.write(
                connection,
                instrument_id,
                candles,
                source=SOURCE,
                received_at=received_at,
                timeframe_id=timeframe_id,
            )
            flag_off_grid(connection, instrument_id, candles, off_grid)
            if self.import_id is not None and written.inserted + written.changed:
                key, window = (instrument_id, timeframe_id), (candles["ts"][0], candles["ts"][-1])
                note_chunk(connection, self.import_id, received_at, key, window, written)
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


def _server_time(connection: Connection) -> datetime:
    """Now, by the clock that revisions are stamped by; different in each chunk of an instrument."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None  # a SELECT without FROM returns one row
    return row[0].astimezone(UTC)  # type: ignore[no-any-return]


def _grid_hint(timeframe: str) -> str:
    zone = (
        "; dates are of UTC days unless --timezone says otherwise" if timeframe in ("1d", "3d", "1w") else ""
    )
    return (
        f". Bars of another grid are not stored: import a finer timeframe, of which AlphaPulse makes its own "
        f"{timeframe} bars{zone}"
    )


def _floored(file: CandleFile, timeframe: str) -> tuple[CandleFile, pl.DataFrame]:
    """The file with whole stretches of minutes that open off the grid floored, said so, and their times."""
    if timeframe != "1m":
        return file, pl.DataFrame(schema=OFF_GRID_SCHEMA)
    candles, off_grid = floor_times(file.candles)
    assumptions = (*file.assumptions, *told_off_grid(off_grid))
    return replace(file, candles=candles, assumptions=assumptions), off_grid
