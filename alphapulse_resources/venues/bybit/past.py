"""The past of Bybit's contracts over REST. Pure: no I/O.

Documented at bybit-exchange.github.io, v5 "Get Funding Rate History" (200 rows at most, newest first; a start
needs an end), "Get Open Interest" (200 rows at most, newest first, `nextPageCursor`) and "Get Long Short
Ratio" (500 rows at most, newest first, `nextPageCursor`). Open interest of linear contracts is counted in the
base, of inverse ones in USD.
"""

from datetime import timedelta
from functools import partial
from typing import Any, Final

from alphapulse_resources.futures_history.rows import FIVE_MINUTES
from alphapulse_resources.venues.bybit.futures import (
    MOST_SETTLED,
    PERIOD,
    category,
    read_ratios,
    read_settled,
)
from alphapulse_resources.venues.futures_api import Question, moment, read_rows
from alphapulse_resources.venues.futures_past import (
    Asked,
    FuturesPast,
    PastAnswer,
    PastSeries,
    Reading,
    past_ratios,
    reading_frame,
    settled_frame,
)
from alphapulse_resources.venues.wire import bad_body, read_number, to_ms

MOST_READINGS: Final = 200
MOST_RATIOS: Final = 500


def read_funding(body: Any) -> PastAnswer:
    """An answer of `funding/history`."""
    answer = read_settled(body)
    return PastAnswer(settled_frame(answer), answer.rejects)


def read_interest(body: Any, contract: str = "linear") -> PastAnswer:
    """An answer of `open-interest`."""
    result = body.get("result") if isinstance(body, dict) else None
    if not isinstance(result, dict) or "list" not in result:
        raise bad_body("a result with a list", body)
    answer = read_rows(result["list"], partial(_reading, contract=contract), "open interest")
    return PastAnswer(
        reading_frame(answer.rows), answer.rejects, str(result.get("nextPageCursor") or "") or None
    )


def _reading(row: dict[str, Any], contract: str) -> Reading:
    amount = read_number(row["openInterest"])
    return Reading(moment(row["timestamp"]), amount, None, amount if contract == "inverse" else None)


def _given(asked: Asked, limit: int) -> dict[str, str | int]:
    return {
        "category": category(asked.contract),
        "symbol": asked.symbol,
        "startTime": to_ms(asked.first),
        "endTime": to_ms(asked.last),
        "limit": limit,
    }


def _ask_funding(asked: Asked) -> Question[PastAnswer]:
    about, path = f"funding of {asked.symbol}", "/v5/market/funding/history"
    return Question(about, path, _given(asked, MOST_SETTLED), read_funding)


def _ask_interest(asked: Asked) -> Question[PastAnswer]:
    given = {**_given(asked, MOST_READINGS), "intervalTime": PERIOD}
    if asked.cursor is not None:
        given["cursor"] = asked.cursor
    read = partial(read_interest, contract=asked.contract)
    return Question(f"open interest history of {asked.symbol}", "/v5/market/open-interest", given, read)


def read_account_ratios(body: Any) -> PastAnswer:
    """An answer of `account-ratio`."""
    answer = read_ratios(body)
    return past_ratios("accounts", answer, str(body["result"].get("nextPageCursor") or "") or None)


def _ask_ratios(asked: Asked) -> Question[PastAnswer]:
    given = {**_given(asked, MOST_RATIOS), "period": PERIOD}
    if asked.cursor is not None:
        given["cursor"] = asked.cursor
    about = f"account ratio history of {asked.symbol}"
    return Question(about, "/v5/market/account-ratio", given, read_account_ratios)


PAST: Final = FuturesPast(
    funding=PastSeries(_ask_funding, timedelta(days=60), timedelta(hours=1), newest_first=True),
    open_interest=PastSeries(_ask_interest, timedelta(days=2), FIVE_MINUTES, newest_first=True),
    ratios={"accounts": PastSeries(_ask_ratios, MOST_RATIOS * FIVE_MINUTES, FIVE_MINUTES, newest_first=True)},
)
