"""The past of OKX's swaps over REST. Pure: no I/O.

Documented at okx.com/docs-v5, "Get funding rate history" (400 rows at most, newest first, up to three months;
`before` and `after` are exclusive), "Get contract open interest history" (100 rows at most, the latest 1,440
of a period, [ts, contracts, coins, USD]; `begin` and `end` are exclusive), and, in the same way, the ratios
and taker volumes of contracts.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from alphapulse_resources.futures_history.rows import FIVE_MINUTES
from alphapulse_resources.venues.futures_api import Question, moment, read_rows
from alphapulse_resources.venues.futures_past import (
    Asked,
    FuturesPast,
    PastAnswer,
    PastSeries,
    Reading,
    past_flow,
    past_ratios,
    reading_frame,
    settled_frame,
)
from alphapulse_resources.venues.okx.futures import (
    FLOW_PATH,
    MOST_SETTLED,
    MOST_STATISTICS,
    PERIOD,
    RATIO_PATHS,
    STATISTICS,
    named,
    read_flow,
    read_ratios,
    read_settled,
    statistics,
)
from alphapulse_resources.venues.wire import read_number, to_ms

FUNDING_KEPT: Final = timedelta(days=89)
"""How far back settlements are asked for: three months are documented, and February is short."""
STATISTICS_KEPT: Final = 1430 * FIVE_MINUTES
"""How far back statistics of five minutes are asked for: the latest 1,440, less some until the answer."""


def read_funding(body: Any) -> PastAnswer:
    """An answer of `funding-rate-history`."""
    answer = read_settled(body)
    return PastAnswer(settled_frame(answer), answer.rejects)


def read_interest(body: Any, contract: str = "linear") -> PastAnswer:
    """An answer of `open-interest-history`. Its dollars are a value in the quote of inverse swaps alone."""
    rows = named(body, ("ts", "oi", "oiCcy", "oiUsd"))
    answer = read_rows(rows, partial(_reading, contract=contract), "open interest")
    return PastAnswer(reading_frame(answer.rows), answer.rejects)


def _reading(row: dict[str, Any], contract: str) -> Reading:
    contracts, coins, dollars = (read_number(row[name]) for name in ("oi", "oiCcy", "oiUsd"))
    return Reading(moment(row["ts"]), contracts, coins, dollars if contract == "inverse" else None)


def _bounds(asked: Asked, names: tuple[str, str]) -> dict[str, str | int]:
    return {names[0]: to_ms(asked.first) - 1, names[1]: to_ms(asked.last) + 1}


def _ask_funding(asked: Asked) -> Question[PastAnswer]:
    bounds = _bounds(asked, ("before", "after"))
    given: dict[str, str | int] = {"instId": asked.symbol, **bounds, "limit": MOST_SETTLED}
    path = "/api/v5/public/funding-rate-history"
    return Question(f"funding of {asked.symbol}", path, given, read_funding)


def _given(asked: Asked) -> dict[str, str | int]:
    bounds = _bounds(asked, ("begin", "end"))
    return {"instId": asked.symbol, "period": PERIOD, **bounds, "limit": MOST_STATISTICS}


def _ask_interest(asked: Asked) -> Question[PastAnswer]:
    about, path = f"open interest history of {asked.symbol}", statistics("contracts/open-interest-history")
    read = partial(read_interest, contract=asked.contract)
    return Question(about, path, _given(asked), read, 1, ("okx", "okx_interest"))


def _ask_ratios(kind: str, asked: Asked) -> Question[PastAnswer]:
    def read(body: Any) -> PastAnswer:
        return past_ratios(kind, read_ratios(body))

    about, path = f"{kind} ratio history of {asked.symbol}", statistics(RATIO_PATHS[kind])
    return Question(about, path, _given(asked), read, 1, STATISTICS)


def _ask_flow(asked: Asked) -> Question[PastAnswer]:
    def read(body: Any) -> PastAnswer:
        return past_flow(read_flow(body))

    given: dict[str, str | int] = {**_given(asked), "unit": "0"}
    about, path = f"taker flow history of {asked.symbol}", statistics(FLOW_PATH)
    return Question(about, path, given, read, 1, STATISTICS)


def _statistics(ask: Callable[[Asked], Question[PastAnswer]]) -> PastSeries:
    window = MOST_STATISTICS * FIVE_MINUTES
    return PastSeries(ask, window, FIVE_MINUTES, newest_first=True, reach=STATISTICS_KEPT)


PAST: Final = FuturesPast(
    funding=PastSeries(
        _ask_funding, timedelta(days=60), timedelta(hours=1), newest_first=True, reach=FUNDING_KEPT
    ),
    open_interest=_statistics(_ask_interest),
    ratios={kind: _statistics(partial(_ask_ratios, kind)) for kind in RATIO_PATHS},
    flow=_statistics(_ask_flow),
)
