"""What is wrong with the platform, and what of it is told when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alphapulse_assets.operations.rules import GIB, RULE_KINDS, Trouble, troubles
from alphapulse_assets.operations.state import Disk, Shards, State
from alphapulse_assets.operations.telling import (
    FORGOTTEN_AFTER,
    GIVEN_UP_AFTER,
    OVER_AFTER,
    REMIND,
    WORSE_AFTER,
    Decision,
    OpenAlert,
    decide,
)

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
EMPTY = State(at=NOW)


def found(**parts: Any) -> list[Trouble]:
    return troubles(replace(EMPTY, **parts))


def kinds(**parts: Any) -> list[tuple[str, str, str]]:
    return [(each.kind, each.subject, each.severity) for each in found(**parts)]


def candle(**values: Any) -> dict[str, Any]:
    row = {
        "venue": "bybit",
        "symbol": "BTC/USDT",
        "closed_at": NOW - timedelta(seconds=400),
        "age_seconds": 400.0,
        "unanswered_seconds": 400.0,
        "tracked_seconds": 86_400.0,
        "busy": True,
    }
    return row | values


def worker(**values: Any) -> dict[str, Any]:
    row = {"run_id": "r", "host": "h", "pid": 1, "symbols": 2, "stopped_at": None, "stopped_because": None}
    return row | {"silent_seconds": 3.0, "stopped_seconds": None} | values


def test_nothing_is_wrong_where_nothing_is() -> None:
    assert found() == []
    assert found(disks=[Disk("/data", 100 * GIB, 200 * GIB, True)], unwatched_seconds=40.0) == []


@pytest.mark.parametrize(
    ("row", "severity"),
    [
        (candle(), "warning"),
        (candle(age_seconds=1_000.0), "critical"),
        (candle(age_seconds=None, unanswered_seconds=None, busy=False), "critical"),
        (candle(unanswered_seconds=20.0), None),  # the venue says that there was no trade
        (candle(unanswered_seconds=20.0, age_seconds=2_000.0, busy=False), None),  # as it often has none
        (
            candle(unanswered_seconds=20.0, age_seconds=2_000.0),
            "critical",
        ),  # a busy one is not believed to rest
        (candle(tracked_seconds=30.0, age_seconds=None, unanswered_seconds=30.0), None),
    ],
)
def test_a_silent_symbol_is_one_without_candle_and_without_answer(
    row: dict[str, Any], severity: str | None
) -> None:
    assert kinds(candles=[row]) == ([("candles_silent", "bybit", severity)] if severity else [])


def test_a_silent_venue_is_one_trouble_that_names_some_and_counts_all() -> None:
    rows = [candle(symbol=f"S{n}/USDT") for n in range(100)] + [candle(venue="coinbase")]
    bybit, coinbase = found(candles=rows)
    assert bybit.subject == "bybit"
    assert "S0/USDT, S1/USDT, S2/USDT and 97 more" in bybit.title
    assert len(bybit.members) == 100
    assert len(bybit.detail["newest_age_seconds"]) == 50
    assert coinbase.subject == "coinbase"


@pytest.mark.parametrize(
    ("shards", "streams_on", "wrong"),
    [
        (Shards(frozenset({"1-of-1"}), frozenset({"1-of-1"}), {"1-of-1": worker()}), True, False),
        (Shards(frozenset({"1-of-1"}), frozenset(), {"1-of-1": worker(silent_seconds=20.0)}), True, False),
        (Shards(frozenset({"1-of-1"}), frozenset(), {"1-of-1": worker(silent_seconds=90.0)}), True, True),
        (Shards(frozenset({"1-of-1"}), frozenset(), {"1-of-1": worker(silent_seconds=90.0)}), None, True),
        (Shards(frozenset({"1-of-1"}), frozenset(), {"1-of-1": worker(silent_seconds=90.0)}), False, False),
        (Shards(frozenset({"1-of-1"}), frozenset(), {}), True, True),
        (Shards(frozenset({"1-of-1"}), frozenset(), {}), None, False),
        (Shards(frozenset(), frozenset(), {"1-of-1": worker(silent_seconds=90.0)}), True, False),
        (
            Shards(frozenset({"1-of-1"}), frozenset({"1-of-1"}), {"1-of-1": worker(silent_seconds=90.0)}),
            True,
            True,
        ),
        (
            Shards(
                frozenset({"1-of-1"}),
                frozenset(),
                {"1-of-1": worker(stopped_at=NOW, stopped_seconds=90.0, silent_seconds=95.0)},
            ),
            True,
            True,
        ),
        (
            Shards(
                frozenset({"1-of-1"}),
                frozenset(),
                {"1-of-1": worker(stopped_at=NOW, stopped_seconds=90.0, silent_seconds=95.0)},
            ),
            None,
            False,
        ),
    ],
)
def test_a_shard_with_symbols_has_a_worker_that_beats_where_streams_are_on(
    shards: Shards, streams_on: bool | None, wrong: bool
) -> None:
    expected = [("stream_worker", "1-of-1", "critical")] if wrong else []
    assert kinds(shards=shards, streams_on=streams_on) == expected


@pytest.mark.parametrize(
    ("disk", "growth", "severity"),
    [
        (Disk("/", 30 * GIB, 4_000 * GIB), None, None),  # a large disk has room with few per cent
        (Disk("/", 15 * GIB, 4_000 * GIB), None, "warning"),
        (Disk("/", GIB, 4_000 * GIB), None, "critical"),
        (Disk("/", 2 * GIB, 50 * GIB), None, "warning"),
        (Disk("/", GIB, 50 * GIB), None, "critical"),
        (Disk("/", GIB // 10, GIB // 4), None, "critical"),
        (Disk("/", 40 * GIB, 100 * GIB, True), 2 * GIB / 3_600, "warning"),  # full in 20 h
        (Disk("/", 40 * GIB, 100 * GIB, False), 2 * GIB / 3_600, None),  # not the database's
        (Disk("/", 40 * GIB, 100 * GIB, True), -5.0, None),
    ],
)
def test_a_disk_is_nearly_full_by_what_is_left_and_by_growth(
    disk: Disk, growth: float | None, severity: str | None
) -> None:
    assert kinds(disks=[disk], bytes_per_second=growth) == ([("disk", "/", severity)] if severity else [])


def test_every_rule_names_its_kind() -> None:
    job = {"work": "policy_retention", "relation": "trades_1s", "error": "cannot drop portal"}
    gap = {"venue": "v", "gaps": 2, "minutes": 90, "symbols": ["A/B"], "first_gap": NOW}
    bad = {"dataset": "ohlcv_1m", "venue": "v", "rows": 12, "symbols": ["A/B"], "reasons": ["high_below_low"]}
    day = {
        "venue": "v",
        "days": 3,
        "symbols": ["A/B"],
        "attempts": 4,
        "error_kind": "timeout",
        "error": "slow",
    }
    late = {"timeframe": "1h", "days": 1, "oldest": 7, "venues": ["v"], "first_day": NOW.date()}
    book = {"venue": "v", "symbols": ["A/B"], "seconds": 300.0, "states": ["broken"]}
    day_lost = {"venue": "v", "days": 1, "symbols": ["A/B"], "timeframes": ["1h"], "error": "out of range"}
    silent = {"dataset": "d", "sources": ["s"], "seconds": 400.0, "answered_at": NOW, "why": None}
    all_wrong = found(
        books=[book],
        silent_sources=[silent],
        silent_beside_others=[silent | {"source": "s"}],
        refresh_failures=[day_lost | {"first_day": NOW.date()}],
        venue_clocks=[{"venue": "v", "ahead_seconds": -7.0}, {"venue": "w", "ahead_seconds": 1.0}],
        candles=[candle()],
        gaps=[gap],
        failed_days=[day],
        quarantine=[bad],
        unrefreshed=[late],
        background_jobs=[job],
        shards=Shards(frozenset({"1-of-1"}), frozenset(), {}),
        streams_on=True,
        unwatched_seconds=900.0,
        clock_offset_seconds=-5.0,
        disks=[Disk("/", 0, GIB)],
        failing_sinks=[{"sink": "desk", "failed": 2, "error": "the webhook answered 500"}],
        idle_rules={"dip": "there is no field prise"},
        pending_migrations=["0099_next"],
    )
    assert {each.kind for each in all_wrong} == RULE_KINDS
    assert [each.subject for each in all_wrong if each.kind == "clock"] == ["v", "database"]
    assert [each.severity for each in all_wrong] == sorted(each.severity for each in all_wrong)
    assert all(len(each.title) < 400 for each in all_wrong)


# telling -------------------------------------------------------------------------------------------------

SILENCE = Trouble("candles_silent", "bybit", "warning", "silent", members=("A", "B"))


LONG_AGO = NOW - timedelta(days=1)


def row(**values: Any) -> OpenAlert:
    told = {"told_at": NOW, "told": ("warning", "A", "B"), "tellings": 1}
    return OpenAlert(
        **{
            **{"kind": "candles_silent", "subject": "bybit", "severity": "warning", "title": "silent"},
            **{"detail": {}, "raised_at": NOW, "seen_at": NOW, **told, **values},
        }
    )


def after(seconds: float, troubles: list[Trouble], rows: list[OpenAlert], **seen: float) -> Decision:
    return decide(troubles, rows, seen, NOW + timedelta(seconds=seconds), LONG_AGO)


def whats(decision: Decision) -> list[str]:
    return [each.what for each in decision.tell]


def test_what_is_new_is_told_at_once_and_what_passes_at_start_only_when_it_stays() -> None:
    assert whats(after(0, [SILENCE], [])) == ["raised"]
    patient = replace(SILENCE, at_start=240.0)
    first = decide([patient], [], {}, NOW, NOW)
    assert (first.tell, first.keep) == ([], [])
    assert whats(decide([patient], [], first.seen, NOW + timedelta(seconds=239), NOW)) == []
    assert whats(decide([patient], [], first.seen, NOW + timedelta(seconds=241), NOW)) == ["raised"]
    assert whats(decide([patient], [], {}, NOW, LONG_AGO)) == ["raised"]  # it began in full swing


@pytest.mark.parametrize(
    ("seconds", "trouble", "told"),
    [
        (60, SILENCE, []),
        (REMIND["warning"] - 1, SILENCE, []),
        (REMIND["warning"], SILENCE, ["again"]),
        (60, replace(SILENCE, severity="critical"), ["again"]),
        (WORSE_AFTER - 1, replace(SILENCE, members=("A", "B", "C")), []),
        (WORSE_AFTER, replace(SILENCE, members=("A", "B", "C")), ["again"]),
        (WORSE_AFTER, replace(SILENCE, members=("A",)), []),
        (WORSE_AFTER, replace(SILENCE, title="silent for longer"), []),
    ],
)
def test_what_was_told_is_told_again_when_it_lasts_or_became_worse(
    seconds: float, trouble: Trouble, told: list[str]
) -> None:
    decision = after(seconds, [trouble], [row()])
    assert whats(decision) == told
    assert decision.keep == [trouble]  # the row says what is so now, told or not


def test_what_somebody_else_tells_is_kept_only() -> None:
    books = Trouble("books", "bybit", "warning", "unproven", told_elsewhere=True)
    decision = after(0, [books], [])
    assert (decision.keep, decision.tell) == ([books], [])


def test_what_is_over_is_told_once_it_stays_away() -> None:
    assert whats(after(OVER_AFTER - 1, [], [row()])) == []
    decision = after(OVER_AFTER, [], [row()])
    assert whats(decision) == ["resolved"]
    assert decision.over == []
    assert "silent" in decision.tell[0].trouble.title


def test_what_nobody_was_told_of_is_closed_without_a_word() -> None:
    decision = after(OVER_AFTER, [], [row(tellings=0, told_at=None, told=())])
    assert (whats(decision), len(decision.over)) == ([], 1)


def test_a_delivery_that_failed_is_tried_again_after_growing_pauses() -> None:
    once = row(told_at=None, tellings=0, tries=1, tried_at=NOW)
    assert whats(after(29, [SILENCE], [once])) == []
    assert whats(after(30, [SILENCE], [once])) == ["raised"]
    often = replace(once, tries=50)
    assert whats(after(1_799, [SILENCE], [often])) == []
    assert whats(after(1_800, [SILENCE], [often])) == ["raised"]
    over = row(tries=1, tried_at=NOW + timedelta(seconds=OVER_AFTER))
    assert whats(after(OVER_AFTER + 10, [], [over])) == []
    assert whats(after(OVER_AFTER + 40, [], [over])) == ["resolved"]
    assert len(after(GIVEN_UP_AFTER, [], [over]).over) == 1


def test_what_an_event_told_of_stays_until_it_is_forgotten() -> None:
    failed = row(kind="run_failed", subject="refresh_candles")
    assert (after(OVER_AFTER * 2, [], [failed]).over, whats(after(OVER_AFTER * 2, [], [failed]))) == ([], [])
    assert after(FORGOTTEN_AFTER, [], [failed]).over == [failed]
    untold = replace(failed, told_at=None, tellings=0, tries=1, tried_at=NOW)
    assert whats(after(31, [], [untold])) == ["raised"]


def test_what_has_to_last_starts_anew_when_it_is_another() -> None:
    late = Trouble("timeframes", "1h", "warning", "late", lasting=1_800.0, token="7")
    first = after(0, [late], [])
    assert (first.tell, first.keep) == ([], [])
    assert after(1_900, [replace(late, token="8")], [], **first.seen).tell == []
    assert whats(after(1_900, [late], [], **first.seen)) == ["raised"]


def test_after_a_restart_what_is_open_stays_open() -> None:
    late = Trouble("timeframes", "1h", "warning", "late", lasting=1_800.0, token="7")
    known = row(kind="timeframes", subject="1h", told=("warning",), raised_at=NOW - timedelta(hours=1))
    now = NOW + timedelta(seconds=OVER_AFTER * 2)
    decision = decide([late], [known], {}, now, now)
    assert decision.keep == [late]
    assert decision.over == []
