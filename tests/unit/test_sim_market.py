"""The simulated market: a pure function of time whose trades and bars agree."""

from dataclasses import fields
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_sim.instruments import DELISTED, RENAMED, Catalogue, Listing, epoch_ms
from alphapulse_sim.intervals import DAY, HOUR, MINUTE, STEPS, next_open, open_of, opens
from alphapulse_sim.market import Market
from alphapulse_sim.outages import Absence, absences
from alphapulse_sim.tape import Bars, Trades, fold_trades, merge_bars

FAR = epoch_ms("2100-01-01")
CATALOGUE = Catalogue(extra=2)
MARKET = Market(seed=7)
LISTINGS = [
    *CATALOGUE.of("binance", "spot", FAR),
    *CATALOGUE.of("binanceusdm", "perpetual", FAR),
    *CATALOGUE.of("bybit", "perpetual", FAR),
    *CATALOGUE.of("coinbase", "spot", FAR),
]
moments = st.integers(epoch_ms("2015-01-01") // MINUTE, epoch_ms("2060-01-01") // MINUTE).map(
    lambda m: m * MINUTE
)
listings = st.sampled_from(LISTINGS)


def named(symbol: str, venue: str = "binance", kind: str = "spot") -> Listing:
    listing = CATALOGUE.find(venue, kind, symbol)
    assert listing is not None
    return listing


def assert_same(left: Bars | Trades, right: Bars | Trades) -> None:
    for column in fields(left):
        np.testing.assert_array_equal(getattr(left, column.name), getattr(right, column.name), column.name)


@given(listings, moments, st.integers(1, 700))
@settings(max_examples=25, deadline=None)
def test_minute_bars_are_the_fold_of_the_trades_in_any_window_of_any_year(
    listing: Listing, start: int, minutes: int
) -> None:
    end = start + minutes * MINUTE
    assert_same(MARKET.minute_bars(listing, start, end), fold_trades(MARKET.trades(listing, start, end)))


@given(listings, moments, st.integers(2, 300), st.data())
@settings(max_examples=25, deadline=None)
def test_trades_do_not_depend_on_how_the_window_is_split(
    listing: Listing, start: int, minutes: int, data: st.DataObject
) -> None:
    end = start + minutes * MINUTE
    cut = data.draw(st.integers(start, end))
    whole = MARKET.trades(listing, start, end)
    parts = [MARKET.trades(listing, start, cut), MARKET.trades(listing, cut, end)]
    assert_same(whole, Trades.concat(parts))


@given(listings, moments)
@settings(max_examples=25, deadline=None)
def test_bars_of_any_year_are_possible_candles(listing: Listing, start: int) -> None:
    bars = MARKET.minute_bars(listing, start, start + 300 * MINUTE)
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.low > 0).all()
    assert (bars.trades >= 1).all()
    assert (bars.volume >= bars.trades).all()  # each trade is at least one lot
    assert ((bars.taker_volume >= 0) & (bars.taker_volume <= bars.volume)).all()
    assert (bars.quote >= bars.low * bars.volume).all()
    assert (bars.quote <= bars.high * bars.volume).all()
    assert (np.diff(bars.ts) > 0).all()
    assert (bars.ts % MINUTE == 0).all()


def test_a_listing_trades_at_all_in_every_year_from_its_first_day() -> None:
    listing = named("BTCUSDT")
    for year in range(2018, 2060):
        start = epoch_ms(f"{year}-06-15")
        assert len(MARKET.minute_bars(listing, start, start + HOUR)) >= 51


@pytest.mark.parametrize("interval", [name for name in STEPS if name != "1m"])
def test_longer_bars_are_the_fold_of_all_their_trades(interval: str) -> None:
    listing = named("ETHUSDT")
    now = epoch_ms("2031-01-01")
    opened = open_of(epoch_ms("2024-05-15T13:37"), interval)
    end = next_open(opened, interval)
    bars = MARKET.bars(listing, interval, opened, end, now)
    trades = MARKET.trades(listing, opened, end)
    quote, bought = trades.price * trades.size, ~trades.buyer_is_maker
    expected = {
        "ts": opened,
        "open": trades.price[0],
        "high": trades.price.max(),
        "low": trades.price.min(),
        "close": trades.price[-1],
        "volume": trades.size.sum(),
        "quote": quote.sum(),
        "trades": len(trades),
        "taker_volume": trades.size[bought].sum(),
        "taker_quote": quote[bought].sum(),
        "first_id": trades.ids[0],
        "last_id": trades.ids[-1],
    }
    assert {column.name: getattr(bars, column.name).tolist() for column in fields(bars)} == {
        name: [value] for name, value in expected.items()
    }


@given(st.sampled_from(["1m", "5m", "1h", "1d", "1w", "1M"]), moments, st.integers(0, MINUTE - 1))
@settings(max_examples=20, deadline=None)
def test_the_forming_bar_holds_exactly_the_trades_until_now(interval: str, moment: int, extra: int) -> None:
    listing = named("BTCUSDT")
    now = max(moment, listing.listed_ms + DAY) + extra
    opened = open_of(now, interval)
    forming = MARKET.bars(listing, interval, opened, now + DAY, now)
    expected = merge_bars(fold_trades(MARKET.trades(listing, opened, now + 1)), interval)
    assert_same(forming, expected)


def test_a_trade_counts_from_its_own_millisecond_on() -> None:
    listing = named("BTCUSDT")
    start = epoch_ms("2024-01-01")
    second = int(MARKET.trades(listing, start, start + MINUTE).ts[1])
    known = [
        int(MARKET.bars(listing, "1m", start, start + 1, now).trades.sum()) for now in (second - 1, second)
    ]
    assert known == [1, 2]


def test_trade_ids_count_up_without_holes_where_the_venue_was_up() -> None:
    listing = named("SOLUSDT")
    start = epoch_ms("2024-01-01")
    trades = MARKET.trades(listing, start, start + 10 * DAY)
    jumps = np.flatnonzero(np.diff(trades.ids) != 1)
    before, after = trades.ts[jumps] // MINUTE, trades.ts[jumps + 1] // MINUTE
    lost = [np.arange(first + 1, last) for first, last in zip(before, after, strict=True)]
    assert all((absences(7, listing, minutes) == Absence.NEVER).all() and len(minutes) for minutes in lost)
    assert (np.diff(trades.ts) >= 0).all()


def test_two_markets_of_one_seed_agree_and_of_two_seeds_differ() -> None:
    listing, start = named("BTCUSDT"), epoch_ms("2023-03-03")
    one = Market(7).minute_bars(listing, start, start + HOUR)
    assert_same(one, MARKET.minute_bars(listing, start, start + HOUR))
    assert (Market(8).minute_bars(listing, start, start + HOUR).open != one.open).any()


def test_all_venues_follow_one_price_within_ten_basis_points_and_perpetuals_their_premium() -> None:
    at = np.arange(epoch_ms("2024-01-01"), epoch_ms("2024-01-03"), 7 * MINUTE, dtype=np.int64)
    reference = MARKET.mid(named("BTCUSDT"), at)
    others = [
        named("BTCUSDT", "binanceusdm", "perpetual"),
        named("BTCUSDT", "bybit"),
        named("BTC-USD", "coinbase"),
    ]
    for listing in others:
        deviation = np.abs(MARKET.mid(listing, at) / reference - 1)
        assert 0 < deviation.max() < (0.002 if listing.kind == "perpetual" else 0.001)


def test_prices_move_like_a_market_and_not_like_a_clock_or_a_jump_process() -> None:
    start = epoch_ms("2024-01-01")
    bars = MARKET.minute_bars(named("BTCUSDT"), start, start + 30 * DAY)
    returns = np.diff(np.log(bars.close))
    assert 1e-4 < returns.std() < 3e-3
    assert np.abs(returns).max() < 0.03
    by_hour = np.array([chunk.std() for chunk in np.array_split(returns, 30 * 24)])
    assert by_hour.max() > 2 * by_hour.min()  # volatility clusters
    volume = bars.volume.astype(float)
    assert abs(np.log(volume).mean() - np.log(np.median(volume))) < 0.2  # log-normal: symmetric in logs
    night = bars.trades[(bars.ts % DAY) < 5 * HOUR].mean()
    afternoon = bars.trades[((bars.ts % DAY) >= 13 * HOUR) & ((bars.ts % DAY) < 18 * HOUR)].mean()
    assert afternoon > 1.3 * night


def test_binance_trades_every_minute_but_in_outages() -> None:
    listing = named("XRPUSDT")
    start = epoch_ms("2024-01-01")
    bars = MARKET.minute_bars(listing, start, start + 6 * DAY)
    minutes = np.arange(start // MINUTE, (start + 6 * DAY) // MINUTE, dtype=np.int64)
    down = absences(7, listing, minutes) == Absence.NEVER
    np.testing.assert_array_equal(bars.ts // MINUTE, minutes[~down])


def test_nothing_trades_before_the_listing_or_after_the_delisting() -> None:
    listing = named(f"{DELISTED}USDT")
    assert listing.delisted_ms is not None
    assert len(MARKET.trades(listing, listing.listed_ms - DAY, listing.listed_ms)) == 0
    assert len(MARKET.trades(listing, listing.listed_ms, listing.listed_ms + HOUR)) > 0
    assert len(MARKET.trades(listing, listing.delisted_ms - HOUR, listing.delisted_ms)) > 0
    assert len(MARKET.trades(listing, listing.delisted_ms, listing.delisted_ms + DAY)) == 0
    last = MARKET.bars(listing, "1m", listing.delisted_ms - HOUR, FAR, FAR)
    assert last.ts.max() < listing.delisted_ms


def test_a_renamed_coin_goes_on_at_the_price_of_the_old_one() -> None:
    old, new = (named(f"{base}USDT") for base in RENAMED)
    assert old.delisted_ms is not None
    assert old.delisted_ms < new.listed_ms
    at = np.array([new.listed_ms], dtype=np.int64)
    assert MARKET.mid(new, at)[0] == pytest.approx(MARKET.mid(old, at)[0], rel=0.001)


def test_the_catalogue_looks_like_the_venues() -> None:
    now = epoch_ms("2024-06-01")
    spot = {listing.symbol for listing in CATALOGUE.of("binance", "spot", now)}
    assert {"BTCUSDT", "MATICUSDT", "WAVESUSDT", "T001USDT"} <= spot
    assert "POLUSDT" not in spot  # not listed yet
    assert named("BTCUSDT").listed_ms == epoch_ms("2017-08-17T04:00")
    assert all(listing.price_digits + listing.size_digits <= 8 for listing in LISTINGS)


def test_weeks_start_on_monday_and_months_on_the_first() -> None:
    moment = np.array([epoch_ms("2024-02-29T12:34:56")], dtype=np.int64)
    assert opens(moment, "1w")[0] == epoch_ms("2024-02-26")
    assert datetime.fromtimestamp(opens(moment, "1w")[0] / 1000, UTC).weekday() == 0
    assert opens(moment, "1M")[0] == epoch_ms("2024-02-01")
    assert next_open(epoch_ms("2024-01-01"), "1M", 13) == epoch_ms("2025-02-01")
    assert next_open(epoch_ms("2024-01-01"), "1M", -1) == epoch_ms("2023-12-01")
