"""One text that names one signal or one pattern, the same for ever: made of what names its row. Pure.

A signal is `venue/symbol/timeframe/ts`, a chart pattern `venue/symbol/timeframe/pattern_id`, any other
pattern `venue/symbol/timeframe/ts/pattern`. In the symbol a dash stands for the slash, so that the text is a
path too; `ts` is the open time of the bar in UTC. The views `signals`, `patterns` and `chart_patterns` show
it as `id` (the function `bar_id` makes it).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from alphapulse.readings.filters import MINUTES
from alphapulse.readings.reading import RefusedError

_TIME: Final = "%Y-%m-%dT%H:%MZ"
_MINUTE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ")
_NUMBER: Final = re.compile(r"-?\d{1,18}")
SIGNAL: Final = "binance/BTC-USDT/1h/2026-11-30T12:00Z"
PATTERN: Final = "binance/BTC-USDT/1h/2026-11-30T12:00Z/hammer"
CHART_PATTERN: Final = "binance/BTC-USDT/1h/4546795633979362"


@dataclass(frozen=True, slots=True)
class Identity:
    """What an id names. `symbol` has its slash; `ts` or `pattern_id` is there, `pattern` beside `ts` only."""

    venue: str
    symbol: str
    timeframe: str
    ts: datetime | None = None
    pattern: str | None = None
    pattern_id: int | None = None

    def __str__(self) -> str:
        where = f"{self.venue}/{self.symbol.replace('/', '-', 1)}/{self.timeframe}"
        if self.ts is None:
            return f"{where}/{self.pattern_id}"
        told = f"{where}/{self.ts.astimezone(UTC).strftime(_TIME)}"
        return told if self.pattern is None else f"{told}/{self.pattern}"


def identity(what: str, text: str) -> Identity:
    """What an id names: `what` is signal or pattern. Raises: RefusedError, naming `id`.

    >>> identity("signal", "binance/BTC-USDT:USDT/1h/2026-11-30T12:00Z").symbol
    'BTC/USDT:USDT'
    >>> str(identity("pattern", "binance/BTC-USDT/1h/4546795633979362"))
    'binance/BTC-USDT/1h/4546795633979362'
    """
    parts = text.strip().strip("/").split("/")
    if len(parts) in (5, 6) and parts[2] not in MINUTES and parts[3] in MINUTES:
        parts[1:3] = ["/".join(parts[1:3])]  # the symbol with its own slash
    fits = len(parts) >= 4 and parts[2] in MINUTES and all(parts)
    place = (parts[0], parts[1] if "/" in parts[1] else parts[1].replace("-", "/", 1)) if fits else ("", "")
    if what == "signal" and fits and len(parts) == 4 and _MINUTE.fullmatch(parts[3]):
        return Identity(*place, parts[2], _moment(what, parts[3]))
    if what == "pattern" and fits and len(parts) == 4 and _NUMBER.fullmatch(parts[3]):
        return Identity(*place, parts[2], pattern_id=int(parts[3]))
    if what == "pattern" and fits and len(parts) == 5 and _MINUTE.fullmatch(parts[3]):
        return Identity(*place, parts[2], _moment(what, parts[3]), parts[4])
    raise RefusedError("id", _no_id(what, text))


def _moment(what: str, text: str) -> datetime:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise RefusedError("id", _no_id(what, text)) from None


def _no_id(what: str, text: str) -> str:
    examples = SIGNAL if what == "signal" else f"{PATTERN}, or {CHART_PATTERN} of a chart pattern"
    view = "signals" if what == "signal" else "patterns and chart_patterns"
    return f"{text[:80]!r} is no id of a {what}, such as {examples}: the column id of {view} has them"
