"""From positions and what is known beside them to the rows of their risk. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from alphapulse_assets.positions.exposure import (
    base_size,
    exposure,
    funding_per_day,
    gain_in_quote,
    in_dollars,
    portfolio_leverage,
)
from alphapulse_assets.positions.liquidation import LOGIC_VERSION as LIQUIDATION_VERSION
from alphapulse_assets.positions.liquidation import liquidation
from alphapulse_assets.positions.model import Position, Surroundings
from alphapulse_assets.positions.tables import (
    PORTFOLIO_RISK_SCHEMA,
    POSITION_RISK_SCHEMA,
    RISK_PART_SCHEMA,
)
from alphapulse_assets.positions.value_at_risk import (
    LEVELS,
    WINDOW_DAYS,
    Floats,
    Risk,
    least_days,
    returns_of,
    simulate,
)
from alphapulse_assets.positions.value_at_risk import LOGIC_VERSION as RISK_VERSION

ALL: Final = "all"
"""Stands for all accounts together."""
CLOSE_SCHEMA: Final = pl.Schema({"instrument_id": pl.Int32(), "day": pl.Date(), "close": pl.Float64()})
LEAST: Final = least_days(min(LEVELS))
"""An instrument with fewer days of returns is left out, and told of, so that it does not hide the others."""

Row = dict[str, Any]


class History(NamedTuple):
    """Daily returns: days x instruments, oldest first; NaN where a day has none."""

    instruments: tuple[int, ...]
    days: tuple[date, ...]
    returns: Floats

    def common(self, instruments: Sequence[int], window: int = WINDOW_DAYS) -> tuple[Floats, list[date]]:
        """The newest days on which all of these have a return, with the days."""
        columns = [self.instruments.index(each) for each in instruments]
        chosen = self.returns[:, columns]
        whole = np.flatnonzero(~np.isnan(chosen).any(axis=1))[-window:]
        return chosen[whole], [self.days[i] for i in whole]

    def count(self, instrument: int) -> int:
        """Days with a return of an instrument."""
        if instrument not in self.instruments:
            return 0
        return int((~np.isnan(self.returns[:, self.instruments.index(instrument)])).sum())


def history_of(closes: pl.DataFrame) -> History:
    """Returns of CLOSE_SCHEMA rows of closed days; a return needs the day before."""
    if closes.is_empty():
        return History((), (), np.empty((0, 0)))
    first, last = closes["day"].min(), closes["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    grid = pl.DataFrame({"day": pl.date_range(first, last, "1d", eager=True)})
    wide = grid.join(closes.pivot("instrument_id", index="day", values="close"), on="day", how="left").sort(
        "day"
    )
    names = [name for name in wide.columns if name != "day"]
    values = wide.select(pl.col(name).cast(pl.Float64).fill_null(np.nan) for name in names).to_numpy()
    return History(tuple(map(int, names)), tuple(wide["day"].to_list()[1:]), returns_of(values))


def position_rows(positions: Sequence[Position], known: Surroundings, at: datetime) -> pl.DataFrame:
    """POSITION_RISK_SCHEMA of open positions, as known at a moment."""
    rows = [_position_row(each, positions, known, at) for each in positions]
    return pl.DataFrame(rows, schema=POSITION_RISK_SCHEMA)


def _position_row(
    position: Position, positions: Sequence[Position], known: Surroundings, at: datetime
) -> Row:
    mark = known.marks.get(position.instrument_id)
    others = [
        (other, known.marks.get(other.instrument_id), known.tiers.get(other.instrument_id, ()))
        for other in positions
        if other is not position
        and (other.account, other.settle, other.margin_mode) == (position.account, position.settle, "cross")
    ]
    balance = known.balances.get(position.account, {}).get(position.settle or "")
    found = liquidation(
        position, mark, known.tiers.get(position.instrument_id, ()), equity=balance, others=others
    )
    told = position.size_unit == "base" or position.contract_size is not None
    valued: Row = {"base_size": None, "exposure": None, "gain": None}
    if mark is not None and told:
        valued = {
            "base_size": base_size(position, mark.price),
            "exposure": exposure(position, mark.price),
            "gain": gain_in_quote(position, mark.price),
        }
    return {
        "account": position.account,
        "instrument_id": position.instrument_id,
        "side": position.side,
        "opened_at": position.opened_at,
        "ts": at,
        "logic_version": LIQUIDATION_VERSION,
        "known_at": at,
        "mark_price": mark.price if mark else None,
        "mark_ts": mark.ts if mark else None,
        "mark_source": mark.source if mark else None,
        **valued,
        "liquidation_price": found.price,
        "liquidation_distance": found.distance,
        "liquidation_reason": found.reason,
        **_funding(position, known, mark.price if mark and told else None),
    }


def _funding(position: Position, known: Surroundings, price: float | None) -> Row:
    funding = known.funding.get(position.instrument_id)
    reason = None
    if position.settle is None:
        reason = "spot: no funding"
    elif funding is None:
        reason = "no funding rate with its interval is stored that is new enough"
    elif price is None:
        reason = "what it is worth is not known"
    cost = None if reason or funding is None or price is None else funding_per_day(position, price, funding)
    return {
        "funding_rate": funding.rate if funding else None,
        "funding_interval_hours": funding.interval_hours if funding else None,
        "funding_per_day": cost,
        "funding_reason": reason,
    }


class Portfolio(NamedTuple):
    """Rows of a portfolio's risk, and of its parts."""

    risks: pl.DataFrame  # PORTFOLIO_RISK_SCHEMA
    parts: pl.DataFrame  # RISK_PART_SCHEMA


def portfolio_rows(
    positions: Sequence[Position], known: Surroundings, history: History, at: datetime
) -> Portfolio:
    """Of each account, and of all together, at each level."""
    risks: list[Row] = []
    parts: list[Row] = []
    accounts = sorted({each.account for each in positions})
    for account in [*accounts, *([ALL] if accounts else [])]:
        mine = [each for each in positions if account in (ALL, each.account)]
        one_risks, one_parts = _portfolio(account, mine, known, history, at)
        risks += one_risks
        parts += one_parts
    return Portfolio(
        pl.DataFrame(risks, schema=PORTFOLIO_RISK_SCHEMA), pl.DataFrame(parts, schema=RISK_PART_SCHEMA)
    )


def exposures_in_dollars(
    positions: Sequence[Position], known: Surroundings
) -> tuple[list[tuple[Position, float]], dict[str, str]]:
    """What each position is worth in dollars, and which cannot be told, with the reason."""
    found: list[tuple[Position, float]] = []
    left_out: dict[str, str] = {}
    for each in positions:
        mark = known.marks.get(each.instrument_id)
        if not in_dollars(each.quote):
            left_out[each.name] = f"its worth is in {each.quote}, which is not summed with dollars"
        elif mark is None:
            left_out[each.name] = "no price of it is stored that is new enough"
        elif each.size_unit == "contracts" and each.contract_size is None:
            left_out[each.name] = "size is in contracts and the contract size is not known"
        else:
            found.append((each, exposure(each, mark.price)))
    return found, left_out


def equity_in_dollars(account: str, positions: Sequence[Position], known: Surroundings) -> float | None:
    """Balances in dollars and unrealised gains of what settles in them; None where no balance is known."""
    accounts = known.balances if account == ALL else {account: known.balances.get(account, {})}
    balances = [b.amount for held in accounts.values() for name, b in held.items() if in_dollars(name)]
    if not balances:
        return None
    gains = [
        gain_in_quote(each, known.marks[each.instrument_id].price)
        for each in positions
        if account in (ALL, each.account) and each.settle is not None and in_dollars(each.settle)
        and each.instrument_id in known.marks
        and (each.size_unit == "base" or each.contract_size is not None)
    ]  # fmt: skip
    return sum(balances) + sum(gains)


def _portfolio(
    account: str, positions: Sequence[Position], known: Surroundings, history: History, at: datetime
) -> tuple[list[Row], list[Row]]:
    valued, left_out = exposures_in_dollars(positions, known)
    equity = equity_in_dollars(account, positions, known)
    gross = [worth for _, worth in valued]
    exposures: dict[int, float] = {}
    for each, worth in valued:
        exposures[each.instrument_id] = exposures.get(each.instrument_id, 0.0) + worth
        if (count := history.count(each.instrument_id)) < LEAST:
            left_out[each.name] = f"{count} days of returns are stored, and {LEAST} are the least"
    measured = [each for each in exposures if history.count(each) >= LEAST]
    returns, days = history.common(measured) if measured else (np.empty((0, 0)), [])
    shared: Row = {
        "account": account,
        "ts": at,
        "logic_version": RISK_VERSION,
        "known_at": at,
    }
    row = {
        **shared,
        "positions": len(positions),
        "gross": sum(map(abs, gross)),
        "net": sum(gross),
        "equity": equity,
        "leverage": portfolio_leverage(gross, equity),
        "leverage_reason": _why_no_leverage(account, equity),
        "days": len(days),
        "first_day": days[0] if days else None,
        "last_day": days[-1] if days else None,
        "left_out": json.dumps(left_out, sort_keys=True),
    }
    risks, parts = [], []
    for level in LEVELS:
        risk = simulate([exposures[each] for each in measured], returns, level)
        risks.append({**row, "level": level, **_figures(risk, level, len(days))})
        parts += [{**shared, "level": level, **each} for each in _parts(risk, measured, exposures)]
    return risks, parts


def _why_no_leverage(account: str, equity: float | None) -> str | None:
    if equity is None:
        return f"no balance in dollars of account {account} is known: alphapulse positions balance"
    return None if equity > 0 else "the equity is not above 0"


def _figures(risk: Risk | None, level: float, days: int) -> Row:
    if risk is None:
        least = least_days(level)
        reason = f"{level:.0%} needs {least} days on which all positions have a return; there are {days}"
        return dict.fromkeys(("value_at_risk", "expected_shortfall", "alone")) | {"reason": reason}
    return {
        "value_at_risk": risk.value_at_risk,
        "expected_shortfall": risk.expected_shortfall,
        "alone": sum(risk.alone.values()),
        "reason": None,
    }


def _parts(risk: Risk | None, measured: Sequence[int], exposures: Mapping[int, float]) -> list[Row]:
    """What each instrument adds; where there is no value at risk, what is held of it."""
    places = {instrument: i for i, instrument in enumerate(measured)} if risk else {}
    rows: list[Row] = []
    for instrument, worth in exposures.items():
        figures: Row = dict.fromkeys(("alone", "component", "shortfall_component"))
        if risk is not None and (i := places.get(instrument)) is not None:
            figures = {
                "alone": risk.alone[i],
                "component": risk.components[i],
                "shortfall_component": risk.shortfall_components[i],
            }
        rows.append({"instrument_id": instrument, "exposure": worth, **figures})
    return rows
