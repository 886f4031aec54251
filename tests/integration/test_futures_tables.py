"""The tables of futures as they are written and asked: idempotent, known once, the newest at hand."""

from datetime import UTC, datetime, timedelta

import polars as pl
from candle_frames import register

from alphapulse_assets.futures.tables import (
    FUNDING_RATES,
    FUNDING_SCHEMA,
    MARK_PRICE_SCHEMA,
    MARK_PRICES,
    OPEN_INTEREST,
    OPEN_INTEREST_SCHEMA,
    whole_rows,
)
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written

AT = datetime(2026, 11, 29, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def write(database: Database, table: Table, schema: pl.Schema, *rows: dict[str, object]) -> Written:
    """Rows of a table, known and received five seconds after their time unless they say otherwise."""
    filled = []
    for row in rows:
        ts = row["ts"]
        assert isinstance(ts, datetime)
        late = ts + timedelta(seconds=5)
        filled.append({"known_at": late, "received_at": late, "source": "rest", **row})
    frame = whole_rows(pl.DataFrame(filled), schema)
    with database.transaction() as connection:
        return database.upsert(connection, table, frame.sort(table.key))


def test_a_row_that_is_told_again_keeps_when_it_was_first_known(database: Database) -> None:
    btc = register(database, ["BTC/USDT:USDT"])[0]
    row = {"instrument_id": btc, "ts": AT, "contracts": 5.0, "quote_value": 500_000.0}
    first = write(database, OPEN_INTEREST, OPEN_INTEREST_SCHEMA, row)
    again = write(database, OPEN_INTEREST, OPEN_INTEREST_SCHEMA, {**row, "known_at": AT + MINUTE})
    assert (first.inserted, again.unchanged) == (1, 1)
    (stored,) = database.rows("SELECT known_at, contracts FROM open_interest")
    assert stored == {"known_at": AT + timedelta(seconds=5), "contracts": 5.0}
    changed = write(
        database, OPEN_INTEREST, OPEN_INTEREST_SCHEMA, {**row, "contracts": 6.0, "known_at": AT + MINUTE}
    )
    assert changed.changed == 1
    (stored,) = database.rows("SELECT known_at, contracts FROM open_interest")
    assert stored == {"known_at": AT + MINUTE, "contracts": 6.0}


def test_the_newest_of_each_kind_is_at_hand_whatever_comes_late(database: Database) -> None:
    btc, eth = register(database, ["BTC/USDT:USDT", "ETH/USDT:USDT"])
    for minute, contracts in ((1, 11.0), (2, 12.0), (0, 10.0)):
        write(
            database,
            OPEN_INTEREST,
            OPEN_INTEREST_SCHEMA,
            {"instrument_id": btc, "ts": AT + minute * MINUTE, "contracts": contracts},
            {"instrument_id": eth, "ts": AT + minute * MINUTE, "contracts": 2 * contracts},
        )
    write(
        database,
        MARK_PRICES,
        MARK_PRICE_SCHEMA,
        {"instrument_id": btc, "ts": AT, "mark_price": 101.0, "index_price": 100.0,
         "funding_rate": 0.0001, "interval_hours": 4.0},
    )  # fmt: skip
    write(
        database,
        FUNDING_RATES,
        FUNDING_SCHEMA,
        *({"instrument_id": btc, "ts": AT - n * 4 * 60 * MINUTE, "rate": n / 1e4} for n in range(3)),
    )
    rows = {row["symbol"]: row for row in database.rows("SELECT * FROM futures_now")}
    found = rows["BTC/USDT:USDT"]
    assert (found["open_interest_at"], found["contracts"]) == (AT + 2 * MINUTE, 12.0)
    assert rows["ETH/USDT:USDT"]["contracts"] == 24.0
    assert (found["settled_at"], found["settled_rate"]) == (AT, 0.0)
    assert abs(found["basis"] - 0.01) < 1e-12
    assert abs(found["rate_annualised"] - 0.0001 * 6 * 365) < 1e-12
    write(
        database,
        OPEN_INTEREST,
        OPEN_INTEREST_SCHEMA,
        {"instrument_id": btc, "ts": AT + 2 * MINUTE, "contracts": 13.0},
    )
    (newest,) = database.rows("SELECT contracts FROM futures_now WHERE symbol = 'BTC/USDT:USDT'")
    assert newest["contracts"] == 13.0  # a correction of the newest is the newest


def test_bounds_of_funding_that_a_venue_does_not_tell_are_ours() -> None:
    frame = pl.DataFrame({"instrument_id": [1, 1], "ts": [AT, AT + MINUTE], "rate_cap": [None, 0.03]})
    found = whole_rows(frame, FUNDING_SCHEMA)
    assert found.schema == FUNDING_SCHEMA
    assert (found["rate_floor"].to_list(), found["rate_cap"].to_list()) == ([-0.05, -0.05], [0.05, 0.03])
