"""What joins leverage to what stands, as known at the time: market caps, regime, a coin's perpetual."""

from datetime import timedelta
from statistics import fmean, median
from typing import Any

import polars as pl
import pytest
from leverage_support import DAY, HOUR, TODAY, LeverageMarket, instrument, leverage_market
from polars.testing import assert_frame_equal

from alphapulse_assets.futures.leverage.carry import SPREADS_SCHEMA, funding_spreads
from alphapulse_assets.futures.leverage.model import SNAPSHOTS
from alphapulse_assets.futures.leverage.stored import snapshot_rows
from alphapulse_resources.database.client import Database

NOON = TODAY - DAY / 2
MINUTE = timedelta(minutes=1)


@pytest.fixture
def market(database: Database) -> LeverageMarket:
    return leverage_market(database)


def keep(database: Database) -> None:
    rows = snapshot_rows(database, (NOON - 2 * HOUR, NOON + 2 * HOUR))
    with database.transaction() as connection:
        database.upsert(connection, SNAPSHOTS, rows)


def told(database: Database, provider: str, coin: str, symbol: str, cap: float, **values: Any) -> None:
    """What a provider told of a coin, and the newest of it."""
    row = {
        "provider": provider, "coin": coin, "symbol": symbol, "cap": cap, "ts": NOON - 10 * MINUTE,
        "known_at": NOON - 9 * MINUTE, "vintage": "live", **values,
    }  # fmt: skip
    database.execute(
        "INSERT INTO coin_metrics (provider, coin, vintage, ts, symbol, market_cap, logic_version, known_at)"
        " VALUES (%(provider)s, %(coin)s, %(vintage)s, %(ts)s, %(symbol)s, %(cap)s, 1, %(known_at)s)",
        row,
    )
    database.execute(
        "INSERT INTO coin_metrics_latest"
        " (provider, coin, name, ts, symbol, market_cap, logic_version, known_at) VALUES ("
        "%(provider)s, %(coin)s, %(coin)s, %(ts)s, %(symbol)s, %(cap)s, 1, %(known_at)s)"
        " ON CONFLICT DO NOTHING",
        row,
    )


def of(database: Database, market: LeverageMarket, symbol: str = "BTC/USDT:USDT") -> dict[str, Any]:
    (row,) = database.rows(
        "SELECT * FROM leverage_hours WHERE instrument_id = %(key)s AND ts = %(at)s",
        {"key": market.ids["binanceusdm", symbol], "at": NOON},
    )
    return row


def test_a_market_cap_is_the_first_providers_and_the_largest_coins(
    database: Database, market: LeverageMarket
) -> None:
    told(database, "coingecko", "bitcoin", "BTC", 1.2e12)
    told(database, "coingecko", "bitcoin-two", "BTC", 1e6)
    told(database, "coinmarketcap", "1", "BTC", 1.3e12)
    told(database, "coinmarketcap", "1027", "ETH", 4e11)
    keep(database)
    row = of(database, market)
    assert (row["market_cap"], row["market_cap_provider"]) == (1.2e12, "coingecko")
    assert row["open_interest_to_market_cap"] == pytest.approx(row["open_interest_quote"] / 1.2e12)
    both = database.rows(
        "SELECT sum(open_interest_quote) AS value FROM leverage_snapshots WHERE base = 'BTC' AND ts = %(at)s",
        {"at": NOON},
    )
    assert row["leverage_ratio"] == pytest.approx(both[0]["value"] / 1.2e12)
    assert row["leverage_perpetuals"] == 2
    ether = of(database, market, "ETH/USDT:USDT")
    assert (ether["market_cap"], ether["market_cap_provider"]) == (4e11, "coinmarketcap")


def test_what_was_told_later_long_ago_or_of_the_past_is_no_market_cap(
    database: Database, market: LeverageMarket
) -> None:
    told(database, "coingecko", "bitcoin", "BTC", 1e12, known_at=NOON + MINUTE)
    told(database, "coingecko", "bitcoin", "BTC", 2e12, vintage="history", known_at=NOON - MINUTE)
    told(database, "coingecko", "bitcoin", "BTC", 3e12, ts=NOON - 7 * HOUR, known_at=NOON - 7 * HOUR)
    keep(database)
    row = of(database, market)
    assert (row["market_cap"], row["leverage_ratio"], row["leverage_perpetuals"]) == (None, None, None)
    assert row["open_interest_to_volume"] is not None


def test_the_leverage_of_a_spot_symbol_is_that_of_the_largest_perpetual(
    database: Database, market: LeverageMarket
) -> None:
    keep(database)
    rows = database.rows(
        "SELECT instrument_id, open_interest_quote FROM leverage_snapshots WHERE base = 'BTC' AND ts = %(at)s"
        " ORDER BY open_interest_quote DESC",
        {"at": NOON},
    )
    largest, smallest = rows[0]["instrument_id"], rows[-1]["instrument_id"]
    dated = instrument(database, "binanceusdm", "BTC/USDT:USDT-240628", "BTC", "future")
    asked = "SELECT * FROM leverage_of(%(key)s, %(at)s)"
    for key in (market.ids["binance", "BTC/USDT"], dated):
        (row,) = database.rows(asked, {"key": key, "at": NOON + 59 * MINUTE})
        assert (row["perpetual_id"], row["leverage_at"]) == (largest, NOON)
    (own,) = database.rows(asked, {"key": smallest, "at": NOON})
    assert own["perpetual_id"] == smallest
    assert own["funding_state"] in ("high", "usual", "low")
    # nothing is known of the hours to come, and nothing older stands in
    assert database.rows(asked, {"key": smallest, "at": NOON + 2 * HOUR}) == []


def test_leverage_and_dominance_stand_beside_the_regime_as_known_at_the_close(
    database: Database, market: LeverageMarket
) -> None:
    keep(database)
    database.execute(
        "INSERT INTO market_regimes_overall (timeframe_id, ts, logic_version, known_at, symbols, trend)"
        " VALUES (15, %(ts)s, 1, %(close)s, 3, 'up')",
        {"ts": NOON + 15 * MINUTE, "close": NOON + 30 * MINUTE},
    )
    for provider, share, minutes in (
        ("coinmarketcap", 57.0, 29),
        ("coingecko", 54.0, 20),
        ("coingecko", 99.0, 31),
    ):
        database.execute(
            "INSERT INTO market_metrics (provider, ts, total_market_cap, btc_dominance, age_seconds,"
            " completeness, confidence, logic_version, known_at)"
            " VALUES (%(provider)s, %(ts)s, 3e12, %(share)s, 0, 1, 1, 1, %(ts)s)",
            {"provider": provider, "share": share, "ts": NOON + minutes * MINUTE},
        )
    (row,) = database.rows("SELECT * FROM market_regime_with_leverage")
    snapshots = database.rows("SELECT * FROM leverage_snapshots WHERE ts = %(at)s", {"at": NOON})
    assert (row["trend"], row["leverage_at"], row["perpetuals"]) == ("up", NOON, 3)
    values = [each["open_interest_quote"] for each in snapshots]
    weighed = sum(each["funding_annual"] * each["open_interest_quote"] for each in snapshots)
    assert row["open_interest"] == pytest.approx(sum(values))
    assert row["funding_annual"] == pytest.approx(weighed / sum(values))
    assert row["funding_percentile_median"] == pytest.approx(
        median(each["funding_percentile"] for each in snapshots)
    )
    assert row["crowding_mean"] == pytest.approx(fmean(each["crowding_percentile"] for each in snapshots))
    built = fmean(each["quadrant"] == "short_build_up" for each in snapshots)
    assert row["short_build_up_share"] == pytest.approx(built)
    assert (row["btc_dominance"], row["dominance_provider"]) == (54.0, "coingecko")


def test_spreads_between_venues_are_those_of_the_pure_rule(
    database: Database, market: LeverageMarket
) -> None:
    keep(database)
    rates = database.read("SELECT instrument_id, venue, base, ts, funding_annual FROM leverage_snapshots")
    expected = funding_spreads(rates.with_columns(pl.col("ts").cast(SPREADS_SCHEMA["ts"])))
    assert expected.height == 4  # hours; Bitcoin alone is at two venues
    view = database.read(
        "SELECT base, ts, receiver_id AS receiver, payer_id AS payer, spread_annual FROM funding_spreads"
        " ORDER BY base, ts"
    )
    assert_frame_equal(view.cast(SPREADS_SCHEMA), expected, check_exact=True)


def test_signals_stand_beside_leverage(database: Database) -> None:
    assert database.rows("SELECT * FROM signals_with_leverage") == []
