"""How a venue words what its futures say beside candles: questions and what answers mean. Pure: no I/O.

Each venue's own words are in its folder, in `futures`. Times are UTC; numbers in the venue's own units, which
`alphapulse_assets.futures` converts by the stored contract size.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

from alphapulse_resources.venues.model import Reject
from alphapulse_resources.venues.wire import bad_body, read_number, whole

T = TypeVar("T")

DEFAULT_INTERVAL_HOURS: Final = 8.0
"""Hours between settlements of symbols that a list of adjusted ones leaves out (Binance, fundingInfo)."""


class State(NamedTuple):
    """Prices of a contract at an instant, with the funding that is due next.

    Where a venue tells it in several lists each is a part of it: see `merge_states`.
    """

    symbol: str  # the venue's own
    ts: datetime
    mark: float | None = None  # None only in a part that does not tell it
    index_price: float | None = None
    last: float | None = None
    funding_rate: float | None = None  # what would be paid if it were settled now
    next_funding_at: datetime | None = None
    interval_hours: float | None = None
    floor: float | None = None
    cap: float | None = None
    open_interest: float | None = None  # in contracts, as the venue counts them


class Interest(NamedTuple):
    """Open contracts of one symbol at an instant."""

    symbol: str
    ts: datetime
    contracts: float


class Terms(NamedTuple):
    """What a venue says of a symbol's funding in general."""

    symbol: str
    interval_hours: float
    floor: float | None
    cap: float | None


class Settled(NamedTuple):
    """Funding that was paid."""

    symbol: str
    at: datetime  # as the venue tells it, to the millisecond
    rate: float
    mark: float | None = None


class Ratio(NamedTuple):
    """Who is long and who is short in a period."""

    ts: datetime
    long_share: float
    short_share: float
    ratio: float | None


class Flow(NamedTuple):
    """What takers bought and sold in a period."""

    ts: datetime
    buy_volume: float
    sell_volume: float


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The rows of an answer, and those that could not be read."""

    rows: list[T]
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """One request: where, with what, at what cost, and how its body is read."""

    about: str  # for messages: what of whom
    path: str
    parameters: Mapping[str, str | int]
    read: Callable[[Any], T]
    weight: float = 1.0
    buckets: tuple[str, ...] = ()  # empty: the venue's own for REST


@dataclass(frozen=True, slots=True)
class FuturesApi:
    """What can be asked of a venue's futures; None: the venue does not tell it."""

    states: Callable[[], list[Question[Answer[State]]]]
    """Prices of all contracts, in few requests; those about the same contract are parts of its state."""
    interest: Callable[[str, str], Question[Answer[Interest]]] | None
    """Open interest of a symbol of a kind of contract; None: `states` tell it."""
    terms: Callable[[], Question[Answer[Terms]]] | None
    """Intervals and bounds of those symbols where they differ from the usual; None: `states` tell them."""
    settled: Callable[[str, str, datetime], Question[Answer[Settled]]]
    """Settlements of a symbol of a kind of contract from a moment on."""
    settled_of_all: Callable[[datetime], Question[Answer[Settled]]] | None
    """Settlements of all symbols from a moment on, the oldest first, `settled_page` at most."""
    ratios: Mapping[str, Callable[[str, str, int], Question[Answer[Ratio]]]]
    """By kind of ratio: the last so many periods of five minutes of a symbol of a kind of contract."""
    flow: Callable[[str, str, int], Question[Answer[Flow]]] | None
    """What takers did in the last so many periods of five minutes."""
    settled_page: int = 1000


def read_rows(rows: Any, read: Callable[[dict[str, Any]], T], expected: str) -> Answer[T]:
    """Each row as `read` makes it; one that cannot be read is a reject and costs no other.

    Raises `VenueError` BAD_BODY where there is no list at all.
    """
    if not isinstance(rows, list):
        raise bad_body(f"a list of {expected}", rows)
    found: list[T] = []
    rejects: list[Reject] = []
    for row in rows:
        try:
            if not isinstance(row, dict):
                raise ValueError(f"the row is a {type(row).__name__}, not an object")
            found.append(read(row))
        except KeyError as error:
            rejects.append(_reject(f"the row has no {error.args[0]}", row))
        except ValueError as error:
            rejects.append(_reject(str(error), row))
    return Answer(found, rejects)


def _reject(reason: str, row: Any) -> Reject:
    return Reject(reason, row if isinstance(row, dict) else {"row": row})


def moment(value: Any) -> datetime:
    """A time in milliseconds since 1970, as number or text; else `ValueError`."""
    ms = whole(value)
    if not 0 < ms < 4_102_444_800_000:  # the year 2100
        raise ValueError(f"{value!r} is no time in milliseconds")
    return datetime.fromtimestamp(ms / 1000, UTC)


def optional_moment(value: Any) -> datetime | None:
    """The same where a venue may have none: null, an empty text and 0 are none."""
    return None if value in (None, "", "0", 0) else moment(value)


def optional_number(value: Any) -> float | None:
    """A finite number; null and an empty text are none, anything else `ValueError`."""
    return None if value in (None, "") else read_number(value)


def positive(value: Any, name: str) -> float:
    """A number above 0; else `ValueError` that names it."""
    if (number := read_number(value)) <= 0:
        raise ValueError(f"{name} is {value!r}, not above 0")
    return number


def merge_states(parts: Iterable[tuple[State, datetime]]) -> list[tuple[State, datetime]]:
    """States out of their parts by symbol, each known with the last of them.

    Its instant is that of the mark price. What has no mark price is left out: there is nothing to go by.
    """
    found: dict[str, tuple[State, datetime]] = {}
    for part, known_at in parts:
        if part.symbol not in found:
            found[part.symbol] = (part, known_at)
            continue
        old, known = found[part.symbol]
        told = {name: value for name, value in part._asdict().items() if value is not None}
        ts = part.ts if part.mark is not None else old.ts
        found[part.symbol] = (old._replace(**told | {"ts": ts}), max(known, known_at))
    return [(state, known) for state, known in found.values() if state.mark is not None]


def by_symbol(rows: Iterable[T], of: Callable[[T], str]) -> dict[str, T]:
    """Rows by the venue's symbol; of several the last."""
    return {of(row): row for row in rows}
