"""What the poller asks about positions: accounts at venues, and what follows for risk and signals' sizes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import OURS, Collected, Collector, Rows, Sources
from alphapulse_assets.positions.accounts import new_balances, new_states, new_tiers
from alphapulse_assets.positions.known import held_at, known_at, risk_at
from alphapulse_assets.positions.signal_sizes import LOOK_BACK, due_signals, sized
from alphapulse_assets.positions.tables import (
    BALANCES,
    PORTFOLIO_RISKS,
    POSITION_RISKS,
    POSITIONS,
    RISK_PARTS,
    SIGNAL_LIMITS,
    TIER_SCHEMA,
    TIERS,
)
from alphapulse_resources.accounts.model import AccountError
from alphapulse_resources.accounts.reader import VENUES, AccountReader, keys_of, variable
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.model import ErrorKind, VenueError

ACCOUNTS_EVERY: Final = timedelta(minutes=1)
RISK_EVERY: Final = timedelta(minutes=5)
"""Liquidation is watched by the venue's own price; five minutes bound what the tables grow by (ours)."""
SIZES_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCollector(Collector):
    """A collector that is off without the key of its account."""

    def off_because(self, settings: Settings) -> str | None:
        """Why it is not asked; None where it is."""
        if None not in keys_of(settings, self.source):
            return None
        name = variable(self.source)
        return f"needs a key that may only read: set {name}_KEY and {name}_SECRET"


def read_account(venue: str, sources: Sources, now: datetime) -> Collected:
    """What changed in an account: positions, balances, and the tiers of what is held.

    Raises:
        VenueError: the venue does not answer, or the key is refused: by the venue, or by us as it can trade.
    """
    try:
        reader = AccountReader(venue, sources.settings, sources.gateway)
        told, balances = reader.positions(), reader.balances()
        tiers = reader.tiers(each.symbol for each in told)
    except AccountError as error:
        raise VenueError(ErrorKind.BAD_REQUEST, str(error)) from None
    database = sources.database
    ids = {each.symbol: _instrument(database, venue, each.symbol) for each in told}
    stored = held_at(database, now, [venue])
    known = known_at(database, ids.values(), now)
    states = new_states(venue, [(ids[each.symbol], each) for each in told], stored, now)
    tables = [
        new_tiers(ids[symbol], rows, known.tiers.get(ids[symbol], ()), now, venue)
        for symbol, rows in tiers.items()
    ]
    return Collected(
        rows=[
            Rows("positions", POSITIONS, states),
            Rows(
                "account_balances",
                BALANCES,
                new_balances(venue, balances, known.balances.get(venue, {}), now, venue),
            ),
            Rows("maintenance_tiers", TIERS, pl.concat([pl.DataFrame(schema=TIER_SCHEMA), *tables])),
        ],
        fetches=reader.fetches,
        missing={symbol: "no maintenance tiers told" for symbol, rows in tiers.items() if not rows},
    )


def collect_risk(sources: Sources, now: datetime) -> Collected:
    """The risk of what is held now; nothing where nothing is."""
    rows = risk_at(sources.database, now)
    left_out = rows.positions.filter(pl.col("mark_price").is_null())
    return Collected(
        rows=[
            Rows("position_risk", POSITION_RISKS, rows.positions),
            Rows("portfolio_risk", PORTFOLIO_RISKS, rows.portfolio.risks),
            Rows("portfolio_risk_by_symbol", RISK_PARTS, rows.portfolio.parts),
        ],
        missing={
            f"{account} {instrument}": "no price that is new enough"
            for account, instrument in left_out.select("account", "instrument_id").iter_rows()
        },
    )


def collect_sizes(sources: Sources, now: datetime) -> Collected:
    """What limits leave of the signals of the last days that have no row yet."""
    due = due_signals(sources.database, now - LOOK_BACK, now)
    return Collected(rows=[Rows("signals_within_limits", SIGNAL_LIMITS, sized(sources.database, due))])


def _instrument(database: Database, venue: str, symbol: str) -> int:
    """The instrument of what a venue says is held: the venue knows it, so it is made known here too."""
    given = {"venue": venue, "symbol": symbol}
    found = database.rows("SELECT register_instrument(%(venue)s, %(symbol)s) AS id", given)
    return int(found[0]["id"])


ACCOUNTS: Final = tuple(
    AccountCollector(
        name=f"positions {venue}",
        source=venue,
        datasets=("positions", "account_balances", "maintenance_tiers"),
        every=ACCOUNTS_EVERY,
        collect=partial(read_account, venue),
    )
    for venue in VENUES
)
RISK: Final = Collector(
    name="portfolio_risk",
    source=OURS,
    datasets=("portfolio_risk", "position_risk", "portfolio_risk_by_symbol"),
    every=RISK_EVERY,
    collect=collect_risk,
)
SIZES: Final = Collector(
    name="signals_within_limits",
    source=OURS,
    datasets=("signals_within_limits",),
    every=SIZES_EVERY,
    collect=collect_sizes,
)
