"""What whoever runs the platform has set for whales, and what currencies are worth by the candles at hand."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from alphapulse_assets.order_book.whales.threshold_rules import read_thresholds
from alphapulse_assets.order_book.whales.thresholds import Thresholds
from alphapulse_assets.order_book.whales.usd import MAX_RATE_AGE, Close, UsdRates, from_closes
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.venues import ADAPTERS

RATES_SECONDS: Final = 60.0
"""How often rates are looked up; thresholds are orders of magnitude (ours)."""


def chosen(settings: Settings) -> tuple[Thresholds, UsdRates]:
    """Thresholds and rates of the file that is set; those of the platform without one.

    Raises:
        ValueError: the file cannot be read or says what makes no sense; the message names file and place.
    """
    file = settings.streams.thresholds_file
    if file is None:
        return Thresholds(), UsdRates()
    try:
        return read_thresholds(tomllib.loads(file.read_text(encoding="utf-8")), ADAPTERS)
    except (OSError, ValueError) as error:
        raise ValueError(f"ALPHAPULSE_STREAMS__THRESHOLDS_FILE {file}: {error}") from error


def rates_now(database: Database, rates: UsdRates) -> UsdRates:
    """The rates with what the newest stored closes tell."""
    now = datetime.now(UTC)
    rows = database.rows(statement("streams/usd_rates"), {"at": now, "seconds": MAX_RATE_AGE})
    closes = []
    for row in rows:
        base, _, rest = row["symbol"].partition("/")
        quote = rest.partition(":")[0]
        if base and quote:
            closes.append(Close(row["venue"], base, quote, row["close"], row["closed_at"].timestamp()))
    return replace(rates, closes=from_closes(closes, now.timestamp()))
