"""Reddit: the newest posts of subreddits, by praw. Needs an app of yours (its id and secret).

Documented: support.reddithelp.com "Reddit Data API Wiki" (100 queries a minute for each OAuth client, as a
mean of ten minutes; `x-ratelimit-used`, `-remaining`, `-reset` with each answer; who deletes a post deletes
it everywhere) and www.reddit.com/dev/api (listings of at most 100, `/api/info`). Apps are granted on request.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits
from alphapulse_resources.venues.error_rules import BODY, WAIT, Rule
from alphapulse_resources.venues.model import ErrorKind

NAME: Final = "reddit"
TOKENS: Final = "www.reddit.com"
"""Where tokens are had; everything else is asked of the provider's host."""
WINDOW_MINUTES: Final = 10
"""Over which Reddit counts (documented)."""

_KEY: Final = (
    "Reddit does not accept the app: set ALPHAPULSE_PROVIDERS__REDDIT_CLIENT_ID and "
    "ALPHAPULSE_PROVIDERS__REDDIT_CLIENT_SECRET as reddit.com/prefs/apps shows them, or unset both."
)
_CLOSED: Final = (
    "This subreddit cannot be read (private, banned, in quarantine, or there is none of this name): take it "
    "out of ALPHAPULSE_NEWS__SUBREDDITS."
)
ERRORS: Final = (
    Rule(ErrorKind.BAD_KEY, False, _KEY, statuses=frozenset({401})),
    Rule(ErrorKind.BAD_KEY, False, _KEY, exception_names=frozenset({"OAuthException"})),
    Rule(ErrorKind.BAD_SYMBOL, False, _CLOSED, statuses=frozenset({403}), text='"reason"'),
    Rule(ErrorKind.BAD_SYMBOL, False, _CLOSED, statuses=frozenset({404})),
    Rule(ErrorKind.BAD_SYMBOL, False, _CLOSED, exception_names=frozenset({"Redirect"})),
    Rule(ErrorKind.BANNED, False, WAIT, statuses=frozenset({429}), pause=60),
    Rule(ErrorKind.BAD_BODY, True, BODY, exception_names=frozenset({"BadJSON", "UnreadableAnswerError"})),
    *COMMON_RULES,
)


def _used(headers: Mapping[str, Any]) -> float | None:
    """Requests a minute, as a mean of the window that Reddit counts in."""
    return float(headers["x-ratelimit-used"]) / WINDOW_MINUTES if "x-ratelimit-used" in headers else None


def _reset(headers: Mapping[str, Any], _now: datetime) -> float | None:
    return float(headers["x-ratelimit-reset"]) if "x-ratelimit-reset" in headers else None


REDDIT: Final = Provider(
    name=NAME,
    host="oauth.reddit.com",
    limits=ProviderLimits(a_minute=100),
    errors=ERRORS,
    used_weight=_used,
    reset_seconds=_reset,
)
