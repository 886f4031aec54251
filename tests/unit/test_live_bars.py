"""Bars of every timeframe from minutes as they are told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_api.broadcasting.bars import Bars, TooOldError
from alphapulse_assets.core.timeframes import aggregate
from alphapulse_resources.frames import CANDLE_SCHEMA

START = datetime(2026, 5, 4, 12, tzinfo=UTC)


def minute(number: int, close: float = 1.0, **values: Any) -> dict[str, Any]:
    ts = START + timedelta(minutes=number)
    row = {
        "ts": ts.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "open": 1.0,
        "high": max(1.0, close),
        "low": min(1.0, close),
    }
    told = {"close": close, "volume": 1.0, "quote_volume": None, "trades": 2, "taker_buy_volume": 0.5}
    return {**row, **told, "received_at": row["ts"], **values}


def loaded(timeframe: str, minutes: list[dict[str, Any]] | None = None) -> Bars:
    bars = Bars(timeframe)
    bars.load([], minutes or [], None)
    return bars


def test_a_bar_closes_with_its_last_minute() -> None:
    bars = loaded("5m")
    told = [bars.minute(minute(number, close=number)) for number in range(5)]
    assert [len(each) for each in told] == [0, 0, 0, 0, 1]
    (bar,) = told[4]
    assert (bar["ts"], bar["open"], bar["high"], bar["low"], bar["close"]) == (minute(0)["ts"], 1.0, 4, 0, 4)
    assert (bar["volume"], bar["quote_volume"], bar["trades"]) == (5.0, None, 10)
    assert (bar["bars"], bar["complete"], bar["closed"], bar["timeframe"]) == (5, True, True, "5m")


def test_a_bar_whose_last_minute_is_missing_closes_with_the_next_one_and_says_so() -> None:
    bars = loaded("5m", [minute(0), minute(1)])
    closed, forming = bars.forming(minute(6, 3.0))
    assert [(bar["ts"], bar["bars"], bar["complete"]) for bar in closed] == [(minute(0)["ts"], 2, False)]
    assert forming is not None
    assert (forming["ts"], forming["close"], forming["closed"]) == (minute(5)["ts"], 3.0, False)


def test_a_forming_bar_has_its_closed_minutes_and_the_forming_one() -> None:
    bars = loaded("1h", [minute(0, 5.0), minute(1, 2.0)])
    _, bar = bars.forming(minute(2, 4.0))
    assert bar is not None
    assert (bar["high"], bar["close"], bar["bars"], bar["complete"]) == (5.0, 4.0, 3, False)
    assert bars.rows == [bar]


def test_a_forming_minute_that_has_closed_already_is_old_news() -> None:
    bars = loaded("5m", [minute(0), minute(1)])
    assert bars.forming(minute(1, 9.0)) == ([], None)
    minutes = loaded("1m", [minute(0)])
    assert minutes.forming(minute(0, 9.0)) == ([], None)


def test_a_minute_that_comes_late_closes_its_bar_anew() -> None:
    bars = loaded("5m", [minute(number) for number in (0, 1, 3, 4)])
    assert bars.rows[0]["complete"] is False
    (again,) = bars.minute(minute(2, 8.0))
    assert (again["high"], again["bars"], again["complete"]) == (8.0, 5, True)
    assert bars.rows == [again]


def test_a_minute_of_bars_long_over_has_to_be_read() -> None:
    bars = loaded("5m", [minute(number) for number in range(20)])
    with pytest.raises(TooOldError):
        bars.minute(minute(0, 7.0))
    minutes = loaded("1m", [minute(number) for number in range(20)])
    assert [bar["close"] for bar in minutes.minute(minute(0, 7.0))] == [7.0]
    assert minutes.rows[0]["close"] == 7.0


def test_only_so_many_bars_are_kept() -> None:
    bars = loaded("1m", [minute(number) for number in range(1_000)])
    assert len(bars.rows) == 100
    assert bars.rows[-1]["ts"] == minute(999)["ts"]


@given(st.sets(st.integers(0, 59), min_size=1), st.sampled_from(["5m", "15m", "1h"]))
def test_bars_are_those_of_the_batch(numbers: set[int], timeframe: str) -> None:
    rows = [minute(number, close=1.0 + number % 7) for number in sorted(numbers)]
    bars = loaded(timeframe)
    for row in [*rows, minute(60)]:
        bars.minute(row)
    frame = pl.DataFrame(
        [{**row, "ts": datetime.fromisoformat(row["ts"])} for row in rows], schema_overrides=CANDLE_SCHEMA
    ).select(CANDLE_SCHEMA.names())
    expected = aggregate(frame, timeframe).select("ts", "open", "high", "low", "close", "volume", "trades")
    closed = [bar for bar in bars.rows if bar["closed"] and bar["ts"] < minute(60)["ts"]]
    assert [
        (datetime.fromisoformat(bar["ts"]), *(bar[name] for name in expected.columns[1:])) for bar in closed
    ] == expected.rows()
