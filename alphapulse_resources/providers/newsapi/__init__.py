"""NewsAPI: articles of some 150,000 outlets, for whoever has a key.

Documented (newsapi.org/docs, errors, pricing; November 2026): the key goes into X-Api-Key. The free Developer
plan has 100 requests a day (50 each 12 hours), articles of the last month that are 24 hours old or older, and
the first 100 articles of a question. 401: the key; 426: what the plan does not include; 429: too many.
"""

from typing import Final

from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits
from alphapulse_resources.venues.error_rules import WAIT, Rule
from alphapulse_resources.venues.model import ErrorKind

NAME: Final = "newsapi"
_PLAN: Final = "The plan of the key does not include this: look at newsapi.org/account."
_KEY: Final = "Look at the key at newsapi.org/account: it is wrong, disabled or used up."

NEWSAPI: Final = Provider(
    name=NAME,
    host="newsapi.org",
    limits=ProviderLimits(a_minute=30, a_day=100),  # a minute: ours, no figure is published
    key_header="X-Api-Key",
    errors=(
        Rule(ErrorKind.BAD_KEY, False, _PLAN, statuses=frozenset({402, 426})),
        Rule(ErrorKind.BAD_KEY, False, _KEY, statuses=frozenset({401}), text="apikey"),
        Rule(ErrorKind.BANNED, False, WAIT, statuses=frozenset({429}), pause=3600),
        *COMMON_RULES,
    ),
)
