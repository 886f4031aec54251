"""CoinMarketCap: the market as a whole and coins by market cap, for whoever has a key.

Read from pro.coinmarketcap.com/api/documentation in November 2026: the free plan has 30 requests a minute and
15,000 credits a month, some 480 a day; global metrics cost one, listings one for each 200 coins begun. Codes:
1001 to 1007 are about the key, 1008 about the minute, 1009 about the day, 1010 about the month.
"""

from typing import Final

from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits
from alphapulse_resources.venues.error_rules import WAIT, Rule
from alphapulse_resources.venues.model import ErrorKind

NAME: Final = "coinmarketcap"
_PLAN: Final = "The key or its plan does not allow this: look at it at pro.coinmarketcap.com/account."

COINMARKETCAP: Final = Provider(
    name=NAME,
    host="pro-api.coinmarketcap.com",
    limits=ProviderLimits(a_minute=30, a_day=15_000 / 31),
    key_header="X-CMC_PRO_API_KEY",
    errors=(
        Rule(ErrorKind.BAD_KEY, False, _PLAN, statuses=frozenset({402, 403})),
        Rule(ErrorKind.BANNED, False, WAIT, statuses=frozenset({429}), text="month", pause=6 * 3600),
        Rule(ErrorKind.BANNED, False, WAIT, statuses=frozenset({429}), text="daily", pause=3600),
        *COMMON_RULES,
    ),
)
