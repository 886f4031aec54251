"""Collectors of what venues tell after the fact: settled funding, and ratios and flow of each five minutes.

Settlements are asked for when they are due, by the hours that each symbol has. Ratios and flow are told by
symbol, on budgets of a few requests a second: with many symbols they are asked in turns, each for all the
periods since its last turn and two more, so that a turn that failed leaves no hole.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, Rows, Sources
from alphapulse_assets.futures.asking import Asked, ask_each
from alphapulse_assets.futures.batch import flow_rows, ratio_rows, settled_rows
from alphapulse_assets.futures.collectors import futures_of, tracked
from alphapulse_assets.futures.tables import FUNDING_RATES, INSTANT, LONG_SHORT_RATIOS, TAKER_FLOW
from alphapulse_resources.database.client import statement
from alphapulse_resources.venues.futures_api import Answer, Question, Settled
from alphapulse_resources.venues.model import VenueError

T = TypeVar("T")

PERIOD: Final = timedelta(minutes=5)
EVERY: Final = timedelta(minutes=5)
AT_ONCE: Final = 120
"""Requests in a turn (ours): ratios and flow together leave most of 1000 in 5 minutes to history."""
OVERLAP: Final = 2
"""Periods that are asked for again: the newest may not have been complete."""
GRACE: Final = timedelta(seconds=20)
"""After a settlement until it is asked for (ours)."""
FARTHEST: Final = timedelta(days=2)
"""How far back the collector makes up for what it missed (ours); what is older is history's."""
MOST_PAGES: Final = 10
FIRST: Final = timedelta(hours=8)
"""How far back a symbol without any settlement is asked for."""


def collect_settled(venue: str, sources: Sources, now: datetime) -> Collected:
    """Settlements that are due. Raises `VenueError` where nothing was answered."""
    due = _due(sources, venue, now)
    if due.is_empty():
        return Collected()
    due = due.with_columns(settled_at=pl.when(pl.col("settled_at") >= now - FARTHEST).then("settled_at"))
    since = due.select(pl.col("settled_at").fill_null(now - FIRST).min()).item()
    asked = _of_all(sources, venue, since, now) or _of_each(sources, venue, due, now)
    told = [(row, asked.known_at[name]) for name, answer in asked.answers.items() for row in answer.rows]
    frame = settled_rows(due, told)
    wanted = dict.fromkeys(due["venue_symbol"].to_list())
    return Collected(
        rows=[Rows("funding_rates", FUNDING_RATES, frame, asked.rejects(wanted))],
        fetches=asked.fetches,
        missing=asked.missing,
    )


def _due(sources: Sources, venue: str, now: datetime) -> pl.DataFrame:
    schema = pl.Schema(
        {
            "instrument_id": pl.Int32(),
            "symbol": pl.String(),
            "venue_symbol": pl.String(),
            "contract": pl.String(),
            "settled_at": INSTANT,
            "interval_hours": pl.Float64(),
        }
    )
    given = {"venue": venue, "now": now, "grace": GRACE}
    rows = sources.database.rows(statement("futures/settled_due"), given)
    return pl.DataFrame([tuple(row[name] for name in schema) for row in rows], schema, orient="row")


def _of_all(sources: Sources, venue: str, since: datetime, now: datetime) -> Asked[Settled] | None:
    """Settlements of all symbols after `since`, page after page; None: the venue does not tell them so."""
    api, found = futures_of(venue), Asked[Settled]()
    if api.settled_of_all is None:
        return None
    start = since + timedelta(minutes=1)
    for page in range(MOST_PAGES):
        try:
            response = sources.venue(venue).ask(api.settled_of_all(start), (start, now))
        except VenueError as error:
            if not found.answers:
                raise
            found.fetches += error.fetches  # what came before it is kept: it is without holes
            found.missing["settlements"] = str(error)
            return found
        name = f"settlements, page {page + 1}"
        found.answers[name], found.known_at[name] = response.value, datetime.now(UTC)
        found.fetches += response.fetches
        if len(response.value.rows) + len(response.value.rejects) < api.settled_page:
            return found
        start = max((row.at for row in response.value.rows), default=now)  # that instant again: it may be cut
    found.missing["settlements"] = f"more than {MOST_PAGES} pages since {since:%Y-%m-%d %H:%M}"
    return found


def _of_each(sources: Sources, venue: str, due: pl.DataFrame, now: datetime) -> Asked[Settled]:
    api = futures_of(venue)
    rows = due.select("symbol", "venue_symbol", "contract", "settled_at").iter_rows()
    questions = {
        symbol: api.settled(name, contract, settled_at or now - FIRST)
        for symbol, name, contract, settled_at in rows
    }
    return ask_each(sources.venue(venue), questions, now)


def collect_ratios(venue: str, sources: Sources, now: datetime) -> Collected:
    """Long/short ratios of the symbols whose turn it is. Raises `VenueError` where nothing was answered."""
    kinds = futures_of(venue).ratios
    contracts = tracked(sources, venue, now)
    mine, periods = turn(contracts, now, len(kinds))
    asked_of = {
        f"{symbol}: {kind}": (name, kind, ask(name, contract, periods))
        for symbol, name, contract in _named(mine)
        for kind, ask in kinds.items()
    }
    asked = _ask(sources, venue, {about: question for about, (_, _, question) in asked_of.items()}, now)
    told = [
        (*asked_of[about][:2], row, asked.known_at[about])
        for about, answer in asked.answers.items()
        for row in answer.rows
    ]
    rows = Rows(
        "long_short_ratios", LONG_SHORT_RATIOS, ratio_rows(contracts, told), asked.rejects(_every(contracts))
    )
    return Collected(rows=[rows], fetches=asked.fetches, missing=asked.missing)


def collect_flow(venue: str, sources: Sources, now: datetime) -> Collected:
    """Taker flow of the symbols whose turn it is. Raises `VenueError` where nothing was answered."""
    ask: Callable[[str, str, int], Question[Answer[Any]]] | None = futures_of(venue).flow
    assert ask is not None, f"{venue} does not tell taker flow"
    contracts = tracked(sources, venue, now)
    mine, periods = turn(contracts, now, 1)
    names = {symbol: (name, kind) for symbol, name, kind in _named(mine)}
    questions = {symbol: ask(name, kind, periods) for symbol, (name, kind) in names.items()}
    asked = _ask(sources, venue, questions, now)
    told = [
        (names[symbol][0], row, asked.known_at[symbol])
        for symbol, answer in asked.answers.items()
        for row in answer.rows
    ]
    rows = Rows("taker_flow", TAKER_FLOW, flow_rows(contracts, told), asked.rejects(_every(contracts)))
    return Collected(rows=[rows], fetches=asked.fetches, missing=asked.missing)


def turn(contracts: pl.DataFrame, now: datetime, requests: int) -> tuple[pl.DataFrame, int]:
    """The contracts whose turn it is at `now`, and for how many periods each is asked.

    `requests` is what one contract costs. A function of the time alone: every one comes around.
    """
    perpetuals = contracts.filter(pl.col("kind") == "perpetual").sort("symbol")
    turns = max(1, -(-perpetuals.height * requests // AT_ONCE))
    which = int(now.timestamp() // EVERY.total_seconds()) % turns
    periods = turns * (EVERY // PERIOD) + OVERLAP
    return perpetuals.gather_every(turns, which), periods


def _every(contracts: pl.DataFrame) -> dict[str, object]:
    return dict.fromkeys(contracts["venue_symbol"].to_list())


def _named(contracts: pl.DataFrame) -> list[tuple[str, str, str]]:
    return list(contracts.select("symbol", "venue_symbol", "contract").iter_rows())


def _ask(sources: Sources, venue: str, questions: dict[str, Question[Answer[T]]], now: datetime) -> Asked[T]:
    return ask_each(sources.venue(venue), questions, now) if questions else Asked()
