"""What the queries about where history comes from have to answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from candle_frames import candles, register, write
from coarse_support import FIRST, HOUR, derive, hours, score, write_native
from coarse_support import NOW as HISTORY_NOW
from query_support import Row, only

from alphapulse_assets.patterns.evaluation.performance_stats import write_success
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore

NOW: Final = HISTORY_NOW
COUNT: Final = 200
RATES: Final = FIRST + timedelta(days=5)


def history_market(database: Database) -> int:
    """Hours of one symbol, and minutes of its last two hours."""
    (key,) = register(database, ["MIXED/USD"], "any")
    write_native(database, key, hours(COUNT))
    write(database, key, candles(FIRST + (COUNT - 2) * HOUR, 120))
    database.refresh_timeframes()
    derive(database)
    score(database)
    write_success(DerivedStore(database), [RATES], ["1h"])
    score(database)
    return database.rows("SELECT count(*) AS n FROM pattern_confidences WHERE timeframe_id = 60")[0]["n"]


def by_timeframe(rows: list[Row], scored: int) -> None:
    """Hours are native but for two; longer ones are built of whole hours."""
    hour = only(rows, timeframe="1h")
    assert (hour["bars"], hour["of_minutes"], hour["native"], hour["built"]) == (COUNT, 2, COUNT - 2, 0)
    assert (hour["scored"], hour["rates_as_of"]) == (scored, RATES)
    assert 0 < hour["with_rates"] < 1
    four = only(rows, timeframe="4h")
    assert (four["bars"], four["built"], four["first_ts"]) == (COUNT // 4, COUNT // 4, FIRST)
    for timeframe, built in (
        ("1d", COUNT // 24),
        ("1w", 1),
    ):  # the last of each is of its two hours of minutes
        found = only(rows, timeframe=timeframe)
        assert (found["built"], found["of_minutes"], found["bars"]) == (built, 1, built + 1)


HISTORY_CHECKS: Final[dict[str, Callable[[list[Row], int], None]]] = {"78_history_by_timeframe": by_timeframe}
