"""All tracked symbols at once, for pages that show them together: one question, however many there are."""

from typing import Final

from alphapulse.readings.filters import SYMBOL, VENUE, one_of
from alphapulse.readings.reading import Reading

READINGS: Final = (
    Reading(
        name="market_overview",
        path="market/overview",
        relation="market_overview",
        summary="Every tracked symbol in a row: price, 24 hours, funding, sentiment, how far to rely on it.",
        filters=(SYMBOL, VENUE, one_of("kind", "Kind of instrument.", "spot", "perpetual", "future")),
        order=("venue", "symbol"),
        time=None,
        known=None,
        no_as_of="it is of now",
        newest_first=False,
        limit=5_000,
        is_now=True,
        tags=("market",),
    ),
    Reading(
        name="market_sparklines",
        path="market/sparklines",
        relation="market_sparklines",
        summary="Hourly closes of the last day of every tracked symbol; null where an hour has no bar.",
        order=("venue", "symbol"),
        time=None,
        known=None,
        no_as_of="it is of now",
        newest_first=False,
        limit=5_000,
        is_now=True,
        tags=("market",),
    ),
)
