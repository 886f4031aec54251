"""The past of coins, as CoinGecko tells it today: hours of price, cap and volume, kept as `history`.

What a provider tells of its past is not what it told then, so that these rows stand beside those of the time
and never in their place, and they are known since they were fetched. CoinGecko tells a year back without a
paid plan; of days before that, and of hours that it leaves out, the reason is in `missing`. The past of the
whole market is told to paying customers only, at both providers: shares of the whole market begin when the
platform was started. What follows of shares before that follows of MAIN_COINS among themselves, under a basis
of its own.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, FillContext, FillResult, Rows, Sources
from alphapulse_assets.datasets.fetching import Fetching, Outcome
from alphapulse_assets.datasets.page_rules import TableRules
from alphapulse_assets.market_metrics.model import (
    COIN_METRICS,
    COIN_METRICS_SCHEMA,
    HISTORY,
    METRICS_VERSION,
)
from alphapulse_assets.market_metrics.rules import COIN_RULES
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.fetch_store import Batch, FetchStore
from alphapulse_resources.providers.coingecko import NAME
from alphapulse_resources.providers.coingecko.client import HOURLY, REACH, CoinGecko
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.paging import Turn, pages
from alphapulse_resources.venues.model import Page, VenueError

MAIN_COINS: Final = {
    "bitcoin": "BTC",
    "ethereum": "ETH",
    "tether": "USDT",
    "ripple": "XRP",
    "binancecoin": "BNB",
    "solana": "SOL",
    "usd-coin": "USDC",
    "dogecoin": "DOGE",
    "cardano": "ADA",
    "tron": "TRX",
}
"""The largest coins of most years by CoinGecko's ids, filled where no others are asked for (ours)."""
EVERY: Final = timedelta(hours=6)
"""How much of the past has to be new to be worth a request (ours)."""
FIRST_PAST: Final = timedelta(days=30)
"""How much of the past is fetched by itself (ours); a fill brings more."""
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


class ChartSource:
    """A coin's past as pages of at most 90 days, of which CoinGecko tells the hours."""

    def __init__(self, client: CoinGecko, symbols: dict[str, str]) -> None:
        self._client, self._symbols = client, symbols

    def pages(
        self, series: Series, start: datetime, end: datetime, now: datetime
    ) -> Iterator[Page[pl.DataFrame]]:
        """The pages of [start, end) as far as it is over."""

        def ask(turn: Turn) -> Page[pl.DataFrame]:
            page = self._client.page(series.name, turn.start, turn.end)
            frame = history_rows(page.rows, series.name, self._symbols[series.name], datetime.now(UTC))
            return Page(page.source, turn.start, turn.end, frame, [], page.fetches)

        return pages(ask, start, min(end, now), HOURLY, series)


def history_rows(chart: pl.DataFrame, coin: str, symbol: str, known_at: datetime) -> pl.DataFrame:
    """CHART_SCHEMA as rows of `coin_metrics`; what a chart does not tell is null."""
    hour = pl.col("ts").dt.truncate("1h")  # of the newest day five minutes are told
    told = chart.unique(hour, keep="first", maintain_order=True).with_columns(
        provider=pl.lit(NAME),
        coin=pl.lit(coin),
        symbol=pl.lit(symbol),
        vintage=pl.lit(HISTORY),
        logic_version=pl.lit(METRICS_VERSION, pl.Int32),
        known_at=pl.lit(known_at, pl.Datetime("us", "UTC")),
    )
    return told.match_to_schema(COIN_METRICS_SCHEMA, missing_columns="insert")


def fill_coins(context: FillContext) -> FillResult:
    """Fetch whole days of the coins in `symbols` (CoinGecko's ids or symbols), without them of MAIN_COINS.

    A coin that fails stops no other; the fill failed where every one did.
    """
    database, now = context.sources.database, datetime.now(UTC)
    days = [day for day in sorted(context.days) if midnight(day) >= now - REACH + DAY]
    missing = {
        str(day): "CoinGecko tells 365 days back without a paid plan"
        for day in context.days
        if day not in days
    }
    coins = _coins(database, context.symbols, missing)
    rules = TableRules(database, COIN_METRICS, now, COIN_RULES.guard())
    store, batch = FetchStore(database, COIN_METRICS.name), Batch(context.batch, context.run_id)
    source = ChartSource(CoinGecko(context.sources.settings, context.sources.gateway), coins)
    fetching: Fetching[Series, Page[pl.DataFrame]] = Fetching(
        store, rules, lambda series, start, end: source.pages(series, start, end, now), batch, floor_hour(now)
    )
    outcomes = [Outcome(Series(NAME, coin)) for coin in coins if days]
    for outcome in outcomes:
        fetching.days(outcome.subject, days, outcome)
        if outcome.error is not None:
            missing[outcome.subject.name] = str(outcome.error)
    return _result(database, days, outcomes, missing, floor_hour(now))


def collect_past(sources: Sources, now: datetime) -> Collected:
    """The hours of MAIN_COINS that are over and not fetched yet, a month back at first, then EVERY so often.

    The market of now is asked first: until it was, this waits, since the past pays from the same quota.
    """
    if not sources.database.rows(statement("market_metrics/newest"), {"provider": NAME}):
        return Collected(missing={"history": "the market of now is asked first"})
    client, until = CoinGecko(sources.settings, sources.gateway), floor_hour(now)
    since = until - FIRST_PAST
    known = {"provider": NAME, "coins": list(MAIN_COINS), "since": since}
    reached = {
        row["coin"]: row["ts"]
        for row in sources.database.rows(statement("market_metrics/history_reached"), known)
    }
    missing: dict[str, str] = {}
    frames = [pl.DataFrame(schema=COIN_METRICS_SCHEMA)]
    for coin, symbol in MAIN_COINS.items():
        start = floor_hour(reached[coin]) + HOUR if coin in reached else since
        if until - start < EVERY:
            continue
        try:
            chart = client.past(coin, start, until)
        except VenueError as error:
            missing[coin] = str(error)
            client.fetches = list(error.fetches)
            continue
        frames.append(history_rows(chart, coin, symbol, datetime.now(UTC)))
    rows = Rows(COIN_METRICS.name, COIN_METRICS, pl.concat(frames))
    return Collected([rows], client.fetches, missing)


def _coins(database: Database, wanted: Sequence[str] | None, missing: dict[str, str]) -> dict[str, str]:
    """Symbols by id of the coins that are wanted; a symbol stands for its largest coin."""
    if wanted is None:
        return MAIN_COINS
    rows = database.rows(statement("market_metrics/coins_by_name"), {"provider": NAME, "names": list(wanted)})
    found = {row["coin"]: row["symbol"] for row in rows}
    found |= {coin: symbol for coin, symbol in MAIN_COINS.items() if {coin, symbol} & set(wanted)}
    known = {*found, *found.values()}
    for name in wanted:
        if name not in known and name.upper() not in known:
            missing[name] = "no coin of this id or symbol is known: it is once CoinGecko has told of it"
    return found


def _result(
    database: Database,
    days: Sequence[date],
    outcomes: Sequence[Outcome[Series]],
    missing: dict[str, str],
    until: datetime,
) -> FillResult:
    """What was fetched, with days that lack hours."""
    found = [
        row
        for outcome in outcomes
        if days
        for row in database.rows(
            statement("market_metrics/history_by_day"),
            {
                "coin": outcome.subject.name,
                "provider": NAME,
                "start": midnight(days[0]),
                "end": midnight(days[-1]) + DAY,
            },
        )
    ]
    told = {(row["coin"], row["day"]): row["hours"] for row in found}
    for outcome in outcomes:
        for day in days:
            due = min(24, max((until - midnight(day)) // HOUR, 0))
            hours = told.get((outcome.subject.name, day), 0)
            if outcome.error is None and hours < due:
                missing[f"{outcome.subject.name} {day}"] = f"CoinGecko tells {hours} of {due} hours"
    written = frozenset((None, day) for _, day in told if day in set(days))
    return FillResult(
        inserted=sum(outcome.written.inserted for outcome in outcomes),
        changed=sum(outcome.written.changed for outcome in outcomes),
        unchanged=sum(outcome.written.unchanged for outcome in outcomes),
        quarantined=sum(outcome.quarantined for outcome in outcomes),
        written=written,
        missing=missing,
        failed=bool(outcomes) and all(outcome.error is not None for outcome in outcomes),
    )


def midnight(day: date) -> datetime:
    """The beginning of a UTC day."""
    return datetime.combine(day, time(), UTC)


def floor_hour(moment: datetime) -> datetime:
    """The beginning of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)
