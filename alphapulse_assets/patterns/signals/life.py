"""How long a signal lives, and which signals of a symbol live at a moment. Pure.

A signal is given at the close of its bar and is over

- at `expires_at`, when the last vote of its own timeframe that it rests on has stopped to count: 3 bars after
  a candlestick or volume pattern, 10 after a chart pattern (`ConfluenceRules.life`), counted from the
  pattern, or
- when a later signal of the same symbol and timeframe goes the other way: that one closes it.

A neutral signal closes nothing, nor does one that goes the same way. Touches of stop and target are no part
of it: they are known only from the bars after, and are what `signal_outcomes` tells.
"""

from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.kernels import PLACES, Floats
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES

STANDING_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),
        "known_at": pl.Datetime("us", "UTC"),
        "signal": pl.String(),
        "expires_at": pl.Datetime("us", "UTC"),
        "risk": pl.Float64(),
        "notional": pl.Float64(),
    }
)
"""What is read of signals that may live still: columns of SIGNAL_SCHEMA."""

# columns of a ledger: a row per signal that lives, in the order in which they were given, from row 1 on; row
# 0 says how many
OF_PLACE: Final = 0
OF_SIGN: Final = 1  # 1 buys, -1 sells
ENDS: Final = 2  # microseconds since 1970: until then it lives
AT_RISK: Final = 3  # quote currency lost at the stop
WORTH: Final = 4  # quote currency
LEDGER: Final = 5


def with_ends(signals: pl.DataFrame) -> pl.DataFrame:
    """Signals with `closed_at`, when an opposite one closed it, and `ends_at`, until when it lives.

    Args:
        signals: `instrument_id`, `timeframe`, `known_at`, `signal`, `expires_at`; more columns stay. Of one
            version; neutral ones have neither.
    """
    way = (
        pl.when(pl.col("signal").str.ends_with("buy"))
        .then(1)
        .when(pl.col("signal").str.ends_with("sell"))
        .then(-1)
    )
    owner = ("instrument_id", "timeframe")
    told = signals.with_row_index("_at").with_columns(_way=way).sort("known_at", maintain_order=True)
    for name, sign in (("_buy", 1), ("_sell", -1)):
        given = pl.when(pl.col("_way") == sign).then("known_at")
        told = told.with_columns(given.shift(-1).backward_fill().over(owner).alias(name))
    later = pl.when(pl.col("_way") == 1).then("_sell").when(pl.col("_way") == -1).then("_buy")
    return (
        told.with_columns(closed_at=later)
        .with_columns(closed_at=pl.when(pl.col("closed_at") < pl.col("expires_at")).then("closed_at"))
        .with_columns(ends_at=pl.min_horizontal("closed_at", "expires_at"))
        .sort("_at")
        .select(*signals.columns, "closed_at", "ends_at")
    )


def empty_ledger(configuration: PatternConfiguration) -> Floats:
    """Room for all signals of a symbol that can live at once: one a bar and timeframe."""
    return np.zeros((PLACES * (configuration.confluence.longest_life + 1) + 1, LEDGER))


def ledger_of(signals: pl.DataFrame, configuration: PatternConfiguration) -> Floats:
    """The ledger after these signals (STANDING_SCHEMA) of one symbol, as the kernel keeps it.

    They go back a life before the moment that comes next (`confluence.frame_start`), or further.
    """
    found = empty_ledger(configuration)
    places = {name: place for place, name in enumerate(PATTERN_TIMEFRAMES)}
    of = pl.col("timeframe").replace_strict(places, return_dtype=pl.Int64)
    given = with_ends(signals).drop_nulls("ends_at").with_columns(_place=of)
    # as `decide_group` gives them: of one moment the highest timeframe first
    ordered = given.sort("known_at", "_place", descending=[False, True])
    if not ordered.height:
        return found
    newest = ordered["known_at"][-1]
    rows = ordered.filter(pl.col("ends_at") > newest).tail(len(found) - 1)
    found[0, 0] = rows.height
    found[1 : rows.height + 1] = rows.select(
        pl.col("_place").cast(pl.Float64),
        pl.when(pl.col("signal").str.ends_with("buy")).then(1.0).otherwise(-1.0),
        pl.col("ends_at").dt.epoch("us").cast(pl.Float64),
        pl.col("risk").fill_null(0.0),
        pl.col("notional").fill_null(0.0),
    ).to_numpy()
    return found


@compiled
def let_go(ledger: Floats, now: float) -> None:
    """Let go of the signals that do not live after a moment."""
    kept = 0
    for i in range(1, int(ledger[0, 0]) + 1):
        if ledger[i, ENDS] > now:
            kept += 1
            ledger[kept] = ledger[i]
    ledger[0, 0] = kept


@compiled
def opposite_above(ledger: Floats, place: int, sign: int) -> int:
    """The highest timeframe above `place` with a signal that goes the other way, or -1."""
    found = -1
    for i in range(1, int(ledger[0, 0]) + 1):
        if ledger[i, OF_SIGN] == -sign and ledger[i, OF_PLACE] > max(place, found):
            found = int(ledger[i, OF_PLACE])
    return found


@compiled
def at_stake(ledger: Floats) -> tuple[float, float]:
    """What all its signals have at risk, and what they are worth."""
    risk, worth = 0.0, 0.0
    for i in range(1, int(ledger[0, 0]) + 1):
        risk += ledger[i, AT_RISK]
        worth += ledger[i, WORTH]
    return risk, worth


@compiled
def enter(ledger: Floats, place: int, sign: int, now: float, ends: float) -> int:
    """Put a signal of a moment in, which closes those of its timeframe that go the other way; its row."""
    for i in range(1, int(ledger[0, 0]) + 1):
        if ledger[i, OF_PLACE] == place and ledger[i, OF_SIGN] == -sign:
            ledger[i, ENDS] = now
    let_go(ledger, now)
    row = int(ledger[0, 0]) + 1
    if row == len(ledger):  # more than one a bar cannot be; then the oldest makes room
        ledger[1:-1] = ledger[2:].copy()
        row -= 1
    ledger[0, 0] = row
    ledger[row] = np.array([float(place), float(sign), ends, 0.0, 0.0])
    return row
