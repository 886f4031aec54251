"""Declared absences: how often, how long, and who has the missing minutes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.instruments import Listing, epoch_ms
from alphapulse_sim.intervals import DAY, MINUTE
from alphapulse_sim.outages import LATE_BY_MS, Absence, absences, hidden_from_rest, stretches

SIM = Simulator(SimConfig(seed=7))
START = epoch_ms("2024-01-01")


def listing_of(venue: str, symbol: str) -> Listing:
    listing = SIM.catalogue.find(venue, "spot", symbol)
    assert listing is not None
    return listing


BINANCE, COINBASE, BYBIT = (
    listing_of("binance", "BTCUSDT"),
    listing_of("coinbase", "BTC-USD"),
    listing_of("bybit", "BTCUSDT"),
)


@pytest.mark.parametrize(
    ("listing", "kinds"),
    [
        (BINANCE, {Absence.ARCHIVE_ONLY, Absence.NEVER}),
        (COINBASE, {Absence.LATE, Absence.NEVER}),
        (BYBIT, {Absence.LATE, Absence.NEVER}),
    ],
    ids=["binance", "coinbase", "bybit"],
)
def test_one_short_stretch_every_three_days_half_of_them_of_each_kind(
    listing: Listing, kinds: set[Absence]
) -> None:
    found = list(stretches(7, listing, START, START + 900 * DAY))
    assert 290 <= len(found) <= 302
    assert {kind for _, _, kind in found} == kinds
    assert all(2 <= (end - start) // MINUTE <= 9 for start, end, _ in found)
    lost = sum(kind is Absence.NEVER for _, _, kind in found)
    assert 0.4 < lost / len(found) < 0.6


@given(st.integers(0, 90 * 1440), st.integers(1, 3000), st.integers(0, 3000))
@settings(max_examples=30, deadline=None)
def test_an_absence_does_not_depend_on_what_else_is_asked(start: int, count: int, cut: int) -> None:
    minutes = START // MINUTE + start + np.arange(count, dtype=np.int64)
    whole = absences(7, COINBASE, minutes)
    parts = np.concatenate([absences(7, COINBASE, minutes[:cut]), absences(7, COINBASE, minutes[cut:])])
    np.testing.assert_array_equal(whole, parts)


def test_three_percent_of_coinbases_minutes_are_quiet_and_none_of_the_others() -> None:
    minutes = START // MINUTE + np.arange(30 * 1440, dtype=np.int64)
    assert (absences(7, COINBASE, minutes) == Absence.QUIET).mean() == pytest.approx(0.03, abs=0.005)
    for listing in (BINANCE, BYBIT):
        assert Absence.QUIET not in absences(7, listing, minutes)


def first_stretch(listing: Listing, kind: Absence) -> tuple[int, int]:
    return next(
        (start, end) for start, end, its in stretches(7, listing, START, START + 90 * DAY) if its is kind
    )


def test_rest_lacks_what_only_the_archive_has_for_ever() -> None:
    start, end = first_stretch(BINANCE, Absence.ARCHIVE_ONLY)
    much_later = end + 365 * DAY
    assert len(SIM.rest_bars(BINANCE, "1m", start, end, much_later)) == 0
    assert len(SIM.market.minute_bars(BINANCE, start, end)) == (end - start) // MINUTE
    # a longer bar over the stretch is whole: the trades did happen
    five = SIM.rest_bars(BINANCE, "1h", start - start % (60 * MINUTE), end, much_later)
    assert five.trades[0] == SIM.market.bars(BINANCE, "1h", int(five.ts[0]), end, much_later).trades[0]


def test_nobody_has_what_never_traded() -> None:
    start, end = first_stretch(BINANCE, Absence.NEVER)
    assert len(SIM.market.minute_bars(BINANCE, start, end)) == 0
    assert len(SIM.market.trades(BINANCE, start, end)) == 0
    assert len(SIM.market.minute_bars(BINANCE, start - MINUTE, end + MINUTE)) == 2


def test_late_minutes_appear_ten_minutes_after_their_bar_closed() -> None:
    start, end = first_stretch(BYBIT, Absence.LATE)
    closed = start + MINUTE
    assert len(SIM.rest_bars(BYBIT, "1m", start, closed, closed + LATE_BY_MS - 1)) == 0
    assert len(SIM.rest_bars(BYBIT, "1m", start, closed, closed + LATE_BY_MS)) == 1
    assert len(SIM.rest_bars(BYBIT, "1m", start, end, end + LATE_BY_MS)) == (end - start) // MINUTE


def test_only_declared_minutes_are_hidden() -> None:
    minutes = START // MINUTE + np.arange(9 * 1440, dtype=np.int64)
    state = absences(7, BINANCE, minutes)
    hidden = hidden_from_rest(state, minutes * MINUTE, START + 400 * DAY)
    bars = SIM.rest_bars(BINANCE, "1m", START, START + 9 * DAY, START + 400 * DAY)
    np.testing.assert_array_equal(bars.ts // MINUTE, minutes[~hidden & (state != Absence.NEVER)])
