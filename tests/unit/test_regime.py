"""Market regimes: the rules, the same in one pass, per day and live, and the market's majority."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.core import calendar_blocks as warm_up
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.regime.batch import compute
from alphapulse_assets.regime.inputs import REGIME_SCHEMA
from alphapulse_assets.regime.live import RegimeState
from alphapulse_assets.regime.market import DOMINANCE_SCHEMA, MARKET_SCHEMA, market_regime
from alphapulse_assets.regime.rules import RegimeRules, frame_start
from tests.unit.indicator_support import REAL, awkward_candles, candle_frame, real_candles, walk

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
SHORT: Final = RegimeRules(window=60, least_values=20)
RULES: Final = RegimeRules()


def with_indicators(candles: pl.DataFrame, timeframe: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    return candles, indicators.compute(candles, timeframe)


def regimes(candles: pl.DataFrame, timeframe: str = "1m", rules: RegimeRules = RULES) -> pl.DataFrame:
    return compute(*with_indicators(candles, timeframe), timeframe, rules=rules)


def live(state: RegimeState, candles: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    bars = zip(candles.iter_rows(named=True), told.iter_rows(named=True), strict=True)
    return pl.DataFrame([state.update(Bar.of(bar), row) for bar, row in bars], schema=REGIME_SCHEMA)


def path(moves: np.ndarray, volume: np.ndarray | float = 10.0) -> pl.DataFrame:
    """Bars whose close moves so, in log price."""
    close = 100 * np.exp(np.cumsum(moves))
    opened = np.concatenate(([100.0], close[:-1]))
    columns = {
        "open": opened,
        "high": np.maximum(opened, close) * 1.0005,
        "low": np.minimum(opened, close) / 1.0005,
        "close": close,
        "volume": np.broadcast_to(volume, close.shape),
    }
    return candle_frame(START, "1m", columns)


@pytest.mark.parametrize("name", REAL)
def test_a_day_computed_alone_has_the_regimes_of_one_pass(shared_data: Path, name: str) -> None:
    candles, timeframe = real_candles(shared_data, name), REAL[name]
    whole = regimes(candles, timeframe)
    days = whole["ts"].dt.truncate("1d").unique().sort()
    for day in days.gather_every(max(len(days) // 12, 1)):
        start, end = frame_start(timeframe, day), day + timedelta(days=1)
        until = candles.filter(pl.col("ts") < end)
        enough = until.filter(pl.col("ts") >= warm_up.frame_start(timeframe, start))
        told = indicators.compute(enough, timeframe, start=start)
        found = compute(until.filter(pl.col("ts") >= start), told, timeframe, start=day)
        expected = whole.filter((pl.col("ts") >= day) & (pl.col("ts") < end))
        assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.parametrize("name", REAL)
def test_real_bars_one_by_one_have_the_regimes_of_one_pass(shared_data: Path, name: str) -> None:
    timeframe = REAL[name]
    candles, told = with_indicators(real_candles(shared_data, name), timeframe)
    whole = compute(candles, told, timeframe)
    assert_frame_equal(live(RegimeState(timeframe), candles, told), whole, check_exact=True)
    for first in (1, 700, 5_000):
        start = frame_start(timeframe, candles["ts"][first])
        known, known_told = (x.head(first).filter(pl.col("ts") >= start) for x in (candles, told))
        state = RegimeState.warm(known, known_told, timeframe)
        found = live(state, candles.slice(first, 600), told.slice(first, 600))
        assert_frame_equal(found, whole.slice(first, 600), check_exact=True)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["1m", "4h", "1w"]), st.data())
def test_awkward_bars_have_the_same_regimes_in_one_pass_live_and_cut_short(
    timeframe: str, data: st.DataObject
) -> None:
    candles, told = with_indicators(data.draw(awkward_candles(timeframe)), timeframe)
    known = data.draw(st.integers(0, candles.height))
    whole = compute(candles, told, timeframe, rules=SHORT)
    state = RegimeState.warm(candles.head(known), told.head(known), timeframe, SHORT)
    found = live(state, candles.slice(known), told.slice(known))
    assert_frame_equal(found, whole.slice(known), check_exact=True)
    cut = compute(candles.head(known), told.head(known), timeframe, rules=SHORT)
    assert_frame_equal(cut, whole.head(known), check_exact=True)
    if candles.height:
        day = candles["ts"][candles.height // 2]
        late = pl.col("ts") >= frame_start(timeframe, day)
        part = compute(candles.filter(late), told.filter(late), timeframe, start=day, rules=SHORT)
        assert_frame_equal(part, whole.filter(pl.col("ts") >= day), check_exact=True)


def reference_rank(values: list[float | None], window: int, least: int) -> list[float | None]:
    """Mid-ranks in plain Python."""
    ranks: list[float | None] = []
    for i, value in enumerate(values):
        known = [other for other in values[max(i - window + 1, 0) : i + 1] if other is not None]
        if value is None or len(known) < least:
            ranks.append(None)
            continue
        ranks.append((sum(o < value for o in known) + sum(o == value for o in known) / 2) / len(known))
    return ranks


def test_percentiles_are_mid_ranks_and_amihuds_measure_is_the_mean_cost_of_bars_that_traded() -> None:
    candles, told = with_indicators(candle_frame(START, "1m", walk(5, 400)), "1m")
    found = compute(candles, told, "1m", rules=SHORT)
    volatility = told["realised_volatility_20"].to_list()
    assert found["volatility_percentile"].to_list() == pytest.approx(reference_rank(volatility, 60, 20))
    quote = candles["volume"] * (candles["high"] + candles["low"] + candles["close"]) / 3
    cost = (candles["close"] / candles["close"].shift()).log().abs() / quote
    costs = [value if traded > 0 else None for value, traded in zip(cost, quote, strict=True)]
    for i in (50, 200, 399):
        seen = [value for value in costs[i - 19 : i + 1] if value is not None]
        expected = sum(seen) / len(seen) if seen else None
        assert found["illiquidity"][i] == (None if expected is None else pytest.approx(expected))
        assert found["quote_volume_mean"][i] == pytest.approx(quote[i - 19 : i + 1].mean())


def reference_level(before: str | None, rank: float | None) -> str | None:
    if rank is None:
        return None
    if (before == "low" and rank < RULES.low_leave) or rank <= RULES.low_enter:
        return "low"
    return "high" if (before == "high" and rank > RULES.high_leave) or rank >= RULES.high_enter else "normal"


def reference_trend(before: str | None, row: dict[str, Any]) -> str | None:
    if row["adx"] is None or row["trend_slope"] is None:
        return None
    for name, sign in (("up", 1), ("down", -1)):
        leads = (
            sign * (row["plus_di_14"] - row["minus_di_14"]) > 0 and sign * (row["ema_20"] - row["ema_50"]) > 0
        )
        slope = sign * row["trend_slope"]
        if row["adx"] >= RULES.adx_enter and leads and slope >= RULES.slope_enter:
            return name
    for name, sign in (("up", 1), ("down", -1)):
        if before == name and row["adx"] >= RULES.adx_leave and sign * row["trend_slope"] > 0:
            return name
    return "range"


def test_states_follow_their_evidence_with_hysteresis(shared_data: Path) -> None:
    candles, told = with_indicators(real_candles(shared_data, "5m").head(2_700), "5m")
    found = compute(candles, told, "5m")
    trend = volatility = liquidity = None
    for row in found.join(told, on="ts").iter_rows(named=True):
        trend = reference_trend(trend, row)
        volatility = reference_level(volatility, row["volatility_percentile"])
        liquidity = reference_level(liquidity, row["liquidity_percentile"])
        assert (row["trend"], row["volatility"], row["liquidity"]) == (trend, volatility, liquidity), row[
            "ts"
        ]
    # each label occurs, or nothing was tried
    for name in ("trend", "volatility", "liquidity"):
        assert found[name].drop_nulls().n_unique() == 3


def test_hysteresis_makes_states_last_longer(shared_data: Path) -> None:
    candles, told = with_indicators(real_candles(shared_data, "5m"), "5m")
    narrow = RegimeRules(adx_leave=24.99, low_leave=0.2001, high_leave=0.7999)
    with_it, without = compute(candles, told, "5m"), compute(candles, told, "5m", rules=narrow)
    for name in ("trend", "volatility", "liquidity"):
        changes = [(frame[name] != frame[name].shift()).sum() for frame in (with_it, without)]
        assert changes[0] < changes[1], name


@pytest.mark.parametrize(("drift", "trend"), [(0.002, "up"), (-0.002, "down")])
def test_a_steady_climb_is_a_trend_and_its_mirror_image_the_other(drift: float, trend: str) -> None:
    noise = np.random.default_rng(1).normal(0, 0.001, 300)
    assert regimes(path(noise + drift))["trend"][-1] == trend


def test_swings_to_and_fro_are_a_range() -> None:
    swings = 0.002 * np.where(np.arange(300) // 3 % 2 == 0, 1.0, -1.0)
    assert regimes(path(swings))["trend"].tail(100).unique().to_list() == ["range"]


def test_volatility_is_high_after_calm_and_low_after_storm() -> None:
    random = np.random.default_rng(2).normal(0, 1, 600)
    late = np.arange(600) >= 500
    assert regimes(path(np.where(late, 0.01, 0.001) * random))["volatility"][-1] == "high"
    assert regimes(path(np.where(late, 0.001, 0.01) * random))["volatility"][-1] == "low"


def test_liquidity_is_high_with_much_volume_and_low_with_little_or_none() -> None:
    moves = np.random.default_rng(3).normal(0, 0.001, 600)
    volume = np.random.default_rng(4).lognormal(3, 0.3, 600)
    for factor, liquidity in ((20.0, "high"), (0.05, "low"), (0.0, "low")):
        changed = np.where(np.arange(600) < 550, 1.0, factor) * volume
        assert regimes(path(moves, changed))["liquidity"][-1] == liquidity


def test_a_market_that_never_moves_is_a_normal_range() -> None:
    row = regimes(path(np.zeros(300))).row(-1, named=True)
    assert (row["volatility"], row["liquidity"]) == ("normal", "normal")
    still = {name: np.full(300, 5.0) for name in ("open", "high", "low", "close", "volume")}
    assert regimes(candle_frame(START, "1m", still))["trend"][-1] == "range"


def test_states_are_null_while_too_little_is_known() -> None:
    found = regimes(candle_frame(START, "1m", walk(1, 200)))
    assert found["trend"].null_count() == 59  # EMA 50, ten bars back
    assert found["volatility"].null_count() == 119  # a hundred values of 21 bars
    assert found.schema == REGIME_SCHEMA


def test_the_venues_own_quote_volume_is_taken_where_it_is_told() -> None:
    candles = candle_frame(START, "1m", walk(1, 60)).with_columns(pl.lit(7.0).alias("quote_volume"))
    assert regimes(candles)["quote_volume_mean"][-1] == 7.0


def test_frames_that_do_not_belong_together_are_refused() -> None:
    candles, told = with_indicators(candle_frame(START, "1m", walk(1, 50)), "1m")
    with pytest.raises(ValueError, match=r"00:20:00.* no row of indicators"):
        compute(candles, pl.concat([told.head(20), told.tail(29)]), "1m")
    with pytest.raises(ValueError, match="does not come after"):
        compute(candles.reverse(), told, "1m")
    with pytest.raises(ValueError, match="each once"):
        compute(candles, pl.concat([told, told]), "1m")
    with pytest.raises(ValueError, match="unknown timeframe"):
        compute(candles, told, "7m")
    state = RegimeState.warm(candles.head(40), told.head(40), "1m")
    with pytest.raises(ValueError, match="of another bar"):
        state.update(Bar.of(candles.row(40, named=True)), told.row(41, named=True))
    with pytest.raises(ValueError, match="does not come after"):
        state.update(Bar.of(candles.row(39, named=True)), told.row(39, named=True))


@pytest.mark.parametrize(
    "wrong",
    [
        {"low_leave": 0.1},
        {"high_enter": 0.5},
        {"adx_leave": 30.0},
        {"least_values": 501},
        {"window": 1_000},
        {"mean_bars": 0},
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        RegimeRules(**wrong)


def symbols(*rows: tuple[int, str | None, str, float | None]) -> pl.DataFrame:
    """Rows of one time: instrument, trend, volatility, quote volume."""
    told = [
        {
            "ts": START,
            "instrument_id": number,
            "trend": trend,
            "volatility": level,
            "quote_volume_mean": weight,
        }
        for number, trend, level, weight in rows
    ]
    schema = {**REGIME_SCHEMA, "instrument_id": pl.Int32()}
    return pl.DataFrame(told, schema_overrides=schema).with_columns(pl.lit("normal").alias("liquidity"))


def test_the_market_is_where_most_of_its_volume_is() -> None:
    found = market_regime(
        symbols((1, "up", "low", 60.0), (2, "down", "high", 25.0), (3, "down", "high", 15.0)), "1h"
    )
    row = found.row(0, named=True)
    assert found.schema == MARKET_SCHEMA
    assert (row["symbols"], row["trend"], row["trend_share"]) == (3, "up", 0.6)
    assert (row["volatility"], row["liquidity"], row["liquidity_share"]) == ("low", "normal", 1.0)
    assert row["btc_dominance"] is None


def test_a_tie_goes_to_the_middle_and_the_unknown_do_not_vote() -> None:
    tie = market_regime(symbols((1, "up", "high", 5.0), (2, "range", "normal", 5.0)), "1h").row(0, named=True)
    assert (tie["trend"], tie["volatility"], tie["trend_share"]) == ("range", "normal", 0.5)
    row = market_regime(
        symbols((1, None, "high", 90.0), (2, "down", "low", 5.0), (3, "up", "low", None)), "1h"
    ).row(0, named=True)
    assert (row["symbols"], row["trend"], row["trend_share"], row["volatility"]) == (2, "down", 1.0, "high")


def test_dominance_is_the_last_one_known_at_the_close_and_not_a_stale_one() -> None:
    close = START + timedelta(hours=1)
    one = symbols((1, "up", "low", 1.0))

    def dominance(*known: tuple[datetime, float]) -> float | None:
        rows = [("coingecko", *each) for each in known]
        frame = pl.DataFrame(rows, schema=DOMINANCE_SCHEMA, orient="row")
        value: float | None = market_regime(one, "1h", frame)["btc_dominance"][0]
        return value

    later = (close + timedelta(seconds=1), 60.0)
    assert dominance((close, 50.0), later) == 50.0
    assert dominance(later) is None
    assert dominance((close - timedelta(days=4), 40.0)) is None
    assert dominance((close - timedelta(days=2), 40.0), later) == 40.0


def test_dominance_is_of_one_provider_and_says_whose() -> None:
    close = START + timedelta(hours=1)
    one = symbols((1, "up", "low", 1.0))

    def told(*known: tuple[str, datetime, float]) -> tuple[float | None, str | None]:
        frame = pl.DataFrame(known, schema=DOMINANCE_SCHEMA, orient="row")
        row = market_regime(one, "1h", frame).row(0, named=True)
        return row["btc_dominance"], row["dominance_provider"]

    theirs = ("coinmarketcap", close, 55.0)
    assert told(("coingecko", close - timedelta(hours=5), 50.0), theirs) == (50.0, "coingecko")
    assert told(("coingecko", close - timedelta(days=5), 50.0), theirs) == (55.0, "coinmarketcap")
    assert told(("somebody", close, 45.0)) == (None, None)


def test_an_instrument_has_one_vote() -> None:
    with pytest.raises(ValueError, match="instrument 1 occurs twice"):
        market_regime(symbols((1, "up", "low", 1.0), (1, "up", "low", 1.0)), "1h")
