"""Which snapshots a check may ask summaries of."""

from datetime import UTC, datetime, timedelta

import polars as pl

from alphapulse_assets.options.checks import SNAPSHOTS_AGAIN, SUMMED_UP_WITHIN, newest_due

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_snapshot_that_was_just_taken_has_its_minutes_and_older_ones_have_no_excuse() -> None:
    times = [NOW - SUMMED_UP_WITHIN + SECOND, *(NOW - SUMMED_UP_WITHIN - n * SECOND for n in range(1, 6))]
    chain = pl.DataFrame({"currency": "BTC", "ts": times})
    assert newest_due(chain, NOW)["ts"].to_list() == times[SNAPSHOTS_AGAIN:0:-1]
    assert newest_due(chain, NOW - timedelta(days=1)).is_empty()
