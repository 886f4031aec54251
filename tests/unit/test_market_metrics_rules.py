"""Confidence, dominance regimes, correlations: by formulas written down again, never from the future."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.alerts.model import Severity
from alphapulse_assets.market_metrics import dominance as regimes_of
from alphapulse_assets.market_metrics.alerts import shifts, turns
from alphapulse_assets.market_metrics.confidence import (
    agreement,
    coin_confidence,
    completeness,
    confidence,
    freshness,
)
from alphapulse_assets.market_metrics.correlation import LAGS, WARM_UP_BARS, correlations, fisher
from alphapulse_assets.market_metrics.dominance import hourly, regimes, walk
from alphapulse_assets.market_metrics.rows import Defi, Stablecoins, broken_market, market_row
from alphapulse_resources.providers.market_model import MarketFigures

NOW: Final = datetime(2024, 3, 20, 12, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)


def row(**changes: Any) -> dict[str, Any]:
    """A complete row."""
    told: dict[str, Any] = {
        "total_market_cap": 2e12,
        "volume_24h": 1e11,
        "btc_dominance": 50.0,
        "eth_dominance": 17.0,
        "stablecoin_dominance": 6.0,
        "defi_market_cap": 8e10,
    }
    return told | changes


def test_a_fresh_complete_row_that_the_other_confirms_is_fully_trusted() -> None:
    assert confidence(row(), row(btc_dominance=52.9, total_market_cap=1.9e12), MINUTE) == 1.0


@pytest.mark.parametrize(("minutes", "fresh"), [(0, 1.0), (2, 1.0), (10, 0.5), (18, 0.25), (-1, 1.0)])
def test_freshness_halves_every_eight_minutes_after_two(minutes: float, fresh: float) -> None:
    assert freshness(minutes * MINUTE) == pytest.approx(fresh)


@pytest.mark.parametrize(
    ("other", "agreed"),
    [
        ({"btc_dominance": 47.1}, 1.0),  # the 2.9 points that are usual
        ({"btc_dominance": 40.0}, 0.5),
        ({"btc_dominance": 30.0}, 0.0),
        ({"total_market_cap": 4e12}, 0.0),
        ({"total_market_cap": 2e12 * math.sqrt(1.15 * 1.6)}, 0.5),
        ({"btc_dominance": None}, 1.0),  # the totals are left
    ],
)
def test_agreement_is_the_worse_of_both_distances(other: dict[str, Any], agreed: float) -> None:
    assert agreement(row(), row(**other)) == pytest.approx(agreed)
    assert agreement(row(**other), row()) == pytest.approx(agreed)


def test_nobody_to_compare_with_is_no_agreement_and_counts_less() -> None:
    assert agreement(row(), None) is None
    assert agreement(row(btc_dominance=None, total_market_cap=None), row()) is None
    assert confidence(row(), None, MINUTE) == pytest.approx(0.8)


def test_each_figure_that_is_not_told_costs_a_sixth() -> None:
    assert completeness(row(eth_dominance=None, defi_market_cap=None)) == pytest.approx(4 / 6)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(1, 1e14), st.floats(1, 1e14), st.floats(0, 1e6))
def test_confidence_is_always_a_share(a: float, b: float, one: float, two: float, seconds: float) -> None:
    sure = confidence(
        row(btc_dominance=a, total_market_cap=one),
        row(btc_dominance=b, total_market_cap=two),
        timedelta(seconds=seconds),
    )
    assert 0.0 <= sure <= 1.0


def test_a_coin_whose_cap_is_not_price_times_supply_is_not_trusted() -> None:
    coin = {"price": 100.0, "market_cap": 1e9, "volume_24h": 1e7, "circulating_supply": 1e7, "ts": NOW}
    assert coin_confidence(coin, NOW) == 1.0
    assert coin_confidence({**coin, "market_cap": 1.04e9}, NOW) == 1.0
    assert coin_confidence({**coin, "market_cap": 2e9}, NOW) == 0.0
    assert coin_confidence({**coin, "volume_24h": None}, NOW) == 0.75


def told_market(**changes: Any) -> MarketFigures:
    given: dict[str, Any] = {
        "ts": NOW,
        "total_market_cap": 2e12,
        "volume_24h": 1e11,
        "btc_dominance": 50.0,
        "eth_dominance": 17.0,
        "active_coins": 10_000,
    }
    return MarketFigures(**{**given, **changes})


def test_a_row_older_than_ten_minutes_is_compared_with_nothing() -> None:
    other = {**row(), "provider": "coinmarketcap", "ts": NOW - 11 * MINUTE}
    made = market_row(
        "coingecko", told_market(), Stablecoins(1e11, "category", NOW), Defi(8e10, 1e9, 4.0, NOW), other, NOW
    )
    assert (made["agreement"], made["compared_with"]) == (None, None)
    assert made["stablecoin_dominance"] == pytest.approx(5.0)
    assert broken_market(made) is None
    assert broken_market({**made, "eth_dominance": 45.1}) == "dominance_sum_over_100"


def told(
    values: list[float], *, start: datetime = NOW - 200 * HOUR, delay: timedelta = MINUTE
) -> pl.DataFrame:
    """Dominances an hour apart, told on the half hour and known `delay` later."""
    ts = [start + n * HOUR + 30 * MINUTE for n in range(len(values))]
    frame = pl.DataFrame({"ts": ts, "known_at": [at + delay for at in ts], "btc_dominance": values})
    return frame.with_columns(
        pl.col("ts", "known_at").cast(pl.Datetime("us", "UTC")),
        eth_dominance=pl.lit(17.0),
        stablecoin_dominance=pl.lit(None, pl.Float64),
    )


def path(count: int = 200, seed: int = 4) -> list[float]:
    return (50 + np.cumsum(np.random.default_rng(seed).normal(0, 0.12, count))).tolist()


def test_an_hour_has_what_was_known_at_its_end_and_nothing_that_is_old() -> None:
    start = NOW - 200 * HOUR
    frame = told([50.0, 51.0, 52.0]).with_columns(
        known_at=pl.when(pl.col("btc_dominance") == 51).then(NOW).otherwise(pl.col("known_at"))
    )
    hours = hourly(frame, start, start + 6 * HOUR)
    # the second is known too late, the third is of the hour after; two hours later nothing is known any more
    assert hours["btc_dominance"].to_list() == [50.0, 50.0, 52.0, 52.0, None, None]


def test_the_past_of_main_coins_is_of_its_own_hour_and_known_since_it_was_fetched() -> None:
    start = NOW - 200 * HOUR
    fetched = told(path()).with_columns(known_at=pl.lit(NOW).cast(pl.Datetime("us", "UTC")))
    holed = fetched.filter(pl.col("ts") != start + 2 * HOUR + 30 * MINUTE)
    hours = hourly(holed, start, start + 5 * HOUR, "main_coins")
    assert hours["btc_dominance"].is_null().to_list() == [False, False, True, False, False]
    assert hours["known_at"].to_list() == [NOW, NOW, start + 3 * HOUR, NOW, NOW]
    whole = regimes("coingecko", fetched, start + 100 * HOUR, NOW, "main_coins")
    assert set(whole["known_at"]) == {NOW}
    cut = start + 150 * HOUR
    seen = regimes("coingecko", fetched.filter(pl.col("ts") < cut), start + 100 * HOUR, NOW, "main_coins")
    assert seen.equals(whole.filter(pl.col("ts") < cut))


def test_rising_begins_with_enough_change_and_ends_below_half_of_it() -> None:
    changes = [0.1, 0.5, 0.3, 0.26, 0.25, 0.4, None, 0.4, -0.5, -0.3, 0.0]
    up, down, flat = "rising", "falling", "flat"
    assert walk(changes, 0.5, 0.25) == [flat, up, up, up, flat, flat, None, flat, down, down, flat]


def test_a_regime_that_nothing_confirms_for_two_days_is_over() -> None:
    found = walk([0.6, *[0.3] * 60], 0.5, 0.25)
    assert found[:48] == ["rising"] * 48
    assert set(found[48:]) == {"flat"}


def test_cut_short_history_does_not_change_the_past_of_regimes() -> None:
    frame, start = told(path()), NOW - 100 * HOUR
    whole = regimes("coingecko", frame, start, NOW)
    assert {"rising", "falling", "flat"} == set(whole["regime"].drop_nulls())
    for hours in (1, 17, 60):
        end = start + hours * HOUR
        seen = frame.filter(pl.col("known_at") <= end)
        assert regimes("coingecko", seen, start, end).equals(whole.filter(pl.col("ts") < end))


def test_an_hour_is_the_same_from_wherever_it_is_worked_out() -> None:
    frame, start = told(path(seed=5)), NOW - 100 * HOUR
    whole = regimes("coingecko", frame, start, NOW)
    for hours in (1, 24, 50):
        begun = start + hours * HOUR
        reach = begun - regimes_of.WARM_UP - regimes_of.NEWEST_WITHIN
        part = regimes("coingecko", frame.filter(pl.col("ts") >= reach), begun, NOW)
        assert part.equals(whole.filter(pl.col("ts") >= begun))


def test_turns_are_told_in_the_hour_they_happen() -> None:
    whole = regimes("coingecko", told(path()), NOW - 100 * HOUR, NOW).filter(pl.col("asset") == "btc")
    before = whole["regime"].shift(1)
    expected = pl.select(pl.when((before != whole["regime"]).fill_null(False)).then(before)).to_series()
    assert whole["turned_from"].to_list()[1:] == expected.to_list()[1:]
    assert whole["turned_from"].drop_nulls().len() > 2


def bars(
    count: int, seed: int, *, step: timedelta = HOUR, symbols: int = 2
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Dominance and closes that lean against it a bar later, with holes in both."""
    random = np.random.default_rng(seed)
    start = NOW - count * step
    ts = pl.Series("ts", [start + n * step for n in range(count)], dtype=pl.Datetime("us", "UTC"))
    moves = random.normal(0, 0.05, count)
    dominance = pl.DataFrame({"ts": ts, "dominance": 50 + np.cumsum(moves)})
    frames = []
    for symbol in range(symbols):
        returns = random.normal(0, 0.01, count) - 0.2 * np.concatenate(([0.0], moves[:-1]))
        close = 100 * np.exp(np.cumsum(returns))
        frame = pl.DataFrame({"ts": ts, "close": close}).with_columns(
            instrument_id=pl.lit(symbol + 7, pl.Int32)
        )
        frames.append(frame.filter(random.random(count) > 0.04))
    return dominance.filter(random.random(count) > 0.04), pl.concat(frames)


def slowly(
    dominance: pl.DataFrame, closes: pl.DataFrame, at: datetime, window: int, lag: int
) -> tuple[int, float]:
    """Pairs and correlation of one window as the definition has it, value by value."""
    level = dict(dominance.select("ts", "dominance").iter_rows())
    close = dict(closes.select("ts", "close").iter_rows())

    def move(ts: datetime) -> float | None:
        return level[ts] - level[ts - HOUR] if ts in level and ts - HOUR in level else None

    def gain(ts: datetime) -> float | None:
        return math.log(close[ts] / close[ts - HOUR]) if ts in close and ts - HOUR in close else None

    pairs = []
    for n in range(window):
        ts = at - n * HOUR
        x, y = move(ts - max(lag, 0) * HOUR), gain(ts - max(-lag, 0) * HOUR)
        if x is not None and y is not None:
            pairs.append((x, y))
    xs, ys = zip(*pairs, strict=True)
    return len(pairs), float(np.corrcoef(xs, ys)[0, 1])


def test_correlations_are_those_of_the_definition_at_every_lag() -> None:
    dominance, closes = bars(300, 3)
    found = correlations(dominance, closes, "1h", NOW - 150 * HOUR, NOW)
    assert found.height > 500
    compared = 0
    for told_row in found.sample(25, seed=1).iter_rows(named=True):
        of_symbol = closes.filter(pl.col("instrument_id") == told_row["instrument_id"])
        for place, lag in enumerate(LAGS):
            pairs, expected = slowly(dominance, of_symbol, told_row["ts"], told_row["bars"], lag)
            if pairs < math.ceil(told_row["bars"] * 2 / 3):
                assert told_row["lags"][place] is None
                continue
            assert told_row["lags"][place] == pytest.approx(expected, abs=1e-5)
            compared += 1
            if lag == 0:
                assert told_row["pairs"] == pairs
                assert told_row["correlation"] == told_row["lags"][place]
        sizes = [abs(value) for value in told_row["lags"] if value is not None]
        assert abs(told_row["lags"][told_row["best_lag"] + 3]) == max(sizes)
    assert compared > 100
    # closes lean against dominance a bar later: that lag stands out
    assert found.filter(pl.col("bars") == 90)["best_lag"].mode().to_list() == [1]


def test_an_interval_is_fishers_and_holds_its_correlation() -> None:
    low, high = fisher(np.array([0.5, 1.0, 0.3]), np.array([28, 30, 3]))
    assert low[0] == pytest.approx(math.tanh(math.atanh(0.5) - 1.959964 / 5), abs=1e-6)
    assert high[0] == pytest.approx(math.tanh(math.atanh(0.5) + 1.959964 / 5), abs=1e-6)
    assert (low[1], high[1]) == (1.0, 1.0)
    assert np.isnan(low[2])


def test_intervals_hold_nothing_in_nineteen_of_twenty_cases_where_there_is_nothing() -> None:
    random = np.random.default_rng(9)
    ts = pl.Series("ts", [NOW - n * HOUR for n in range(400, 0, -1)], dtype=pl.Datetime("us", "UTC"))
    dominance = pl.DataFrame({"ts": ts, "dominance": np.cumsum(random.normal(0, 0.05, 400))})
    closes = pl.concat(
        pl.DataFrame({"ts": ts, "close": np.exp(np.cumsum(random.normal(0, 0.01, 400)))}).with_columns(
            instrument_id=pl.lit(symbol, pl.Int32)
        )
        for symbol in range(400)
    )
    found = correlations(dominance, closes, "1h", NOW - HOUR, NOW).filter(pl.col("bars") == 90)
    told_apart = found.filter((pl.col("low") > 0) | (pl.col("high") < 0)).height
    assert 0.02 < told_apart / found.height < 0.09


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 60))
def test_cut_short_history_does_not_change_the_past_of_correlations(seed: int, hours: int) -> None:
    dominance, closes = bars(260, seed)
    start = NOW - 120 * HOUR
    end = start + hours * HOUR
    whole = correlations(dominance, closes, "1h", start, NOW)
    seen = correlations(
        dominance.filter(pl.col("ts") < end), closes.filter(pl.col("ts") < end), "1h", start, end
    )
    assert seen.equals(whole.filter(pl.col("ts") < end))
    reach = end - WARM_UP_BARS * HOUR
    later = correlations(
        dominance.filter(pl.col("ts") >= reach), closes.filter(pl.col("ts") >= reach), "1h", end, NOW
    )
    assert later.equals(whole.filter(pl.col("ts") >= end))  # to the last digit


def test_few_pairs_and_what_never_moves_give_no_correlation_and_say_how_many_pairs_there_were() -> None:
    dominance, closes = bars(150, 2)
    few = correlations(dominance.tail(15), closes, "1h", NOW - 5 * HOUR, NOW)
    assert few["correlation"].null_count() == few.height > 0
    assert few["pairs"].max() <= 15
    still = closes.with_columns(close=pl.lit(1.0))
    flat = correlations(dominance, still, "1h", NOW - 5 * HOUR, NOW)
    assert flat["correlation"].null_count() == flat.height > 0
    assert flat["best_lag"].null_count() == flat.height
    assert correlations(dominance.clear(), closes, "1h", NOW - 5 * HOUR, NOW).is_empty()


def test_a_start_off_the_grid_is_refused() -> None:
    dominance, closes = bars(10, 1)
    with pytest.raises(ValueError, match="no open time of a bar of 1h"):
        correlations(dominance, closes, "1h", NOW - MINUTE, NOW)


def before_and_now(**changes: Any) -> dict[str, Any]:
    """An hour in which Bitcoin's share rose by 0.7 points."""
    given: dict[str, Any] = {
        "ts": NOW,
        "known_at": NOW + MINUTE,
        "before_ts": NOW - HOUR,
        "confidence": 0.9,
        "before_confidence": 0.9,
        "btc_dominance": 50.7,
        "before_btc_dominance": 50.0,
        "eth_dominance": 17.0,
        "before_eth_dominance": 17.1,
        "stablecoin_dominance": None,
        "before_stablecoin_dominance": 6.0,
        "stablecoin_basis": None,
        "before_stablecoin_basis": "category",
    }
    return given | changes


def test_a_shift_is_told_with_its_figures_and_a_large_one_is_a_warning() -> None:
    (alert,) = shifts("coingecko", before_and_now())
    assert (alert.subject, alert.severity, alert.reference) == (
        "coingecko market",
        Severity.INFO,
        "btc shift",
    )
    assert alert.title == (
        "Bitcoin's share of the market rose by 0.70 points to 50.70 % in 60 minutes (coingecko)"
    )
    (large,) = shifts("coingecko", before_and_now(btc_dominance=48.9))
    assert large.severity is Severity.WARNING


@pytest.mark.parametrize(
    "changes",
    [
        {"btc_dominance": 50.49},
        {"confidence": 0.5},  # stale, far off the other or incomplete
        {"before_confidence": 0.0},
        {
            "btc_dominance": 50.0,
            "stablecoin_dominance": 7.0,
            "stablecoin_basis": "largest",
        },  # two different sums
    ],
)
def test_what_is_small_or_not_trusted_or_not_comparable_is_no_shift(changes: dict[str, Any]) -> None:
    assert not shifts("coingecko", before_and_now(**changes))


def test_a_turn_is_told_once_an_asset_and_hour() -> None:
    turned = {
        "provider": "coingecko",
        "asset": "stablecoin",
        "ts": NOW,
        "known_at": NOW + HOUR,
        "dominance": 6.2,
        "change_24h": 0.3,
        "regime": "rising",
        "turned_from": "flat",
    }
    (alert,) = turns([turned])
    assert alert.title == "Stablecoins' share of the market turned from flat to rising at 6.20 % (coingecko)"
    assert (alert.ts, alert.known_at, alert.reference) == (NOW, NOW + HOUR, "stablecoin turn")
