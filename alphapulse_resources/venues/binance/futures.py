"""What Binance's futures say beside candles, USD-M and COIN-M alike. Pure: no I/O.

Fields and weights: developers.binance.com, "Mark Price", "Open Interest", "Get Funding Rate Info", "Get
Funding Rate History", "Long/Short Ratio", "Top Trader Long/Short Ratio" and "Taker Buy/Sell Volume".
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from alphapulse_resources.venues.futures_api import (
    Answer,
    Flow,
    FuturesApi,
    Interest,
    Question,
    Ratio,
    Settled,
    State,
    Terms,
    moment,
    optional_moment,
    optional_number,
    positive,
    read_rows,
)
from alphapulse_resources.venues.wire import bad_body, read_number, to_ms

PERIOD: Final = "5m"
MOST_SETTLED: Final = 1000
"""Settlements in an answer at most; documented."""


def read_states(body: Any) -> Answer[State]:
    """Rows of `premiumIndex`. `lastFundingRate` is, against its name, that of the settlement to come."""
    return read_rows(body if isinstance(body, list) else [body], _state, "premium indices")


def _state(row: dict[str, Any]) -> State:
    next_funding_at = optional_moment(row["nextFundingTime"])  # 0 for dated contracts
    rate = optional_number(row["lastFundingRate"])
    return State(
        symbol=str(row["symbol"]),
        ts=moment(row["time"]),
        mark=positive(row["markPrice"], "markPrice"),
        index_price=positive(row["indexPrice"], "indexPrice") if _told(row.get("indexPrice")) else None,
        funding_rate=None if next_funding_at is None else rate,
        next_funding_at=next_funding_at,
    )


def _told(value: Any) -> bool:
    """Whether a price is one: Binance writes 0 for an index that it does not have."""
    return value not in (None, "") and float(value) != 0


def read_interest(body: Any) -> Answer[Interest]:
    """The body of `openInterest`: one object."""
    if not isinstance(body, dict):
        raise bad_body("the open interest of a symbol", body)
    return read_rows([body], _interest, "open interest")


def _interest(row: dict[str, Any]) -> Interest:
    return Interest(str(row["symbol"]), moment(row["time"]), read_number(row["openInterest"]))


def read_terms(body: Any) -> Answer[Terms]:
    """Rows of `fundingInfo`: the symbols whose interval, cap or floor was adjusted, and no others."""
    return read_rows(body, _terms, "terms of funding")


def _terms(row: dict[str, Any]) -> Terms:
    return Terms(
        str(row["symbol"]),
        positive(row["fundingIntervalHours"], "fundingIntervalHours"),
        optional_number(row.get("adjustedFundingRateFloor")),
        optional_number(row.get("adjustedFundingRateCap")),
    )


def read_settled(body: Any) -> Answer[Settled]:
    """Rows of `fundingRate`. Those before late 2023 have an empty mark price, older ones none at all."""
    return read_rows(body, _settled, "settlements")


def _settled(row: dict[str, Any]) -> Settled:
    return Settled(
        str(row["symbol"]),
        moment(row["fundingTime"]),
        read_number(row["fundingRate"]),
        optional_number(row.get("markPrice")),
    )


def read_ratios(body: Any) -> Answer[Ratio]:
    """Rows of the three long/short ratios. COIN-M names the shares of positions after them."""
    return read_rows(body, _ratio, "long/short ratios")


def _ratio(row: dict[str, Any]) -> Ratio:
    long_ = row["longPosition"] if "longPosition" in row else row["longAccount"]
    short = row["shortPosition"] if "shortPosition" in row else row["shortAccount"]
    return Ratio(
        moment(row["timestamp"]),
        read_number(long_),
        read_number(short),
        optional_number(row["longShortRatio"]),
    )


def read_flow(body: Any) -> Answer[Flow]:
    """Rows of `takerlongshortRatio`: volumes in base units."""
    return read_rows(body, _flow, "taker volumes")


def _flow(row: dict[str, Any]) -> Flow:
    return Flow(moment(row["timestamp"]), read_number(row["buyVol"]), read_number(row["sellVol"]))


RATIO_PATHS: Final = {
    "accounts": "globalLongShortAccountRatio",
    "top_accounts": "topLongShortAccountRatio",
    "top_positions": "topLongShortPositionRatio",
}


def _ratio_question(
    path: str, kind: str, buckets: tuple[str, ...]
) -> Callable[[str, str, int], Question[Answer[Ratio]]]:
    def ask(symbol: str, _contract: str, periods: int) -> Question[Answer[Ratio]]:
        given: dict[str, str | int] = {"symbol": symbol, "period": PERIOD, "limit": periods}
        return Question(f"{kind} ratio of {symbol}", f"/futures/data/{path}", given, read_ratios, 1, buckets)

    return ask


def futures_api(prefix: str, general: str, data: str, funding: str, *, whole_venue: bool) -> FuturesApi:
    """The words of a market below `prefix` (`/fapi/v1`).

    `general`, `data` and `funding` are the budgets of weights, of `/futures/data` and of the two paths about
    funding. `whole_venue`: settlements of all symbols may be asked for at once, ratios and flow by symbol.
    """
    paid_data, paid_funding = (tuple(dict.fromkeys((general, each))) for each in (data, funding))

    def states() -> list[Question[Answer[State]]]:
        return [Question("prices", f"{prefix}/premiumIndex", {}, read_states, 10)]  # 10 without a symbol

    def interest(symbol: str, _contract: str) -> Question[Answer[Interest]]:
        return Question(
            f"open interest of {symbol}", f"{prefix}/openInterest", {"symbol": symbol}, read_interest
        )

    def terms() -> Question[Answer[Terms]]:
        return Question("terms of funding", f"{prefix}/fundingInfo", {}, read_terms, 1, paid_funding)

    def settled(symbol: str, _contract: str, since: datetime) -> Question[Answer[Settled]]:
        given: dict[str, str | int] = {"symbol": symbol, "startTime": to_ms(since), "limit": MOST_SETTLED}
        return Question(f"funding of {symbol}", f"{prefix}/fundingRate", given, read_settled, 1, paid_funding)

    def settled_of_all(since: datetime) -> Question[Answer[Settled]]:
        given: dict[str, str | int] = {"startTime": to_ms(since), "limit": MOST_SETTLED}
        return Question("funding of all", f"{prefix}/fundingRate", given, read_settled, 1, paid_funding)

    def flow(symbol: str, _contract: str, periods: int) -> Question[Answer[Flow]]:
        given: dict[str, str | int] = {"symbol": symbol, "period": PERIOD, "limit": periods}
        path = "/futures/data/takerlongshortRatio"
        return Question(f"taker flow of {symbol}", path, given, read_flow, 1, paid_data)

    kinds = RATIO_PATHS if whole_venue else {}
    return FuturesApi(
        states=states,
        interest=interest,
        terms=terms,
        settled=settled,
        settled_of_all=settled_of_all if whole_venue else None,
        ratios={kind: _ratio_question(path, kind, paid_data) for kind, path in kinds.items()},
        flow=flow if whole_venue else None,
        settled_page=MOST_SETTLED,
    )
