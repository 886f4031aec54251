"""What the person who imports says about a file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from alphapulse_resources.candle_files.model import CandleFileError

TimeIs = Literal["open", "close"]

PARTS: Final = (
    "time", "open", "high", "low", "close", "volume", "quote_volume", "trades", "taker_buy_volume", "symbol",
)  # fmt: skip
"""What `--column PART=NAME` can name."""


def told_columns(pairs: Iterable[str]) -> dict[str, str]:
    """Columns by their parts, from what was typed: time=Stamp close=4. Raises CandleFileError."""
    columns: dict[str, str] = {}
    for pair in pairs:
        part, told, name = pair.partition("=")
        part, name = part.strip().lower(), name.strip()
        if not told or not name or part not in PARTS:
            raise CandleFileError(
                f"--column {pair}: write PART=NAME, for example --column time=Stamp; "
                f"parts are {', '.join(PARTS)}"
            )
        if columns.get(part, name) != name:
            raise CandleFileError(f"--column {part}=... is given twice: {columns[part]} and {name}")
        columns[part] = name
    return columns


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who imports says about a file."""

    timeframe: str
    symbol: str | None = None
    timezone: str = "UTC"
    time_is: TimeIs | None = None
    day_first: bool | None = None
    venue: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # part -> column's name in the file
    any_symbol: bool = False  # one instrument, whatever the file calls it
