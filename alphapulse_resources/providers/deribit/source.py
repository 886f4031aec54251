"""Deribit's answers about options, asked for through the shared client."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_resources.providers.client import SOURCE, ProviderClient
from alphapulse_resources.providers.deribit import DERIBIT, INSTRUMENTS_WEIGHT
from alphapulse_resources.providers.deribit.reading import (
    IndexAnswer,
    Read,
    read_contracts,
    read_index,
    read_quotes,
    read_ticker,
)
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.paging import Turn, pages
from alphapulse_resources.venues.gateway import Response
from alphapulse_resources.venues.model import ErrorKind, Fetch, Page, Reject, VenueError

HOUR: Final = timedelta(hours=1)
PAGE: Final = timedelta(days=90)
"""How much of the index one question asks for; an answer has 41 days of hours, and says that more is left."""
_PATH: Final = "/api/v2/public"


class DeribitSource:
    """What is asked of Deribit. `now` is the time of a question, fixed by the caller."""

    def __init__(self, client: ProviderClient) -> None:
        self._client = client

    def contracts(self, currency: str, now: datetime) -> Response[Read]:
        """The options that are listed under a currency (CONTRACT_SCHEMA)."""
        return self._client.get(
            f"{_PATH}/get_instruments",
            {"currency": currency, "kind": "option", "expired": "false"},
            Series(DERIBIT.name, currency),
            (now, now),
            read_contracts,
            weight=INSTRUMENTS_WEIGHT,
        )

    def quotes(self, currency: str, now: datetime) -> Response[Read]:
        """Prices, volatility and open interest of all of them (QUOTE_SCHEMA)."""
        return self._client.get(
            f"{_PATH}/get_book_summary_by_currency",
            {"currency": currency, "kind": "option"},
            Series(DERIBIT.name, currency),
            (now, now),
            read_quotes,
        )

    def greeks(self, contract: str, now: datetime) -> Response[dict[str, float]]:
        """The greeks of one contract as Deribit reckons them."""
        return self._client.get(
            f"{_PATH}/ticker",
            {"instrument_name": contract},
            Series(DERIBIT.name, contract),
            (now, now),
            read_ticker,
        )

    def pages(
        self, series: Series, start: datetime, end: datetime, now: datetime
    ) -> Iterator[Page[pl.DataFrame]]:
        """The volatility index of a currency (INDEX_SCHEMA), hours that are over."""
        return pages(lambda turn: self._page(series, turn, now), start, min(end, now), PAGE, series)

    def _page(self, series: Series, turn: Turn, now: datetime) -> Page[pl.DataFrame]:
        """All of a turn: an answer holds the newest candles and says where those that it left out end."""
        frames: list[pl.DataFrame] = []
        rejects: list[Reject] = []
        fetches: list[Fetch] = []
        last: datetime | None = turn.end - timedelta(milliseconds=1)
        while last is not None and last >= turn.start:
            answer = self._index(series, turn.start, last, now)
            fetches += answer.fetches
            frames.append(answer.value.frame)
            rejects += answer.value.rejects
            if (more := answer.value.continuation) is not None and more >= last:
                raise VenueError(
                    ErrorKind.BAD_BODY,
                    f"{series} [{turn.start:%Y-%m-%d %H:%M}, {turn.end:%Y-%m-%d %H:%M}): the answer says "
                    f"that it goes on before {more:%Y-%m-%d %H:%M}, which is no step back. Run the window "
                    "again; if it stays so, report it.",
                    fetches=fetches,
                )
            last = more
        frame = pl.concat(reversed(frames)).unique(maintain_order=True).sort("ts")
        within = pl.col("ts").is_between(turn.start, turn.end, closed="left")
        return Page(SOURCE, turn.start, turn.end, frame.filter(within), rejects, fetches)

    def _index(self, series: Series, start: datetime, last: datetime, now: datetime) -> Response[IndexAnswer]:
        parameters: dict[str, str | int] = {
            "currency": series.name,
            "resolution": "3600",
            "start_timestamp": int(start.timestamp() * 1000),
            "end_timestamp": int(last.timestamp() * 1000),
        }
        path, window = f"{_PATH}/get_volatility_index_data", (start, last)
        return self._client.get(path, parameters, series, window, lambda body: read_index(body, now))
