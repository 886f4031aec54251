"""What OKX's swaps say beside candles. Pure: no I/O.

Fields: okx.com/docs-v5, "Get mark price", "Get funding rate", "Get index tickers", "Get tickers", "Get open
interest", "Get funding rate history", "Get contract long/short ratio", "Get top traders contract long/short
ratio" and "Get contract taker volume". What a swap's state is stands in five lists, each of all swaps. Of
ratios only the quotient of long and short is told.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from alphapulse_resources.venues.futures_api import (
    Answer,
    Flow,
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
from alphapulse_resources.venues.okx.rest import rows_of
from alphapulse_resources.venues.wire import read_number, to_ms

PERIOD: Final = "5m"
MOST_SETTLED: Final = 400
"""Settlements in an answer at most; documented."""
STATISTICS: Final = ("okx", "okx_statistics")
INDEX_QUOTES: Final = ("USDT", "USD", "USDC")
"""Quote currencies of indices that swaps have; documented: USD, USDT, BTC, USDC."""
_SWAP: Final = "-SWAP"
_SWAPS: Final[dict[str, str | int]] = {"instType": "SWAP"}
_HOUR: Final = timedelta(hours=1)


def read_marks(body: Any) -> Answer[State]:
    """Rows of `mark-price`."""
    return read_rows(rows_of(body), _mark, "mark prices")


def _mark(row: dict[str, Any]) -> State:
    return State(str(row["instId"]), moment(row["ts"]), positive(row["markPx"], "markPx"))


def read_funding(body: Any) -> Answer[State]:
    """Rows of `funding-rate`: `fundingTime` is the settlement to come, how long after it the next one is."""
    return read_rows(rows_of(body), _funding, "funding rates")


def _funding(row: dict[str, Any]) -> State:
    due, after = moment(row["fundingTime"]), optional_moment(row.get("nextFundingTime"))
    return State(
        symbol=str(row["instId"]),
        ts=moment(row["ts"]),
        funding_rate=read_number(row["fundingRate"]),
        next_funding_at=due,
        interval_hours=(after - due) / _HOUR if after is not None and after > due else None,
        floor=optional_number(row.get("minFundingRate")),
        cap=optional_number(row.get("maxFundingRate")),
    )


def read_indices(body: Any) -> Answer[State]:
    """Rows of `index-tickers`: an index, BTC-USDT, is that of the swap of its name, BTC-USDT-SWAP."""
    return read_rows(rows_of(body), _index, "index tickers")


def _index(row: dict[str, Any]) -> State:
    price = positive(row["idxPx"], "idxPx")
    return State(str(row["instId"]) + _SWAP, moment(row["ts"]), index_price=price)


def read_tickers(body: Any) -> Answer[State]:
    """Rows of `tickers`, of which the last price is used; empty where nothing was ever traded."""
    return read_rows(rows_of(body), _ticker, "tickers")


def _ticker(row: dict[str, Any]) -> State:
    return State(str(row["instId"]), moment(row["ts"]), last=optional_number(row["last"]))


def read_interest(body: Any) -> Answer[State]:
    """Rows of `open-interest`."""
    return read_rows(rows_of(body), _interest, "open interest")


def _interest(row: dict[str, Any]) -> State:
    return State(str(row["instId"]), moment(row["ts"]), open_interest=read_number(row["oi"]))


def read_settled(body: Any) -> Answer[Settled]:
    """Rows of `funding-rate-history`: `realizedRate` was paid, `fundingRate` was predicted."""
    return read_rows(rows_of(body), _settled, "settlements")


def _settled(row: dict[str, Any]) -> Settled:
    return Settled(str(row["instId"]), moment(row["fundingTime"]), read_number(row["realizedRate"]))


def named(body: Any, names: Sequence[str]) -> list[Any]:
    """The rows of an answer of lists, each as an object of these names; what is no such list as it is."""
    return [
        dict(zip(names, row, strict=True)) if isinstance(row, list) and len(row) == len(names) else row
        for row in rows_of(body)
    ]


def read_ratios(body: Any) -> Answer[Ratio]:
    """Rows of the three ratios: a time, and how many times as much is long as is short."""
    return read_rows(named(body, ("ts", "ratio")), _ratio, "long/short ratios")


def _ratio(row: dict[str, Any]) -> Ratio:
    ratio = read_number(row["ratio"])
    if ratio < 0:
        raise ValueError(f"ratio is {row['ratio']!r}, below 0")
    return Ratio(moment(row["ts"]), ratio / (1 + ratio), 1 / (1 + ratio), ratio)


def read_flow(body: Any) -> Answer[Flow]:
    """Rows of `taker-volume-contract`, in base units: what was sold stands before what was bought."""
    return read_rows(named(body, ("ts", "sellVol", "buyVol")), _flow, "taker volumes")


def _flow(row: dict[str, Any]) -> Flow:
    return Flow(moment(row["ts"]), read_number(row["buyVol"]), read_number(row["sellVol"]))


def _states() -> list[Question[Answer[State]]]:
    public = "/api/v5/public"
    indices = [
        Question(f"indices in {quote}", "/api/v5/market/index-tickers", {"quoteCcy": quote}, read_indices)
        for quote in INDEX_QUOTES
    ]
    return [
        Question("mark prices", f"{public}/mark-price", _SWAPS, read_marks),
        Question("funding due", f"{public}/funding-rate", {"instId": "ANY"}, read_funding),
        Question("open interest", f"{public}/open-interest", _SWAPS, read_interest),
        Question("last prices", "/api/v5/market/tickers", _SWAPS, read_tickers),
        *indices,
    ]


def _settled_question(symbol: str, _contract: str, since: datetime) -> Question[Answer[Settled]]:
    given: dict[str, str | int] = {"instId": symbol, "before": to_ms(since) - 1, "limit": MOST_SETTLED}
    return Question(f"funding of {symbol}", "/api/v5/public/funding-rate-history", given, read_settled)


RATIO_PATHS: Final = {
    "accounts": "contracts/long-short-account-ratio-contract",
    "top_accounts": "contracts/long-short-account-ratio-contract-top-trader",
    "top_positions": "contracts/long-short-position-ratio-contract-top-trader",
}
FLOW_PATH: Final = "taker-volume-contract"
MOST_STATISTICS: Final = 100


def statistics(path: str) -> str:
    """The address of a path of the statistics."""
    return f"/api/v5/rubik/stat/{path}"


def _ratio_question(kind: str, symbol: str, _contract: str, periods: int) -> Question[Answer[Ratio]]:
    given: dict[str, str | int] = {
        "instId": symbol, "period": PERIOD, "limit": min(periods, MOST_STATISTICS)
    }  # fmt: skip
    path = statistics(RATIO_PATHS[kind])
    return Question(f"{kind} ratio of {symbol}", path, given, read_ratios, 1, STATISTICS)


def _flow_question(symbol: str, _contract: str, periods: int) -> Question[Answer[Flow]]:
    given: dict[str, str | int] = {
        "instId": symbol, "period": PERIOD, "unit": "0", "limit": min(periods, MOST_STATISTICS)
    }  # fmt: skip
    return Question(f"taker flow of {symbol}", statistics(FLOW_PATH), given, read_flow, 1, STATISTICS)


_RATIOS: Final[dict[str, Callable[[str, str, int], Question[Answer[Ratio]]]]] = {
    kind: partial(_ratio_question, kind) for kind in RATIO_PATHS
}
FUTURES: Final = FuturesApi(
    states=_states,
    interest=None,
    terms=None,
    settled=_settled_question,
    settled_of_all=None,
    ratios=_RATIOS,
    flow=_flow_question,
    settled_page=MOST_SETTLED,
)
