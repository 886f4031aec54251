"""Whole stretches of open times with one offset are floored to the minute; all else stays off the grid."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_resources.off_grid import MINUTE_US, STRETCH, find_offsets, floor_times
from alphapulse_resources.venues.binance.archive_csv import read_csv
from alphapulse_resources.venues.registry import VENUES
from alphapulse_resources.venues.rows import MISALIGNED, read_rows

START = datetime(2018, 2, 9, tzinfo=UTC)
START_US = round(START.timestamp()) * 1_000_000
OFFSET = 14_789_000


def offsets(*times: int | None) -> list[int]:
    """What is taken off each time, given in microseconds after START."""
    return find_offsets(
        pl.Series([None if t is None else START_US + t for t in times], dtype=pl.Int64)
    ).to_list()


def minutes(count: int, offset: int = 0, first: int = 0) -> list[int]:
    return [(first + n) * MINUTE_US + offset for n in range(count)]


def test_a_stretch_is_floored_whatever_is_beside_it() -> None:
    times = minutes(50) + minutes(STRETCH, OFFSET, 50) + minutes(40, 0, 50 + STRETCH)
    assert offsets(*times) == [0] * 50 + [OFFSET] * STRETCH + [0] * 40
    with_hole = minutes(20, OFFSET) + minutes(20, OFFSET, 100)
    assert offsets(*with_hole) == [OFFSET] * 40


def test_two_stretches_keep_their_own_offsets() -> None:
    assert offsets(*minutes(40, 1), *minutes(40, OFFSET, 40)) == [1] * 40 + [OFFSET] * 40


def test_too_few_rows_or_offsets_that_differ_are_left_alone() -> None:
    assert offsets(*minutes(STRETCH - 1, OFFSET)) == [0] * (STRETCH - 1)
    assert offsets(*([OFFSET] * 100)) == [0] * 100  # one row, a hundred times
    wandering = [t + n for n, t in enumerate(minutes(100, OFFSET))]
    assert offsets(*wandering) == [0] * 100
    seconds = [n * 1_000_000 for n in range(300)]
    assert not any(offsets(*seconds))


def test_a_minute_with_a_row_of_its_own_keeps_it() -> None:
    found = offsets(0, *minutes(40, OFFSET))
    assert found == [0, 0, *[OFFSET] * 39]
    both = offsets(*minutes(40, OFFSET), *minutes(40, 40_000_000, 40), 39 * MINUTE_US + 40_000_000)
    assert both[39] == OFFSET
    assert both[-1] == 0


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.sampled_from([0, 0, 7, OFFSET])), min_size=1, max_size=200
    ).flatmap(st.permutations)
)
def test_order_does_not_matter_and_no_minute_comes_twice_by_it(rows: list[tuple[int, int]]) -> None:
    times = [minute * MINUTE_US + offset for minute, offset in rows]
    found = dict(zip(times, offsets(*times), strict=True))
    assert all(offset in (0, time % MINUTE_US) for time, offset in found.items())
    floored = [time - offset for time, offset in found.items()]
    assert len(set(floored)) == len(floored)
    assert offsets(*sorted(times), None) == [*(found[time] for time in sorted(times)), 0]


def test_candles_are_floored_and_the_offsets_kept() -> None:
    ts = [START + n * timedelta(minutes=1) + timedelta(seconds=14.789) for n in range(STRETCH)]
    frame = pl.DataFrame({"ts": ts}, schema={"ts": pl.Datetime("us", "UTC")})
    floored, off_grid = floor_times(frame)
    assert floored["ts"].to_list() == [START + n * timedelta(minutes=1) for n in range(STRETCH)]
    assert off_grid.rows() == [(moment, OFFSET) for moment in floored["ts"]]


def archive_line(minute: int, offset_ms: int) -> str:
    ts = START_US // 1000 + minute * 60_000 + offset_ms
    return f"{ts},1.5,2,1,1.75,10,{ts + 59_999},17,42,4,7,0"


def test_an_archive_keeps_its_stretch_and_rejects_a_row_off_by_itself() -> None:
    lines = [archive_line(n, 14_789) for n in range(60)] + [archive_line(n, 0) for n in range(60, 90)]
    lines.append(archive_line(90, 3_000))
    read = read_csv("\n".join(lines).encode(), START, START + timedelta(days=1))
    assert read.candles["ts"].to_list() == [START + n * timedelta(minutes=1) for n in range(90)]
    assert read.off_grid["offset_us"].to_list() == [OFFSET] * 60
    assert [(reject.reason, reject.ts) for reject in read.rejects] == [
        (MISALIGNED, START + timedelta(minutes=90, seconds=3))
    ]


def test_rows_over_the_wire_are_floored_in_the_same_way() -> None:
    rows = [[*line.split(",")] for line in (archive_line(n, 14_789) for n in range(60))]
    raw = [[int(row[0]), *row[1:8], int(row[8]), *row[9:]] for row in rows]
    end = START + timedelta(hours=1)
    read = read_rows(raw, VENUES["binance"].rest.candles.read, START, end, end)
    assert read.candles["ts"].to_list() == [START + n * timedelta(minutes=1) for n in range(60)]
    assert set(read.off_grid["offset_us"]) == {OFFSET}
    assert read.rejects == []
