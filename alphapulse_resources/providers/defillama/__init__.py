"""DefiLlama's stablecoins: supplies and prices, without a key.

Documented: api-docs.defillama.com (host stablecoins.llama.fi: /stablecoins, /stablecoincharts/all). Free to
use with attribution ("Data: DefiLlama"); answers are put together about once an hour.
"""

from typing import Final

from alphapulse_resources.providers.provider import Provider, ProviderLimits

DEFILLAMA: Final = Provider(
    name="defillama",
    host="stablecoins.llama.fi",
    # ours: the free interface has no published figure and is used fairly; people report some 300 a minute
    limits=ProviderLimits(a_minute=60),
)
