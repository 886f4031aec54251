"""Coin Metrics' community data: daily figures of chains, without a key, not for commercial use.

Documented: docs.coinmetrics.io (API conventions; timeseries/asset-metrics; rate limits: 10 requests in any 6
seconds by address; community data under CC BY-NC 4.0). So it is off unless it is switched on. An error is
`{"error": {"type": "forbidden", "message": ...}}`, and was seen with status 200 too.
"""

from typing import Final

from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits
from alphapulse_resources.venues.error_rules import Rule
from alphapulse_resources.venues.model import ErrorKind


class CoinMetricsError(Exception):
    """A body that says itself that it is no answer."""


_FORBIDDEN: Final = "The community's interface does not tell this any more: report it."
_REFUSED: Final = "The provider says that it cannot answer: it is tried again; if it stays so, report it."
COINMETRICS: Final = Provider(
    name="coinmetrics",
    host="community-api.coinmetrics.io",
    limits=ProviderLimits(a_minute=60),  # ours: below 10 in 6 seconds however they come
    errors=(
        Rule(ErrorKind.BAD_REQUEST, False, _FORBIDDEN, text='"type":"forbidden"'),
        Rule(ErrorKind.BAD_REQUEST, False, _FORBIDDEN, text="'type': 'forbidden'"),
        Rule(ErrorKind.VENUE_DOWN, True, _REFUSED, exceptions=(CoinMetricsError,)),
        *COMMON_RULES,
    ),
)
