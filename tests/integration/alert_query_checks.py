"""What the example query about alert rules must answer, reckoned without SQL from the same candles."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl
from candle_frames import candles, register, write
from psycopg.types.json import Jsonb
from query_support import Row, near

from alphapulse_resources.database.client import Database

FIRST: Final = datetime(2024, 3, 10, tzinfo=UTC)
NOW: Final = FIRST + timedelta(days=2)
MINUTE: Final = timedelta(minutes=1)
FIRED: Final = {"dip": ((0, 100, 2.0), (0, 700, 3.0), (1, 1000, 10.0)), "late": ((1, 1430, 1.0),)}
"""By rule: symbol, minute of the day, seconds from what it is about until it was known."""


@dataclass(frozen=True, slots=True)
class RuleMarket:
    """Candles of two symbols, and what rules told of them."""

    frames: list[pl.DataFrame]


def rule_market(database: Database) -> RuleMarket:
    """A day of candles, some alerts, one of which was seen; the last has no hour after it."""
    ids = register(database, ["BTC/USDT", "ETH/USDT"], "binance")
    frames = [candles(FIRST, 1440, seed=seed) for seed in (11, 12)]
    for instrument, frame in zip(ids, frames, strict=True):
        write(database, instrument, frame)
    for rule, told in FIRED.items():
        for symbol, minute, seconds in told:
            ts = FIRST + minute * MINUTE
            database.execute(
                "INSERT INTO order_book_alerts (instrument_id, ts, kind, reference, severity, title, detail,"
                " known_at, logic_version, rule_id)"
                " VALUES (%(id)s, %(ts)s, 'rule', %(rule)s, 'info', 't', %(detail)s, %(known)s, 1, 1)",
                {
                    "id": ids[symbol],
                    "ts": ts,
                    "rule": rule,
                    "detail": Jsonb({"rule": rule, "expression": f"{rule} > 1"}),
                    "known": ts + timedelta(seconds=seconds),
                },
            )
    database.execute(
        "INSERT INTO alert_acknowledgements (alert_id, acknowledged_by)"
        " SELECT alert_id, who FROM alerts, unnest(ARRAY['a', 'b']) AS who WHERE detail ->> 'rule' = 'dip'"
        " ORDER BY ts, who LIMIT 2"
    )
    return RuleMarket(frames)


def after_rules(rows: list[Row], market: RuleMarket) -> None:
    dip, late = rows
    returns = []
    for symbol, minute, _ in FIRED["dip"]:
        close = market.frames[symbol]["close"]
        returns.append(close[minute + 59] / close[minute - 1] - 1)  # the minutes that had closed by then
    assert (dip["rule"], dip["expression"], dip["alerts"], dip["symbols"]) == ("dip", "dip > 1", 3, 2)
    assert (dip["seen"], dip["seconds"], dip["priced"]) == (1, near(3.0), 3)
    assert dip["return_1h"] == near(statistics.fmean(returns))
    assert dip["up"] == near(sum(each > 0 for each in returns) / 3)
    assert (late["rule"], late["priced"], late["return_1h"], late["seen"]) == ("late", 0, None, 0)


RULE_CHECKS: Final[dict[str, Callable[[list[Row], RuleMarket], None]]] = {"76_after_rules_fired": after_rules}
