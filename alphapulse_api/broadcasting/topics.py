"""What can be followed: channels, what each is asked by, and the topics that come of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product
from typing import Any, Final, NamedTuple

from alphapulse_resources.frames import AGGREGATED

ANY: Final = "*"
TIMEFRAMES: Final = ("1m", *AGGREGATED)
DATASETS: Final = ("market", "futures")
"""Of the channel `metrics`: the whole market's figures by provider, and futures by symbol."""


class RefusedError(ValueError):
    """A subscription that cannot be; `field` names what is wrong with it, the message says what would do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Key(NamedTuple):
    """A topic: `*` where all are meant. `part` is a timeframe, or of `metrics` the data set."""

    channel: str
    venue: str = ANY
    symbol: str = ANY
    part: str = ANY


@dataclass(frozen=True, slots=True)
class Channel:
    """How a channel is asked: fields in the order of its topics' names; those that must be given."""

    name: str
    fields: tuple[str, ...]
    required: tuple[str, ...] = ()


_BY_SYMBOL: Final = ("venue", "symbol")
_BY_BAR: Final = (*_BY_SYMBOL, "timeframe")
CHANNELS: Final = {
    channel.name: channel
    for channel in (
        Channel("candles", _BY_BAR, _BY_BAR),
        Channel("book", _BY_SYMBOL, _BY_SYMBOL),
        Channel("trades", _BY_SYMBOL, _BY_SYMBOL),
        Channel("patterns", _BY_BAR),
        Channel("signals", _BY_BAR),
        Channel("whales", _BY_SYMBOL),
        Channel("alerts", _BY_SYMBOL),
        Channel("metrics", (*_BY_SYMBOL, "dataset"), ("dataset",)),
        Channel("sentiment", _BY_SYMBOL),
        Channel("status", _BY_SYMBOL),
    )
}
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {"timeframe": TIMEFRAMES, "dataset": DATASETS}
KNOWN_FIELDS: Final = frozenset({"op", "id", "channel", *_BY_BAR, "dataset"})


def topic_name(key: Key) -> str:
    """The topic as it goes over the wire: `candles:binance:BTC/USDT:1m`, with `*` where all are meant."""
    return ":".join(key[: 1 + len(CHANNELS[key.channel].fields)])


def key_of(asked: Mapping[str, Any], instruments: Mapping[str, frozenset[str]]) -> Key:
    """The topic that is asked for. `instruments`: symbols by venue. Raises: RefusedError."""
    channel = _channel(asked.get("channel"))
    for field, value in asked.items():
        if field not in KNOWN_FIELDS:
            raise RefusedError(field, f"there is no field {field!r}{_did_you_mean(field, KNOWN_FIELDS)}")
        if field in (*_BY_BAR, "dataset") and field not in channel.fields and value is not None:
            of = ", ".join(channel.fields)
            raise RefusedError(field, f"{channel.name} is not asked by {field}; it is by {of}")
    given = {field: _text(field, asked.get(field), channel) for field in channel.fields}
    venue, symbol = given["venue"], given["symbol"]
    _check_instrument(venue, symbol, instruments)
    part = given.get("timeframe") or given.get("dataset") or ANY
    return Key(channel.name, venue or ANY, symbol or ANY, part)


def keys_about(channel: str, venue: str, symbol: str, part: str = ANY) -> list[Key]:
    """Topics that a row of this belongs to, whoever follows them."""
    parts = (part,) if part == ANY else (part, ANY)
    return [Key(channel, *each) for each in product((venue, ANY), (symbol, ANY), parts)]


def _channel(name: Any) -> Channel:
    if not isinstance(name, str) or name not in CHANNELS:
        known = ", ".join(CHANNELS)
        meant = _did_you_mean(name, CHANNELS) if isinstance(name, str) else ""
        raise RefusedError("channel", f"there is no channel {name!r}{meant}; there are {known}")
    return CHANNELS[name]


def _text(field: str, value: Any, channel: Channel) -> str | None:
    if value is None or value == "":
        if field in channel.required:
            raise RefusedError(field, f"{channel.name} needs a {field}")
        return None
    if not isinstance(value, str):
        raise RefusedError(field, f"{field} is a text, not {value!r}")
    choices = _PARTS.get(field)
    if choices and value not in choices:
        meant = _did_you_mean(value, choices)
        raise RefusedError(field, f"there is no {field} {value!r}{meant}; there are {', '.join(choices)}")
    return value


def _check_instrument(
    venue: str | None, symbol: str | None, instruments: Mapping[str, frozenset[str]]
) -> None:
    if venue is not None and venue not in instruments:
        raise RefusedError(
            "venue",
            f"nothing is tracked at {venue!r}{_did_you_mean(venue, instruments)}; "
            f"there are {', '.join(sorted(instruments)) or 'none yet'}",
        )
    if symbol is None:
        return
    if venue is not None:
        if symbol not in instruments[venue]:
            meant = _did_you_mean(symbol, instruments[venue])
            raise RefusedError("symbol", f"{symbol!r} is not tracked at {venue}{meant}")
    elif not any(symbol in symbols for symbols in instruments.values()):
        meant = _did_you_mean(symbol, frozenset().union(*instruments.values()))
        raise RefusedError("symbol", f"{symbol!r} is not tracked at any venue{meant}")


def _did_you_mean(word: str, known: Any) -> str:
    """Names that look like it, upper or lower case."""
    by_upper = {name.upper(): name for name in known}
    close = get_close_matches(word.upper(), by_upper, n=2, cutoff=0.6)
    return f" (did you mean {' or '.join(by_upper[name] for name in close)}?)" if close else ""
