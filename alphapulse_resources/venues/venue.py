"""What a venue is, in one object: how it is asked over REST and over sockets, and what it can do. Pure.

Each folder beside this module declares one `Venue`; `registry` lists them. docs/adding_a_venue.md tells how a
folder is made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from alphapulse_resources.streams.messages import StreamAdapter
from alphapulse_resources.streams.protocols import StreamProtocol
from alphapulse_resources.venues.error_rules import Rule
from alphapulse_resources.venues.futures_api import FuturesApi
from alphapulse_resources.venues.futures_past import FuturesPast
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.model import Instrument
from alphapulse_resources.venues.rows import ReadRows
from alphapulse_resources.venues.tape import TapePage
from alphapulse_resources.venues.wire import Wire

Headers = Mapping[str, Any]
"""Of an answer, by name in any letters' case."""


class Mirror(NamedTuple):
    """Another host with the same interface, and the section of ccxt's addresses that it replaces."""

    host: str
    section: str
    path: str


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes a venue's candles as files of a month and of a day, and how they are read."""

    host: str
    path: Callable[
        [str, datetime, str], str
    ]  # of `monthly` or `daily`, the period's start, the venue's symbol
    read: Callable[[bytes, datetime, datetime], ReadRows]  # a file that is to hold `[start, end)`


@dataclass(frozen=True, slots=True)
class RestBook:
    """Order books over REST, for a venue whose socket sends no book of its own."""

    method: str  # ccxt's implicit method
    path: str
    serves: Callable[[int], bool]  # whether a limit is one of the venue's
    limits: str  # the same in words
    weights: tuple[tuple[int, float], ...]  # (up to this limit, weight), ascending
    levels: Callable[[Any], int]  # how many a body holds; `VenueError` BAD_BODY if it is no order book


@dataclass(frozen=True, slots=True)
class TradeTape:
    """Trades over REST from any moment on, of which candles are made where a venue keeps few candles."""

    method: str  # ccxt's implicit method
    path: str
    params: Callable[[Instrument, int], dict[str, Any]]  # trades from that many ns since 1970 on, it included
    read: Callable[[Any], TapePage]  # of a body; VenueError BAD_BODY if it is not the documented type
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class RestApi:
    """What has to be known of a venue to ask it for markets and candles."""

    ccxt_id: str
    host: str
    page_minutes: int  # candles asked for in one REST request
    sources: tuple[str, ...]  # in the order in which they are tried
    buckets: Mapping[str, str]  # source -> name in `limits`, or in those of another venue
    limits: Mapping[str, Bucket]  # the budgets that are this venue's own
    markets_path: str
    markets_weight: float  # what all requests of one load_markets cost together
    candles: Wire
    recent: Wire | None = None  # how candles of the last `recent_reach` are asked for, where it is otherwise
    recent_reach: timedelta = timedelta(0)
    ccxt_options: Mapping[str, Any] = field(default_factory=dict)
    errors: tuple[Rule, ...] = ()  # looked at before the rules for all venues
    used_weight: Callable[[Headers], float | None] | None = None  # what the venue counts as used
    reset_seconds: Callable[[Headers, datetime], float | None] | None = None  # beside Retry-After
    mirror: Mirror | None = None
    archive: Publisher | None = None
    books: RestBook | None = None
    tape: TradeTape | None = None  # the source `trades`
    reach: Mapping[str, timedelta] = field(default_factory=dict)  # sources that do not go further back
    venue_symbol: Callable[[Mapping[str, Any]], str] | None = None  # of ccxt's market; None: ccxt's id

    def candles_from(self, start: datetime, now: datetime) -> Wire:
        """How candles of a window that begins at `start` are asked for."""
        recent = self.recent if start >= now - self.recent_reach else None
        return recent or self.candles


@dataclass(frozen=True, slots=True)
class Venue:
    """One venue. `name` is its ccxt id, and `Instrument.venue`.

    `api` is None for one that is known by its streams only: its recordings can be replayed. `markets` has the
    protocol of the socket that serves each kind of instrument; none where nobody listens to it: its candles
    come over REST alone.
    """

    name: str
    kinds: frozenset[str]  # spot, perpetual, future
    api: RestApi | None = None
    adapter: StreamAdapter | None = None
    markets: Mapping[str, StreamProtocol] = field(default_factory=dict)
    inverse: bool = False  # sizes are contracts of a fixed quote value
    futures: FuturesApi | None = None  # what its futures say beside candles
    past: FuturesPast | None = None  # the history of it

    @property
    def rest(self) -> RestApi:
        """How it is asked over REST; `ValueError` for one that is known by its streams only."""
        if self.api is None:
            raise ValueError(f"{self.name} is known by its streams only")
        return self.api

    @property
    def sources(self) -> tuple[str, ...]:
        """Where its candles come from, in the order in which they are tried."""
        return self.rest.sources
