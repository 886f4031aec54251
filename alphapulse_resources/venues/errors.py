"""The one table from what a venue, ccxt or requests did to what it means and what to do about it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import ccxt
import requests

from alphapulse_resources.venues.model import ErrorKind, VenueError

LONGEST_BAN: Final = 3 * 86400.0  # Binance documents bans of 2 minutes to 3 days


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: it holds when each thing it names is so; what it does not name may be anything."""

    kind: ErrorKind
    retryable: bool
    advice: str
    exceptions: tuple[type[BaseException], ...] = ()
    statuses: frozenset[int] = frozenset()
    codes: frozenset[str] = frozenset()  # the venue's own code in the body
    venues: frozenset[str] = frozenset()
    text: str = ""  # part of the message or body, lower case
    pause: float | None = None  # seconds to wait where the venue names none

    def holds(self, trouble: "Failure") -> bool:
        """Whether this row is about `trouble`."""
        return (
            (not self.exceptions or isinstance(trouble.exception, self.exceptions))
            and (not self.statuses or trouble.status in self.statuses)
            and (not self.codes or trouble.code in self.codes)
            and (not self.venues or trouble.venue in self.venues)
            and (not self.text or self.text in trouble.text)
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """What was seen of a failed request."""

    venue: str
    exception: BaseException
    status: int | None = None
    body: str = ""

    @property
    def code(self) -> str | None:
        """The venue's own error code: Binance `code`, Bybit `retCode`, Coinbase `error`."""
        try:
            body = json.loads(self.body)
        except ValueError:
            return None
        if not isinstance(body, dict):
            return None
        found = next((body[key] for key in ("code", "retCode", "error") if key in body), None)
        return None if found is None else str(found)

    @property
    def text(self) -> str:
        """Message and body, lower case."""
        return f"{self.exception} {self.body}".lower()


_WAIT = "Wait for the time the venue named; fewer processes or symbols at once keep below its limit."
_BLOCKED = "The venue refuses this address (region or firewall): use another source or another network."
_DOWN = "The venue or the way to it is down: look at its status page, run the window again later."
_SLOW = "The venue was too slow: run the window again, or raise ALPHAPULSE_VENUES__HTTP_TIMEOUT_SECONDS."
_SYMBOL = "The venue does not know this symbol: refresh the instruments, it may be delisted or renamed."
_OURS = "The venue refused the request itself: this is a defect here or a change of its interface; report it."
_BODY = "The venue answered with something else than data: run the window again; if it stays, report it."

_BYBIT: Final = frozenset({"bybit"})
_COINBASE: Final = frozenset({"coinbase"})
_SERVER_ERRORS: Final = frozenset(range(500, 600))

RULES: Final[tuple[Rule, ...]] = (
    # rate limits first: their exceptions and bodies differ by venue, the statuses do not
    Rule(ErrorKind.BANNED, True, _WAIT, statuses=frozenset({418}), pause=120),
    Rule(ErrorKind.BANNED, True, _WAIT, statuses=frozenset({429}), venues=_COINBASE, pause=1),
    Rule(ErrorKind.BANNED, True, _WAIT, statuses=frozenset({429}), pause=60),
    # Bybit: 10006 and 10018 over the limit, 403 "access too frequent" and 10009 banned for ten minutes
    Rule(ErrorKind.BANNED, True, _WAIT, codes=frozenset({"403", "10009"}), venues=_BYBIT, pause=600),
    Rule(
        ErrorKind.BANNED,
        True,
        _WAIT,
        statuses=frozenset({403}),
        venues=_BYBIT,
        text="too frequent",
        pause=600,
    ),
    Rule(ErrorKind.BANNED, True, _WAIT, exceptions=(ccxt.RateLimitExceeded,), venues=_BYBIT, pause=5),
    # DDoSProtection is no RateLimitExceeded
    Rule(ErrorKind.BANNED, True, _WAIT, exceptions=(ccxt.RateLimitExceeded, ccxt.DDoSProtection), pause=60),
    # 451 and 403 come as ExchangeNotAvailable, which looks retryable
    Rule(ErrorKind.GEO_BLOCKED, False, _BLOCKED, statuses=frozenset({451, 403})),
    Rule(ErrorKind.GEO_BLOCKED, False, _BLOCKED, exceptions=(ccxt.RestrictedLocation,)),
    Rule(ErrorKind.GEO_BLOCKED, False, _BLOCKED, codes=frozenset({"10024"}), venues=_BYBIT),
    Rule(ErrorKind.TIMEOUT, True, _SLOW, exceptions=(ccxt.RequestTimeout, requests.Timeout)),
    Rule(ErrorKind.TIMEOUT, True, _SLOW, statuses=frozenset({408, 504})),
    Rule(ErrorKind.TIMEOUT, True, _SLOW, codes=frozenset({"10000"}), venues=_BYBIT),
    # 503 {"code": -1} comes as plain ExchangeError, which looks permanent
    Rule(ErrorKind.VENUE_DOWN, True, _DOWN, statuses=_SERVER_ERRORS),
    Rule(ErrorKind.VENUE_DOWN, True, _DOWN, codes=frozenset({"10016"}), venues=_BYBIT),
    Rule(ErrorKind.BAD_SYMBOL, False, _SYMBOL, exceptions=(ccxt.BadSymbol,)),
    Rule(
        ErrorKind.BAD_SYMBOL,
        False,
        _SYMBOL,
        codes=frozenset({"10001"}),
        venues=_BYBIT,
        text="symbol",
    ),
    Rule(ErrorKind.BAD_SYMBOL, False, _SYMBOL, statuses=frozenset({404}), venues=_COINBASE),
    Rule(
        ErrorKind.BAD_SYMBOL,
        False,
        _SYMBOL,
        statuses=frozenset({400}),
        venues=_COINBASE,
        text="product",
    ),
    Rule(ErrorKind.BAD_REQUEST, False, _OURS, statuses=frozenset(range(400, 500))),
    Rule(
        ErrorKind.BAD_REQUEST,
        False,
        _OURS,
        exceptions=(ccxt.BadRequest, ccxt.ArgumentsRequired, ccxt.NotSupported, ccxt.AuthenticationError),
    ),
    Rule(ErrorKind.BAD_BODY, True, _BODY, exceptions=(ccxt.BadResponse, requests.exceptions.JSONDecodeError)),
    # status 200 from here on, or none at all: reset, refused, broken off, TLS
    Rule(ErrorKind.BAD_BODY, True, _BODY, exceptions=(ccxt.ExchangeError,), statuses=frozenset({200})),
    Rule(
        ErrorKind.VENUE_DOWN,
        True,
        _DOWN,
        exceptions=(ccxt.OperationFailed, ccxt.ExchangeError, requests.RequestException, OSError),
    ),
)
"""First match wins. What no row is about is a `BAD_BODY` that is not retried."""

_UNKNOWN: Final = Rule(ErrorKind.BAD_BODY, False, _BODY)

KIND_RULES: Final[Mapping[ErrorKind, Rule]] = {
    ErrorKind.BAD_BODY: Rule(ErrorKind.BAD_BODY, True, _BODY),
    ErrorKind.BANNED: Rule(ErrorKind.BANNED, False, _WAIT),
    ErrorKind.BAD_SYMBOL: Rule(ErrorKind.BAD_SYMBOL, False, _SYMBOL),
    ErrorKind.CHECKSUM: Rule(
        ErrorKind.CHECKSUM, False, "The archive is not what its checksum says: another source is used."
    ),
    ErrorKind.NOT_PUBLISHED: Rule(
        ErrorKind.NOT_PUBLISHED, False, "The archive has no such file (yet): another source is used."
    ),
}
"""For errors that our own reading of an answer found (a `VenueError` raised while reading it)."""


def find_rule(trouble: Failure) -> Rule:
    """The row about `trouble`."""
    if isinstance(trouble.exception, VenueError):
        return KIND_RULES.get(trouble.exception.kind, _UNKNOWN)
    return next((rule for rule in RULES if rule.holds(trouble)), _UNKNOWN)


def read_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the venue asks to wait: Retry-After (seconds or a date), or Bybit's reset time; else None."""
    seconds: float | None = None
    if value := headers.get("Retry-After", "").strip():
        try:
            seconds = float(value)
        except ValueError:
            seconds = _seconds_to(value, now)
    elif reset := headers.get("X-Bapi-Limit-Reset-Timestamp", "").strip():
        seconds = int(reset) / 1000 - now.timestamp() if reset.isdigit() else None
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_BAN)


def _seconds_to(http_date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(http_date)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()


def describe(trouble: Failure) -> str:
    """One short line: status, exception, beginning of the body; no query, so no secret."""
    name = type(trouble.exception).__name__
    if isinstance(trouble.exception, VenueError):
        return str(trouble.exception)
    body = " ".join(trouble.body.split())[:160]
    if body:
        return f"HTTP {trouble.status} {name}: {body}"
    cause = " ".join(str(trouble.exception.__cause__ or trouble.exception).split("?")[0].split())[:160]
    return f"{name}: {cause}" if trouble.status is None else f"HTTP {trouble.status} {name}: {cause}"
