"""What is planted between stories and prices: candles of the simulated market find it, not in controls."""

from functools import cache

import numpy as np
import pytest

from alphapulse_sim.hashing import Floats
from alphapulse_sim.instruments import Catalogue, epoch_ms
from alphapulse_sim.intervals import DAY, HOUR, MINUTE
from alphapulse_sim.market import Market
from alphapulse_sim.outlets import CONTROL_OUTLET
from alphapulse_sim.stories import Stories, Story
from alphapulse_sim.story_plan import LEAD

SEED = 7
START = epoch_ms("2024-01-10")
END = START + 2 * DAY
MARKET = Market(SEED)
CATALOGUE = Catalogue()


@cache
def told() -> list[Story]:
    return [each for each in Stories(MARKET, CATALOGUE).between(START, END) if each.copy_of is None]


@cache
def closes(coin: str) -> tuple[Floats, Floats]:
    """Ends and closes of the minute candles around the window."""
    listing = CATALOGUE.find("binance", "spot", f"{coin}USDT")
    assert listing is not None
    bars = MARKET.minute_bars(listing, START - 3 * HOUR, END + 3 * HOUR)
    return (bars.ts + MINUTE).astype(np.float64), bars.close.astype(np.float64)


def correlation(found: list[Story], after: int = LEAD) -> float:
    """Of the tone of stories and the return of the hour that begins so long after each."""
    tone, moved = [], []
    for story in found:
        ends, close = closes(story.coins[0])
        first, last = np.searchsorted(ends, [story.at + after, story.at + after + HOUR])
        tone.append(story.tone)
        moved.append(np.log(close[last] / close[first]))
    return float(np.corrcoef(tone, moved)[0, 1])


def about(coin: str) -> list[Story]:
    return [story for story in told() if story.coins[:1] == (coin,)]


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_the_tone_leads_the_return_of_one_hour_and_of_no_other(coin: str) -> None:
    found = about(coin)
    assert len(found) > 180
    assert 0.40 < correlation(found) < 0.65  # documented: about 0.52
    assert abs(correlation(found, LEAD + HOUR)) < 0.2
    assert abs(correlation(found, LEAD - 2 * HOUR)) < 0.2


def test_a_control_coin_tells_nothing() -> None:
    found = about("LTC")
    assert len(found) > 180
    assert all(abs(correlation(found, after)) < 0.15 for after in (-HOUR, 0, LEAD, HOUR))


def test_the_control_outlet_tells_nothing_of_coins_that_others_know() -> None:
    coins = ("BTC", "ETH")
    others = [story for coin in coins for story in about(coin) if story.outlet != CONTROL_OUTLET]
    control = [story for coin in coins for story in about(coin) if story.outlet == CONTROL_OUTLET]
    assert len(control) > 40
    assert abs(correlation(control)) < 0.25
    assert correlation(others) > 0.45


def test_reports_follow_the_hour_before_them() -> None:
    reports = [
        each for each in told() if each.relation == "lagging" and each.coins[0] in ("BTC", "ETH", "SOL")
    ]
    assert correlation(reports, -HOUR) > 0.85


def test_more_is_told_of_a_busy_market_and_not_of_a_control() -> None:
    def count_and_activity(coin: str) -> float:
        listing = CATALOGUE.find("binance", "spot", f"{coin}USDT")
        assert listing is not None
        hours = np.arange(START, END, HOUR)
        told_of = [sum(hour <= story.at < hour + HOUR for story in about(coin)) for hour in hours]
        wave = 1.0 + 0.4 * np.cos((hours // HOUR % 24 - 15) / 24 * 2 * np.pi)
        return float(np.corrcoef(told_of / wave, MARKET.activity(listing.asset, hours))[0, 1])

    assert count_and_activity("BTC") > 0.7
    assert abs(count_and_activity("LTC")) < 0.3


def means_and_returns(coin: str) -> tuple[Floats, Floats]:
    """Mean tones of the hours, and the returns of all hours around them."""
    hours = np.arange(START, END, HOUR)
    tones = [[story.tone for story in about(coin) if hour <= story.at < hour + HOUR] for hour in hours]
    ends, close = closes(coin)
    edges = np.searchsorted(ends, np.arange(START - 2 * HOUR, END + 3 * HOUR, HOUR))
    return np.array([np.mean(each) for each in tones]), np.diff(np.log(close[edges]))


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_means_by_the_hour_lead_by_one_hour(coin: str) -> None:
    tones, returns = means_and_returns(coin)
    at_lag = {lag: np.corrcoef(tones, returns[2 + lag : 50 + lag])[0, 1] for lag in (-2, -1, 0, 1, 2)}
    assert at_lag[1] > 0.5  # documented: about 0.6
    assert all(abs(found) < 0.25 for lag, found in at_lag.items() if lag != 1)
