"""Hold tracked symbols against what a venue lists: confirm, note a delisting, say what is unknown."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.venues.model import Market


def resolve_venue(
    database: Database, venue: str, markets: Sequence[Market], *, now: datetime
) -> list[dict[str, str]]:
    """Update the instruments of a venue that were ever tracked; returns a line about each.

    A symbol that the venue no longer lists is delisted as of when that was first seen; its history stays.
    """
    listed = {market.symbol: market for market in markets}
    lines = []
    with database.transaction() as connection:
        for row in database.rows(statement("instruments/known"), {"venue": venue}):
            market = listed.get(row["symbol"])
            key = {"instrument_id": row["instrument_id"], "now": now}
            if market is None:
                connection.execute(statement("instruments/missing"), key)
            else:
                connection.execute(statement("instruments/resolve"), {**asdict(market), **key})
            lines.append(_line(venue, row, market))
    return lines


def _line(venue: str, row: dict[str, Any], market: Market | None) -> dict[str, str]:
    state = "not listed" if market is None else "trading" if market.active else "halted or delisted"
    return {
        "venue": venue,
        "symbol": row["symbol"],
        "venue_symbol": market.venue_symbol if market else "",
        "kind": market.kind if market else "",
        "state": state,
    }
