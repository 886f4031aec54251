"""Futures over a real socket: what the venues answer, converted and stored, and what they refuse."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from futures_support import ask, sources_on, track_contracts
from venue_support import NOW

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_resources.database.client import Database
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)
BASES = ("BTC", "ETH", "DOGE")
FAPI = "fapi.binance.com"
MINUTE = timedelta(minutes=1)


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


def test_a_contract_is_told_of_with_its_interval_and_bounds(sources: Sources) -> None:
    track_contracts(sources.database, "binanceusdm", BASES)
    ask(sources, "mark_prices binanceusdm", NOW)
    rows = {
        row["symbol"].split("/")[0]: (row["interval_hours"], row["funding_cap"])
        for row in sources.database.rows("SELECT symbol, interval_hours, funding_cap FROM mark_prices")
    }
    assert rows == {"BTC": (8.0, 0.05), "ETH": (8.0, 0.05), "DOGE": (4.0, 0.03)}


def test_inverse_contracts_are_converted_by_their_stored_size(sources: Sources) -> None:
    """The same answer, of contracts of 100 USD that settle in the coin."""
    ids = track_contracts(sources.database, "bybit", ["BTC"], settle="BTC", size=100.0)
    ask(sources, "open_interest bybit", NOW)
    (row,) = sources.database.rows(
        "SELECT * FROM open_interest WHERE instrument_id = %(id)s", {"id": ids["BTC"]}
    )
    assert row["contract_kind"] == "inverse"
    assert row["quote_value"] == pytest.approx(100 * row["contracts"])
    assert row["base_amount"] == row["settle_value"] == pytest.approx(row["quote_value"] / row["price"])


@pytest.mark.parametrize("venue", ["binanceusdm", "bybit"])
def test_settlements_are_asked_for_when_they_are_due_and_carry_their_hours(
    sources: Sources, simulator: SimulatorProcess, venue: str
) -> None:
    database = sources.database
    track_contracts(database, venue, ["BTC", "DOGE", "AVAX"])
    name = f"funding_rates {venue}"
    ask(sources, f"mark_prices {venue}", NOW)
    ask(sources, name, NOW)
    asked = len(simulator.log())
    assert ask(sources, name, NOW + MINUTE).new == 0
    assert len(simulator.log()) == asked  # nothing is due, nobody is asked
    for hours in range(1, 10):
        moment = NOW + timedelta(hours=hours)
        simulator.set_clock(moment)
        done = ask(sources, name, moment)
        assert (done.error, done.missing, done.quarantined) == (None, {}, 0)
    rows = database.rows(
        "SELECT symbol, ts, interval_hours, rate, settled_at_original FROM funding_rates"
        " WHERE ts > %(now)s ORDER BY symbol, ts",
        {"now": NOW},
    )
    hours = {}
    for row in rows:
        hours.setdefault(row["symbol"].split("/")[0], []).append(
            ((row["ts"] - NOW.replace(second=0)) // timedelta(hours=1), row["interval_hours"])
        )
        assert abs(row["settled_at_original"] - row["ts"]) < timedelta(seconds=1)
        assert abs(row["rate"]) < 0.01
    assert hours == {
        "AVAX": [(n, 1.0) for n in range(1, 10)],
        "BTC": [(4, 8.0)],
        "DOGE": [(4, 4.0), (8, 4.0)],
    }


def test_settlements_that_were_slept_through_are_brought_in_one_round(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    track_contracts(sources.database, "binanceusdm", ["AVAX", "BTC"])
    ask(sources, "funding_rates binanceusdm", NOW)
    later = NOW + timedelta(hours=20)
    simulator.set_clock(later)
    done = ask(sources, "funding_rates binanceusdm", later)
    assert done.new == 20 + 3  # twenty of an hour; 16:00, 00:00 and 08:00
    intervals = sources.database.rows(
        "SELECT DISTINCT symbol, interval_hours FROM funding_rates WHERE ts > %(now)s ORDER BY 1",
        {"now": NOW},
    )
    assert [row["interval_hours"] for row in intervals] == [1.0, 8.0]


@pytest.mark.parametrize(("venue", "kinds"), [("binanceusdm", 3), ("bybit", 1)])
def test_ratios_of_every_kind_are_stored_and_told_again_unchanged(
    sources: Sources, venue: str, kinds: int
) -> None:
    track_contracts(sources.database, venue, BASES)
    done = ask(sources, f"long_short_ratios {venue}", NOW)
    assert (done.error, done.missing, done.quarantined) == (None, {}, 0)
    assert done.new == 3 * 3 * kinds  # three symbols, three periods each
    assert ask(sources, f"long_short_ratios {venue}", NOW).new == 0
    rows = sources.database.rows("SELECT * FROM long_short_ratios")
    assert {row["period"] for row in rows} == {"5m"}
    assert len({row["kind"] for row in rows}) == kinds
    assert all(abs(row["long_share"] + row["short_share"] - 1) < 0.001 for row in rows)


def test_taker_flow_is_stored(sources: Sources) -> None:
    track_contracts(sources.database, "binanceusdm", BASES)
    done = ask(sources, "taker_flow binanceusdm", NOW)
    assert (done.error, done.new) == (None, 9)
    rows = sources.database.rows("SELECT * FROM taker_flow WHERE symbol = 'BTC/USDT:USDT'")
    assert all(0 < row["buy_share"] < 1 for row in rows)


def test_one_symbol_that_fails_stops_nobody_else(sources: Sources, simulator: SimulatorProcess) -> None:
    track_contracts(sources.database, "binanceusdm", [*BASES, "GONE"])
    simulator.fault(
        "status", host=FAPI, path="openInterest", symbol="ETHUSDT", code=400, body={"code": -4108}
    )
    done = ask(sources, "open_interest binanceusdm", NOW)
    assert (done.error, done.new) == (None, 2)
    assert done.missing.keys() == {"ETH/USDT:USDT", "GONE/USDT:USDT"}
    assert "-4108" in done.missing["ETH/USDT:USDT"]
    assert "does not know this symbol" in done.missing["GONE/USDT:USDT"]


def test_a_venue_that_refuses_the_region_is_told_and_the_others_go_on(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    for venue in ("binanceusdm", "bybit"):
        track_contracts(sources.database, venue, BASES)
    words = {"code": 0, "msg": "Service unavailable from a restricted location"}
    simulator.fault("status", host=FAPI, code=451, body=words)
    refused = ask(sources, "open_interest binanceusdm", NOW)
    assert refused.error is not None
    assert "refuses this address" in refused.error
    asked = len(simulator.log())
    again = ask(sources, "mark_prices binanceusdm", NOW)
    assert again.error is not None
    assert "is not asked again" in again.error
    assert len(simulator.log()) == asked <= 2  # not once for each symbol, and not again
    assert ask(sources, "open_interest bybit", NOW).new == 3
    (row,) = sources.database.rows(
        "SELECT error_kind FROM fetch_log WHERE venue = 'binanceusdm' ORDER BY started_at LIMIT 1"
    )
    assert row["error_kind"] == "geo_blocked"


def test_a_ban_in_the_middle_of_a_round_ends_it_and_keeps_what_came(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    bases = [f"T{n:03d}" for n in range(40)]
    track_contracts(sources.database, "binanceusdm", [*BASES, *bases])
    banned = {"code": 418, "headers": {"Retry-After": "600"}, "body": {"code": -1003}}
    simulator.fault("status", host=FAPI, path="openInterest", skip=2, **banned)
    done = ask(sources, "open_interest binanceusdm", NOW)
    assert done.error is None
    assert 0 < done.new <= 3
    assert len(done.missing) == 43 - done.new
    asked = [entry for entry in simulator.log() if entry["path"].endswith("openInterest")]
    assert len(asked) < 30  # eight at once, and then nobody


def test_bybit_over_its_limit_is_understood_by_its_code(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    track_contracts(sources.database, "bybit", BASES)
    body = {"retCode": 10006, "retMsg": "Too many visits!", "result": {}, "time": 1}
    simulator.fault("status", host="api.bybit.com", code=200, body=body)
    with sources_on(sources.database, simulator.url, sources.settings.home, wait=0.5) as hurried:
        done = ask(hurried, "mark_prices bybit", NOW)
    assert done.error is not None
    assert "10006" in done.error or "Too many visits" in done.error


@pytest.mark.parametrize("kind", ["truncated", "empty"])
def test_a_broken_body_is_an_error_and_no_row(
    sources: Sources, simulator: SimulatorProcess, kind: str
) -> None:
    track_contracts(sources.database, "bybit", BASES)
    simulator.fault(kind, host="api.bybit.com", path="tickers")
    done = ask(sources, "mark_prices bybit", NOW)
    assert done.error is not None or len(done.missing) >= 3
    assert done.new == 0


def test_nothing_tracked_asks_nobody(sources: Sources, simulator: SimulatorProcess) -> None:
    for kind in ("mark_prices", "open_interest", "funding_rates", "long_short_ratios", "taker_flow"):
        assert ask(sources, f"{kind} binanceusdm", NOW).error is None
    assert simulator.log() == []


def test_a_ratio_that_cannot_be_read_is_quarantined_as_it_came(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    track_contracts(sources.database, "binanceusdm", ["BTC"])
    row = {"symbol": "BTCUSDT", "longAccount": "?", "shortAccount": "0.5", "longShortRatio": "1",
           "timestamp": 1710936000000}  # fmt: skip
    path = "globalLongShortAccountRatio"
    simulator.fault("status", host=FAPI, path=path, code=200, body=[row])
    done = ask(sources, "long_short_ratios binanceusdm", NOW)
    assert (done.error, done.quarantined, done.new) == (None, 1, 6)  # the other kinds came
    (kept,) = sources.database.rows("SELECT payload, reasons FROM quarantine")
    assert kept["payload"]["longAccount"] == "?"
    assert "is not a number" in kept["reasons"][0]


def test_four_hundred_and_twelve_perpetuals_of_one_answer(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    """A whole cross-section, with what such answers hold beside healthy contracts."""
    bases = [f"X{n:03d}" for n in range(412)]
    track_contracts(sources.database, "binanceusdm", bases)
    healthy = {"indexPrice": "10.0", "estimatedSettlePrice": "10.0", "lastFundingRate": "0.0001",
               "interestRate": "0.0001", "nextFundingTime": 1710950400000, "time": 1710936010000}  # fmt: skip
    rows = [{"symbol": f"{base}USDT", "markPrice": "10.1", **healthy} for base in bases]
    rows[0] = {**rows[0], "markPrice": "0.00000000"}  # settled
    rows[1] = {**rows[1], "lastFundingRate": "", "nextFundingTime": 0}  # dated
    rows[2] = {**rows[2], "lastFundingRate": "0.9"}  # beyond belief
    rows[3] = {**rows[3], "indexPrice": "0.00000000"}  # no index
    del rows[4]  # not told of
    others = [{"symbol": "NOBODYUSDT", "markPrice": "?", **healthy}] * 50  # nobody tracks them
    simulator.fault("status", host=FAPI, path="premiumIndex", code=200, body=[*rows, *others])
    done = ask(sources, "mark_prices binanceusdm", NOW)
    assert (done.error, done.new, done.quarantined) == (None, 409, 2)
    assert done.missing.keys() == {"X000/USDT:USDT", "X004/USDT:USDT"}
    stored = {row["symbol"][:4]: row for row in sources.database.rows("SELECT * FROM mark_prices")}
    assert (stored["X001"]["funding_rate"], stored["X001"]["interval_hours"]) == (None, None)
    assert stored["X003"]["basis"] is None
    assert stored["X005"]["basis"] == pytest.approx(0.01)
