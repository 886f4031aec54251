"""The ledger of gaps: detection, repair, verification, and the algebra that keeps it whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.candles.gaps import Gap, GapState, Stretch, Verification, missing, reconcile

START = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2024, 2, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minute: int) -> datetime:
    return START + minute * MINUTE


def span(start: int, end: int) -> Stretch:
    return Stretch(at(start), at(end))


def look(
    known: Sequence[Gap],
    absent: Sequence[Stretch],
    window: Stretch,
    *answers: Verification,
    now: datetime = NOW,
    sources: int = 2,
    source: str | None = "rest",
) -> list[Gap]:
    return reconcile(
        known, absent, window, now=now, repaired_from=source, answered_by=answers, sources_available=sources
    )


def states(ledger: Sequence[Gap]) -> list[tuple[int, int, GapState]]:
    return [((gap.start - START) // MINUTE, (gap.end - START) // MINUTE, gap.state) for gap in ledger]


# --- missing --------------------------------------------------------------------------------------


def times(*minutes: int) -> pl.Series:
    return pl.Series([at(minute) for minute in minutes], dtype=pl.Datetime("us", "UTC"))


def test_missing_finds_stretches_at_both_ends_and_inside() -> None:
    assert missing(times(2, 3, 6), at(0), at(9), MINUTE) == [span(0, 2), span(4, 6), span(7, 9)]


def test_missing_ignores_order_repeats_neighbours_and_times_off_the_grid() -> None:
    present = pl.concat([times(3, 1, 1, -5, 99), times(2).dt.offset_by("30s")])
    assert missing(present, at(0), at(4), MINUTE) == [span(0, 1), span(2, 3)]


def test_a_complete_window_misses_nothing_and_an_empty_one_everything() -> None:
    assert missing(times(0, 1, 2), at(0), at(3), MINUTE) == []
    assert missing(times(), at(0), at(3), MINUTE) == [span(0, 3)]
    assert missing(times(), at(3), at(3), MINUTE) == []


def test_a_window_off_the_grid_or_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="not on the grid"):
        missing(times(0), at(1), at(10), 5 * MINUTE)
    with pytest.raises(ValueError, match="time zone"):
        missing(times(0).dt.replace_time_zone(None), at(0), at(2), MINUTE)
    with pytest.raises(ValueError, match="ends before it begins"):
        missing(times(0), at(2), at(0), MINUTE)


def test_real_bars_have_538_gaps_of_717_minutes(shared_data: Path) -> None:
    ts = pl.read_ipc(shared_data / "candles" / "UNITTEST_BTC-1m.feather")["date"]
    stretches = missing(ts, ts[0], ts[-1] + MINUTE, MINUTE)
    assert len(stretches) == 538
    assert sum((stretch.end - stretch.start) // MINUTE for stretch in stretches) == 717


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 39)))
def test_missing_is_the_complement_of_what_is_present(present: set[int]) -> None:
    stretches = missing(times(*present), at(0), at(40), MINUTE)
    assert minutes_of(stretches) == set(range(40)) - present
    assert all(left.end < right.start for left, right in pairwise(stretches))


# --- reconcile, case by case ----------------------------------------------------------------------


def test_a_missing_stretch_is_detected_now() -> None:
    assert look([], [span(2, 4)], span(0, 10)) == [Gap(at(2), at(4), GapState.DETECTED, NOW)]


def test_a_gap_filled_in_its_middle_is_split_and_keeps_its_history() -> None:
    known = look([], [span(0, 9)], span(0, 9))
    later = NOW + timedelta(hours=1)
    ledger = look(known, [span(0, 3), span(6, 9)], span(0, 9), now=later)
    assert states(ledger) == [
        (0, 3, GapState.DETECTED),
        (3, 6, GapState.REPAIRED),
        (6, 9, GapState.DETECTED),
    ]
    assert {gap.detected_at for gap in ledger} == {NOW}
    assert (ledger[1].repaired_at, ledger[1].repaired_from) == (later, "rest")


def test_two_sources_without_the_minutes_prove_the_venue_had_none() -> None:
    first = look([], [span(0, 3)], span(0, 9), Verification("archive", NOW))
    assert first[0].state is GapState.DETECTED
    both = look(first, [span(0, 3)], span(0, 9), Verification("rest", NOW), now=NOW + MINUTE)
    assert both[0].state is GapState.VENUE_HAD_NONE
    assert both[0].verified_at == NOW + MINUTE
    assert [answer.source for answer in both[0].verifications] == ["archive", "rest"]


@pytest.mark.parametrize(
    ("sources", "wait", "expected"),
    [
        (1, 299, GapState.DETECTED),
        (1, 300, GapState.VENUE_HAD_NONE),
        (2, 300, GapState.DETECTED),
        (2, 864_000, GapState.DETECTED),
    ],
)
def test_one_source_proves_it_alone_only_if_it_is_the_only_one_and_waited(
    sources: int, wait: int, expected: GapState
) -> None:
    later = NOW + timedelta(seconds=wait)
    known = look([], [span(0, 3)], span(0, 9), Verification("rest", NOW), sources=sources)
    ledger = look(known, [span(0, 3)], span(0, 9), Verification("rest", later), now=later, sources=sources)
    assert [gap.state for gap in ledger] == [expected]


def test_answers_do_not_pile_up() -> None:
    ledger: list[Gap] = []
    for day in range(20):
        moment = NOW + timedelta(days=day)
        ledger = look(ledger, [span(0, 3)], span(0, 9), Verification("rest", moment), now=moment, sources=1)
    assert len(ledger) == 1
    assert [answer.at for answer in ledger[0].verifications] == [NOW, NOW + timedelta(days=1)]
    assert ledger[0].verified_at == NOW + timedelta(days=1)


def test_a_minute_the_venue_never_had_may_still_appear() -> None:
    answers = (Verification("archive", NOW), Verification("rest", NOW))
    known = look([], [span(0, 3)], span(0, 9), *answers)
    ledger = look(known, [], span(0, 9), source="mirror", now=NOW + MINUTE)
    assert states(ledger) == [(0, 3, GapState.REPAIRED)]
    assert ledger[0].verifications == answers
    assert ledger[0].repaired_from == "mirror"


def test_a_repair_keeps_its_time_and_source_whoever_looks_later() -> None:
    repaired = look(look([], [span(0, 3)], span(0, 9)), [], span(0, 9), source="archive")
    assert look(repaired, [], span(0, 9), source="rest", now=NOW + MINUTE) == repaired


def test_a_repaired_minute_lost_again_is_detected_anew_and_tells_of_its_repair() -> None:
    repaired = look(look([], [span(0, 3)], span(0, 9)), [], span(0, 9), source="archive")
    later = NOW + timedelta(days=1)
    ledger = look(repaired, [span(1, 2)], span(0, 9), now=later)
    assert states(ledger) == [
        (0, 1, GapState.REPAIRED),
        (1, 2, GapState.DETECTED),
        (2, 3, GapState.REPAIRED),
    ]
    assert ledger[1].detected_at == later
    assert ledger[1].repaired_at is None
    assert ledger[1].reason == f"missing again: was repaired from archive at {NOW}"


def test_what_lies_beyond_the_window_is_split_off_and_left_alone() -> None:
    known = look([], [span(0, 9), span(20, 25)], span(0, 30))
    ledger = look(known, [], span(3, 6))
    assert states(ledger) == [
        (0, 3, GapState.DETECTED),
        (3, 6, GapState.REPAIRED),
        (6, 9, GapState.DETECTED),
        (20, 25, GapState.DETECTED),
    ]
    assert ledger[3] == known[1]


def test_gaps_meeting_at_the_border_of_two_windows_become_one() -> None:
    first = look([], [span(5, 10)], span(0, 10))
    assert states(look(first, [span(10, 12)], span(10, 20))) == [(5, 12, GapState.DETECTED)]


def test_a_given_reason_survives_new_answers() -> None:
    known = [replace(look([], [span(0, 3)], span(0, 9))[0], reason="maintenance")]
    assert look(known, [span(0, 3)], span(0, 9), Verification("rest", NOW))[0].reason == "maintenance"


def test_contradictory_input_is_refused() -> None:
    gap = Gap(at(0), at(5), GapState.DETECTED, NOW)
    with pytest.raises(ValueError, match="overlap"):
        look([gap, replace(gap, start=at(4), end=at(6))], [], span(0, 9))
    with pytest.raises(ValueError, match="beyond the window"):
        look([], [span(8, 12)], span(0, 9))
    with pytest.raises(ValueError, match="time zone"):
        Stretch(datetime(2024, 1, 1), datetime(2024, 1, 2))


# --- reconcile, its algebra -----------------------------------------------------------------------

HORIZON = 24
SOURCES = ("archive", "rest", "mirror")


def minutes_of(spans: Sequence[Stretch | Gap]) -> set[int]:
    return {
        minute
        for piece in spans
        for minute in range((piece.start - START) // MINUTE, (piece.end - START) // MINUTE)
    }


def stretches_of(minutes: set[int]) -> list[Stretch]:
    return missing(times(*(set(range(HORIZON)) - minutes)), at(0), at(HORIZON), MINUTE)


def clipped(minutes: set[int], window: Stretch) -> list[Stretch]:
    return stretches_of(minutes & minutes_of([window]))


WINDOWS = st.tuples(st.integers(0, HORIZON - 1), st.integers(1, HORIZON)).map(
    lambda pair: span(pair[0], min(pair[0] + pair[1], HORIZON))
)
ABSENT = st.sets(st.integers(0, HORIZON - 1))
LOOKS = st.lists(
    st.tuples(WINDOWS, ABSENT, st.sets(st.sampled_from(SOURCES)), st.integers(0, 10)), min_size=1, max_size=5
)
Look = tuple[Stretch, set[int], set[str], int]


def after(ledger: list[Gap], step: Look, now: datetime, sources: int) -> list[Gap]:
    window, absent, answered, _ = step
    answers = [Verification(source, now) for source in sorted(answered)]
    return look(ledger, clipped(absent, window), window, *answers, now=now, sources=sources)


@settings(max_examples=300, deadline=None)
@given(LOOKS, st.integers(0, 3))
def test_after_any_history_the_ledger_is_whole(looks: list[Look], sources: int) -> None:
    ledger: list[Gap] = []
    now = NOW
    for step in looks:
        window, absent, _, wait = step
        now += wait * MINUTE
        before, ledger = ledger, after(ledger, step, now, sources)
        assert all(left.end <= right.start for left, right in pairwise(ledger))
        assert all(
            replace(b, start=a.start) != replace(a, end=b.end)
            for a, b in pairwise(ledger)
            if a.end == b.start
        )
        open_gaps = [gap for gap in ledger if gap.state is not GapState.REPAIRED]
        inside = minutes_of([window])
        assert minutes_of(open_gaps) & inside == absent & inside
        assert minutes_of(ledger) == minutes_of(before) | (absent & inside)
        assert by_minute(ledger, set(range(HORIZON)) - inside) == by_minute(
            before, set(range(HORIZON)) - inside
        )
        assert after(ledger, step, now, sources) == ledger


def by_minute(ledger: Sequence[Gap], minutes: set[int]) -> dict[int, Gap]:
    """Each minute with its history, whatever gap it is part of."""
    return {
        minute: replace(gap, start=at(0), end=at(HORIZON))
        for gap in ledger
        for minute in minutes_of([gap]) & minutes
    }


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(WINDOWS, st.sets(st.sampled_from(SOURCES))), min_size=2, max_size=4), ABSENT, ABSENT
)
def test_the_order_of_windows_does_not_matter_at_one_time(
    windows: list[tuple[Stretch, set[str]]], absent_before: set[int], absent: set[int]
) -> None:
    known = look([], stretches_of(absent_before), span(0, HORIZON), now=NOW - timedelta(days=1))
    outcomes = []
    for order in permutations(windows):
        ledger = known
        for window, answered in order:
            ledger = after(ledger, (window, absent, answered, 0), NOW, 2)
        outcomes.append(ledger)
    assert all(outcome == outcomes[0] for outcome in outcomes)
