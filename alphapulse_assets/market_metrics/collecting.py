"""Asking providers for the market as a whole and for coins, again and again.

What is told seldom (stablecoins, decentralised finance) is asked seldom: until then the last of it that was
stored stands in the row with its own time. An answer that is not newer than what is stored brings nothing; if
it is stale too, the provider has fallen silent, which is an error and no row.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, Rows, Sources
from alphapulse_assets.datasets.round_clock import RoundClock
from alphapulse_assets.market_metrics import rows as made
from alphapulse_assets.market_metrics.model import COIN_METRICS, COINS_LATEST, MARKET_METRICS, STALE
from alphapulse_assets.market_metrics.rules import COIN_RULES
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.providers.coingecko import NAME as COINGECKO
from alphapulse_resources.providers.coingecko.client import PAGE, CoinGecko
from alphapulse_resources.providers.coinmarketcap import COINMARKETCAP
from alphapulse_resources.providers.coinmarketcap import NAME as CMC
from alphapulse_resources.providers.coinmarketcap.client import COINS_A_CREDIT, CoinMarketCap
from alphapulse_resources.providers.market_model import CoinRows, MarketFigures
from alphapulse_resources.venues.model import ErrorKind, Fetch, Reject, VenueError

STABLECOINS_EVERY: Final = timedelta(minutes=5)
"""CoinGecko's list of stablecoins is asked so often; coins are worked out each minute (ours: it saves
requests)."""
DEFI_EVERY: Final = timedelta(hours=1)
"""Worked out once an hour (documented)."""
COINS: Final = PAGE
"""Largest coins that are asked for; tracked symbols beyond them come on top."""
CMC_COINS: Final = COINS_A_CREDIT
"""Largest coins that CoinMarketCap is asked for: what one credit buys."""
AHEAD: Final = timedelta(seconds=10)
"""How far in the future a row may be by its own time (as `collector_run` has it)."""

_OTHER: Final = {COINGECKO: CMC, CMC: COINGECKO}


def coingecko_market(sources: Sources, now: datetime) -> Collected:
    """The whole market as CoinGecko has it."""
    client, clock = CoinGecko(sources.settings, sources.gateway), RoundClock(now)
    told = client.market(now)
    last = _newest(sources.database, COINGECKO)
    missing: dict[str, str] = {}
    stablecoins = _stablecoins(client, told, last, now, missing)
    defi = _defi(client, last, now, missing)
    return _market(sources, told, (stablecoins, defi), (COINGECKO, clock()), client.fetches, missing)


def coinmarketcap_market(sources: Sources, now: datetime) -> Collected:
    """The whole market as CoinMarketCap has it, which tells all of it at once."""
    client, clock = CoinMarketCap(sources.provider(COINMARKETCAP)), RoundClock(now)
    told, had = client.market(now), clock()
    stable, defi = made.NO_STABLECOINS, made.NO_DEFI
    if told.stablecoin_market_cap is not None:
        stable = made.Stablecoins(told.stablecoin_market_cap, "provider", told.ts)
    if told.defi_market_cap is not None:
        defi = made.Defi(told.defi_market_cap, told.defi_volume_24h, None, told.ts)
    return _market(sources, told, (stable, defi), (CMC, had), client.fetches, {})


def coingecko_coins(sources: Sources, now: datetime) -> Collected:
    """The largest coins as CoinGecko has them, and those of tracked symbols that are smaller."""
    client, clock = CoinGecko(sources.settings, sources.gateway), RoundClock(now)
    told = client.largest(now, COINS)
    tracked = _tracked(sources.database)
    beyond = tracked - set(told.frame["symbol"])
    missing: dict[str, str] = {}
    if beyond:
        more = _try(
            lambda: client.of_symbols(now, beyond), "coins of tracked symbols", missing, client.fetches
        )
        if more is not None:
            frame = pl.concat([told.frame, more.frame]).unique("coin", keep="first", maintain_order=True)
            told = CoinRows(frame, (*told.rejects, *more.rejects))
        for symbol in sorted(tracked - set(told.frame["symbol"])):
            missing.setdefault(symbol, "CoinGecko tells of no coin of this symbol")
    return _coins(sources, told, tracked, (COINGECKO, clock()), client.fetches, missing)


def coinmarketcap_coins(sources: Sources, now: datetime) -> Collected:
    """The largest coins as CoinMarketCap has them."""
    client, clock = CoinMarketCap(sources.provider(COINMARKETCAP)), RoundClock(now)
    told, had = client.largest(now, CMC_COINS), clock()
    return _coins(sources, told, _tracked(sources.database), (CMC, had), client.fetches, {})


def _market(
    sources: Sources,
    told: MarketFigures,
    parts: tuple[made.Stablecoins, made.Defi],
    whom: tuple[str, datetime],
    fetches: list[Fetch],
    missing: dict[str, str],
) -> Collected:
    """The row of an answer, if it says anything new."""
    provider, had = whom
    age = had - told.ts
    last = _newest(sources.database, provider)
    if age > STALE:
        missing["market"] = f"{provider} tells of {told.ts:%Y-%m-%d %H:%M}, {_minutes(age)} minutes ago"
    if last is not None and told.ts <= last["ts"]:
        if age > STALE:
            raise VenueError(
                ErrorKind.BAD_BODY,
                f"{provider} market from rest: nothing newer than {told.ts:%Y-%m-%d %H:%M} UTC, which is "
                f"{_minutes(age)} minutes ago. It is asked again; what it said is stored with its own time.",
                fetches=fetches,
            )
        return Collected(fetches=fetches, missing=missing)
    row = made.market_row(provider, told, *parts, _newest(sources.database, _OTHER[provider]), had)
    broken = made.broken_market(row, told.shares)
    rejects = [] if broken is None else [Reject(broken, _as_text(row), told.ts)]
    frame = made.market_frame([] if broken else [row])
    return Collected([Rows("market_metrics", MARKET_METRICS, frame, rejects)], fetches, missing)


def _coins(
    sources: Sources,
    told: CoinRows,
    tracked: set[str],
    whom: tuple[str, datetime],
    fetches: list[Fetch],
    missing: dict[str, str],
) -> Collected:
    """The rows of coins that are new, and the newest of each beside them."""
    provider, had = whom
    found = sources.database.rows(statement("market_metrics/coins_stored"), {"provider": provider})
    stored = {row["coin"]: row["ts"] for row in found}
    often = tracked | {symbol.upper() for symbol in made.STABLECOINS}
    frame = made.coin_rows(provider, told, stored, often, had)
    sound = ~pl.any_horizontal(rule.fill_null(False) for rule in COIN_RULES.guard().values())
    latest = frame.filter(sound & (pl.col("ts") <= had + AHEAD)).drop("vintage")
    rows = [
        Rows("coin_metrics", COIN_METRICS, frame.drop("name"), told.rejects),
        Rows("coin_metrics", COINS_LATEST, latest.sort("coin")),
    ]
    stale = [row for row in frame.select("coin", "ts").iter_rows() if had - row[1] > STALE]
    missing |= {coin: f"told of {ts:%Y-%m-%d %H:%M}" for coin, ts in stale}
    if told.frame.height and not frame.height and (newest := told.frame["ts"].max()) is not None:
        _refuse_silence(provider, newest, had, fetches)
    return Collected(rows, fetches, missing)


def _refuse_silence(provider: str, newest: Any, had: datetime, fetches: list[Fetch]) -> None:
    if had - newest > STALE:
        raise VenueError(
            ErrorKind.BAD_BODY,
            f"{provider} coins from rest: nothing newer than {newest:%Y-%m-%d %H:%M} UTC, which is "
            f"{_minutes(had - newest)} minutes ago. They are asked again.",
            fetches=fetches,
        )


def _stablecoins(
    client: CoinGecko,
    told: MarketFigures,
    last: dict[str, Any] | None,
    now: datetime,
    missing: dict[str, str],
) -> made.Stablecoins:
    """By CoinGecko's category, asked seldom; where that fails, those among the largest coins."""
    if (
        last is not None
        and last["stablecoin_basis"] == "category"
        and now - last["stablecoins_at"] < STABLECOINS_EVERY
    ):
        return made.Stablecoins(last["stablecoin_market_cap"], "category", last["stablecoins_at"])
    coins = _try(lambda: client.largest(now, PAGE, "stablecoins"), "stablecoins", missing, client.fetches)
    found = made.NO_STABLECOINS if coins is None else made.stablecoins_of(coins, now)
    return found if found.market_cap is not None else made.stablecoins_among(told)


def _defi(
    client: CoinGecko, last: dict[str, Any] | None, now: datetime, missing: dict[str, str]
) -> made.Defi:
    if last is not None and last["defi_at"] is not None and now - last["defi_at"] < DEFI_EVERY:
        return made.Defi(
            last["defi_market_cap"], last["defi_volume_24h"], last["defi_dominance"], last["defi_at"]
        )
    told = _try(lambda: client.defi(now), "defi", missing, client.fetches)
    return made.NO_DEFI if told is None else made.Defi.told(told, now)


def _try(ask: Callable[[], Any], subject: str, missing: dict[str, str], fetches: list[Fetch]) -> Any:
    """An answer, or None with the reason in `missing`: a part that fails costs only itself."""
    try:
        return ask()
    except VenueError as error:
        missing[subject] = str(error)
        fetches[:] = error.fetches or fetches
        return None


def _newest(database: Database, provider: str) -> dict[str, Any] | None:
    rows = database.rows(statement("market_metrics/newest"), {"provider": provider})
    return rows[0] if rows else None


def _tracked(database: Database) -> set[str]:
    """Upper-case base currencies of tracked symbols."""
    return {row["base"].upper() for row in database.rows(statement("market_metrics/tracked_bases"))}


def _as_text(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON can hold it."""
    return {name: str(value) if isinstance(value, datetime) else value for name, value in row.items()}


def _minutes(age: timedelta) -> int:
    return round(age / timedelta(minutes=1))
