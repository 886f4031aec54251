"""The gap ledger of funding rates and open interest: which moments lack a row, and who was asked for them."""

from collections.abc import Sequence
from datetime import datetime

from alphapulse_assets.candles.gap_rows import gap_of, row_of
from alphapulse_assets.candles.gaps import Gap, Stretch, Verification, reconcile
from alphapulse_resources.database.fetch_store import Connection, FetchStore


def update_gap_books(
    store: FetchStore,
    connection: Connection,
    instrument_id: int,
    window: tuple[datetime, datetime],
    absent: Sequence[Stretch],
    *,
    source: str,
    answered: bool,
    sources_available: int,
    now: datetime,
) -> list[Gap]:
    """Bring the gap ledger of a window up to date with the stretches that lack rows now.

    `answered` says that `source` was asked for the whole window: what is missing it does not have.
    """
    start, end = window
    if start >= end:
        return []
    known = store.known_gaps(connection, instrument_id, start, end)
    inside = [
        Stretch(max(each.start, start), min(each.end, end))
        for each in absent
        if max(each.start, start) < min(each.end, end)
    ]
    if not inside and not known:
        return []
    gaps = reconcile(
        [gap_of(row) for row in known],
        inside,
        Stretch(start, end),
        now=now,
        repaired_from=source,
        answered_by=(Verification(source, now),) if answered else (),
        sources_available=sources_available,
    )
    store.replace_gaps(connection, instrument_id, start, end, [row_of(gap, known, now) for gap in gaps])
    return gaps
