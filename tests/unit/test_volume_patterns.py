"""Each volume pattern: seen where its definition is met, and not where one condition just is not."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings

from alphapulse_assets.volume.batch import detect
from alphapulse_assets.volume.definitions import (
    DIRECTIONS,
    MEASURES,
    PARTS,
    STRENGTHS,
    VOLUME_CATALOGUE,
    VOLUME_PATTERN_SCHEMA,
    VolumeRules,
)
from tests.unit.candlestick_support import REAL, real_candles
from tests.unit.indicator_support import awkward_candles
from tests.unit.volume_support import START, Bar, Opinion, climb, framed, quiet, tick_bars

MINUTE = timedelta(minutes=1)
UP_BREAK: Bar = (103.5, 100.0, 103.0, 300.0)
DOWN_BREAK: Bar = (100.0, 96.5, 97.0, 300.0)
RISE = climb(30, 1.0)
FALL = climb(30, -1.0, 200.0)
DRY = [(102.0, 98.0, 100.0, 10.0)] * 5


def seen(bars: Sequence[Bar]) -> list[tuple[int, str, str, str, str]]:
    """(bar, pattern, direction, kind, strength) of 1m bars."""
    rows = detect(framed(bars), "1m").to_dicts()
    return [
        (
            (row["ts"] - START) // MINUTE,
            row["pattern"],
            row["direction"],
            json.loads(row["detail"])["kind"],
            row["strength"],
        )
        for row in rows
    ]


def of(bars: Sequence[Bar], name: str) -> list[tuple[int, str, str, str]]:
    """(bar, direction, kind, strength) of one pattern."""
    return [(bar, *rest) for bar, pattern, *rest in seen(bars) if pattern == name]


def only(bars: Sequence[Bar], name: str) -> dict[str, Any]:
    """The one row of a pattern, its detail decoded."""
    (row,) = detect(framed(bars), "1m").filter(pl.col("pattern") == name).to_dicts()
    return {**row, "detail": json.loads(row["detail"])}


def test_quiet_bars_have_no_pattern() -> None:
    assert seen(quiet(200)) == []


@pytest.mark.parametrize(
    ("volume", "found"),
    [
        (199.0, []),
        (200.0, [("2x", "weak")]),
        (299.0, [("2x", "weak")]),
        (300.0, [("3x", "medium")]),
        (500.0, [("5x", "strong")]),
        (999.0, [("5x", "strong")]),
        (1_000.0, [("5x", "extreme")]),
    ],
)
def test_a_spike_tells_the_highest_level_that_its_volume_reached(
    volume: float, found: list[tuple[str, str]]
) -> None:
    spikes = of([*quiet(30), (102.0, 98.0, 100.7, volume)], "spike")
    assert spikes == [(30, "bullish", *one) for one in found]


@pytest.mark.parametrize(("close", "direction"), [(99.9, "bullish"), (99.5, "neutral"), (99.4, "bearish")])
def test_the_direction_of_a_spike_is_that_of_its_close(close: float, direction: str) -> None:
    assert of([*quiet(30), (102.0, 98.0, close, 250.0)], "spike") == [(30, direction, "2x", "weak")]


def test_a_spike_tells_its_numbers_and_the_parts_of_its_confidence() -> None:
    row = only([*quiet(30), (102.0, 98.0, 100.5, 400.0)], "spike")
    assert row["volume_ratio"] == 4.0
    assert row["price_change"] == pytest.approx(100.5 / 99.5 - 1, rel=1e-12)
    assert row["detail"] == {
        "kind": "3x",
        "confidence_parts": {"continuity": 1.0, "volume": 0.25, "rank": 1.0, "range": 0.5},
        "atr": 4.0,
        "volume": 400.0,
        "range_ratio": 1.0,
    }
    assert row["confidence"] == pytest.approx((0.25 + 1 + 0.5) / 3, rel=1e-12)
    assert row["known_at"] == row["ts"] + MINUTE


def test_missing_bars_lower_the_confidence_and_nothing_else() -> None:
    bars = [*quiet(30), (102.0, 98.0, 100.5, 400.0)]
    whole, holed = (
        detect(framed(bars, rows=[*range(30), 30 + missing]), "1m").to_dicts() for missing in (0, 20)
    )
    assert holed[0]["confidence"] == pytest.approx(whole[0]["confidence"] / 2, rel=1e-12)
    assert json.loads(holed[0]["detail"])["confidence_parts"]["continuity"] == 0.5
    assert holed[0]["strength"] == whole[0]["strength"]


@pytest.mark.parametrize(
    ("bar", "found"),
    [
        (UP_BREAK, [(30, "bullish", "up", "strong")]),
        ((103.5, 100.0, 102.0, 300.0), []),  # closes at the highest high, not beyond it
        ((103.5, 100.0, 103.0, 149.0), []),  # too little volume
        ((103.5, 100.0, 103.0, 150.0), [(30, "bullish", "up", "weak")]),
        ((105.0, 100.0, 103.0, 300.0), []),  # close position exactly 0.2
        (DOWN_BREAK, [(30, "bearish", "down", "strong")]),
        ((100.0, 96.5, 98.0, 300.0), []),
    ],
)
def test_a_breakout_closes_beyond_the_channel_with_volume(
    bar: Bar, found: list[tuple[int, str, str, str]]
) -> None:
    assert of([*quiet(30), bar], "breakout") == found


def test_a_breakout_needs_a_consolidation() -> None:
    wide = [*quiet(20), (106.5, 94.0, 100.0, 100.0), *quiet(9)]  # spans 12.5, usual range 4.425: 2.8 of it
    assert of([*wide, (108.0, 100.0, 107.5, 300.0)], "breakout") == [(30, "bullish", "up", "strong")]
    wider = [*quiet(20), (110.0, 90.0, 100.0, 100.0), *quiet(9)]  # spans 20, usual range 4.8: 4.2 of it
    assert of([*wider, (112.0, 100.0, 111.0, 300.0)], "breakout") == []
    drifting = climb(30, 0.4)  # spans 11.6, 2.9 usual ranges, of which 7.6 were drift
    assert of([*drifting, (116.0, 112.0, 115.9, 300.0)], "breakout") == []


def test_bars_that_never_moved_are_no_consolidation() -> None:
    assert of([*[(100.0, 100.0, 100.0, 100.0)] * 30, (103.0, 100.0, 103.0, 300.0)], "breakout") == []


@pytest.mark.parametrize("later", [1, 2, 3])
@pytest.mark.parametrize(("side", "kind"), [(1, "up"), (-1, "down")])
def test_a_fake_out_is_dated_at_the_bar_that_fails_and_names_the_breakout(
    later: int, side: int, kind: str
) -> None:
    broken, holding, failing = (
        (UP_BREAK, (104.0, 102.0, 103.0, 100.0), (103.0, 100.5, 101.0, 100.0))
        if side > 0
        else (DOWN_BREAK, (98.0, 96.0, 97.0, 100.0), (99.5, 97.0, 99.0, 100.0))
    )
    bars = [*quiet(30), broken, *[holding] * (later - 1), failing]
    assert of(bars[:-1], "fake_out") == []
    row = only(bars, "fake_out")
    assert row["ts"] == START + (30 + later) * MINUTE
    assert row["known_at"] == row["ts"] + MINUTE
    assert row["direction"] == ("bearish" if side > 0 else "bullish")
    detail = row["detail"]
    assert (detail["kind"], detail["bars_since"], detail["breakouts_lost"]) == (kind, later, 1)
    assert detail["breakout_ts"] == (START + 30 * MINUTE).isoformat()
    assert detail["level"] == (102.0 if side > 0 else 98.0)
    assert detail["depth_atr"] == pytest.approx(1 / detail["atr"], rel=1e-12)
    assert detail["confidence_parts"]["speed"] == pytest.approx((4 - later) / 3)


def test_a_breakout_that_holds_for_three_bars_or_only_touches_its_level_is_no_fake_out() -> None:
    holding, failing = (104.0, 102.0, 103.0, 100.0), (103.0, 100.5, 101.0, 100.0)
    assert of([*quiet(30), UP_BREAK, *[holding] * 3, failing], "fake_out") == []
    assert of([*quiet(30), UP_BREAK, (103.0, 101.0, 102.0, 100.0)], "fake_out") == []


def test_a_breakout_fails_only_once() -> None:
    failing, holding = (103.0, 100.5, 101.0, 100.0), (104.0, 102.0, 103.0, 100.0)
    bars = [*quiet(30), UP_BREAK, failing, holding, failing]
    assert [bar for bar, *_ in of(bars, "fake_out")] == [31]


def test_a_fake_out_never_changes_the_row_of_its_breakout() -> None:
    bars = [*quiet(30), UP_BREAK, (103.0, 100.5, 101.0, 100.0)]
    before, after = (detect(framed(some), "1m") for some in (bars[:-1], bars))
    assert after.filter(pl.col("ts") <= before["ts"].max()).equals(before)


@pytest.mark.parametrize(
    ("bars", "found"),
    [
        ([*RISE, (140.0, 128.0, 130.0, 400.0)], [(30, "bearish", "buying", "medium")]),
        ([*RISE, (140.0, 128.0, 130.0, 299.0)], []),  # volume
        ([*RISE, (140.0, 128.0, 138.0, 400.0)], []),  # closes at the high: no rejection
        ([*RISE, (131.0, 119.0, 123.0, 400.0)], []),  # no new high
        ([*RISE, (135.9, 128.0, 130.0, 400.0)], []),  # range 7.9, usual 4
        ([*FALL, (172.0, 160.0, 170.0, 400.0)], [(30, "bullish", "selling", "medium")]),
        ([*FALL, (172.0, 160.0, 162.0, 400.0)], []),
        ([*quiet(30), (110.0, 98.0, 100.0, 400.0)], []),  # no trend
    ],
)
def test_a_climax_is_rejected_at_the_end_of_a_trend(
    bars: list[Bar], found: list[tuple[int, str, str, str]]
) -> None:
    assert of(bars, "climax") == found


@pytest.mark.parametrize(
    ("bars", "found"),
    [
        ([*RISE, (131.0, 128.0, 130.0, 200.0)], [(30, "bearish", "up", "medium")]),
        ([*RISE, (131.0, 128.0, 130.0, 199.0)], []),
        ([*RISE, (131.5, 128.2, 130.0, 200.0)], []),  # range 3.3: more than 0.8 of 4
        ([*FALL, (172.0, 169.0, 170.0, 200.0)], [(30, "bullish", "down", "medium")]),
        ([*quiet(30), (101.0, 98.5, 100.0, 200.0)], []),  # no move before
        ([*climb(30, 0.5), (116.0, 113.5, 115.0, 200.0)], []),  # a move of 10 in ATR of 3.9: 2.6
    ],
)
def test_exhaustion_is_effort_without_result_after_a_move(
    bars: list[Bar], found: list[tuple[int, str, str, str]]
) -> None:
    assert of(bars, "exhaustion") == found


@pytest.mark.parametrize(
    ("drop", "high", "found"),
    [
        (900.0, 103.0, [(35, "bearish", "bearish", "medium")]),  # 900 below the top, of 2,800 traded
        (500.0, 103.0, [(35, "bearish", "bearish", "weak")]),  # 500 of 2,400
        (470.0, 103.0, []),  # 470 of 2,370: less than a fifth
        (900.0, 102.0, []),  # the highest high is only reached
    ],
)
def test_divergence_is_a_new_high_that_on_balance_volume_does_not_confirm(
    drop: float, high: float, found: list[tuple[int, str, str, str]]
) -> None:
    heavy_fall = (102.0, 98.0, 98.5, drop)
    bars = [*quiet(34), heavy_fall, (high, 98.0, 99.0, 100.0)]
    assert of(bars, "divergence") == found
    mirrored = [(200 - low, 200 - high, 200 - close, volume) for high, low, close, volume in bars]
    assert of(mirrored, "divergence") == [(bar, "bullish", "bullish", size) for bar, _, _, size in found]


def test_an_outside_bar_is_no_divergence() -> None:
    bars = [*quiet(34), (102.0, 98.0, 98.5, 900.0), (103.0, 97.0, 99.0, 100.0)]
    assert of(bars, "divergence") == []


@pytest.mark.parametrize(("side", "name"), [(1, "accumulation"), (-1, "distribution")])
def test_money_flow_without_a_move_is_told_where_it_begins(side: int, name: str) -> None:
    other = {"accumulation": "distribution", "distribution": "accumulation"}[name]
    leaning: Bar = (102.0, 98.0, 100.0 + side, 100.0)  # close position 0.5
    bars = [*quiet(30), *[leaning] * 20]
    direction = {1: "bullish", -1: "bearish"}[side]
    # ten of twenty: a flow of 5 / 20; the quiet ones cancel each other
    assert of(bars, name) == [(39, direction, "money flow", "weak")]
    assert of(bars, other) == []
    assert of([*quiet(30), *[leaning] * 9], name) == []


def test_money_flow_that_moves_the_price_is_no_accumulation() -> None:
    rising = [(high, low, close + 1, volume) for high, low, close, volume in climb(60, 1.0)]
    assert of(rising, "accumulation") == []


def test_a_dry_up_is_told_where_it_begins() -> None:
    # 3 x 100 and 2 x 10 over five are 64 against 98, 2 and 3: 46 against 96.4
    assert of([*quiet(60), *DRY], "dry_up") == [(62, "neutral", "volume", "weak")]
    assert of([*quiet(60), *DRY[:2]], "dry_up") == []
    assert of([*quiet(49), *DRY], "dry_up") == [(51, "neutral", "volume", "weak")]


def test_a_dry_up_that_may_have_begun_before_there_were_bars_enough_is_not_told() -> None:
    assert of([*quiet(48), *DRY], "dry_up") == []


def test_a_dry_up_needs_bars_quieter_than_nearly_all_before() -> None:
    before = [*quiet(60), *[(102.0, 98.0, 100.0, 20.0)] * 11, *quiet(25)]
    earlier = of(before, "dry_up")
    assert of([*before, *DRY], "dry_up") == [*earlier, (99, "neutral", "volume", "weak")]
    louder = [(102.0, 98.0, 100.0, 30.0)] * 5  # 11 of 50 traded less: more than a fifth
    assert of([*before, *louder], "dry_up") == earlier


def test_silence_is_no_dry_up_and_no_spike_follows_it() -> None:
    silent = [(102.0, 98.0, 100.0, 0.0)] * 80
    assert seen([*silent, (102.0, 98.0, 100.0, 50.0)]) == []


def test_too_few_bars_have_no_pattern() -> None:
    assert seen([*quiet(20), (110.0, 98.0, 100.7, 900.0)]) == []
    assert {bar for bar, *_ in seen([*quiet(21), (110.0, 98.0, 100.7, 900.0)])} == {21}
    assert detect(framed([]), "1m").schema == VOLUME_PATTERN_SCHEMA


@pytest.mark.parametrize("seed", range(6))
def test_the_definitions_written_down_a_second_time_find_the_same(seed: int) -> None:
    bars = tick_bars(seed, 1_500)
    expected = Opinion(bars).patterns()
    assert [one[:3] for one in seen(bars)] == expected
    assert {name for _, name, _ in expected} >= {"spike", "divergence", "dry_up", "exhaustion"}


def test_the_definitions_written_down_a_second_time_find_the_same_in_real_bars(shared_data: Path) -> None:
    candles = real_candles(shared_data, "Coinbase_BTCUSD_1h.csv")
    bars = candles.select("high", "low", "close", "volume").rows()
    places = {ts: number for number, ts in enumerate(candles["ts"])}
    rows = detect(candles, "1h").select("ts", "pattern", "direction").rows()
    assert [(places[ts], *rest) for ts, *rest in rows] == Opinion(bars).patterns()
    assert {pattern for _, pattern, _ in rows} == set(VOLUME_CATALOGUE)


def assert_sound(rows: pl.DataFrame, length: timedelta) -> None:
    """What holds of any rows."""
    assert rows.schema == VOLUME_PATTERN_SCHEMA
    assert rows.select("ts", "pattern").rows() == sorted(set(rows.select("ts", "pattern").rows()))
    assert rows["confidence"].is_between(0, 1).all()
    assert rows["direction"].is_in(DIRECTIONS).all()
    assert rows["strength"].is_in(STRENGTHS).all()
    assert ((rows["known_at"] - rows["ts"]) == length).all()
    for row in rows.to_dicts():
        detail, name = json.loads(row["detail"]), row["pattern"]
        more = ["breakout_ts"] if name == "fake_out" else []
        assert list(detail) == ["kind", "confidence_parts", "atr", *MEASURES[name], *more]
        parts = detail["confidence_parts"]
        assert list(parts) == ["continuity", *PARTS[name]]
        assert all(0 <= part <= 1 for part in parts.values())
        whole = parts.pop("continuity") * sum(parts.values()) / 3
        assert row["confidence"] == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("name", REAL)
def test_rows_of_real_bars_are_within_bounds_and_told_in_full(shared_data: Path, name: str) -> None:
    rows = detect(real_candles(shared_data, name), REAL[name])
    assert rows["pattern"].n_unique() >= 8
    assert_sound(rows, timedelta(minutes={"1m": 1, "5m": 5, "1h": 60}[REAL[name]]))


@settings(max_examples=60, deadline=None)
@given(awkward_candles("15m"))
def test_rows_of_awkward_bars_are_within_bounds_and_told_in_full(candles: pl.DataFrame) -> None:
    assert_sound(detect(candles, "15m"), timedelta(minutes=15))


@pytest.mark.parametrize("seed", range(8))
def test_reflected_prices_swap_bullish_and_bearish_and_nothing_else(seed: int) -> None:
    bars = tick_bars(seed, 2_000)
    mirrored = [(2_048 - low, 2_048 - high, 2_048 - close, volume) for high, low, close, volume in bars]
    swap = {
        **{"bullish": "bearish", "bearish": "bullish", "up": "down", "down": "up"},
        **{"buying": "selling", "selling": "buying"},
        **{"accumulation": "distribution", "distribution": "accumulation"},
    }
    swapped = sorted(
        (bar, *(swap.get(word, word) for word in words), size) for bar, *words, size in seen(mirrored)
    )
    assert swapped == seen(bars)


@pytest.mark.parametrize(
    "wrong", [{"low": 0.0}, {"close": 103.0}, {"volume": -1.0}, {"high": float("inf")}, {"volume": None}]
)
def test_impossible_candles_are_refused(wrong: dict[str, float | None]) -> None:
    bars = framed(quiet(30)).to_dicts()
    bars[25] = {**bars[25], **wrong}
    with pytest.raises(ValueError, match=r"00:25:00.* is impossible"):
        detect(pl.DataFrame(bars, schema=framed([]).schema), "1m")


def test_candles_out_of_order_and_unknown_timeframes_are_refused() -> None:
    bars = framed(quiet(30))
    with pytest.raises(ValueError, match=r"00:00:00.* does not come after the bar before"):
        detect(pl.concat([bars, bars.head(1)]), "1m")
    with pytest.raises(ValueError, match="unknown timeframe"):
        detect(bars, "7m")


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ({"fake_out_bars": 0}, "at least 1 bar"),
        ({"atr_bars": 21}, "no window above"),
        ({"dry_bars": 21}, "dry <= baseline"),
        ({"spike_higher": 1.0}, "levels of a spike"),
        ({"climax_cuts": (4.0, 4.0, 5.0)}, "climax_cuts that rise"),
        ({"spike_full": 0.0}, "spike_full above 0"),
    ],
)
def test_rules_that_make_no_sense_are_refused(rules: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ValueError, match=wanted):
        VolumeRules(**rules)


def test_other_thresholds_find_other_patterns() -> None:
    bars = framed([*quiet(30), (102.0, 98.0, 100.5, 180.0)])
    assert detect(bars, "1m").is_empty()
    assert detect(bars, "1m", rules=VolumeRules(logic_version=2, spike_ratio=1.5)).height == 1
