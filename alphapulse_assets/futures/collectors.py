"""What venues are asked again and again about their futures: one collector for each venue and kind.

Each asks for all tracked perpetuals and futures of its venue. What a venue answers in one request for all its
symbols is asked so; what it tells by symbol is asked by several requests at once, within its budgets.
"""

from datetime import datetime
from typing import Any, Final

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, Rows, Sources
from alphapulse_assets.futures.asking import Asked, ask_each
from alphapulse_assets.futures.batch import interest_rows, price_rows
from alphapulse_assets.futures.tables import MARK_PRICES, OPEN_INTEREST
from alphapulse_resources.database.client import statement
from alphapulse_resources.venues.futures_api import FuturesApi, Interest, State, by_symbol, merge_states
from alphapulse_resources.venues.model import VenueError
from alphapulse_resources.venues.registry import find_venue

NOT_TOLD: Final = "not in the venue's answer: it may be delisted, settling or not yet trading"
_CONTRACTS: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "symbol": pl.String(),
        "venue_symbol": pl.String(),
        "kind": pl.String(),
        "contract": pl.String(),
        "contract_kind": pl.String(),
        "contract_size": pl.Float64(),
    }
)


def futures_of(venue: str) -> FuturesApi:
    """What can be asked of a venue's futures.

    Raises `ValueError` for a venue without any.
    """
    api = find_venue(venue).futures
    if api is None:
        raise ValueError(f"{venue} has no futures that could be asked about")
    return api


def tracked(sources: Sources, venue: str, now: datetime) -> pl.DataFrame:
    """The venue's tracked contracts that still trade, as `batch` wants them."""
    rows = sources.database.rows(statement("futures/tracked"), {"venue": venue, "now": now})
    return pl.DataFrame([tuple(row[name] for name in _CONTRACTS) for row in rows], _CONTRACTS, orient="row")


def collect_prices(venue: str, sources: Sources, now: datetime) -> Collected:
    """Mark, index and last prices, and the funding due next.

    Raises `VenueError` where nothing was answered.
    """
    contracts = tracked(sources, venue, now)
    if contracts.is_empty():
        return Collected()
    api = futures_of(venue)
    states = ask_states(sources, venue, now)
    terms: Asked[Any] = Asked()
    if api.terms is not None:
        terms = _terms(sources, venue, now)
    known = None
    if terms.answers:
        known = by_symbol((row for answer in terms.answers.values() for row in answer.rows), _symbol)
    frame = price_rows(contracts, whole_states(states), known)
    return Collected(
        rows=[Rows("mark_prices", MARK_PRICES, frame, states.rejects(_names(contracts)))],
        fetches=[*states.fetches, *terms.fetches],
        missing={**states.missing, **terms.missing, **_untold(contracts, frame)},
    )


def collect_interest(venue: str, sources: Sources, now: datetime) -> Collected:
    """Open interest, converted by the mark price of the same minute. Raises `VenueError`, as above."""
    contracts = tracked(sources, venue, now)
    if contracts.is_empty():
        return Collected()
    api = futures_of(venue)
    states = ask_states(sources, venue, now)
    whole = whole_states(states)
    marks = {row.symbol: row.mark for row, _ in whole if row.mark is not None}
    if api.interest is None:
        told = [
            (Interest(row.symbol, row.ts, row.open_interest), known_at)
            for row, known_at in whole
            if row.open_interest is not None
        ]
        asked: Asked[Any] = states
        fetches = states.fetches
    else:
        ask = api.interest
        names = contracts.select("symbol", "venue_symbol", "contract").iter_rows()
        asked = ask_each(sources.venue(venue), {symbol: ask(name, kind) for symbol, name, kind in names}, now)
        told = [(row, asked.known_at[name]) for name, answer in asked.answers.items() for row in answer.rows]
        fetches = [*states.fetches, *asked.fetches]
    frame = interest_rows(contracts, told, marks)
    return Collected(
        rows=[Rows("open_interest", OPEN_INTEREST, frame, asked.rejects(_names(contracts)))],
        fetches=fetches,
        missing={**states.missing, **_untold(contracts, frame), **asked.missing},
    )


def ask_states(sources: Sources, venue: str, now: datetime) -> Asked[State]:
    """The prices of all contracts of a venue. Raises `VenueError` where nothing was answered."""
    questions = {question.about: question for question in futures_of(venue).states()}
    return ask_each(sources.venue(venue), questions, now)


def whole_states(asked: Asked[State]) -> list[tuple[State, datetime]]:
    """The states that were told, each with when it was known."""
    parts = ((row, asked.known_at[name]) for name, answer in asked.answers.items() for row in answer.rows)
    return merge_states(parts)


def _terms(sources: Sources, venue: str, now: datetime) -> Asked[Any]:
    """Intervals and bounds; a failure leaves them unknown and prices as they are."""
    terms = futures_of(venue).terms
    assert terms is not None
    question = terms()
    try:
        return ask_each(sources.venue(venue), {question.about: question}, now)
    except VenueError as error:
        return Asked(missing={question.about: str(error)}, fetches=list(error.fetches))


def _symbol(row: Any) -> str:
    return str(row.symbol)


def _names(contracts: pl.DataFrame) -> dict[str, object]:
    return dict.fromkeys(contracts["venue_symbol"].to_list())


def _untold(contracts: pl.DataFrame, frame: pl.DataFrame) -> dict[str, str]:
    """Why contracts have no row: nobody said anything of them."""
    left = contracts.join(frame.select("instrument_id"), on="instrument_id", how="anti")
    return dict.fromkeys(left["symbol"].to_list(), NOT_TOLD)
