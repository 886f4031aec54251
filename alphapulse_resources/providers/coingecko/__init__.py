"""CoinGecko: the market as a whole, coins by market cap, and the past of a coin. Works without a key.

Read from docs.coingecko.com in November 2026. Without a key requests are limited by address, shared with all
users of that address, and no figure is told any more; earlier editions told 5 to 15 a minute. The Demo plan
has 100 requests a minute and 10,000 a month, which is less than one every four minutes: so what is asked each
minute is asked without the key, and the key is for what the public quota refuses and for the past.
"""

from typing import Final

from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits
from alphapulse_resources.venues.error_rules import Rule
from alphapulse_resources.venues.model import ErrorKind

HOST: Final = "api.coingecko.com"
NAME: Final = "coingecko"
"""The provider's name in every row, whichever quota paid for it."""
_TOO_OLD: Final = "CoinGecko tells the last 365 days only without a paid plan: ask for later days."
_ERRORS: Final = (
    Rule(ErrorKind.NOT_PUBLISHED, False, _TOO_OLD, statuses=frozenset({401}), text="allowed time range"),
    *COMMON_RULES,
    Rule(
        ErrorKind.BAD_SYMBOL,
        False,
        "CoinGecko does not know this coin: its id is in the address of its page.",
        statuses=frozenset({404}),
    ),
)

COINGECKO: Final = Provider(
    name=NAME,
    host=HOST,
    limits=ProviderLimits(a_minute=15),  # the most that earlier editions of its documentation told
    key_header="x-cg-demo-api-key",
    errors=_ERRORS,
)
"""The public quota, asked without a key."""

COINGECKO_DEMO: Final = Provider(
    name="coingecko_demo",
    host=HOST,
    limits=ProviderLimits(a_minute=100, a_day=10_000 / 31),  # docs.coingecko.com/docs/errors-and-rate-limits
    key_header="x-cg-demo-api-key",
    errors=_ERRORS,
)
"""The quota of a Demo key; rows that it paid for are CoinGecko's like all others."""
