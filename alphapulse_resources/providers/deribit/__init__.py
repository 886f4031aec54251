"""Deribit's public market data about options: no key. https://docs.deribit.com"""

from typing import Final

from alphapulse_resources.providers.deribit.errors import ERRORS
from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits

INSTRUMENTS_WEIGHT: Final = 7.0
"""What a list of instruments costs of the quota: one a second may be asked for (documented)."""

DERIBIT: Final = Provider(
    name="deribit",
    host="www.deribit.com",
    # documented (docs.deribit.com/articles/rate-limits, read 2026-11-30): 500 credits a request and 10,000
    # refilled each second make 20 requests a second; without a key the limit is an address's and has no
    # figure, so half of that is taken for it
    limits=ProviderLimits(a_minute=600),
    errors=(*ERRORS, *COMMON_RULES),
)
