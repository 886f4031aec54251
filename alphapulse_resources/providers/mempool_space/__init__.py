"""mempool.space: Bitcoin's mempool, fees and mining, without a key.

Documented: mempool.space/docs/api/rest (fees/recommended, mempool, blocks/tip/height, mining/hashrate,
difficulty-adjustment) and its FAQ: limits are not published; who exceeds them gets 429, and
at last a ban.
"""

from typing import Final

from alphapulse_resources.providers.provider import Provider, ProviderLimits

MEMPOOL_SPACE: Final = Provider(
    name="mempool_space",
    host="mempool.space",
    limits=ProviderLimits(a_minute=20),  # ours: far below what people report to be refused
)
