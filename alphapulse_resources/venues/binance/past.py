"""The past of Binance's futures over REST, USD-M and COIN-M alike. Pure: no I/O.

Documented at developers.binance.com: "Get Funding Rate History" (`fundingRate`: both bounds inclusive, oldest
first, 1000 rows at most, 500 requests in 5 minutes shared with `fundingInfo`) and "Open Interest Statistics"
(`openInterestHist`: 500 rows at most, oldest first, the latest month only, 1000 requests in 5 minutes), and,
with the same bounds, the long/short ratios and the taker volumes of `/futures/data`.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from alphapulse_resources.futures_history.labels import label_over_rest, times_over_rest
from alphapulse_resources.futures_history.rows import FIVE_MINUTES
from alphapulse_resources.venues.binance.futures import (
    MOST_SETTLED,
    PERIOD,
    RATIO_PATHS,
    read_flow,
    read_ratios,
    read_settled,
)
from alphapulse_resources.venues.futures_api import Question, moment, optional_number, read_rows
from alphapulse_resources.venues.futures_past import (
    Asked,
    PastAnswer,
    PastSeries,
    Reading,
    past_flow,
    past_ratios,
    reading_frame,
    settled_frame,
)
from alphapulse_resources.venues.wire import read_number, to_ms

MOST_READINGS: Final = 500
KEPT: Final = timedelta(days=29)
"""How far back open interest is asked for: a day less than the month that is documented."""
SHORTEST: Final = timedelta(hours=1)
"""Nobody settles more often."""


def read_funding(body: Any) -> PastAnswer:
    """An answer of `fundingRate`."""
    answer = read_settled(body)
    return PastAnswer(settled_frame(answer), answer.rejects)


def read_interest(body: Any) -> PastAnswer:
    """An answer of `openInterestHist`, at the moments that its labels mean."""
    answer = read_rows(body, _reading, "open interest statistics")
    frame = reading_frame(answer.rows)
    return PastAnswer(frame.with_columns(times_over_rest(frame["ts"]).alias("ts")), answer.rejects)


def _reading(row: dict[str, Any]) -> Reading:
    return Reading(
        moment(row["timestamp"]),
        read_number(row["sumOpenInterest"]),
        None,
        optional_number(row["sumOpenInterestValue"]),
    )


def _ask_statistics(
    path: str, about: str, read: Callable[[Any], PastAnswer], buckets: tuple[str, ...], asked: Asked
) -> Question[PastAnswer]:
    given: dict[str, str | int] = {
        "symbol": asked.symbol,
        "period": PERIOD,
        "startTime": to_ms(asked.first),
        "endTime": to_ms(asked.last),
        "limit": MOST_READINGS,
    }
    return Question(f"{about} of {asked.symbol}", f"/futures/data/{path}", given, read, 1, buckets)


def _statistics(path: str, about: str, read: Callable[[Any], PastAnswer], *buckets: str) -> PastSeries:
    ask = partial(_ask_statistics, path, about, read, buckets)
    return PastSeries(ask, MOST_READINGS * FIVE_MINUTES, FIVE_MINUTES, reach=KEPT)


def _read_ratios(kind: str, body: Any) -> PastAnswer:
    return past_ratios(kind, read_ratios(body))


def ratios_past(general: str, data: str) -> dict[str, PastSeries]:
    """Long/short ratios of USD-M contracts, at the times that the venue gives, whatever these mean."""
    return {
        kind: _statistics(path, f"{kind} ratio history", partial(_read_ratios, kind), general, data)
        for kind, path in RATIO_PATHS.items()
    }


def flow_past(general: str, data: str) -> PastSeries:
    """What takers of USD-M contracts did, at the times that the venue gives."""

    def read(body: Any) -> PastAnswer:
        return past_flow(read_flow(body))

    return _statistics("takerlongshortRatio", "taker flow history", read, general, data)


def funding_past(prefix: str, general: str, funding: str) -> PastSeries:
    """Settlements of a market below `prefix` (`/fapi/v1`); budgets as in `futures_api`."""

    def ask(asked: Asked) -> Question[PastAnswer]:
        given: dict[str, str | int] = {
            "symbol": asked.symbol,
            "startTime": to_ms(asked.first),
            "endTime": to_ms(asked.last),
            "limit": MOST_SETTLED,
        }
        about, buckets = f"funding of {asked.symbol}", tuple(dict.fromkeys((general, funding)))
        return Question(about, f"{prefix}/fundingRate", given, read_funding, 1, buckets)

    return PastSeries(ask, timedelta(days=300), SHORTEST)


def interest_past(general: str, data: str) -> PastSeries:
    """Open interest of USD-M contracts; `data` is the budget of `/futures/data`."""

    def ask(asked: Asked) -> Question[PastAnswer]:
        given: dict[str, str | int] = {
            "symbol": asked.symbol,
            "period": PERIOD,
            "startTime": to_ms(label_over_rest(asked.first)),
            "endTime": to_ms(label_over_rest(asked.last)),
            "limit": MOST_READINGS,
        }
        about, path = f"open interest history of {asked.symbol}", "/futures/data/openInterestHist"
        return Question(about, path, given, read_interest, 1, (general, data))

    return PastSeries(ask, MOST_READINGS * FIVE_MINUTES, FIVE_MINUTES, reach=KEPT)
