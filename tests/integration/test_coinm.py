"""COIN-M over real HTTP: contracts of 100 and 10 dollars, their candles, open interest and funding."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from futures_support import ask, sources_on
from venue_support import NOW, MakeClient, candles_of

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.instruments.resolve import resolve_venue
from alphapulse_resources.database.client import Database
from alphapulse_resources.venues.model import Instrument
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)
VENUE = "binancecoinm"
PERPETUAL = Instrument(7, VENUE, "BTC/USD:BTC", "BTCUSD_PERP", "perpetual")


@pytest.fixture
def sources(
    database: Database, simulator: SimulatorProcess, make_client: MakeClient, tmp_path: Path
) -> Iterator[Sources]:
    """Two contracts, tracked and looked up at the venue as the platform does it."""
    database.execute(
        "SELECT track_symbol(%(venue)s, s) FROM unnest(ARRAY['BTC/USD:BTC', 'ETH/USD:ETH']) AS s",
        {"venue": VENUE},
    )
    resolve_venue(database, VENUE, make_client().markets(VENUE), now=NOW)
    with sources_on(database, simulator.url, tmp_path) as made:
        yield made


def test_open_interest_in_contracts_of_dollars_becomes_coins_and_dollars(sources: Sources) -> None:
    for kind in ("mark_prices", "open_interest", "funding_rates"):
        done = ask(sources, f"{kind} {VENUE}", NOW)
        assert (done.error, done.missing, done.quarantined) == (None, {}, 0)
    rows = sources.database.rows("SELECT * FROM open_interest ORDER BY symbol")
    sizes = {row["symbol"]: (row["contract_kind"], row["contract_size"]) for row in rows}
    assert sizes == {"BTC/USD:BTC": ("inverse", 100.0), "ETH/USD:ETH": ("inverse", 10.0)}
    for row in rows:
        assert row["quote_value"] == row["contracts"] * row["contract_size"]
        assert row["base_amount"] == row["settle_value"] == pytest.approx(row["quote_value"] / row["price"])
        assert row["contracts"] == round(row["contracts"])
    settled = sources.database.rows(
        "SELECT DISTINCT ts, settle FROM funding_rates WHERE symbol = 'BTC/USD:BTC'"
    )
    assert settled == [{"ts": NOW.replace(hour=8, second=0), "settle": "BTC"}]


def test_the_volume_of_candles_is_the_base_and_not_the_contracts(make_client: MakeClient) -> None:
    start = NOW.replace(second=0) - timedelta(minutes=30)
    found = candles_of(make_client().candles(PERPETUAL, start, NOW, now=NOW))
    assert found.height >= 20
    market = Simulator(SimConfig())
    listing = market.catalogue.find(VENUE, "perpetual", "BTCUSD_PERP")
    assert listing is not None
    for row in found.head(3).iter_rows(named=True):
        first = round(row["ts"].timestamp() * 1000)
        trades = market.market.trades(listing, first, first + 60_000)
        base = (trades.size * 100.0 / (trades.price * listing.tick)).sum()
        assert row["volume"] == pytest.approx(base, rel=1e-4)
        taken = ~trades.buyer_is_maker
        bought = (trades.size[taken] * 100.0 / (trades.price[taken] * listing.tick)).sum()
        assert row["taker_buy_volume"] == pytest.approx(bought, rel=1e-3, abs=1e-9)
        assert row["quote_volume"] is None
    assert np.isfinite(found["close"].to_numpy()).all()


def test_a_book_in_contracts_is_served(make_client: MakeClient) -> None:
    body = make_client().order_book(VENUE, "BTCUSD_PERP", 100, kind="perpetual")
    assert b'"lastUpdateId"' in body
