"""TA-Lib's 61 candlestick patterns in one table: what each is, how far it looks back, where it is silent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
import talib
import talib.abstract
import talib.stream
from numpy.typing import NDArray

from alphapulse_assets.patterns.candlestick.kinds import Direction, Entry, Nature
from alphapulse_assets.patterns.candlestick.longer import LONGER
from alphapulse_assets.patterns.candlestick.short import DOUBLE, SINGLE
from alphapulse_assets.patterns.candlestick.silence import NEVER_FIRED, SILENT_ON_24_7

Prices = NDArray[np.float64]
Signals = NDArray[np.int32]

CATALOGUE_SCHEMA: Final = pl.Schema(
    {
        "pattern": pl.String(),
        "function": pl.String(),  # TA-Lib's name
        "candles": pl.Int16(),
        "size": pl.String(),  # single, double, or multi: three and more candles
        "nature": pl.String(),
        "direction": pl.String(),  # bullish, bearish, neutral, or by_sign
        "lookback": pl.Int16(),
        "silent_on_24_7": pl.Boolean(),
        "never_fired": pl.Boolean(),
        "source": pl.String(),
        "description": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class Candlestick:
    """One pattern.

    `candles` are those the pattern consists of. `lookback` is how many bars before its last candle TA-Lib
    looks at, its averages included: with fewer bars it says nothing. `silent_on_24_7`: it cannot fire where
    bars open at the close before; `never_fired`: nor did it on any of the real bars of `candlestick_silence`.
    """

    name: str
    function: str
    candles: int
    nature: Nature
    direction: Direction
    lookback: int
    silent_on_24_7: bool
    never_fired: bool
    source: str
    description: str

    @property
    def size(self) -> str:
        """single, double, or multi (three candles and more)."""
        return ("single", "double", "multi")[min(self.candles, 3) - 1]

    @property
    def batch(self) -> Callable[[Prices, Prices, Prices, Prices], Signals]:
        """TA-Lib's function of whole arrays: open, high, low, close."""
        found: Callable[[Prices, Prices, Prices, Prices], Signals] = getattr(talib, self.function)
        return found

    @property
    def handle(self) -> Callable[[Prices, Prices, Prices, Prices], Any]:
        """TA-Lib's stateful handle, to be opened with `lookback` + 1 bars or more."""
        found: Callable[[Prices, Prices, Prices, Prices], Any] = getattr(talib.stream, self.function)
        return found

    def favours(self, strength: int) -> Direction:
        """Whom it favours at this strength of TA-Lib's (not 0)."""
        if self.direction is not Direction.BY_SIGN:
            return self.direction
        return Direction.BULLISH if strength > 0 else Direction.BEARISH


def _candlestick(name: str, entry: Entry) -> Candlestick:
    return Candlestick(
        name=name,
        function=entry.function,
        candles=entry.candles,
        nature=entry.nature,
        direction=entry.direction,
        lookback=int(getattr(talib.abstract, entry.function).lookback),
        silent_on_24_7=name in SILENT_ON_24_7,
        never_fired=name in NEVER_FIRED,
        source=entry.source,
        description=entry.description,
    )


CATALOGUE: Final[dict[str, Candlestick]] = {
    name: _candlestick(name, entry) for name, entry in sorted({**SINGLE, **DOUBLE, **LONGER}.items())
}
"""All of them by name, in order of name."""

LOOKBACK: Final = max(pattern.lookback for pattern in CATALOGUE.values())
"""Bars before its own that a row can depend on, at most: 14."""


def catalogue_frame() -> pl.DataFrame:
    """The table as a frame: CATALOGUE_SCHEMA."""
    rows = [
        {name: getattr(entry, "name" if name == "pattern" else name) for name in CATALOGUE_SCHEMA}
        for entry in CATALOGUE.values()
    ]
    return pl.DataFrame(rows, schema=CATALOGUE_SCHEMA)
