"""What recorded states of books add up to: breaks in the record, and how long a book was synced."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from alphapulse_assets.streaming.states import Break, Change, find_breaks, synced_seconds

START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(hours=1)


def at(seconds: float, before: str, after: str, cause: str = "gap") -> Change:
    return Change(START + timedelta(seconds=seconds), before, after, cause)


LIFE = [
    at(0, "none", "buffering", "started"),
    at(2, "buffering", "synced", "snapshot"),
    at(600, "synced", "synced", "covered_gap"),
    at(900, "synced", "broken"),
    at(900, "broken", "resyncing", "requested"),
    at(903, "resyncing", "synced", "snapshot"),
    at(1800, "synced", "stopped", "stopped"),
    at(1860, "none", "buffering", "started"),
    at(1861, "buffering", "synced", "snapshot"),
]


def test_a_whole_life_has_no_break() -> None:
    assert find_breaks(LIFE) == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[:6])
def test_changes_of_one_moment_are_no_break_in_whatever_order_they_are_stored(order: tuple[int, ...]) -> None:
    moment = [at(5, "synced", "broken"), at(5, "broken", "resyncing"), at(5, "resyncing", "resyncing")]
    changes = [at(1, "buffering", "synced"), *(moment[index] for index in order)]
    assert find_breaks(changes) == []
    assert find_breaks(changes[1:]) == []


@pytest.mark.parametrize("missing", [1, 3, 4, 5, 6])
def test_a_change_that_was_not_recorded_is_found(missing: int) -> None:
    assert find_breaks([change for index, change in enumerate(LIFE) if index != missing])


def test_a_break_says_what_was_expected() -> None:
    changes = [at(1, "buffering", "synced", "snapshot"), at(9, "stale", "synced", "continued")]
    assert find_breaks(changes) == [Break(START + timedelta(seconds=9), "synced", "stale", "continued")]


def test_seconds_are_counted_while_the_book_was_followed() -> None:
    synced, followed = synced_seconds(LIFE, START, END)
    assert followed == 1800 + (3600 - 1860)
    assert synced == followed - 2 - 3 - 1


def test_what_was_before_the_hour_counts_only_from_its_start() -> None:
    before = [at(-500, "buffering", "synced", "snapshot"), at(100, "synced", "stale", "silent")]
    assert synced_seconds(before, START, END) == (100, 3600)


def test_a_book_that_was_stopped_before_the_hour_was_not_followed_in_it() -> None:
    assert synced_seconds([at(-5, "synced", "stopped", "stopped")], START, END) == (0, 0)
