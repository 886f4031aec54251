"""Positions as a venue tells them, against those that are stored: the states that are new. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from alphapulse_assets.positions.model import Equity, Position, Tier
from alphapulse_assets.positions.tables import BALANCE_SCHEMA, POSITION_SCHEMA, TIER_SCHEMA
from alphapulse_resources.accounts.model import HeldPosition, VenueTier

_SAME: Final = 1e-12
"""How far apart, as a part of them, two figures are that are the same (ours)."""


def new_states(
    account: str,
    told: Sequence[tuple[int, HeldPosition]],
    stored: Sequence[Position],
    now: datetime,
) -> pl.DataFrame:
    """POSITION_SCHEMA of positions that are new, changed, or no longer told (closed).

    `told` are the venue's, with their instruments, `stored` the open ones of the account. When a position was
    opened or closed is not told: it is when it was first, or no longer, seen.
    """
    known: dict[tuple[int, str], Position] = {(each.instrument_id, each.side): each for each in stored}
    rows = []
    for instrument, held in told:
        before = known.pop((instrument, held.side), None)
        if before is None or not _same(held, before):
            opened = now if before is None else before.opened_at
            rows.append(_state(account, instrument, held, opened, now))
    rows += [_closed(each, now) for each in known.values()]
    return pl.DataFrame(rows, schema=POSITION_SCHEMA)


def new_balances(
    account: str, told: Mapping[str, float], stored: Mapping[str, Equity], now: datetime, source: str
) -> pl.DataFrame:
    """BALANCE_SCHEMA of the balances that are not as stored; what is told no longer is 0."""
    wanted = {**dict.fromkeys(stored, 0.0), **told}
    rows = [
        {
            "account": account,
            "currency": currency,
            "ts": now,
            "known_at": now,
            "wallet_balance": amount,
            "source": source,
        }
        for currency, amount in wanted.items()
        if not _near(amount, stored[currency].amount if currency in stored else None)
        and (amount or currency in stored)
    ]
    return pl.DataFrame(rows, schema=BALANCE_SCHEMA)


def new_tiers(
    instrument: int, told: Sequence[VenueTier], stored: Sequence[Tier], now: datetime, source: str
) -> pl.DataFrame:
    """TIER_SCHEMA of an instrument's whole table, where it is not as stored."""
    if [(each.floor, each.rate, each.amount) for each in told] == [tuple(each) for each in stored]:
        return pl.DataFrame(schema=TIER_SCHEMA)
    rows = [
        {
            "instrument_id": instrument,
            "ts": now,
            "notional_floor": each.floor,
            "known_at": now,
            "rate": each.rate,
            "amount": each.amount,
            "max_leverage": each.max_leverage,
            "source": source,
        }
        for each in told
    ]
    return pl.DataFrame(rows, schema=TIER_SCHEMA)


def _same(held: HeldPosition, before: Position) -> bool:
    return (
        held.margin_mode == before.margin_mode
        and before.size_unit == "contracts"
        and _near(held.contracts, before.size)
        and _near(held.entry_price, before.entry_price)
        and _near(held.leverage, before.leverage)
        and _near(held.margin, before.margin)
    )


def _near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _SAME * max(abs(one), abs(other))


def _state(
    account: str, instrument: int, held: HeldPosition, opened: datetime, now: datetime
) -> dict[str, Any]:
    return {
        "account": account,
        "instrument_id": instrument,
        "side": held.side,
        "opened_at": opened,
        "ts": now,
        "known_at": now,
        "size": held.contracts,
        "size_unit": "contracts",
        "contract_size": held.contract_size,
        "entry_price": held.entry_price,
        "leverage": held.leverage,
        "margin_mode": held.margin_mode,
        "margin": held.margin,
        "venue_liquidation_price": held.liquidation_price,
        "closed_at": None,
        "source": account,
    }


def _closed(before: Position, now: datetime) -> dict[str, Any]:
    return {
        "account": before.account,
        "instrument_id": before.instrument_id,
        "side": before.side,
        "opened_at": before.opened_at,
        "ts": now,
        "known_at": now,
        "size": 0.0,
        "size_unit": before.size_unit,
        "contract_size": before.contract_size,
        "entry_price": before.entry_price,
        "leverage": before.leverage,
        "margin_mode": before.margin_mode,
        "margin": before.margin,
        "venue_liquidation_price": None,
        "closed_at": now,
        "source": before.account,
    }
