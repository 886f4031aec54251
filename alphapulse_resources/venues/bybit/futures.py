"""What Bybit's contracts say beside candles. Pure: no I/O.

Fields: bybit-exchange.github.io, v5 "Get Tickers", "Get Funding Rate History", "Get Long Short Ratio". Linear
contracts are counted in the base, inverse ones in USD.
"""

from datetime import datetime
from functools import partial
from typing import Any, Final

from alphapulse_resources.venues.futures_api import (
    Answer,
    FuturesApi,
    Question,
    Ratio,
    Settled,
    State,
    moment,
    optional_moment,
    optional_number,
    positive,
    read_rows,
)
from alphapulse_resources.venues.wire import bad_body, read_number

CATEGORIES: Final = ("linear", "inverse")
PERIOD: Final = "5min"
MOST_SETTLED: Final = 200
"""Settlements in an answer at most; documented."""


def category(contract: str) -> str:
    """The category of a kind of contract."""
    return "inverse" if contract == "inverse" else "linear"


def _list(body: Any) -> Any:
    result = body.get("result") if isinstance(body, dict) else None
    if not isinstance(result, dict) or "list" not in result:
        raise bad_body("a result with a list", body)
    return result["list"]


def read_states(body: Any) -> Answer[State]:
    """Rows of `tickers`; their instant is that of the answer."""
    rows = _list(body)
    return read_rows(rows, partial(_state, ts=moment(body["time"])), "tickers")


def _state(row: dict[str, Any], ts: datetime) -> State:
    next_funding_at = optional_moment(row.get("nextFundingTime"))
    cap = optional_number(row.get("fundingCap"))
    return State(
        symbol=str(row["symbol"]),
        ts=ts,
        mark=positive(row["markPrice"], "markPrice"),
        index_price=optional_number(row.get("indexPrice")),
        last=optional_number(row.get("lastPrice")),
        funding_rate=None if next_funding_at is None else optional_number(row["fundingRate"]),
        next_funding_at=next_funding_at,
        interval_hours=optional_number(row.get("fundingIntervalHour")) or None,
        floor=None if cap is None else -cap,
        cap=cap,
        open_interest=optional_number(row["openInterest"]),
    )


def read_settled(body: Any) -> Answer[Settled]:
    """Rows of `funding/history`."""
    return read_rows(_list(body), _settled, "settlements")


def _settled(row: dict[str, Any]) -> Settled:
    return Settled(str(row["symbol"]), moment(row["fundingRateTimestamp"]), read_number(row["fundingRate"]))


def read_ratios(body: Any) -> Answer[Ratio]:
    """Rows of `account-ratio`: shares of the accounts that hold a position."""
    return read_rows(_list(body), _ratio, "account ratios")


def _ratio(row: dict[str, Any]) -> Ratio:
    long_, short = read_number(row["buyRatio"]), read_number(row["sellRatio"])
    return Ratio(moment(row["timestamp"]), long_, short, long_ / short if short else None)


def _states() -> list[Question[Answer[State]]]:
    return [
        Question(f"{name} tickers", "/v5/market/tickers", {"category": name}, read_states)
        for name in CATEGORIES
    ]


def _settled_question(symbol: str, contract: str, since: datetime) -> Question[Answer[Settled]]:
    """The newest settlements: a start would need an end, and these reach 8 days back at an hour each."""
    given: dict[str, str | int] = {
        "category": category(contract), "symbol": symbol, "limit": MOST_SETTLED
    }  # fmt: skip
    return Question(f"funding of {symbol}", "/v5/market/funding/history", given, read_settled)


def _ratio_question(symbol: str, contract: str, periods: int) -> Question[Answer[Ratio]]:
    given: dict[str, str | int] = {
        "category": category(contract), "symbol": symbol, "period": PERIOD, "limit": periods
    }  # fmt: skip
    return Question(f"account ratio of {symbol}", "/v5/market/account-ratio", given, read_ratios)


FUTURES: Final = FuturesApi(
    states=_states,
    interest=None,
    terms=None,
    settled=_settled_question,
    settled_of_all=None,
    ratios={"accounts": _ratio_question},
    flow=None,
    settled_page=MOST_SETTLED,
)
