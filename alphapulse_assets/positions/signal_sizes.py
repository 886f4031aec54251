"""What limits leave of the sizes of signals: each by the positions and candles known when the signal was.

A signal's row is made of nothing later than the signal, so that it is the same whenever it is made: at
once, or in a batch of last year's signals. Positions are never changed, only added to.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.positions.exposure import exposure, in_dollars
from alphapulse_assets.positions.known import held_at, history_at, known_at
from alphapulse_assets.positions.limits import LOGIC_VERSION, Held, RiskLimits, Wanted, allowed
from alphapulse_assets.positions.model import Position, Surroundings
from alphapulse_assets.positions.portfolio import ALL, History, equity_in_dollars
from alphapulse_assets.positions.tables import SIGNAL_LIMIT_SCHEMA
from alphapulse_resources.database.client import Database, statement

AT_ONCE: Final = 500
"""Signals that one round looks at; the next goes on (ours)."""
LOOK_BACK: Final = timedelta(days=7)
"""How far back a round looks for signals without a row (ours)."""

Row = Mapping[str, Any]


def due_signals(
    database: Database, start: datetime, end: datetime, *, again: bool = False, most: int | None = AT_ONCE
) -> list[dict[str, Any]]:
    """Signals known in [start, end) under limits that have no row yet; `again`: also those that have one."""
    given = {"start": start, "end": end, "again": again, "most": most, "rules_version": LOGIC_VERSION}
    return database.rows(statement("positions/due_signals"), given)


def sized(database: Database, signals: list[dict[str, Any]]) -> pl.DataFrame:
    """SIGNAL_LIMIT_SCHEMA of signals, in order of time."""
    rows = [
        _one(database, signal) for signal in sorted(signals, key=lambda each: (each["known_at"], each["ts"]))
    ]
    return pl.DataFrame(rows, schema=SIGNAL_LIMIT_SCHEMA)


def _one(database: Database, signal: Row) -> dict[str, Any]:
    at = signal["known_at"]
    account = signal["account"]
    positions = held_at(database, at, None if account == ALL else [account])
    ids = {signal["instrument_id"], *(each.instrument_id for each in positions)}
    known = known_at(database, ids, at)
    limits = RiskLimits(
        signal["limits_version"],
        *(signal[name] for name in ("max_symbol", "max_leverage", "max_value_at_risk")),
        *(signal[name] for name in ("max_correlation", "max_correlated")),
    )
    history = history_at(database, ids, at)
    return limited(signal, limits, positions, known, history)


def limited(
    signal: Row, limits: RiskLimits, positions: list[Position], known: Surroundings, history: History
) -> dict[str, Any]:
    """The row of one signal. Pure.

    A held position without a price counts with its worth at entry: what cannot be valued is not nothing.
    """
    equity = signal["limits_equity"] or equity_in_dollars(signal["account"], positions, known)
    equity = signal["equity"] if equity is None else equity
    wanted = signal["size"] * signal["entry"]
    held = [
        Held(each.instrument_id, each.base, exposure(each, mark.price if mark else each.entry_price))
        for each in positions
        if _counts(each)
        for mark in [known.marks.get(each.instrument_id)]
    ]
    measurable = len(held) == len(positions) and in_dollars(signal["quote"])
    left: float
    by: str | None
    if not limits.off and not measurable:
        left, by = 0.0, "not_in_dollars"
    else:
        one = Wanted(signal["instrument_id"], signal["base"], 1 if signal["score"] > 0 else -1, wanted)
        ids = sorted({signal["instrument_id"], *(each.instrument_id for each in held)})
        measured = [each for each in ids if each in history.instruments]
        returns, _ = history.common(measured) if measured else (None, [])
        left, by = allowed(one, held, equity, limits, returns, measured)
    return {
        **{name: signal[name] for name in ("instrument_id", "timeframe_id", "ts", "logic_version")},
        "configuration_version": signal["configuration_version"],
        "limits_version": limits.version,
        "rules_version": LOGIC_VERSION,
        "known_at": signal["known_at"],
        "equity": equity,
        "wanted": wanted,
        "allowed": left,
        # the size itself where nothing was cut: not what a product and a quotient make of it
        "size_allowed": signal["size"] if by is None else left / signal["entry"],
        "limited_by": by,
    }


def _counts(position: Position) -> bool:
    """Whether its worth can be told in dollars."""
    known = position.size_unit == "base" or position.contract_size is not None
    return known and in_dollars(position.quote)
