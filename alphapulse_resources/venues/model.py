"""The words in which a venue, or another provider, answers: instruments, markets, pages of rows, errors.

Pure vocabulary: no I/O. Times are UTC, windows half-open `[start, end)`, candle time is the open time. Pages,
requests and errors are those of any data set and any provider; candles are one of them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

import polars as pl

from alphapulse_resources.off_grid import OFF_GRID_SCHEMA

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Instrument:
    """One tracked symbol at one venue: the row of `instruments` that a fetch needs."""

    instrument_id: int
    venue: str  # ccxt id: binance, binanceusdm, bybit, coinbase
    symbol: str  # ccxt unified: BTC/USDT, BTC/USDT:USDT
    venue_symbol: str  # the venue's own: BTCUSDT, BTC-USD
    kind: str  # spot, perpetual or future
    listed_at: datetime | None = None
    delisted_at: datetime | None = None
    contract_size: float | None = None  # of `instruments`: base for linear, quote for inverse contracts

    def __str__(self) -> str:
        return f"{self.venue} {self.symbol}"


@dataclass(frozen=True, slots=True)
class Market:
    """What a venue says of one of its symbols now."""

    venue: str
    symbol: str
    venue_symbol: str
    kind: str
    base: str
    quote: str
    settle: str | None
    tick_size: float | None
    lot_size: float | None
    active: bool
    listed_at: datetime | None
    delisted_at: datetime | None
    contract_size: float | None = None  # base for linear, quote for inverse contracts; None for spot
    contract_kind: str | None = None  # linear, inverse or quanto; None for spot


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be read as one of its data set, kept as it came."""

    reason: str
    payload: dict[str, Any]
    ts: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """How one request went: a row of `fetch_log`."""

    source: str  # archive, rest, mirror, yahoo; of other providers, what they call it
    url: str  # host and path, never a query that could hold a secret
    window_start: datetime
    window_end: datetime
    started_at: datetime
    latency_ms: float
    http_status: int | None = None
    weight: float = 0.0  # request weight this call cost, in the unit of who was asked
    used_weight: float | None = None  # what it says is used up now
    rows: int = 0
    error_kind: str | None = None
    error: str | None = None
    checksum: str | None = None  # sha256 of an archive


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What one source said about `[start, end)`: the rows it has, so what is absent it does not have.

    `end` is how far the answer goes, not how far was asked: an answer that was cut short ends where it was
    cut, and the next page goes on there. `rows` are the source's, not yet validated. `rejects` are rows that
    could not be read at all, for the quarantine. `cursor` is the source's own word for what comes after this
    page, where it has one; else what comes after is asked for by its time.
    """

    source: str
    start: datetime
    end: datetime
    rows: T
    rejects: list[Reject] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class CandlePage(Page[pl.DataFrame]):
    """A page of candles: `rows` has CANDLE_SCHEMA, sorted by `ts`, within the window, closed candles only.

    It may hold impossible prices, or a timestamp twice. `off_grid` are the open times that were floored to
    the minute (OFF_GRID_SCHEMA).
    """

    off_grid: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=OFF_GRID_SCHEMA))

    @property
    def candles(self) -> pl.DataFrame:
        """Its rows."""
        return self.rows


class ErrorKind(StrEnum):
    """What went wrong, in the terms that decide what to do next."""

    BANNED = "banned"  # 418/429: wait for Retry-After
    GEO_BLOCKED = "geo_blocked"  # 451/403: never retry here, next source
    VENUE_DOWN = "venue_down"  # 5xx, maintenance, refused: retry with back-off
    TIMEOUT = "timeout"
    BAD_SYMBOL = "bad_symbol"  # who was asked does not know it: never retry
    BAD_KEY = "bad_key"  # 401: no key, a wrong one, or one without this right: never retry
    NO_CREDIT = "no_credit"  # 402: paid for by use, and nothing is left of the money: never retry
    BAD_BODY = "bad_body"  # answered, but not with the rows asked for
    BAD_REQUEST = "bad_request"  # our fault: never retry
    CHECKSUM = "checksum"  # an archive that is not what its checksum says
    NOT_PUBLISHED = "not_published"  # an archive file that does not exist (yet)


class VenueError(Exception):
    """A venue, or another provider, did not give what was asked.

    The message names it, the symbol or series, the window and what to do.
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        retry_after: float | None = None,
        fetches: list[Fetch] | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after
        self.fetches = fetches or []
