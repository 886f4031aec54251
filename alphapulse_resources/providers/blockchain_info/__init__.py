"""Blockchain.com's charts of Bitcoin, without a key.

Documented: blockchain.com/explorer/api/charts_api (charts/$name, parameters timespan, start, format, sampled;
durations such as 5weeks, times in UTC), blockchain.com/explorer/api/q ("limit your queries to a maximum of 1
every 10 seconds").
"""

from typing import Final

from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits
from alphapulse_resources.venues.error_rules import Rule
from alphapulse_resources.venues.model import ErrorKind


class BlockchainInfoError(Exception):
    """A body that says itself that it is no answer."""


_REFUSED: Final = "The provider says that it cannot answer: it is tried again; if it stays so, report it."
BLOCKCHAIN_INFO: Final = Provider(
    name="blockchain_info",
    host="api.blockchain.info",
    limits=ProviderLimits(a_minute=6),
    errors=(
        Rule(ErrorKind.VENUE_DOWN, True, _REFUSED, exceptions=(BlockchainInfoError,)),
        *COMMON_RULES,
    ),
)
