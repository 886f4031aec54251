"""The one table from what a venue, ccxt or requests did to what it means and what to do about it.

A venue's own rows are in its folder (`RestApi.errors`), and are looked at first.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import ccxt
import requests

from alphapulse_resources.venues.error_rules import (
    BLOCKED,
    BODY,
    DOWN,
    OURS,
    SLOW,
    SYMBOL,
    WAIT,
    Failure,
    Rule,
)
from alphapulse_resources.venues.model import ErrorKind, VenueError

LONGEST_BAN: Final = 3 * 86400.0  # Binance documents bans of 2 minutes to 3 days


_SERVER_ERRORS: Final = frozenset(range(500, 600))

RULES: Final[tuple[Rule, ...]] = (
    # rate limits first: their exceptions and bodies differ by venue, the statuses do not
    Rule(ErrorKind.BANNED, True, WAIT, statuses=frozenset({418}), pause=120),
    Rule(ErrorKind.BANNED, True, WAIT, statuses=frozenset({429}), pause=60),
    # DDoSProtection is no RateLimitExceeded
    Rule(ErrorKind.BANNED, True, WAIT, exceptions=(ccxt.RateLimitExceeded, ccxt.DDoSProtection), pause=60),
    # 451 and 403 come as ExchangeNotAvailable, which looks retryable
    Rule(ErrorKind.GEO_BLOCKED, False, BLOCKED, statuses=frozenset({451, 403})),
    Rule(ErrorKind.GEO_BLOCKED, False, BLOCKED, exceptions=(ccxt.RestrictedLocation,)),
    Rule(ErrorKind.TIMEOUT, True, SLOW, exceptions=(ccxt.RequestTimeout, requests.Timeout)),
    Rule(ErrorKind.TIMEOUT, True, SLOW, statuses=frozenset({408, 504})),
    # 503 {"code": -1} comes as plain ExchangeError, which looks permanent
    Rule(ErrorKind.VENUE_DOWN, True, DOWN, statuses=_SERVER_ERRORS),
    Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL, exceptions=(ccxt.BadSymbol,)),
    Rule(ErrorKind.BAD_REQUEST, False, OURS, statuses=frozenset(range(400, 500))),
    Rule(
        ErrorKind.BAD_REQUEST,
        False,
        OURS,
        exceptions=(ccxt.BadRequest, ccxt.ArgumentsRequired, ccxt.NotSupported, ccxt.AuthenticationError),
    ),
    Rule(ErrorKind.BAD_BODY, True, BODY, exceptions=(ccxt.BadResponse, requests.exceptions.JSONDecodeError)),
    # status 200 from here on, or none at all: reset, refused, broken off, TLS
    Rule(ErrorKind.BAD_BODY, True, BODY, exceptions=(ccxt.ExchangeError,), statuses=frozenset({200})),
    Rule(
        ErrorKind.VENUE_DOWN,
        True,
        DOWN,
        exceptions=(ccxt.OperationFailed, ccxt.ExchangeError, requests.RequestException, OSError),
    ),
)
"""First match wins, after a venue's own. What no row is about is a `BAD_BODY` that is not retried."""

_UNKNOWN: Final = Rule(ErrorKind.BAD_BODY, False, BODY)

KIND_RULES: Final[Mapping[ErrorKind, Rule]] = {
    ErrorKind.BAD_BODY: Rule(ErrorKind.BAD_BODY, True, BODY),
    ErrorKind.BANNED: Rule(ErrorKind.BANNED, False, WAIT),
    ErrorKind.BAD_SYMBOL: Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL),
    ErrorKind.BAD_KEY: Rule(ErrorKind.BAD_KEY, False, "Look at the key and at what its plan allows."),
    ErrorKind.TIMEOUT: Rule(ErrorKind.TIMEOUT, False, SLOW),
    ErrorKind.CHECKSUM: Rule(
        ErrorKind.CHECKSUM, False, "The archive is not what its checksum says: another source is used."
    ),
    ErrorKind.NOT_PUBLISHED: Rule(
        ErrorKind.NOT_PUBLISHED, False, "The archive has no such file (yet): another source is used."
    ),
}
"""For errors that our own reading of an answer found (a `VenueError` raised while reading it)."""


def find_rule(trouble: Failure, own: Sequence[Rule] = ()) -> Rule:
    """The row about `trouble`; `own` are the venue's rows."""
    if isinstance(trouble.exception, VenueError):
        return KIND_RULES.get(trouble.exception.kind, _UNKNOWN)
    return next((rule for rule in (*own, *RULES) if rule.holds(trouble)), _UNKNOWN)


def read_retry_after(
    headers: Mapping[str, str],
    now: datetime,
    otherwise: Callable[[Mapping[str, str], datetime], float | None] | None = None,
) -> float | None:
    """Seconds the venue asks to wait: by Retry-After (seconds or a date), else by `otherwise`; or None."""
    seconds: float | None = None
    if value := headers.get("Retry-After", "").strip():
        try:
            seconds = float(value)
        except ValueError:
            seconds = _seconds_to(value, now)
    elif otherwise is not None:
        seconds = otherwise(headers, now)
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
