"""Rows of the tables of liquidations: one function a table. Pure."""

from alphapulse_assets.futures.liquidations.amounts import Amounts
from alphapulse_resources.streams.messages import Liquidation
from alphapulse_resources.streams.tables import Row
from alphapulse_resources.streams.values import moment


def position_side(told: Liquidation) -> str:
    """Which position was closed."""
    return "long" if told.long_closed else "short"


def liquidation_row(instrument_id: int, told: Liquidation, worth: Amounts, run_id: str, at: float) -> Row:
    """LIQUIDATIONS, of what was received `at` (seconds since 1970), which is when it was known here."""
    return (
        instrument_id,
        moment(told.venue_ms / 1e3),
        position_side(told),
        "sell" if told.long_closed else "buy",
        told.price,
        told.size,
        told.occurrence,
        told.average_price,
        told.filled,
        worth.base,
        worth.notional,
        worth.usd,
        worth.missing,
        told.status,
        moment(told.told_ms / 1e3),
        moment(at),
        moment(at),
        run_id,
    )


def listening_row(instrument_id: int, since: float, until: float | None, why: str, run_id: str) -> Row:
    """LIQUIDATION_LISTENING; `until` is None while it goes on."""
    return (instrument_id, moment(since), None if until is None else moment(until), why, run_id)
