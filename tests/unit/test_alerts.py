"""Alerts: told once, with figures, and again only when it is news."""

import math

import pytest

from alphapulse_assets.alerts.model import RESOLVED, Alert, AlertKind, Severity
from alphapulse_assets.order_book.book.events import BookEvent, BookState, Cause
from alphapulse_assets.order_book.session.alerts import AlertRules
from alphapulse_assets.order_book.whales.events import WhaleEvent, WhaleKind
from alphapulse_assets.order_book.whales.sweeps import Sweep
from alphapulse_assets.order_book.whales.thresholds import AlertThresholds, Thresholds

S = BookState


def rules(**changes: float) -> AlertRules:
    return AlertRules(7, "BTCUSDT", "binance", AlertThresholds(**changes))


def imbalances(made: AlertRules, *values: tuple[float, float]) -> list[Alert]:
    """Feed (time, imbalance); the venue's clock is 0.5 s behind ours."""
    return [alert for at, value in values for alert in made.on_imbalance(value, at - 0.5, at)]


def test_an_imbalance_is_told_once_it_has_lasted_and_not_again_until_it_was_armed() -> None:
    made = rules(cool_down=0.0)
    assert imbalances(made, (0.0, 0.9), (4.9, 0.85)) == []
    (alert,) = imbalances(made, (5.0, 0.8))
    assert (alert.ts, alert.known_at, alert.kind, alert.reference) == (-0.5, 5.0, "imbalance", "bids")
    assert alert.severity is Severity.WARNING
    assert "BTCUSDT on binance" in alert.title
    assert "+0.80" in alert.title
    assert imbalances(made, (20.0, 0.99), (21.0, 0.7), (22.0, 0.9), (40.0, 0.9)) == []
    assert len(imbalances(made, (41.0, 0.4), (42.0, 0.9), (47.0, 0.9))) == 1


def test_an_imbalance_that_falls_below_begins_anew() -> None:
    made = rules()
    assert imbalances(made, (0.0, 0.9), (4.0, 0.79), (4.5, 0.9), (9.0, 0.9)) == []
    assert len(imbalances(made, (9.5, 0.9))) == 1


def test_the_other_side_is_armed_by_crossing_over() -> None:
    made = rules(cool_down=0.0)
    told = imbalances(made, (0.0, 0.9), (6.0, 0.9), (7.0, 0.6), (8.0, -0.9), (13.0, -0.9))
    assert [alert.reference for alert in told] == ["bids", "asks"]


def test_time_alone_completes_an_imbalance_at_the_same_moment_as_a_message() -> None:
    by_message, by_time = rules(), rules()
    imbalances(by_message, (0.0, -0.9))
    imbalances(by_time, (0.0, -0.9))
    assert by_time.on_time(6.3) == imbalances(by_message, (9.0, 0.0)) != []


@pytest.mark.parametrize("unknown", [math.nan, 0.0])
def test_an_unknown_imbalance_is_none(unknown: float) -> None:
    made = rules()
    assert imbalances(made, (0.0, 0.9), (1.0, unknown), (2.0, 0.9), (6.0, 0.9)) == []


def test_what_the_imbalance_does_while_the_book_is_not_proven_does_not_count() -> None:
    made = rules(cool_down=0.0)
    imbalances(made, (0.0, 0.9))
    assert made.on_lost(3.0) == []
    assert made.on_time(9.0) == imbalances(made, (10.0, 0.9), (14.0, 0.9)) == []
    imbalances(made, (20.0, 0.0), (21.0, 0.9))
    assert len(made.on_lost(26.5)) == 1  # it had lasted by then


def whale(kind: WhaleKind, at: float, notional: float, side: str = "bid") -> WhaleEvent:
    return WhaleEvent(
        kind, "BTCUSDT", at - 0.1, at, side, 100.0, notional / 100, notional, 3.0, "placed", {"since": 1.0}
    )


def test_whales_above_the_notional_are_told_by_one_cool_down_that_counts_what_it_keeps_back() -> None:
    made = rules()
    first = made.on_whales([whale(WhaleKind.WALL_APPEARED, 0.0, 2e6), whale(WhaleKind.LARGE_TRADE, 1.0, 3e6)])
    assert [alert.detail["kind"] for alert in first] == ["wall_appeared"]
    assert "2,000,000" in first[0].title
    assert made.on_whales([whale(WhaleKind.WALL_APPEARED, 70.0, 999_999.0)]) == []
    (later,) = made.on_whales([whale(WhaleKind.LARGE_TRADE, 71.0, 3e6, "ask")])
    assert (later.detail["kept_back"], "by a seller" in later.title) == (1, True)


@pytest.mark.parametrize("kind", WhaleKind)
def test_which_whale_events_are_told(kind: WhaleKind) -> None:
    told = rules().on_whales([whale(kind, 0.0, 1e9)])
    wanted = {"wall_appeared", "large_trade", "suspected_iceberg", "suspected_spoof"}
    assert bool(told) is (kind.value in wanted)


def test_every_sweep_is_told_with_its_own_reference() -> None:
    made = rules()
    sweeps = [
        Sweep("BTCUSDT", 60.0, 120.0, "high", pivot, time, 102.0, 99.0, beyond, 1, 2.0)
        for pivot, time, beyond in ((100.0, 0.0, 0.5), (101.0, 30.0, math.inf))
    ]
    told = [alert for sweep in sweeps for alert in made.on_sweep(sweep, 121.0)]
    assert [alert.kind for alert in told] == [AlertKind.SWEEP] * 2
    assert len({alert.reference for alert in told}) == 2
    assert {alert.known_at for alert in told} == {121.0}


def change(at: float, before: BookState, after: BookState, cause: Cause = Cause.GAP) -> BookEvent:
    return BookEvent(at, "BTCUSDT", before, after, cause)


def test_a_book_that_stays_unproven_is_told_once_and_its_return_too() -> None:
    made = rules()
    made.on_event(change(0.0, S.BUFFERING, S.SYNCED))
    made.on_event(change(10.0, S.SYNCED, S.BROKEN))
    made.on_event(change(11.0, S.BROKEN, S.RESYNCING, Cause.REQUESTED))
    assert made.on_time(24.9) == []
    (alert,) = made.on_time(25.3)
    assert (alert.ts, alert.known_at, alert.severity) == (10.0, 25.0, Severity.CRITICAL)
    assert alert.detail == {"cause": "gap", "since": 10.0}
    assert made.on_time(100.0) == []
    (back,) = made.on_event(change(130.0, S.RESYNCING, S.SYNCED, Cause.SNAPSHOT))
    assert (back.reference, back.severity, back.detail["seconds"]) == (RESOLVED, Severity.INFO, 120.0)


def test_a_book_that_is_back_in_time_is_not_told() -> None:
    made = rules()
    made.on_event(change(0.0, S.BUFFERING, S.SYNCED))
    made.on_event(change(10.0, S.SYNCED, S.STALE))
    assert made.on_event(change(24.0, S.STALE, S.SYNCED)) == []
    assert made.on_time(1000.0) == []


def test_an_outage_that_nobody_looked_at_is_told_all_the_same() -> None:
    made = rules()
    made.on_event(change(0.0, S.BUFFERING, S.SYNCED))
    made.on_event(change(10.0, S.SYNCED, S.STALE))
    stale, resolved = made.on_event(change(40.0, S.STALE, S.SYNCED))
    assert (stale.known_at, resolved.reference) == (25.0, RESOLVED)


def test_a_book_that_was_never_proven_has_more_time_and_one_that_is_stopped_all_of_it() -> None:
    made, stopped = rules(), rules()
    for each in (made, stopped):
        each.on_event(change(0.0, S.NONE, S.BUFFERING, Cause.STARTED))
        assert each.on_time(59.0) == []
    (alert,) = made.on_time(60.0)
    assert alert.severity is Severity.WARNING
    stopped.on_event(change(59.5, S.BUFFERING, S.STOPPED, Cause.STOPPED))
    assert stopped.on_time(1000.0) == []


def test_thresholds_of_alerts_are_overridden_by_symbol_and_nonsense_is_refused() -> None:
    made = Thresholds(overrides={"BTCUSDT": {"alerts": {"whale_notional": 5e6}}})
    assert made.of("BTCUSDT").alerts.whale_notional == 5e6
    assert made.of("ETHUSDT").alerts.whale_notional == 1e6
    for wrong in ({"imbalance": 1.5}, {"imbalance_rearm": 0.9}, {"stale": -1.0}, {"whale_notional": 0.0}):
        with pytest.raises(ValueError, match="wanted"):
            AlertThresholds(**wrong)
