"""Pages are answered whole whatever a venue leaves out of its answers; a healthy one is asked no more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_resources.venues.coverage import PARTS, SETTLING, Part, pages, read_part, unanswered
from alphapulse_resources.venues.model import CandlePage, Reject
from alphapulse_resources.venues.registry import VENUES
from alphapulse_resources.venues.rows import EPOCH, find_extent
from alphapulse_resources.venues.wire import Row, to_ms

START = datetime(2024, 5, 1, tzinfo=UTC)
NOW = datetime(2024, 5, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Cut = Callable[[list[int], int], list[int]]
"""What a venue leaves of the minutes it has, at its n-th answer."""


def at(minute: int) -> datetime:
    return START + minute * MINUTE


def read(row: Any) -> Row:
    ts, close = row
    return ts, close, close, close, close, 1.0, None, None, None


@dataclass
class FakeVenue:
    """Minutes since START that a venue has, and how it cuts its answers."""

    has: set[int]
    cut: Cut = lambda minutes, _: minutes
    asked: list[tuple[int, int]] = field(default_factory=list)

    def ask(self, start: datetime, end: datetime) -> Part:
        first, last = ((moment - START) // MINUTE for moment in (start, end))
        assert first < last
        inside = sorted(minute for minute in self.has if first <= minute < last)
        rows = [(to_ms(at(minute)), 1.0 + minute) for minute in self.cut(inside, len(self.asked))]
        self.asked.append((first, last))
        return read_part(rows, read, lambda row: row[0], (start, end), closed=NOW, fetches=[])

    def pages(self, count: int, size: int, now: datetime = NOW) -> list[CandlePage]:
        """The pages over so many minutes, after checking that they leave no hole and do not overlap."""
        found = list(pages("rest", self.ask, START, at(count), size * MINUTE, now))
        assert [page.start for page in found] == [START, *(page.end for page in found[:-1])]
        assert found[-1].end == at(count)
        for page in found:
            assert page.candles["ts"].is_sorted()
            assert page.candles["ts"].is_between(page.start, page.end, closed="left").all()
        return found


def minutes(found: list[CandlePage]) -> list[int]:
    """Minutes since START of all candles."""
    return [(ts - START) // MINUTE for page in found for ts in page.candles["ts"]]


def cap(rows: int, keep: str) -> Cut:
    return lambda inside, _: inside[:rows] if keep == "oldest" else inside[-rows:]


@pytest.mark.parametrize("keep", ["oldest", "newest"])
@pytest.mark.parametrize(("size", "rows"), [(1000, 200), (300, 100), (1000, 7), (300, 1), (499, 498)])
def test_every_minute_comes_from_a_venue_that_cuts_its_pages(size: int, rows: int, keep: str) -> None:
    venue = FakeVenue(set(range(1440)), cap(rows, keep))
    assert minutes(venue.pages(1440, size)) == list(range(1440))
    # no request goes out that brings nothing, but for those of pages that turn out too long
    assert len(venue.asked) <= 1.3 * -(-1440 // rows) + 2 * PARTS


def test_a_venue_that_has_all_is_asked_once_a_page() -> None:
    venue = FakeVenue(set(range(1440)))
    assert minutes(venue.pages(1440, 300)) == list(range(1440))
    assert venue.asked == [(0, 300), (300, 600), (600, 900), (900, 1200), (1200, 1440)]


def test_holes_within_a_page_cost_nothing_those_at_the_edges_of_the_window_one_request_each() -> None:
    inside = FakeVenue(set(range(1440)) - {5, 6, 700, 1000})
    inside.pages(1440, 300)
    assert len(inside.asked) == 5
    edges = FakeVenue(set(range(1440)) - {0, 1, 1439})
    edges.pages(1440, 300)
    assert len(edges.asked) == 7
    border = FakeVenue(set(range(1440)) - {299})  # the next page begins with 298, which is known
    border.pages(1440, 300)
    assert border.asked[:2] == [(0, 300), (298, 598)]
    assert len(border.asked) == 5


def test_newest_minutes_on_their_way_are_not_asked_for_again() -> None:
    now = at(60) + timedelta(seconds=5)
    on_its_way = FakeVenue(set(range(58)))
    on_its_way.pages(60, 300, now)
    assert on_its_way.asked == [(0, 60)]
    cut_short = FakeVenue(set(range(60)), cap(20, "oldest"))
    assert minutes(cut_short.pages(60, 300, now)) == list(range(60))
    assert timedelta(minutes=2) < SETTLING


def test_a_cap_that_changes_at_each_answer_loses_nothing() -> None:
    caps, keeps = (200, 1, 40, 1000, 3), ("oldest", "newest", "newest", "oldest")

    def moody(inside: list[int], answer: int) -> list[int]:
        return cap(caps[answer % 5], keeps[answer % 4])(inside, answer)

    venue = FakeVenue(set(range(0, 1440, 3)) | set(range(600, 900)), moody)
    assert minutes(venue.pages(1440, 1000)) == sorted(venue.has)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    st.sets(st.integers(0, 119)),
    st.integers(3, 50),
    st.lists(st.tuples(st.integers(1, 20), st.sampled_from(["oldest", "newest"])), min_size=1, max_size=6),
)
def test_whatever_is_there_comes_however_it_is_cut(
    has: set[int], size: int, cuts: list[tuple[int, str]]
) -> None:
    venue = FakeVenue(has, lambda inside, answer: cap(*cuts[answer % len(cuts)])(inside, answer))
    assert minutes(venue.pages(120, size)) == sorted(has)
    # each request brings a row, closes a stretch, or belongs to a page that was too long
    assert len(venue.asked) <= 3 * (2 * len(has) + 1) + PARTS * 8


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.sets(st.integers(0, 599)), st.integers(10, 120))
def test_a_quiet_market_multiplies_requests_by_three_at_most(has: set[int], size: int) -> None:
    venue = FakeVenue(has)
    assert minutes(venue.pages(600, size)) == sorted(has)
    assert len(venue.asked) <= 3 * -(-600 // (size - 1)) + 2


def test_rows_of_the_time_beside_the_window_do_not_pass_for_rows_of_it() -> None:
    def opened(row: int) -> int:
        return to_ms(at(row))

    shifted = find_extent(range(100, 400), opened, at(0), at(300))
    assert (shifted.first, shifted.last, shifted.rows) == (at(100), at(299), 200)
    far = find_extent([*range(299), 500_000], opened, at(0), at(300))
    assert (far.first, far.last, far.rows) == (at(0), at(298), 300)
    assert find_extent(range(300, 600), opened, at(0), at(300)).first is None
    assert find_extent([0, 0, 0], opened, at(0), at(300)).rows == 1


def test_broken_rows_tell_of_their_time_as_sound_ones_do() -> None:
    broken = [[to_ms(at(0)), None], [to_ms(at(9)), None]]
    opened = VENUES["bybit"].rest.candles.opened
    part = read_part(
        broken, VENUES["bybit"].rest.candles.read, opened, (at(0), at(10)), closed=NOW, fetches=[]
    )
    assert unanswered(part, part.end) == []
    assert len(part.rejects) == 2
    assert VENUES["coinbase"].rest.candles.opened({"start": "60", "low": None}) == 60_000
    assert [VENUES["binance"].rest.candles.opened(row) for row in (None, [], ["x"], {"a": 1})] == [None] * 4


def test_rejects_that_come_again_with_a_later_page_are_given_out_once() -> None:
    def ask(start: datetime, end: datetime) -> Part:
        last = min(end, start + 10 * MINUTE)
        candles = read_part(
            [(to_ms(start + n * MINUTE), 1.0) for n in range(0, (last - start) // MINUTE, 9)],
            read,
            lambda row: row[0],
            (start, end),
            closed=NOW,
            fetches=[],
        ).candles
        bad = [Reject("bad", {}, last - MINUTE)]
        return Part(start, end, NOW, candles, start, last - MINUTE, (last - start) // MINUTE, bad)

    found = list(pages("rest", ask, START, at(40), 20 * MINUTE, NOW))
    times = [reject.ts for page in found for reject in page.rejects]
    assert times == sorted(set(times))
    assert all(page.end == following.start for page, following in pairwise(found))
    assert EPOCH < START
    assert pl.concat([page.candles for page in found])["ts"].is_unique().all()
