"""Hard rules: what is stored, what is quarantined with which reason, what is counted."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.candles.validation import QUARANTINE_SCHEMA, RULES, Validated, validate
from alphapulse_resources.frames import CANDLE_SCHEMA, empty_candles

START = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday
NOW = START + timedelta(days=30)
MINUTE = timedelta(minutes=1)
SOUND: dict[str, Any] = {
    "ts": START,
    "open": 10.0,
    "high": 12.0,
    "low": 9.0,
    "close": 11.0,
    "volume": 5.0,
    "quote_volume": 52.0,
    "trades": 7,
    "taker_buy_volume": 2.0,
}


def candles(*changes: dict[str, Any]) -> pl.DataFrame:
    """One row per change of the sound candle, a minute apart unless the change says when."""
    rows = [SOUND | {"ts": START + number * MINUTE} | change for number, change in enumerate(changes)]
    return pl.DataFrame(rows, schema=CANDLE_SCHEMA, orient="row")


def reasons(verdict: Validated) -> list[list[str]]:
    return verdict.quarantined["reasons"].to_list()


def test_sound_candles_come_back_as_they_are() -> None:
    frame = candles({}, {}, {})
    verdict = validate(frame, "1m", now=NOW, window=(START, START + 3 * MINUTE))
    assert verdict.candles.equals(frame)
    assert verdict.quarantined.is_empty()
    assert (verdict.duplicates, verdict.forming) == (0, 0)


@pytest.mark.parametrize(
    "frame", [empty_candles(), candles({}), candles({"volume": -1.0}), candles({}, {}).reverse()]
)
def test_both_frames_always_have_their_schema(frame: pl.DataFrame) -> None:
    verdict = validate(frame, "1m", now=NOW)
    assert verdict.candles.schema == CANDLE_SCHEMA
    assert verdict.quarantined.schema == QUARANTINE_SCHEMA


BROKEN: list[tuple[dict[str, Any], list[str]]] = [
    ({"ts": None}, ["missing_time"]),
    ({"close": None}, ["missing_value"]),
    ({"open": float("nan")}, ["missing_value"]),
    ({"high": float("inf")}, ["missing_value"]),
    ({"volume": float("-inf")}, ["missing_value"]),
    ({"quote_volume": float("inf")}, ["unreadable_value"]),
    ({"low": 0.0}, ["non_positive_price"]),
    ({"low": -0.0}, ["non_positive_price"]),
    ({"high": 8.0}, ["high_below_low", "high_below_body"]),
    ({"high": 10.5}, ["high_below_body"]),
    ({"low": 10.5}, ["low_above_body"]),
    ({"volume": -1e-300, "taker_buy_volume": None}, ["negative_volume"]),
    ({"quote_volume": -1.0}, ["negative_volume"]),
    ({"taker_buy_volume": -1.0}, ["negative_volume"]),
    ({"trades": -1}, ["negative_trades"]),
    ({"taker_buy_volume": 5.0 * (1 + 2e-9)}, ["taker_exceeds_volume"]),
    ({"high": 1.1e15}, ["absurd_price"]),
    ({"low": 9e-19}, ["absurd_price"]),
    ({"volume": 1.797e308}, ["absurd_volume"]),
    ({"volume": 1e22, "taker_buy_volume": 1e22}, ["absurd_volume"]),
    ({"quote_volume": 1.1e21}, ["absurd_quote_volume"]),
    ({"trades": 1_700_000_000}, ["absurd_trades"]),  # a time in seconds
    ({"trades": 1_700_000_000_000_000_000}, ["absurd_trades"]),  # in nanoseconds
    ({"ts": START + timedelta(seconds=1)}, ["misaligned_time"]),
    ({"ts": NOW + MINUTE}, ["future"]),
    ({"ts": datetime(2009, 1, 2, 23, 59, tzinfo=UTC)}, ["before_epoch"]),
]


@pytest.mark.parametrize(("change", "expected"), BROKEN, ids=[f"{change}" for change, _ in BROKEN])
def test_a_broken_row_is_quarantined_with_its_reasons(change: dict[str, Any], expected: list[str]) -> None:
    verdict = validate(candles({}, change, {}), "1m", now=NOW)
    assert reasons(verdict) == [expected]
    assert verdict.candles["ts"].to_list() == [START, START + 2 * MINUTE]


def test_every_rule_of_the_table_can_be_broken_and_no_other_exists() -> None:
    seen = {name for _, names in BROKEN for name in names}
    assert seen | {"outside_window", "conflicting_duplicate"} == set(RULES)


SOUND_CHANGES = [
    {"volume": -0.0, "taker_buy_volume": 0.0},
    {"volume": 0.0, "quote_volume": 0.0, "trades": 0, "taker_buy_volume": 0.0},
    {"quote_volume": None, "trades": None, "taker_buy_volume": None},
    {"open": 1e15, "high": 1e15, "low": 1e-18, "close": 1e15, "volume": 1e21, "taker_buy_volume": 1e21},
    {"quote_volume": 1e21, "trades": 1_000_000_000},
    {"open": 1.7e9, "high": 1.8e9, "low": 1.6e9, "close": 1.7e9, "quote_volume": 4e13},  # BTC/IDR
    {
        "open": 7.1e-6,
        "high": 7.2e-6,
        "low": 7e-6,
        "close": 7.1e-6,
        "volume": 9e14,
    },  # PEPE/USDT, all there are
    {"open": 1e-14, "high": 2e-14, "low": 1e-14, "close": 2e-14, "volume": 4e17},  # BABYDOGE/BTC
    {"taker_buy_volume": 5.0 * (1 + 1e-10)},
    {"open": 10.0, "high": 10.0, "low": 10.0, "close": 10.0},
]


@pytest.mark.parametrize("change", SOUND_CHANGES, ids=str)
def test_extreme_but_possible_values_are_sound(change: dict[str, Any]) -> None:
    assert validate(candles(change), "1m", now=NOW).candles.height == 1


def test_the_window_is_half_open() -> None:
    verdict = validate(candles({}, {}, {}), "1m", now=NOW, window=(START + MINUTE, START + 2 * MINUTE))
    assert verdict.candles["ts"].to_list() == [START + MINUTE]
    assert reasons(verdict) == [["outside_window"], ["outside_window"]]


def test_identical_repeats_collapse_and_are_counted() -> None:
    verdict = validate(candles({}, {"ts": START}, {"ts": START}, {}), "1m", now=NOW)
    assert verdict.candles["ts"].to_list() == [START, START + 3 * MINUTE]
    assert (verdict.duplicates, verdict.quarantined.height) == (2, 0)


def test_every_version_of_a_contradicted_bar_is_quarantined_and_the_minute_stays_missing() -> None:
    other = {"ts": START, "close": 9.5}
    verdict = validate(candles({}, other, {"ts": START}, {}), "1m", now=NOW)
    assert verdict.candles["ts"].to_list() == [START + 3 * MINUTE]
    assert reasons(verdict) == [["conflicting_duplicate"]] * 2
    assert [json.loads(text)["close"] for text in verdict.quarantined["payload"]] == [11.0, 9.5]
    assert verdict.duplicates == 1


def test_a_sound_version_is_not_trusted_beside_a_broken_one() -> None:
    verdict = validate(candles({}, {"ts": START, "low": -1.0}), "1m", now=NOW)
    assert verdict.candles.is_empty()
    assert reasons(verdict) == [["conflicting_duplicate"], ["non_positive_price", "conflicting_duplicate"]]


def test_rows_without_time_are_never_taken_for_repeats() -> None:
    verdict = validate(candles({"ts": None}, {"ts": None}), "1m", now=NOW)
    assert (verdict.quarantined.height, verdict.duplicates) == (2, 0)
    assert verdict.quarantined["ts"].to_list() == [None, None]


@pytest.mark.parametrize("change", [{}, {"high": 1.0}, {"close": None}])
def test_a_forming_bar_is_left_out_and_counted_whatever_it_holds(change: dict[str, Any]) -> None:
    verdict = validate(candles({}, change), "1m", now=START + timedelta(seconds=119))
    assert (verdict.candles.height, verdict.forming, verdict.quarantined.height) == (1, 1, 0)


def test_a_bar_is_closed_at_the_very_moment_it_ends() -> None:
    verdict = validate(candles({}, {}), "1m", now=START + 2 * MINUTE)
    assert (verdict.candles.height, verdict.forming) == (2, 0)


def test_now_may_be_told_in_any_time_zone() -> None:
    tokyo = timezone(timedelta(hours=9))
    verdict = validate(candles({}, {}), "1m", now=(START + MINUTE).astimezone(tokyo))
    assert (verdict.candles.height, verdict.forming) == (1, 1)


@pytest.mark.parametrize(
    ("timeframe", "aligned", "off"),
    [
        ("1w", START, START + timedelta(days=3)),
        ("1d", START + timedelta(days=3), START + timedelta(hours=4)),
        ("4h", START + timedelta(hours=4), START + timedelta(hours=2)),
        ("5m", START + timedelta(minutes=5), START + timedelta(minutes=4)),
    ],
)
def test_open_times_are_held_against_the_grid_of_the_timeframe(
    timeframe: str, aligned: datetime, off: datetime
) -> None:
    verdict = validate(candles({"ts": aligned}, {"ts": off}), timeframe, now=NOW)
    assert verdict.candles["ts"].to_list() == [aligned]
    assert reasons(verdict) == [["misaligned_time"]]


def test_rows_out_of_order_come_back_sorted() -> None:
    frame = candles({}, {}, {})
    assert validate(frame.reverse(), "1m", now=NOW).candles.equals(frame)


def test_the_payload_is_what_came_even_beyond_json_and_beyond_the_schema() -> None:
    frame = candles({"open": float("nan"), "high": float("inf"), "low": float("-inf")}).with_columns(
        pl.lit("raw ✓").alias("note")
    )
    payload = json.loads(validate(frame, "1m", now=NOW).quarantined["payload"][0])
    assert payload["ts"] == "2024-01-01T00:00:00+00:00"
    assert (payload["open"], payload["high"], payload["low"]) == ("NaN", "Infinity", "-Infinity")
    assert payload["note"] == "raw ✓"


def test_absent_and_nan_optional_columns_are_not_told() -> None:
    frame = candles({}, {}).drop("trades").with_columns(pl.lit(float("nan")).alias("quote_volume"))
    verdict = validate(frame, "1m", now=NOW)
    assert verdict.candles["trades"].null_count() == 2
    assert verdict.candles["quote_volume"].null_count() == 2


def test_other_number_types_are_read_and_what_cannot_be_read_is_refused() -> None:
    frame = candles({}, {}, {}).with_columns(
        pl.Series("trades", ["7", "7.5", "NaN"]),
        pl.Series("open", [10, 10, 10]),
        pl.col("ts").cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone("Asia/Tokyo"),
    )
    verdict = validate(frame, "1m", now=NOW)
    assert verdict.candles["trades"].to_list() == [7, None]
    assert verdict.candles["ts"].to_list() == [START, START + 2 * MINUTE]
    assert reasons(verdict) == [["unreadable_value"]]


@pytest.mark.parametrize("dtype", [pl.UInt64, pl.Float64])
def test_trades_beyond_every_integer_are_refused(dtype: type[pl.DataType]) -> None:
    frame = candles({}, {}).with_columns(pl.Series("trades", [7, 2**64 - 1], dtype=dtype))
    verdict = validate(frame, "1m", now=NOW)
    assert reasons(verdict) == [["unreadable_value"]]
    assert verdict.candles["trades"].to_list() == [7]


def test_only_so_many_bad_rows_get_a_payload() -> None:
    verdict = validate(candles(*[{"volume": -1.0}] * 5), "1m", now=NOW, payloads=2)
    assert [payload is None for payload in verdict.quarantined["payload"]] == [False, False, True, True, True]
    assert len(reasons(verdict)) == 5


def test_a_required_text_that_is_no_number_is_missing() -> None:
    frame = candles({}).with_columns(pl.lit("n/a").alias("close"))
    verdict = validate(frame, "1m", now=NOW)
    assert reasons(verdict) == [["missing_value"]]
    assert json.loads(verdict.quarantined["payload"][0])["close"] == "n/a"


@pytest.mark.parametrize("name", ["ts", "open", "high", "low", "close", "volume"])
def test_an_absent_required_column_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"required column {name};"):
        validate(candles({}).drop(name), "1m", now=NOW)


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        validate(candles({}).with_columns(pl.col("ts").dt.replace_time_zone(None)), "1m", now=NOW)
    with pytest.raises(ValueError, match="time zone"):
        validate(candles({}), "1m", now=datetime(2024, 1, 1))
    with pytest.raises(ValueError, match="unknown timeframe '7m'"):
        validate(candles({}), "7m", now=NOW)


VALUES = st.sampled_from([0.0, -0.0, -1.0, 9.0, 10.0, 11.0, 12.0, float("nan"), float("inf"), None, 1e308])
ROWS = st.fixed_dictionaries(
    {
        "ts": st.none() | st.integers(-3, 12).map(lambda half: START + half * MINUTE / 2),
        **dict.fromkeys(("open", "high", "low", "close", "volume"), VALUES),
        "quote_volume": VALUES,
        "trades": st.none() | st.integers(-1, 3),
        "taker_buy_volume": VALUES,
    }
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ROWS | st.integers(0, 5).map(lambda m: SOUND | {"ts": START + m * MINUTE}), max_size=12))
def test_every_row_is_accounted_for_and_what_is_stored_is_sound(rows: list[dict[str, Any]]) -> None:
    frame = pl.DataFrame(rows, schema=CANDLE_SCHEMA, orient="row")
    window = (START, START + 5 * MINUTE)
    verdict = validate(frame, "1m", now=START + 4 * MINUTE, window=window)
    kept, refused = verdict.candles, verdict.quarantined
    assert kept.height + refused.height + verdict.duplicates + verdict.forming == len(rows)
    assert kept["ts"].to_list() == sorted(set(kept["ts"].to_list()))
    assert not set(kept["ts"].to_list()) & set(refused["ts"].to_list())
    for row in kept.iter_rows(named=True):
        assert 0 < row["low"] <= min(row["open"], row["close"])
        assert max(row["open"], row["close"]) <= row["high"] < float("inf")
        assert START <= row["ts"] <= START + 3 * MINUTE
        assert row["volume"] >= 0
    assert all(names and set(names) <= set(RULES) for names in refused["reasons"].to_list())
    again = validate(kept, "1m", now=START + 4 * MINUTE, window=window)
    assert again.candles.equals(kept)


def test_real_bars_pass_untouched(shared_data: Path) -> None:
    frame = pl.read_ipc(shared_data / "candles" / "UNITTEST_BTC-1m.feather").rename({"date": "ts"})
    verdict = validate(frame, "1m", now=NOW)
    assert (verdict.candles.height, verdict.quarantined.height, verdict.duplicates) == (13_681, 0, 0)
    assert verdict.candles["close"].equals(frame["close"])
