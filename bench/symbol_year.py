"""A symbol's year of minutes, from archive files to all timeframes, beside what people write otherwise.

Ours is what `alphapulse import` does: twelve zips are read, validated, stored with their gaps and days, and
the six timeframes are brought up to date. The baseline is the script everybody has: pandas reads the same
files, cleans them, resamples six times and sends everything with `to_sql` to the same server, into tables
without keys, so it pays for no key, no validation, no gaps, and cannot be run twice.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from alphapulse_assets.candles.importing import CandleImport
from alphapulse_resources.candle_files import read_ahead, read_candles
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.venues.binance.archive_csv import COLUMNS
from bench.data import archive_year
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError, Cost, Meter
from bench.servers import Server, open_home
from tests.databases import fresh_database

ROUNDS: Final = 3
TEN_TIMES: Final = Bar(Demand.RATIO_AT_LEAST, 10)
CHUNK_ROWS: Final = 10_000
_NOW: Final = datetime(2024, 6, 1, tzinfo=UTC)
_RULES: Final = {"5m": "5min", "15m": "15min", "1h": "1h", "4h": "4h", "1d": "1D", "1w": "W-MON"}
_KEPT: Final = ["open", "high", "low", "close", "volume", "quote_volume", "count", "taker_buy_volume"]
_SUMS: Final = dict.fromkeys(_KEPT[4:], "sum")
_BAR: Final = {"open": "first", "high": "max", "low": "min", "close": "last", **_SUMS}


def run(server: Server, rounds: int = ROUNDS) -> list[Figure]:
    """The figures on one server. The baseline runs once, after the first round of ours: it takes long."""
    with open_home() as directory:
        archives = archive_year(directory)
        ours: list[Cost] = []
        baseline: list[Cost] = []
        bars: set[tuple[int, ...]] = set()
        for number in range(rounds):
            with fresh_database(server.dsn) as dsn:
                meter = Meter(dsn)
                meter.checkpoint()
                ours.append(meter.cost(partial(_ours, dsn, archives)))
                bars.add(_counts(dsn, "ohlcv_"))
                if number == 0:
                    meter.checkpoint()
                    baseline.append(meter.cost(partial(_pandas, dsn, archives)))
                    bars.add(_counts(dsn, "pandas_"))
    if len(bars) != 1:
        raise BenchmarkError(f"ours and pandas do not have the same numbers of bars: {sorted(bars)}")
    return _figures(server, ours, baseline)


def _figures(server: Server, ours: Sequence[Cost], baseline: Sequence[Cost]) -> list[Figure]:
    name, versus = f"symbol-year to all timeframes, {server.name}", "pandas and to_sql"
    figures = [
        Figure(
            name,
            "s",
            tuple(cost.wall for cost in ours),
            versus,
            tuple(cost.wall for cost in baseline),
            TEN_TIMES,
        )
    ]
    spent = tuple(cost.processor for cost in ours if cost.processor is not None)
    theirs = tuple(cost.processor for cost in baseline if cost.processor is not None)
    if len(spent) == len(ours) and len(theirs) == len(baseline):
        figures.append(Figure(name, "CPU s", spent, versus, theirs, TEN_TIMES))
    return figures


def _ours(dsn: str, archives: Sequence[Path]) -> None:
    database = Database(dsn)
    try:
        imports = CandleImport(CandleStore(database), "binance", "BTC/USDT", "1m", _NOW)
        files = read_ahead(archives, partial(read_candles, timeframe="1m"))
        imports.finish([imports.file(coming.result()) for _, coming in files])
    finally:
        database.close()


def _pandas(dsn: str, archives: Sequence[Path]) -> None:
    engine = sa.create_engine(make_url(dsn).set(drivername="postgresql+psycopg"))
    try:
        months = [pd.read_csv(path, header=None, names=list(COLUMNS)) for path in archives]
        year = pd.concat(months).dropna()
        year["ts"] = pd.to_datetime(year["open_time"], unit="ms", utc=True)
        year = year.drop_duplicates(subset="ts").sort_values("ts").set_index("ts")[_KEPT]
        _send(year, "1m", engine)
        for timeframe, rule in _RULES.items():
            bars = year.resample(rule, closed="left", label="left").agg(_BAR).dropna()
            _send(bars, timeframe, engine)
    finally:
        engine.dispose()


def _send(bars: pd.DataFrame, timeframe: str, engine: sa.Engine) -> None:
    bars.to_sql(f"pandas_{timeframe}", engine, if_exists="append", chunksize=CHUNK_ROWS)


def _counts(dsn: str, prefix: str) -> tuple[int, ...]:
    """How many bars of each timeframe there are."""
    database = Database(dsn)
    return tuple(
        int(database.rows(f"SELECT count(*) AS n FROM {prefix}{timeframe}")[0]["n"])
        for timeframe in ("1m", *_RULES)
    )
