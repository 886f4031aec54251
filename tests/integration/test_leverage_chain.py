"""From the venues' answers over a real socket to snapshots: two venues of the simulated market."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from futures_support import ask, sources_on, track_contracts

from alphapulse_assets.futures.leverage.stored import snapshot_rows
from alphapulse_resources.database.client import Database
from alphapulse_resources.frames import floor_time
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)
HOUR = timedelta(hours=1)


def test_what_venues_told_is_in_the_snapshot_of_the_hour_after(
    database: Database, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    simulator.set_clock(now)  # what is told is known when it comes, by our clock
    with sources_on(database, simulator.url, tmp_path) as sources:
        for venue in ("binanceusdm", "bybit"):
            track_contracts(database, venue, ["BTC", "ETH"])
            for kind in ("mark_prices", "open_interest", "funding_rates"):
                assert ask(sources, f"{kind} {venue}", now).error is None
    hour = floor_time(datetime.now(UTC), "1h") + HOUR
    rows = {row["instrument_id"]: row for row in snapshot_rows(database, (hour, hour + HOUR)).to_dicts()}
    told = database.rows("SELECT * FROM futures_now")
    assert len(rows) == len(told) == 4
    for each in told:
        row = rows[each["instrument_id"]]
        assert row["ts"] == row["known_at"] == hour
        assert (row["open_interest_base"], row["open_interest_quote"]) == (
            each["base_amount"],
            each["quote_value"],
        )
        assert (row["price"], row["price_source"]) == (each["mark_price"], "mark")
        assert row["funding_annual"] == pytest.approx(
            each["settled_rate"] * 8760 / each["settled_interval_hours"]
        )
    # the hour that is not over when it was told knows nothing of it
    assert snapshot_rows(database, (hour - HOUR, hour)).is_empty()
