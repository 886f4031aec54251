"""Days of the past: the risk of what was held then, and the sizes that limits left of signals, made again."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from alphapulse_assets.datasets.collecting import FillContext, FillResult, Rows
from alphapulse_assets.positions.known import RiskRows, risk_at
from alphapulse_assets.positions.signal_sizes import due_signals, sized
from alphapulse_assets.positions.tables import PORTFOLIO_RISKS, POSITION_RISKS, RISK_PARTS, SIGNAL_LIMITS
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.upsert import Written

LAST_MINUTE: Final = timedelta(hours=23, minutes=59)
"""When in a day that is over its risk is told of."""


def fill_position_risk(context: FillContext) -> FillResult:
    """The risk of each position at the last minute of each day; of today, now."""
    return _filled(context, lambda rows: [Rows("position_risk", POSITION_RISKS, rows.positions)])


def fill_portfolio_risk(context: FillContext) -> FillResult:
    """The risk of each portfolio at the last minute of each day; of today, now."""
    return _filled(context, lambda rows: [Rows("portfolio_risk", PORTFOLIO_RISKS, rows.portfolio.risks)])


def fill_risk_parts(context: FillContext) -> FillResult:
    """What each symbol adds, at the last minute of each day; of today, now."""
    return _filled(context, lambda rows: [Rows("portfolio_risk_by_symbol", RISK_PARTS, rows.portfolio.parts)])


def fill_sizes(context: FillContext) -> FillResult:
    """The sizes that limits left of the signals of each day, also those that have a row."""
    database, written, days = context.sources.database, Written(), set[date]()
    for day in context.days:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        due = due_signals(database, start, start + timedelta(days=1), again=True, most=None)
        rows = Rows("signals_within_limits", SIGNAL_LIMITS, sized(database, due))
        written += _write(database, [rows], days)
    return _result(written, days)


def _filled(context: FillContext, tables: Callable[[RiskRows], Sequence[Rows]]) -> FillResult:
    now, database = datetime.now(UTC), context.sources.database
    written, days = Written(), set[date]()
    for day in context.days:
        last = datetime(day.year, day.month, day.day, tzinfo=UTC) + LAST_MINUTE
        at = min(last, now.replace(second=0, microsecond=0))
        if at.date() == day:
            written += _write(database, tables(risk_at(database, at)), days)
    return _result(written, days)


def _write(database: Database, tables: Sequence[Rows], days: set[date]) -> Written:
    written = Written()
    with database.transaction() as connection:
        for rows in tables:
            if rows.frame.height:
                written += database.upsert(connection, rows.table, rows.frame)
                days.update(rows.frame["ts"].dt.date().unique().to_list())
    return written


def _result(written: Written, days: set[date]) -> FillResult:
    return FillResult(
        written.inserted, written.changed, written.unchanged, written=frozenset((None, day) for day in days)
    )
