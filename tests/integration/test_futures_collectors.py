"""Futures over a real socket: what the venues answer, converted and stored, and what they refuse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from futures_support import ask, sources_on, track_contracts
from venue_support import NOW

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_resources.database.client import Database
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)
BASES = ("BTC", "ETH", "DOGE")


@pytest.fixture
def sources(database: Database, simulator: SimulatorProcess, tmp_path: Path) -> Iterator[Sources]:
    with sources_on(database, simulator.url, tmp_path) as made:
        yield made


@pytest.mark.parametrize("venue", ["binanceusdm", "bybit"])
def test_open_interest_and_prices_of_all_tracked_contracts_are_stored(sources: Sources, venue: str) -> None:
    database = sources.database
    track_contracts(database, venue, BASES)
    for kind in ("mark_prices", "open_interest"):
        done = ask(sources, f"{kind} {venue}", NOW)
        assert (done.error, done.missing, done.new, done.quarantined) == (None, {}, 3, 0)
    rows = database.rows("SELECT * FROM futures_now ORDER BY symbol")
    assert [row["symbol"] for row in rows] == [f"{base}/USDT:USDT" for base in sorted(BASES)]
    for row in rows:
        assert row["venue"] == venue
        assert row["base_amount"] == row["contracts"] > 0
        assert row["quote_value"] == pytest.approx(row["contracts"] * row["mark_price"], rel=1e-9)
        assert row["open_interest_at"] == row["priced_at"] == NOW
        assert row["next_funding_at"] > NOW
        assert abs(row["funding_rate"]) < 0.05
        assert abs(row["basis"]) < 0.01
        assert row["interval_hours"] in (1, 4, 8)
    again = ask(sources, f"open_interest {venue}", NOW)
    assert (again.new, again.rows) == (0, 3)
