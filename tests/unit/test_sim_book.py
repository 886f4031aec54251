"""The simulated order book and the figures of perpetuals: pure functions that fit the trades."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_sim.book import TICK_MS, Side, book_at
from alphapulse_sim.derivatives import open_interest
from alphapulse_sim.funding import FUNDING_MS, funding_rates, funding_text
from alphapulse_sim.instruments import DELISTED, Catalogue, Listing, epoch_ms
from alphapulse_sim.market import Market

CATALOGUE, MARKET = Catalogue(), Market(7)
START, END = epoch_ms("2024-01-01"), epoch_ms("2030-01-01")
LISTINGS = [listing for listing in CATALOGUE.of("binance", "spot", END) if listing.trading(END)]


@given(st.sampled_from(LISTINGS), st.integers(epoch_ms("2025-01-01"), END))
@settings(max_examples=40, deadline=None)
def test_a_book_is_sorted_uncrossed_and_positive_at_any_time(listing: Listing, now: int) -> None:
    book = book_at(MARKET, listing, now)
    assert (np.diff(book.bids.price) < 0).all()
    assert (np.diff(book.asks.price) > 0).all()
    assert book.bids.price[0] < book.asks.price[0]
    for side in (book.bids, book.asks):
        assert (side.price > 0).all()
        assert (side.size > 0).all()
    assert book.update_id == now // TICK_MS


def test_the_best_bid_is_where_the_trades_are() -> None:
    listing = LISTINGS[0]
    trades = MARKET.trades(listing, START, START + 60_000)
    for ts, price in zip(trades.ts.tolist(), trades.price.tolist(), strict=True):
        bid = int(MARKET.bid_ticks(listing, np.array([ts]))[0])
        assert price in (bid, bid + 1)


@given(st.integers(START, END))
@settings(max_examples=40, deadline=None)
def test_a_book_begins_at_the_best_bid_and_one_tick_above(now: int) -> None:
    listing = LISTINGS[0]
    book = book_at(MARKET, listing, now)
    bid = int(MARKET.bid_ticks(listing, np.array([book.ts]))[0])
    assert (book.bids.price[0], book.asks.price[0]) == (bid, bid + 1)


def levels(side: Side) -> dict[int, int]:
    return dict(zip(side.price.tolist(), side.size.tolist(), strict=True))


def test_neighbouring_books_differ_in_some_levels_and_share_most() -> None:
    listing = LISTINGS[0]
    before, after = book_at(MARKET, listing, START), book_at(MARKET, listing, START + TICK_MS)
    one, two = levels(before.bids), levels(after.bids)
    changed = {price for price in one.keys() | two.keys() if one.get(price) != two.get(price)}
    assert 0 < len(changed) < 0.3 * len(one)
    assert book_at(MARKET, listing, START + TICK_MS - 1).update_id == before.update_id


def test_a_delisted_symbol_has_an_empty_book() -> None:
    listing = CATALOGUE.find("binance", "spot", f"{DELISTED}USDT")
    assert listing is not None
    assert len(book_at(MARKET, listing, END).bids.price) == 0


def test_funding_is_small_signed_and_the_same_whenever_asked() -> None:
    listing = CATALOGUE.find("binanceusdm", "perpetual", "BTCUSDT")
    assert listing is not None
    settled = np.arange(START // FUNDING_MS, END // FUNDING_MS, dtype=np.int64) * FUNDING_MS
    spot = CATALOGUE.find("binance", "spot", "BTCUSDT")
    rates = funding_rates(MARKET, listing, spot, settled)
    assert np.abs(rates).max() <= 150_000  # 0.15 %
    assert 0 < (rates < 0).mean() < 0.5
    again = funding_rates(MARKET, listing, spot, settled[100:110])
    np.testing.assert_array_equal(rates[100:110], again)
    assert (funding_text(-1234), funding_text(10_000)) == ("-0.00001234", "0.00010000")


def test_open_interest_moves_smoothly() -> None:
    listing = CATALOGUE.find("binanceusdm", "perpetual", "BTCUSDT")
    assert listing is not None
    lots = open_interest(MARKET, listing, np.arange(START, START + 86_400_000, 300_000, dtype=np.int64))
    assert (lots > 0).all()
    assert 0 < np.abs(np.diff(np.log(lots))).max() < 0.03
