"""What came of signals: entry at the next bar's open, stop, target, time or a signal the other way. Pure.

What is decided rests on the bars up to the one that decided, whose close is `known_at`, and never changes. A
row that is open says what cannot change either: the signal and, once there is a bar, its entry (`known_at` is
then the close of that bar, before it the signal's own time).

Excursions are those of the bars before the one that decided and of the exit itself: what else that bar did
came before or after, and nobody knows. Returns in R are in units of the planned risk, for which the size was
made: over a jump a stop costs more than 1 R.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse_assets.core.calendar_blocks import micros, moment_of
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.events.configuration import DEFAULT, CostRules
from alphapulse_assets.patterns.events.kernels import Floats
from alphapulse_assets.patterns.signal_outcomes import kernels
from alphapulse_assets.patterns.signal_outcomes.model import (
    GAP,
    LOGIC_VERSION,
    MINUTE,
    OUTCOME_SCHEMA,
    SIDES,
    STATES,
    side_of,
)
from alphapulse_assets.patterns.signals.batch import SIGNALS

Minutes = Callable[[datetime, datetime], pl.DataFrame]
"""The 1m bars that open in [start, end): CANDLE_SCHEMA, sorted; none where there are none."""

_MICROSECOND: Final = timedelta(microseconds=1)
_SIDE_OF: Final = {name: side_of(name) for name in SIGNALS.values() if side_of(name) is not None}
_FROM_NOTHING: Final = [
    *(kernels.BARS, kernels.UP, kernels.DOWN, kernels.STATE),
    *(kernels.BOTH, kernels.GAP, kernels.BY_MINUTES),
]
_PRICES: Final = ("open", "high", "low", "close")


def outcomes(
    signals: pl.DataFrame,
    candles: pl.DataFrame,
    timeframe: str,
    *,
    regimes: pl.DataFrame | None = None,
    minutes: Minutes | None = None,
    costs: CostRules = DEFAULT.costs,
) -> pl.DataFrame:
    """OUTCOME_SCHEMA of the signals of one instrument and timeframe that are not neutral, by ts.

    Args:
        signals: at least SIGNAL_COLUMNS, of one version and configuration, each `ts` once; those of the other
            side end earlier ones, so all up to the last `expires_at` have to be there.
        candles: CANDLE_SCHEMA, sorted, closed, from the first signal's bar to the first bar that opens at or
            after the last `expires_at`, or as far as there are.
        timeframe: of both.
        regimes: `ts` and `trend` of the bars, where known.
        minutes: reads the minutes within a bar, to tell which level was touched first; without it bars do.
        costs: fees and slippage.

    Raises:
        ValueError: an unknown timeframe, or open times that do not rise.
    """
    rows, trades = followed(signals, candles, timeframe, minutes=minutes)
    trends = dict(regimes.select("ts", "trend").iter_rows()) if regimes is not None else {}
    told = [
        outcome_row({**row, "regime": trends.get(row["ts"])}, trade, timeframe, costs)
        for row, trade in zip(rows.iter_rows(named=True), trades, strict=True)
    ]
    return pl.DataFrame(told, schema=OUTCOME_SCHEMA)


def followed(
    signals: pl.DataFrame, candles: pl.DataFrame, timeframe: str, *, minutes: Minutes | None = None
) -> tuple[pl.DataFrame, Floats]:
    """The signals that are not neutral (SIGNAL_COLUMNS and `side`), and their trades after the candles.

    Arguments and errors are those of `outcomes`; columns beside SIGNAL_COLUMNS stay.
    """
    length = bar_length(timeframe)
    if (candles["ts"].to_physical().diff().drop_nulls() <= 0).any():
        raise ValueError("candles are not in order of time, each once")
    rows = signals.with_columns(pl.col("signal").replace_strict(_SIDE_OF, default=None).alias("side"))
    rows = rows.drop_nulls("side").sort("ts")
    trades = begun(rows.to_dicts())
    opened = candles["ts"].dt.epoch("us").cast(pl.Float64).to_numpy()
    both = np.full(len(trades), -1)
    kernels.follow(
        trades,
        np.searchsorted(opened, trades[:, kernels.NEXT]),
        _opposite(trades),
        opened,
        float(length / _MICROSECOND),
        np.ascontiguousarray(candles.select(pl.col(name).cast(pl.Float64) for name in _PRICES).to_numpy().T),
        both,
    )
    if minutes is not None and timeframe != MINUTE:
        for trade in np.flatnonzero(both >= 0):
            begin = candles["ts"][int(both[trade])]
            kernels.settle(trades[trade], touched_first(trades[trade], minutes(begin, begin + length)))
    return rows, trades


def touched_first(trade: Floats, minutes: pl.DataFrame) -> int:
    """What the first of these minutes touches that touches any level (`kernels.NOTHING`: none does)."""
    high, low = (np.ascontiguousarray(minutes[name].cast(pl.Float64).to_numpy()) for name in ("high", "low"))
    return kernels.first_touched(trade, high, low)


def begun(rows: Sequence[Mapping[str, Any]]) -> Floats:
    """Trades, as `kernels` has them, of signals before their first bar: SIGNAL_COLUMNS and `side`."""
    trades = np.full((len(rows), kernels.COLUMNS), math.nan)
    trades[:, _FROM_NOTHING] = 0.0
    for trade, row in zip(trades, rows, strict=True):
        trade[kernels.SIGN] = SIDES[row["side"]]
        for place, level in ((kernels.STOP, row["stop"]), (kernels.TARGET, row["target"])):
            trade[place] = math.nan if level is None else level
        trade[kernels.EXPIRES] = micros(row["expires_at"])
        trade[kernels.NEXT] = trade[kernels.KNOWN_AT] = micros(row["known_at"])
    return trades


def outcome_row(
    signal: dict[str, Any], trade: Floats, timeframe: str, costs: CostRules = DEFAULT.costs
) -> dict[str, Any]:
    """OUTCOME_SCHEMA's row of a trade; `signal` has SIGNAL_COLUMNS, `side` and `regime`."""
    state = int(trade[kernels.STATE])
    decided = state != kernels.OPEN
    entry, exit_ = _number(trade[kernels.ENTRY]), _number(trade[kernels.EXIT])
    row = {
        **dict.fromkeys(OUTCOME_SCHEMA),
        **{name: signal[name] for name in ("instrument_id", "ts", "signal", "side", "trigger", "regime")},
        **{name: signal[name] for name in ("stop", "target", "expires_at", "size", "configuration_version")},
        "timeframe": timeframe,
        "known_at": _moment(trade[kernels.KNOWN_AT]),
        "told_at": signal["known_at"],
        "planned_entry": signal["entry"],
        "state": STATES[state],
        "entry_at": _moment(trade[kernels.ENTRY_AT]),
        "entry": entry,
        "signal_version": signal["logic_version"],
        "logic_version": LOGIC_VERSION,
    }
    if decided:
        row["closed_at"], row["exit"] = _moment(trade[kernels.CLOSED_AT]), exit_
        row["bars"] = int(trade[kernels.BARS])
        row["ambiguous"] = bool(trade[kernels.BOTH])
        row["resolution"] = MINUTE if trade[kernels.BY_MINUTES] else timeframe
        row["remark"] = GAP if trade[kernels.GAP] else None
    if decided and entry is not None and exit_ is not None:
        row |= _returns(trade, entry, exit_, signal, costs)
    return row


def _returns(
    trade: Floats, entry: float, exit_: float, signal: dict[str, Any], costs: CostRules
) -> dict[str, float | None]:
    """In per cent of the entry and in units of the planned risk."""
    moved = float(trade[kernels.SIGN]) * (exit_ - entry)
    stop = signal["stop"]
    risk = None if stop is None else abs(signal["entry"] - stop)
    amounts = {
        "gross": moved,
        "cost": costs.round_trip * entry,
        "favourable": max(float(trade[kernels.UP]), moved, 0.0),
        "adverse": max(float(trade[kernels.DOWN]), -moved, 0.0),
    }
    return {
        **{f"{name}_pct": 100.0 * amount / entry for name, amount in amounts.items()},
        **{f"{name}_r": amount / risk if risk else None for name, amount in amounts.items()},
    }


def _opposite(trades: Floats) -> Floats:
    """When the next signal the other way is told, for trades in the order of their times."""
    found = np.full(len(trades), np.inf)
    told = {1.0: np.inf, -1.0: np.inf}
    for i in range(len(trades) - 1, -1, -1):
        sign = float(trades[i, kernels.SIGN])
        found[i] = told[-sign]
        told[sign] = trades[i, kernels.NEXT]
    return found


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _moment(value: float) -> datetime | None:
    return None if math.isnan(value) else moment_of(int(value))
