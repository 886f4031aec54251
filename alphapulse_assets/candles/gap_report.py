"""Detect the gaps of venue-days and count them by state."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.candles.ingest import independent, update_gaps
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.frames import floor_time
from alphapulse_resources.venues.coverage import SETTLING
from alphapulse_resources.venues.model import Instrument
from alphapulse_resources.venues.registry import find_venue

LONGEST_SHOWN: Final = 20


def gap_report(store: CandleStore, days: Mapping[str, Sequence[date]], *, now: datetime) -> dict[str, Any]:
    """Metadata: number of gaps and minutes by state, and a table of the longest open ones."""
    counts: Counter[str] = Counter()
    minutes: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    for venue, venue_days in days.items():
        for instrument in store.tracked(venue):
            for row in _detect(store, instrument, venue_days, now):
                length = int((row["gap_end"] - row["gap_start"]) / timedelta(minutes=1))
                counts[row["state"]] += 1
                minutes[row["state"]] += length
                if row["state"] == "detected":
                    rows.append({"symbol": str(instrument), "minutes": length, **row})
    rows.sort(key=lambda row: -row["minutes"])
    return {
        **{f"gaps_{state}": counts[state] for state in ("detected", "repaired", "venue_had_none")},
        **{f"minutes_{state}": minutes[state] for state in ("detected", "repaired", "venue_had_none")},
        **({"open": _table(rows[:LONGEST_SHOWN])} if rows else {}),
    }


def _detect(
    store: CandleStore, instrument: Instrument, days: Sequence[date], now: datetime
) -> list[dict[str, Any]]:
    """Bring the ledger of the days up to date and return its rows, cut at the days' borders."""
    start = datetime.combine(min(days), time(), UTC)
    end = datetime.combine(max(days), time(), UTC) + timedelta(days=1)
    with store.database.transaction() as connection:
        store.lock(connection, instrument.instrument_id)
        first, newest = store.bounds(instrument.instrument_id, connection)
        if first is None or newest is None:
            return []
        start = max(start, first, instrument.listed_at or first)
        end = min(end, floor_time(now - SETTLING, "1m"), instrument.delisted_at or end)
        update_gaps(
            store,
            connection,
            instrument.instrument_id,
            (floor_time(start, "1m"), floor_time(end, "1m")),
            source=None,
            answered=False,
            sources_available=len(independent(find_venue(instrument.venue).sources)),
            now=now,
        )
        if start >= end:
            return []
        return store.known_gaps(connection, instrument.instrument_id, start, end)


def _table(rows: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "symbol": row["symbol"],
                    "start": row["gap_start"].isoformat(),
                    "minutes": row["minutes"],
                    "asked": ", ".join(item["source"] for item in row["verifications"]),
                }
            )
            for row in rows
        ],
        schema=dg.TableSchema(
            [
                dg.TableColumn("symbol"),
                dg.TableColumn("start"),
                dg.TableColumn("minutes", "int"),
                dg.TableColumn("asked", description="sources that answered without these minutes"),
            ]
        ),
    )
