"""A venue that sends fewer rows than it was asked for, and does not say so: the `page_cap` fault."""

import json
from collections.abc import Callable
from typing import Any, Final

from alphapulse_sim.mutations import find_rows, shape_of

_ROUTES: Final = (
    "klines", "kline", "candles", "chart", "OHLC",
    "fundingRate", "openInterestHist", "history", "open-interest",
    "history-candles", "funding-rate-history", "open-interest-history",
    "account-ratio",
)  # fmt: skip
"""Parts of the paths that serve pages of candles, funding or open interest; other lists (trades) are none."""

_KEEPS: Final = {
    "api.bybit.com": "newest",
    "api.coinbase.com": "newest",
    "api.exchange.coinbase.com": "newest",
    "api.kraken.com": "newest",
    "www.okx.com": "newest",
}
"""The rows that a venue's own limit leaves, where they are not the oldest: it answers newest first."""


def cut_page(host: str, path: str, text: str, parameters: dict[str, Any]) -> str:
    """The response body with at most `rows` candles, the `oldest` or `newest` of them, in the order they had.

    Without `keep` they are those that the venue's own limit leaves. A body without candles is untouched.
    """
    if not set(path.split("/")) & set(_ROUTES):
        return text
    rows, keep = parameters["rows"], parameters["keep"] or _KEEPS.get(host, "oldest")
    try:
        body = json.loads(text)
    except ValueError:  # another fault has been at it
        return text
    return (
        _cut_chart(body, rows, keep)
        if "chart" in path.split("/")
        else _cut_rows(host, body, text, rows, keep)
    )


def _cut_rows(host: str, body: Any, text: str, most: int, keep: str) -> str:
    shape = shape_of(host, body)
    found, replace = find_rows(body, shape) if shape else (None, None)
    if shape is None or found is None or replace is None:
        return text
    ts = shape.ts
    return replace(_kept(found, most, keep, lambda row: int(row[ts])))


def _cut_chart(body: Any, most: int, keep: str) -> str:
    """Yahoo's columns of one length, beside each other."""
    for result in body["chart"]["result"] or []:
        times = result.get("timestamp", [])
        kept = _kept(list(range(len(times))), most, keep, times.__getitem__)
        result["timestamp"] = [times[index] for index in kept]
        for blocks in result["indicators"].values():
            for block in blocks:
                for name, column in block.items():
                    block[name] = [column[index] for index in kept]
    return json.dumps(body, separators=(",", ":"))


def _kept(rows: list[Any], most: int, keep: str, opened: Callable[[Any], int]) -> list[Any]:
    """The `most` oldest or newest rows, in the order they came."""
    times = sorted(opened(row) for row in rows)
    chosen = set(times[:most] if keep == "oldest" else times[-most:])
    return [row for row in rows if opened(row) in chosen][:most]
