"""Rows of venues become candles or rejects, none is lost; and when a minute counts as over."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_resources.frames import CANDLE_SCHEMA
from alphapulse_resources.venues.model import ErrorKind, Instrument, VenueError
from alphapulse_resources.venues.registry import VENUES
from alphapulse_resources.venues.rows import MISALIGNED, OUTSIDE, last_closed, read_rows
from alphapulse_resources.venues.wire import to_ms

START = datetime(2024, 5, 1, 10, tzinfo=UTC)
END = START + timedelta(minutes=10)


def kline(minute: int, **changes: Any) -> list[Any]:
    """A spot kline `minute` minutes after START."""
    ts = to_ms(START) + minute * 60_000
    row: list[Any] = [ts, "1.5", "2", "1", "1.75", "10", ts + 59_999, "17", 42, "4", "7", "0"]
    for index, value in changes.items():
        row[int(index[1:])] = value
    return row


def read(rows: list[Any], closed: datetime = END) -> tuple[pl.DataFrame, list[tuple[str, datetime | None]]]:
    frame, rejects, _ = read_rows(rows, VENUES["binance"].rest.candles.read, START, END, closed)
    return frame, [(reject.reason, reject.ts) for reject in rejects]


def test_a_kline_keeps_everything_the_venue_told() -> None:
    frame, rejects = read([kline(1)])
    assert frame.schema == CANDLE_SCHEMA
    assert frame.row(0) == (START + timedelta(minutes=1), 1.5, 2.0, 1.0, 1.75, 10.0, 17.0, 42, 4.0)
    assert rejects == []


def test_bybit_comes_newest_first_and_leaves_sorted_without_trades() -> None:
    rows = [[str(to_ms(START) + m * 60_000), "1", "2", "1", "2", "3", "6"] for m in (2, 1, 0)]
    frame, _, _ = read_rows(rows, VENUES["bybit"].rest.candles.read, START, END, END)
    assert frame["ts"].is_sorted()
    assert frame.select("quote_volume", "trades", "taker_buy_volume").rows() == [(6.0, None, None)] * 3


def test_coinbase_rows_are_objects_in_seconds() -> None:
    row = {
        "start": str(to_ms(START) // 1000),
        "low": "1",
        "high": "3",
        "open": "2",
        "close": "2.5",
        "volume": "9",
    }
    frame, rejects, _ = read_rows(
        [row, {**row, "low": None}, {"start": "1"}], VENUES["coinbase"].rest.candles.read, START, END, END
    )
    assert frame.row(0)[:6] == (START, 2.0, 3.0, 1.0, 2.5, 9.0)
    assert [reject.payload for reject in rejects] == [{**row, "low": None}, {"start": "1"}]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (kline(1, _1=None), "None is not a number"),
        (kline(1, _4="n/a"), "'n/a' is not a number"),
        (kline(1, _4="nan"), "'nan' is not a finite number"),
        (kline(1, _5=True), "True is not a number"),
        (kline(1, _8=1.5), "1.5 is not a whole number"),
        (kline(1)[:6], "the row has 6 fields, not 12"),
        ([*kline(1), "extra"], "the row has 13 fields, not 12"),
        (None, "the row is a NoneType, not a list"),
        ("<html>", "the row is a str, not a list"),
    ],
)
def test_an_unreadable_row_is_rejected_with_its_reason_and_payload(row: Any, reason: str) -> None:
    frame, rejects, _ = read_rows([kline(0), row], VENUES["binance"].rest.candles.read, START, END, END)
    assert frame.height == 1
    assert [(reject.reason, reject.payload) for reject in rejects] == [(reason, {"row": row})]


def test_misaligned_and_foreign_rows_are_rejected_with_their_time() -> None:
    ts = to_ms(START) + 7_000
    frame, rejects = read([kline(0, _0=ts), kline(-1), kline(10), kline(9)])
    assert frame["ts"].to_list() == [END - timedelta(minutes=1)]
    assert rejects == [
        (MISALIGNED, START + timedelta(seconds=7)),
        (OUTSIDE, START - timedelta(minutes=1)),
        (OUTSIDE, END),
    ]


def test_a_time_no_calendar_holds_is_a_reject_not_a_crash() -> None:
    assert read([kline(0, _0=10**20 * 60_000)])[1] == [(OUTSIDE, None)]


def test_the_forming_candle_is_neither_candle_nor_reject() -> None:
    frame, rejects = read([kline(minute) for minute in range(10)], closed=START + timedelta(minutes=4))
    assert frame.height == 4
    assert rejects == []


def test_a_time_told_twice_stays_twice_in_the_order_it_came() -> None:
    frame, _ = read([kline(1, _4="1.1"), kline(0), kline(1, _4="1.2")])
    assert frame["close"].to_list() == [1.75, 1.1, 1.2]


@given(
    st.lists(
        st.one_of(
            st.integers(-5, 15).map(kline),
            st.none(),
            st.text(max_size=3),
            st.lists(st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=3)), max_size=13),
        ),
        max_size=30,
    )
)
def test_every_row_ends_as_candle_or_reject(rows: list[Any]) -> None:
    frame, rejects = read(rows)
    assert frame.height + len(rejects) == len(rows)
    assert frame["ts"].is_between(START, END, closed="left").all()


@pytest.mark.parametrize("venue", list(VENUES))
@pytest.mark.parametrize("body", ["<html>", None, {}, {"retCode": 1}, {"result": {"list": None}}, 7])
def test_a_body_of_another_type_is_a_bad_body(venue: str, body: Any) -> None:
    with pytest.raises(VenueError) as caught:
        VENUES[venue].rest.candles.rows(body)
    assert caught.value.kind is ErrorKind.BAD_BODY


@pytest.mark.parametrize(
    ("venue", "expected"),
    [
        ("binance", {"startTime": 1714557600000, "endTime": 1714558199999, "limit": 10}),
        ("binanceusdm", {"startTime": 1714557600000, "endTime": 1714558199999, "limit": 10}),
        ("bybit", {"start": 1714557600000, "end": 1714558199999, "limit": 10, "category": "linear"}),
        ("coinbase", {"start": "1714557600", "end": "1714558199"}),
    ],
)
def test_a_request_asks_for_its_window_and_not_one_candle_more(venue: str, expected: dict[str, Any]) -> None:
    instrument = Instrument(1, venue, "X/USDT", "XUSDT", "perpetual")
    assert expected.items() <= VENUES[venue].rest.candles.params(instrument, START, END).items()


@pytest.mark.parametrize(
    ("minutes", "weight"), [(1, 1), (99, 1), (100, 2), (499, 2), (500, 5), (1000, 5), (1500, 10)]
)
def test_usdm_weight_follows_the_documented_steps(minutes: int, weight: int) -> None:
    assert VENUES["binanceusdm"].rest.candles.weight(minutes) == weight


NOON = datetime(2024, 5, 1, 12, 0, 0, 300_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "venue_behind", "closed"),
    [
        (NOON, timedelta(0), NOON.replace(microsecond=0)),
        (NOON, timedelta(seconds=1), NOON.replace(microsecond=0) - timedelta(minutes=1)),
        (NOON, timedelta(seconds=-90), NOON.replace(microsecond=0)),  # the venue is ahead of us
        (NOON + timedelta(seconds=30), timedelta(seconds=20), NOON.replace(microsecond=0)),
    ],
)
def test_a_minute_is_over_when_it_is_by_both_clocks(
    now: datetime, venue_behind: timedelta, closed: datetime
) -> None:
    date = format_datetime(now.replace(microsecond=0) - venue_behind, usegmt=True)
    assert last_closed(now, date, now) == closed


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_without_a_usable_date_our_clock_decides(date: str | None) -> None:
    assert last_closed(NOON, date, NOON) == NOON.replace(microsecond=0)


def test_a_clock_set_by_the_caller_is_not_compared_with_the_systems() -> None:
    asked_at = datetime(2026, 1, 1, tzinfo=UTC)
    assert last_closed(NOON, format_datetime(asked_at, usegmt=True), asked_at) == NOON.replace(microsecond=0)
