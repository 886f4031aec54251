"""What was held and known at a moment, out of the database; and the rows of its risk into it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import polars as pl

from alphapulse_assets.positions.model import Equity, Funding, Mark, Position, Surroundings, Tier
from alphapulse_assets.positions.portfolio import (
    CLOSE_SCHEMA,
    History,
    Portfolio,
    history_of,
    portfolio_rows,
    position_rows,
)
from alphapulse_assets.positions.tables import PORTFOLIO_RISKS, POSITION_RISKS, RISK_PARTS
from alphapulse_assets.positions.value_at_risk import WINDOW_DAYS
from alphapulse_resources.database.client import Database, statement

MISSING_DAYS: Final = 110
"""Days beyond the window that are read, so that days without a candle do not shorten it (ours)."""
_DAY: Final = timedelta(days=1)
_OF_POSITION: Final = (
    *("account", "instrument_id", "venue", "symbol", "base", "quote", "settle", "side", "size", "size_unit"),
    *("contract_size", "entry_price", "leverage", "margin_mode", "margin", "maintenance_rate"),
    *("maintenance_amount", "opened_at", "known_at"),
)


class RiskRows(NamedTuple):
    """The risk of all that is held at a moment."""

    positions: pl.DataFrame  # POSITION_RISK_SCHEMA
    portfolio: Portfolio


def held_at(database: Database, at: datetime, accounts: Sequence[str] | None = None) -> list[Position]:
    """Positions that were open at a moment, as known then; of some accounts, or of all."""
    rows = database.rows(
        statement("positions/held"), {"at": at, "accounts": None if accounts is None else list(accounts)}
    )
    return [Position(**{name: row[name] for name in _OF_POSITION}) for row in rows]


def known_at(database: Database, instruments: Iterable[int], at: datetime) -> Surroundings:
    """Prices, tiers, funding and balances as known at a moment."""
    given: dict[str, Any] = {"instruments": sorted(set(instruments)), "at": at}
    known = Surroundings()
    for row in database.rows(statement("positions/prices"), given):
        known.marks[row["instrument_id"]] = Mark(row["price"], row["ts"], row["source"])
    tiers: dict[int, list[Tier]] = {}
    for row in database.rows(statement("positions/tiers"), given):
        tiers.setdefault(row["instrument_id"], []).append(
            Tier(row["notional_floor"], row["rate"], row["amount"])
        )
    known.tiers.update(tiers)
    for row in database.rows(statement("positions/funding"), given):
        known.funding[row["instrument_id"]] = Funding(row["rate"], row["interval_hours"], row["ts"])
    for row in database.rows(statement("positions/balances"), {"at": at}):
        balance = Equity(row["wallet_balance"], row["currency"], row["known_at"])
        known.balances.setdefault(row["account"], {})[row["currency"]] = balance
    return known


def history_at(database: Database, instruments: Iterable[int], at: datetime) -> History:
    """Daily returns of the days that were over at a moment."""
    ids = sorted(set(instruments))
    if not ids:
        return history_of(pl.DataFrame(schema=CLOSE_SCHEMA))
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    start = today - (WINDOW_DAYS + 1 + MISSING_DAYS) * _DAY
    closes = database.read(statement("positions/closes"), (ids, start, today))
    return history_of(closes.cast(CLOSE_SCHEMA))


def risk_at(database: Database, at: datetime, accounts: Sequence[str] | None = None) -> RiskRows:
    """The risk of what was held at a moment, by what was known then."""
    positions = held_at(database, at, accounts)
    ids = {each.instrument_id for each in positions}
    known = known_at(database, ids, at)
    portfolio = portfolio_rows(positions, known, history_at(database, ids, at), at)
    return RiskRows(position_rows(positions, known, at), portfolio)


def store_risk(database: Database, rows: RiskRows) -> int:
    """Write the risk of a moment; returns how many rows are new or changed."""
    written = 0
    with database.transaction() as connection:
        for table, frame in (
            (POSITION_RISKS, rows.positions),
            (PORTFOLIO_RISKS, rows.portfolio.risks),
            (RISK_PARTS, rows.portfolio.parts),
        ):
            if frame.height:
                done = database.upsert(connection, table, frame)
                written += done.inserted + done.changed
    return written
