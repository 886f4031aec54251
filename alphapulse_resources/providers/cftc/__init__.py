"""The CFTC's Public Reporting Environment: Commitments of Traders, weekly, public domain, without a key.

Documented: publicreporting.cftc.gov (data sets gpe5-46if, Traders in Financial Futures, futures only, and
yw9f-hn96, futures and options combined), the Socrata API that serves it (dev.socrata.com/docs/queries), the
explanatory notes of the report (cftc.gov/MarketReports/CommitmentsofTraders/ExplanatoryNotes).
"""

from typing import Final

from alphapulse_resources.providers.provider import Provider, ProviderLimits

CFTC: Final = Provider(
    name="cftc",
    host="publicreporting.cftc.gov",
    # ours: requests without an application token share a pool by address and are throttled (429) where that
    # is busy; no figure is published (dev.socrata.com/docs/app-tokens, read 2026-11-30)
    limits=ProviderLimits(a_minute=60),
)
