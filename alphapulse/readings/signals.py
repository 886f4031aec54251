"""Signals with their reasons, and beside what else was known at their time."""

from datetime import timedelta
from typing import Final

from alphapulse.readings.filters import OF_BARS, any_of, at_least, flag
from alphapulse.readings.reading import Reading

BY_BAR: Final = ("ts", "venue", "symbol", "timeframe")
SIGNAL: Final = any_of("signal", "What it says", "buy")
TRIGGER: Final = any_of("trigger", "The pattern that gave it", "engulfing")
STATE: Final = any_of("state", "open, stopped, target, expired or closed", "stopped")
GROUPED_BY: Final = any_of("grouped_by", "By what signals are put together", "timeframe")
CONFIDENCE: Final = at_least("confidence", "Confidence, 0 to 100.", "60")
OF_SIGNALS: Final = (*OF_BARS, SIGNAL, CONFIDENCE)

READINGS: Final = (
    Reading(
        name="signals",
        path="signals",
        relation="signals",
        summary="Signals with entry, stop, target, size and reasons.",
        filters=OF_SIGNALS,
        order=(*BY_BAR, "configuration_version"),
        tags=("signals",),
    ),
    Reading(
        name="signals_now",
        path="signals/now",
        relation="signals_now",
        summary="Signals that are alive now: neither stopped, at their target, expired nor closed.",
        filters=OF_SIGNALS,
        order=(*BY_BAR, "configuration_version"),
        known=None,
        no_as_of="it tells what stands now: ask signals, whose known_at and expires_at tell when each stood",
        is_now=True,
        tags=("signals",),
    ),
    Reading(
        name="signal_risk_now",
        path="signals/risk",
        relation="signal_risk_now",
        summary="What is at risk in the signals that live now: each, by symbol, in all, and what limits it.",
        filters=(*OF_BARS, SIGNAL, any_of("risk_limited_by", "Why less is at risk", "position_cap")),
        order=(*BY_BAR, "configuration_version"),
        known=None,
        no_as_of="it tells what lives now: SELECT * FROM signal_risk(moment) tells what did at any other",
        is_now=True,
        tags=("signals",),
    ),
    Reading(
        name="signal_outcomes",
        path="signals/outcomes",
        relation="signal_outcomes",
        summary="What came of signals: state, times, return before and after costs, excursions.",
        filters=(*OF_BARS, SIGNAL, any_of("side", "buy or sell", "buy"), TRIGGER, STATE),
        order=(*BY_BAR, "configuration_version"),
        tags=("signals",),
    ),
    Reading(
        name="signal_performance",
        path="signals/performance",
        relation="signal_performance",
        summary="How signals did after costs beside random walks, random entries and holding.",
        filters=(
            GROUPED_BY,
            any_of("value", "Which of them", "15m"),
            any_of("verdict", "Verdict", "above chance"),
        ),
        order=("grouped_by", "value"),
        time=None,
        known=None,
        no_as_of="this is the newest evaluation: ask signals/outcomes, which has known_at",
        newest_first=False,
        limit=5_000,
        hidden=("logic_version",),
        tags=("signals",),
    ),
    Reading(
        name="signal_equity",
        path="signals/equity",
        relation="signal_equity",
        summary="The account that takes each signal, day by day, beside random entries and holding.",
        filters=(GROUPED_BY, any_of("value", "Which of them", "15m")),
        order=("day", "grouped_by", "value"),
        time="day",
        known=None,
        no_as_of="this is the newest evaluation: ask signals/outcomes, which has known_at",
        newest_first=False,
        limit=5_000,
        hidden=("logic_version",),
        tags=("signals",),
    ),
    Reading(
        name="signals_with_order_book",
        path="signals/order-book",
        relation="signals_with_order_book",
        summary="Signals beside the order book at their time.",
        filters=(*OF_SIGNALS, flag("book_agrees", "Whether the book leaned the same way.")),
        order=BY_BAR,
        span=timedelta(days=7),
        tags=("signals", "order book"),
    ),
    Reading(
        name="signals_with_leverage",
        path="signals/leverage",
        relation="signals_with_leverage",
        summary="Signals beside funding and crowding at their time.",
        filters=OF_SIGNALS,
        order=BY_BAR,
        span=timedelta(days=7),
        tags=("signals", "futures"),
    ),
    Reading(
        name="signals_with_sentiment",
        path="signals/sentiment",
        relation="signals_with_sentiment",
        summary="Signals beside what was said of the coin at their time.",
        filters=OF_SIGNALS,
        order=BY_BAR,
        span=timedelta(days=7),
        tags=("signals", "sentiment"),
    ),
    Reading(
        name="signals_within_limits",
        path="signals/within-limits",
        relation="signals_within_limits",
        summary="Signals with the size that the limits of the account leave them.",
        filters=(*OF_BARS, SIGNAL, any_of("limited_by", "What limits the size", "equity")),
        order=(*BY_BAR, "configuration_version"),
        tags=("signals", "positions"),
    ),
)
