"""What came of signals: states, columns, and the names of things. Pure."""

from typing import Final

import polars as pl

LOGIC_VERSION: Final = 1
"""Bumped whenever the same signals and candles would give other outcomes."""

OPEN: Final = "open"
STOPPED: Final = "stopped"
TARGET: Final = "target"
EXPIRED: Final = "expired"
CLOSED: Final = "closed"
STATES: Final = (OPEN, STOPPED, TARGET, EXPIRED, CLOSED)
"""In the order of the kernel's numbers. closed: by a later signal the other way, of the same timeframe."""
SIDES: Final = {"buy": 1, "sell": -1}
GAP: Final = "gap"
"""Remark of an outcome in whose life bars are missing: it took longer, or was over before a bar told."""
MINUTE: Final = "1m"

OUTCOME_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),
        "ts": pl.Datetime("us", "UTC"),  # open time of the bar whose close told the signal
        "known_at": pl.Datetime("us", "UTC"),  # close of the bar that decided; while open, see `batch`
        "signal": pl.String(),
        "side": pl.String(),  # buy or sell
        "trigger": pl.String(),
        "regime": pl.String(),  # trend at the signal's bar: up, down, range; null where not told
        "told_at": pl.Datetime("us", "UTC"),  # that bar's close: when the signal was known
        "planned_entry": pl.Float64(),  # the signal's own, the close of its bar
        "stop": pl.Float64(),  # null of a signal without a plan
        "target": pl.Float64(),
        "expires_at": pl.Datetime("us", "UTC"),
        "size": pl.Float64(),  # base units
        "state": pl.String(),  # one of STATES
        "entry_at": pl.Datetime("us", "UTC"),  # open time of the first bar after; null before there is one
        "entry": pl.Float64(),  # that bar's open
        "closed_at": pl.Datetime("us", "UTC"),  # this and what follows is null while open
        "exit": pl.Float64(),  # null of one that was over before it could be entered
        "bars": pl.Int64(),  # from the entry to the bar that decided, both counted
        "ambiguous": pl.Boolean(),  # one bar touched stop and target, in an order nobody knows
        "resolution": pl.String(),  # bars that told which was touched first: the timeframe, or 1m
        "gross_pct": pl.Float64(),  # return the signal's way from entry to exit, per cent
        "cost_pct": pl.Float64(),  # fees and slippage of both sides, per cent
        "gross_r": pl.Float64(),  # the return in units of the planned risk (planned entry to stop)
        "cost_r": pl.Float64(),
        "favourable_pct": pl.Float64(),  # farthest the signal's way before the exit, 0 or more
        "adverse_pct": pl.Float64(),  # farthest against it, 0 or more
        "favourable_r": pl.Float64(),
        "adverse_r": pl.Float64(),
        "remark": pl.String(),  # GAP or null
        "signal_version": pl.Int32(),  # of the rules that gave the signal
        "configuration_version": pl.Int64(),
        "logic_version": pl.Int64(),
    }
)
"""A row per signal that is not neutral."""

SIGNAL_COLUMNS: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "ts": pl.Datetime("us", "UTC"),
        "known_at": pl.Datetime("us", "UTC"),
        "signal": pl.String(),
        "trigger": pl.String(),
        "entry": pl.Float64(),
        "stop": pl.Float64(),
        "target": pl.Float64(),
        "expires_at": pl.Datetime("us", "UTC"),
        "size": pl.Float64(),
        "logic_version": pl.Int64(),
        "configuration_version": pl.Int64(),
    }
)
"""What of a signal is followed: columns of SIGNAL_SCHEMA."""


def side_of(signal: str) -> str | None:
    """Whether a signal buys or sells, however strongly; None of a neutral one."""
    return next((side for side in SIDES if signal.endswith(side)), None)
