"""OKX over real HTTP: contracts of their stored size, candles as the market's, funding and open interest."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from futures_support import ask, sources_on
from venue_support import NOW, MakeClient, assert_is_truth, candles_of, truth

from alphapulse_assets.datasets.collecting import FillContext, FillResult, Sources
from alphapulse_assets.futures import past_periods
from alphapulse_assets.futures.dataset import FUNDING_RULES, OPEN_INTEREST_RULES
from alphapulse_assets.futures.history.filling import fill_past
from alphapulse_assets.futures.history.kinds import FUNDING_PAST, OPEN_INTEREST_PAST
from alphapulse_assets.instruments.resolve import resolve_venue
from alphapulse_resources.database.client import Database
from alphapulse_resources.venues.model import ErrorKind, Instrument, VenueError
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.derivatives import open_interest
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)
VENUE, HOST = "okx", "www.okx.com"
SYMBOLS = ["BTC/USDT:USDT", "BTC/USD:BTC", "DOGE/USDT:USDT", "AVAX/USDT:USDT"]
SWAP = Instrument(7, VENUE, "BTC/USDT:USDT", "BTC-USDT-SWAP", "perpetual")
INVERSE = Instrument(8, VENUE, "BTC/USD:BTC", "BTC-USD-SWAP", "perpetual")
PRICES = ["ts", "open", "high", "low", "close"]
MINUTE, HOUR, FIVE = timedelta(minutes=1), timedelta(hours=1), timedelta(minutes=5)


@pytest.fixture
def sources(
    database: Database, simulator: SimulatorProcess, make_client: MakeClient, tmp_path: Path
) -> Iterator[Sources]:
    """Swaps, tracked and looked up at the venue as the platform does it."""
    database.execute(
        "SELECT track_symbol(%(venue)s, s) FROM unnest(%(names)s::text[]) AS s",
        {"venue": VENUE, "names": SYMBOLS},
    )
    resolve_venue(database, VENUE, make_client().markets(VENUE), now=NOW)
    with sources_on(database, simulator.url, tmp_path) as made:
        yield made


def fill(sources: Sources, kind: str, first: str, days: int, symbols: list[str]) -> FillResult:
    start = date.fromisoformat(first)
    context = FillContext(
        sources=sources,
        days=[start + timedelta(days=n) for n in range(days)],
        venues=[VENUE],
        batch=None,
        run_id="run",
        symbols=symbols,
    )
    past, rules = {
        "funding": (FUNDING_PAST, FUNDING_RULES),
        "interest": (OPEN_INTEREST_PAST, OPEN_INTEREST_RULES),
    }[kind]
    return fill_past(past, rules, context, now=NOW)


def true_contracts(symbol: str, moment: datetime) -> float:
    """Open contracts of the simulated market, without the way over HTTP."""
    market = Simulator(SimConfig())
    listing = market.catalogue.find(VENUE, "perpetual", symbol)
    assert listing is not None
    (lots,) = open_interest(market.market, listing, np.array([round(moment.timestamp() * 1000)])).tolist()
    return lots if listing.contract else lots * listing.lot / 0.01


def test_open_interest_of_linear_and_inverse_swaps_is_converted_by_the_stored_size(sources: Sources) -> None:
    for kind in ("mark_prices", "open_interest"):
        done = ask(sources, f"{kind} {VENUE}", NOW)
        assert (done.error, done.missing, done.quarantined, done.new) == (None, {}, 0, 4)
    rows = {row["symbol"]: row for row in sources.database.rows("SELECT * FROM futures_now")}
    linear, inverse = rows["BTC/USDT:USDT"], rows["BTC/USD:BTC"]
    assert linear["contracts"] == pytest.approx(true_contracts("BTC-USDT-SWAP", NOW), rel=1e-12)
    assert linear["base_amount"] == pytest.approx(0.01 * linear["contracts"])
    assert linear["quote_value"] == pytest.approx(linear["base_amount"] * linear["mark_price"])
    assert inverse["contracts"] == true_contracts("BTC-USD-SWAP", NOW)
    assert inverse["quote_value"] == 100 * inverse["contracts"]
    assert inverse["base_amount"] == pytest.approx(inverse["quote_value"] / inverse["mark_price"])
    assert {symbol: row["interval_hours"] for symbol, row in rows.items()} == {
        "BTC/USDT:USDT": 8, "BTC/USD:BTC": 8, "DOGE/USDT:USDT": 4, "AVAX/USDT:USDT": 1,
    }  # fmt: skip
    for row in rows.values():
        assert row["next_funding_at"] > NOW
        assert 0 < abs(row["basis"]) < 0.01


def test_a_list_that_fails_leaves_its_part_unknown_and_the_others_stored(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    simulator.fault(
        "status", host=HOST, path="public/funding-rate", code=500, times=50, body={"code": "50026"}
    )
    done = ask(sources, f"mark_prices {VENUE}", NOW)
    assert (done.error, done.new, list(done.missing)) == (None, 4, ["funding due"])
    rows = sources.database.rows("SELECT DISTINCT funding_rate, interval_hours FROM mark_prices")
    assert rows == [{"funding_rate": None, "interval_hours": None}]


def test_settlements_are_what_was_paid_with_the_hours_that_they_are_for(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    name = f"funding_rates {VENUE}"
    ask(sources, f"mark_prices {VENUE}", NOW)
    ask(sources, name, NOW)
    for hours in (1, 2, 4):
        simulator.set_clock(NOW + hours * HOUR)
        done = ask(sources, name, NOW + hours * HOUR)
        assert (done.error, done.missing, done.quarantined) == (None, {}, 0)
    found = sources.database.rows(
        "SELECT symbol, array_agg(interval_hours ORDER BY ts) AS hours FROM funding_rates"
        " WHERE ts > %(now)s GROUP BY symbol",
        {"now": NOW},
    )
    assert {row["symbol"]: row["hours"] for row in found} == {
        "AVAX/USDT:USDT": [1, 1, 1, 1], "BTC/USDT:USDT": [8], "BTC/USD:BTC": [8], "DOGE/USDT:USDT": [4],
    }  # fmt: skip
    log = [entry for entry in simulator.log() if entry["path"].endswith("funding-rate-history")]
    assert {entry["status"] for entry in log} == {200}


def test_ratios_of_three_kinds_and_taker_flow_are_stored(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_periods, "AT_ONCE", 3)  # one symbol of four is asked, then two
    done = ask(sources, f"long_short_ratios {VENUE}", NOW)
    assert (done.error, done.missing, done.new, done.quarantined) == (None, {}, 3 * 6, 0)
    done = ask(sources, f"taker_flow {VENUE}", NOW)
    assert (done.error, done.missing, done.new) == (None, {}, 2 * 4)
    rows = sources.database.rows("SELECT * FROM long_short_ratios")
    assert all(row["long_share"] + row["short_share"] == pytest.approx(1) for row in rows)
    assert len({row["kind"] for row in rows}) == 3


def test_the_past_is_paged_whole_as_far_as_it_is_kept(sources: Sources, simulator: SimulatorProcess) -> None:
    simulator.fault("page_cap", path="history", rows=70, times=1000)
    done = fill(sources, "funding", "2024-02-01", 20, SYMBOLS[:2])
    assert (done.inserted, done.missing, done.quarantined) == (2 * 60, {}, 0)
    done = fill(sources, "interest", "2024-03-17", 1, SYMBOLS[1:2])
    assert (done.inserted, done.missing, done.quarantined) == (288, {}, 0)
    rows = sources.database.rows("SELECT * FROM open_interest WHERE symbol = 'BTC/USD:BTC' ORDER BY ts")
    start = datetime(2024, 3, 17, tzinfo=UTC)
    assert [row["ts"] for row in rows] == [start + n * FIVE for n in range(288)]
    for row in rows[::100]:
        assert row["contracts"] == true_contracts("BTC-USD-SWAP", row["ts"])
        assert row["quote_value"] == 100 * row["contracts"]
    assert sources.database.rows("SELECT FROM gap_ledger") == []


@pytest.mark.parametrize("instrument", [SWAP, INVERSE], ids=["linear", "inverse"])
@pytest.mark.parametrize("back", [timedelta(0), timedelta(days=40)], ids=["newest", "history"])
def test_candles_are_those_of_the_market(
    make_client: MakeClient, instrument: Instrument, back: timedelta
) -> None:
    end = NOW.replace(second=0) - back
    start = end - timedelta(minutes=700)
    found = candles_of(make_client().candles(instrument, start, end, now=NOW))
    expected = truth(instrument, start, end)
    assert_is_truth(found.select(PRICES), expected.select(PRICES))
    traded = found["volume"] if instrument is SWAP else found["quote_volume"] / 100
    assert traded.to_list() == pytest.approx(expected["volume"].to_list())
    worth = found["quote_volume"] / found["volume"]
    assert ((found["low"] * 0.9999 <= worth) & (worth <= found["high"] * 1.0001)).all()


def test_an_instrument_that_is_gone_is_told_as_such(make_client: MakeClient) -> None:
    gone = Instrument(9, VENUE, "GONE/USDT:USDT", "GONE-USDT-SWAP", "perpetual")
    with pytest.raises(VenueError) as caught:
        candles_of(make_client().candles(gone, NOW - 10 * MINUTE, NOW, now=NOW))
    assert caught.value.kind is ErrorKind.BAD_SYMBOL
