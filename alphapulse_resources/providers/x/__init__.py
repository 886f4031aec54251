"""X: posts that a search finds, by tweepy. Needs a bearer token, and money for each post that is read.

Documented: docs.x.com/x-api/getting-started/pricing (paid by use, USD 0.005 for each post that an answer
holds), docs.x.com/x-api/posts/recent-search (seven days back, 10 to 100 posts an answer, `since_id`),
docs.x.com/x-api/fundamentals/rate-limits (450 searches in 15 minutes for an app; `x-rate-limit-reset` is when
the next window begins) and docs.x.com/developer-terms/policy (posts that are deleted or no longer public are
to be deleted).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits
from alphapulse_resources.venues.error_rules import BODY, SLOW, WAIT, Rule
from alphapulse_resources.venues.model import ErrorKind

NAME: Final = "x"
_KEY: Final = (
    "X does not accept the bearer token: set ALPHAPULSE_PROVIDERS__X_BEARER_TOKEN to that of an app of yours "
    "(console.x.com), or unset it."
)
_NOT_ALLOWED: Final = (
    "X knows the app and does not let it ask this: it is suspended, in no project, or without this right; "
    "look at it at console.x.com, or unset ALPHAPULSE_PROVIDERS__X_BEARER_TOKEN."
)
_NO_MONEY: Final = (
    "The account at X has no credits left: buy some at console.x.com, or unset "
    "ALPHAPULSE_PROVIDERS__X_BEARER_TOKEN. Asking costs nothing until then."
)
_CAP: Final = "The posts of the billing period are used up: it goes on with the next, or raise the cap at X."
_QUERY: Final = (
    "X does not accept the search: look at ALPHAPULSE_NEWS__X_QUERY (docs.x.com/x-api/posts/search)."
)
ERRORS: Final = (
    Rule(ErrorKind.BAD_KEY, False, _KEY, statuses=frozenset({401})),
    Rule(ErrorKind.NO_CREDIT, False, _NO_MONEY, statuses=frozenset({402})),
    Rule(ErrorKind.BAD_KEY, False, _NOT_ALLOWED, statuses=frozenset({403})),
    Rule(ErrorKind.BANNED, False, _CAP, statuses=frozenset({429}), text="usage cap", pause=6 * 3600),
    Rule(ErrorKind.BANNED, False, _CAP, statuses=frozenset({429}), text="usage-capped", pause=6 * 3600),
    Rule(ErrorKind.BANNED, False, WAIT, statuses=frozenset({429}), pause=900),
    Rule(ErrorKind.BAD_REQUEST, False, _QUERY, statuses=frozenset({400})),
    # what was answered was paid for, whether or not it can be read: not at once again
    Rule(
        ErrorKind.BAD_BODY,
        False,
        BODY,
        exception_names=frozenset({"JSONDecodeError", "UnreadableAnswerError"}),
    ),
    Rule(ErrorKind.TIMEOUT, False, SLOW, exception_names=frozenset({"Timeout"})),
    *COMMON_RULES,
)


def _reset(headers: Mapping[str, Any], now: datetime) -> float | None:
    if "x-rate-limit-reset" not in headers:
        return None
    return float(headers["x-rate-limit-reset"]) - now.timestamp()


X: Final = Provider(
    name=NAME,
    host="api.twitter.com",
    limits=ProviderLimits(a_minute=30),  # 450 in 15 minutes
    errors=ERRORS,
    reset_seconds=_reset,
)
"""Asked by the old name, which is the one that tweepy 4.17 has in it."""
