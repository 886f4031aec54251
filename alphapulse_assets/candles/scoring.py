"""Flag and score venue-days: read candles, ask `quality`, write flags and scores."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import dagster as dg
import polars as pl

from alphapulse_assets.candles.quality import DEFAULT_RULES, LOGIC_VERSION, flag, score_day
from alphapulse_assets.core.plots import coverage_picture
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import statement
from alphapulse_resources.venues.model import Instrument

DAY = timedelta(days=1)


def score_days(store: CandleStore, days: Mapping[str, Sequence[date]], *, now: datetime) -> dict[str, Any]:
    """Write flags and scores of every tracked symbol; returns metadata with the worst days and a picture."""
    scored: list[dict[str, Any]] = []
    for venue, venue_days in days.items():
        for instrument in store.tracked(venue):
            scored += _score(store, instrument, min(venue_days), max(venue_days), now)
    worst = sorted((row for row in scored if row["score"] is not None), key=lambda row: row["score"])
    return {
        "dagster/partition_row_count": len(scored),
        "flagged": sum(row["flagged"] for row in scored),
        **(
            {"score_min": round(worst[0]["score"], 2), "score_median": round(_median(worst), 2)}
            if worst
            else {}
        ),
        **({"worst": _table(worst[:10]), "coverage_picture": _picture(scored)} if scored else {}),
    }


def _score(
    store: CandleStore, instrument: Instrument, first: date, last: date, now: datetime
) -> list[dict[str, Any]]:
    """Flags and scores of the days from `first` to `last`, written in one transaction."""
    key = instrument.instrument_id
    start, end = _midnight(first), min(_midnight(last) + DAY, now)
    candles = store.database.read(statement("quality/candles"), (key, start, end))
    reference = store.database.read(statement("quality/reference"), (key, start, end))
    before = store.database.read(statement("quality/warmup"), (key, start, DEFAULT_RULES.warmup_bars))
    flags = flag(
        candles.drop("live_delay"),
        "1m",
        before=before,
        reference=reference if reference.height else None,
    )
    compared = candles.join(reference, on="ts", how="semi") if reference.height else candles.clear()
    counts = store.database.rows(
        statement("quality/counts"), {"instrument_id": key, "first": first, "last": last}
    )
    rows = [_day(instrument, row, candles, flags, compared, now) for row in counts if row["expected"] > 0]
    with store.database.transaction() as connection, connection.cursor() as cursor:
        store.lock(connection, key)
        window = {"instrument_id": key, "start": start, "end": end, "logic_version": LOGIC_VERSION}
        cursor.execute(statement("quality/forget_flags"), window)
        cursor.executemany(
            statement("quality/record_flag"),
            [
                {**row, "instrument_id": key, "logic_version": LOGIC_VERSION}
                for row in flags.iter_rows(named=True)
            ],
        )
        cursor.executemany(statement("quality/record_score"), rows)
    return rows


def _day(
    instrument: Instrument,
    counts: Mapping[str, Any],
    candles: pl.DataFrame,
    flags: pl.DataFrame,
    compared: pl.DataFrame,
    now: datetime,
) -> dict[str, Any]:
    """The score of one day as a row."""
    day: date = counts["day"]
    of_day = pl.col("ts").dt.date() == day
    flags_of_day, bars = flags.filter(of_day), candles.filter(of_day)
    # candles from before the listing time a venue states would count as more than expected
    present = min(bars.height, counts["expected"])
    judged = score_day(
        expected=counts["expected"],
        present=present,
        venue_had_none=min(counts["venue_had_none"], counts["expected"] - present),
        quarantined=counts["quarantined"],
        flags=flags_of_day,
        live_delays=bars["live_delay"].drop_nulls(),
        compared=compared.filter(of_day).height,
    )
    return {
        "instrument_id": instrument.instrument_id,
        "symbol": str(instrument),
        "day": day,
        "score": judged.score,
        "completeness": judged.present_share,
        "explained": judged.completeness,
        "validity": judged.validity,
        "consistency": judged.consistency,
        "timeliness": judged.timeliness,
        "agreement": judged.agreement,
        "coverage_of_score": judged.coverage_of_score,
        "expected": counts["expected"],
        "present": present,
        "venue_had_none": counts["venue_had_none"],
        "quarantined": counts["quarantined"],
        "flagged": flags_of_day["ts"].n_unique(),
        "logic_version": LOGIC_VERSION,
        "known_at": min(now, _midnight(day) + DAY),
    }


def _picture(rows: Sequence[Mapping[str, Any]]) -> dg.MarkdownMetadataValue:
    frame = pl.DataFrame(
        {
            "instrument": [row["symbol"] for row in rows],
            "day": [row["day"] for row in rows],
            "share": [row["completeness"] for row in rows],
        },
        schema={"instrument": pl.String, "day": pl.Date, "share": pl.Float64},
    )
    return dg.MetadataValue.md(coverage_picture(frame))


def _table(rows: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue:
    parts = ("score", "completeness", "explained", "validity", "consistency", "timeliness", "agreement")
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "symbol": row["symbol"],
                    "day": row["day"].isoformat(),
                    **{part: None if row[part] is None else round(row[part], 4) for part in parts},
                }
            )
            for row in rows
        ],
        schema=dg.TableSchema(
            [
                dg.TableColumn("symbol"),
                dg.TableColumn("day"),
                *(dg.TableColumn(part, "float") for part in parts),
            ]
        ),
    )


def _median(rows: Sequence[Mapping[str, Any]]) -> float:
    middle: Any = pl.Series([row["score"] for row in rows]).median()
    return float(middle)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
