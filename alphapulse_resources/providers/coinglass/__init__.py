"""Coinglass, version 4 of its interface: flows of spot ETFs. Needs a key, and is off without one.

Documented: docs.coinglass.com/reference (authentication, responses-error-codes, etf-flows-history): the key
goes into `CG-API-KEY`; a body's `code` is "0" or says what is wrong, also where the HTTP status is 200.
"""

from collections.abc import Mapping
from typing import Any, Final

from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits
from alphapulse_resources.venues.error_rules import Rule
from alphapulse_resources.venues.model import ErrorKind

_OURS: Final = "The request is wrong for this provider: report it."
_DOWN: Final = "The provider failed: it is tried again."
_KEY: Final = (
    "The key is missing, wrong, or of a plan without this: set ALPHAPULSE_PROVIDERS__COINGLASS_KEY to "
    "another, or unset it to leave Coinglass out."
)
ERRORS: Final = (
    Rule(ErrorKind.BAD_KEY, False, _KEY, codes=frozenset({"401"})),
    Rule(ErrorKind.BANNED, True, "Too many requests: wait.", codes=frozenset({"429"}), pause=60),
    Rule(ErrorKind.TIMEOUT, True, _DOWN, codes=frozenset({"408"})),
    Rule(ErrorKind.BAD_REQUEST, False, _OURS, codes=frozenset({"400", "404", "405", "422"})),
    Rule(ErrorKind.VENUE_DOWN, True, _DOWN, codes=frozenset({"500"})),
    *COMMON_RULES,
)
"""What codes in a body mean, whatever the status of the answer."""


class CoinglassError(Exception):
    """A body that says itself that it is no answer."""


def _used(headers: Mapping[str, Any]) -> float | None:
    return float(headers["API-KEY-USE-LIMIT"]) if "API-KEY-USE-LIMIT" in headers else None


COINGLASS: Final = Provider(
    name="coinglass",
    host="open-api-v4.coinglass.com",
    limits=ProviderLimits(a_minute=30),  # of its smallest plan (coinglass.com/pricing, read 2026-11-30)
    key_header="CG-API-KEY",
    errors=ERRORS,
    used_weight=_used,
)
