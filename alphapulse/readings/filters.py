"""Parameters that leave rows out, and those that more than one reading has."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["text", "number", "integer", "boolean", "time", "texts"]
Comparison = Literal["=", ">=", "<=", ">", "<"]

MINUTES: Final = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1_440, "1w": 10_080}
"""Length of each timeframe, which is its `timeframe_id` too."""
TIMEFRAMES: Final = tuple(MINUTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A parameter that leaves rows out: `column <comparison> value`; several values mean any of them.

    inside: the reading's statement takes it as `{name}`, there is no condition on the rows.
    default: what stands where it is not given; None: nothing does.
    """

    name: str
    meaning: str
    kind: Kind = "text"
    column: str | None = None  # the parameter's name where it is None
    comparison: Comparison = "="
    required: bool = False
    choices: tuple[str, ...] = ()
    example: str | None = None
    inside: bool = False
    default: str | None = None

    @property
    def of(self) -> str:
        """The column that it looks at."""
        return self.column or self.name


def any_of(name: str, meaning: str, example: str | None = None, *, column: str | None = None) -> Filter:
    """A filter by text that may be several with commas."""
    return Filter(
        name=name, meaning=f"{meaning}, or several with commas.", kind="texts", column=column, example=example
    )


def one_of(name: str, meaning: str, *choices: str, column: str | None = None) -> Filter:
    """A filter by texts that are known beforehand."""
    return Filter(
        name=name, meaning=meaning, kind="texts", choices=choices, column=column, example=choices[0]
    )


def flag(name: str, meaning: str) -> Filter:
    """A filter by true or false."""
    return Filter(name=name, meaning=meaning, kind="boolean", example="true")


def at_least(column: str, meaning: str, example: str) -> Filter:
    """A filter `min_<column>`: the value itself and more."""
    return Filter(
        name=f"min_{column}",
        meaning=meaning,
        kind="number",
        column=column,
        comparison=">=",
        example=example,
    )


def at_most(column: str, meaning: str, example: str) -> Filter:
    """A filter `max_<column>`: the value itself and less."""
    return Filter(
        name=f"max_{column}",
        meaning=meaning,
        kind="number",
        column=column,
        comparison="<=",
        example=example,
    )


SYMBOL: Final = any_of("symbol", "Unified symbol", "BTC/USDT")
VENUE: Final = any_of("venue", "Venue", "binance")
TIMEFRAME: Final = Filter(
    name="timeframe",
    meaning="Length of the bars, or several with commas.",
    kind="texts",
    choices=TIMEFRAMES,
    example="1h",
)
PROVIDER: Final = any_of("provider", "Who told it", "coingecko")
COIN: Final = any_of("coin", "Base currency, or 'market'", "BTC")
BASE: Final = any_of("base", "Base currency", "BTC")
CURRENCY: Final = any_of("currency", "Currency of the options", "BTC")
ACCOUNT: Final = any_of("account", "Account whose positions they are", "demo")
PATTERN: Final = any_of("pattern", "Name of the pattern", "hammer")
FAMILY: Final = one_of("family", "Kind of pattern.", "candlestick", "chart", "volume")
DIRECTION: Final = any_of("direction", "Where it points to", "bullish")
SIDE: Final = any_of("side", "Side", "bid")
OF_BARS: Final = (SYMBOL, VENUE, TIMEFRAME)
