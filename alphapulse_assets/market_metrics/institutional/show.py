"""What a materialization shows of these rows: pictures that end with its last day."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.market_metrics.institutional.picture import positions_picture, supply_picture
from alphapulse_resources.database.client import statement

SHOWN: Final = timedelta(days=730)
BASES: Final = ("BTC", "ETH")


def show_positions(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """Net positions by group under the price, of the two years before the last day; of each coin."""
    end = _end(days)
    shown: dict[str, Any] = {}
    for base in BASES:
        given = (base, end - SHOWN, end)
        positions = sources.database.read(statement("institutional/net_positions"), given)
        if positions.height:
            prices = sources.database.read(statement("institutional/daily_prices"), given)
            shown[f"{base} positions"] = dg.MetadataValue.md(positions_picture(positions, prices, base))
    return shown


def show_supply(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """Supply and net issuance of the two years before the last day."""
    end = _end(days)
    supply = sources.database.read(statement("institutional/supply_by_day"), (end - SHOWN, end))
    return {"supply": dg.MetadataValue.md(supply_picture(supply))} if supply.height > 1 else {}


def _end(days: Sequence[date]) -> datetime:
    last = max(days)
    return datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
