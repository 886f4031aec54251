"""What chains tell: what the collectors ask, and what a backfill of days does; each provider by itself."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import (
    Collected,
    FillContext,
    FillResult,
    Rows,
    Sources,
    off_unless,
)
from alphapulse_assets.datasets.round_clock import RoundClock
from alphapulse_assets.datasets.vintage_filling import Ask, VintageRules, fill_series
from alphapulse_assets.datasets.vintage_store import newest_stored
from alphapulse_assets.datasets.vintages import as_vintages
from alphapulse_assets.news.onchain.model import DATASET, VINTAGES
from alphapulse_assets.news.onchain.rules import RULES
from alphapulse_resources.providers.blockchain_info import BLOCKCHAIN_INFO
from alphapulse_resources.providers.blockchain_info.charts import CHARTS, BlockchainCharts
from alphapulse_resources.providers.client import SOURCE
from alphapulse_resources.providers.coinmetrics import COINMETRICS
from alphapulse_resources.providers.coinmetrics.metrics import ASSETS, METRICS, AssetMetrics
from alphapulse_resources.providers.mempool_space import MEMPOOL_SPACE
from alphapulse_resources.providers.mempool_space.network import Network
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.onchain_model import DAY, OF_A_DAY, OF_A_MOMENT, Told
from alphapulse_resources.venues.model import Fetch, Page, Reject, VenueError

LOOK_BACK: Final = timedelta(days=14)
"""How far back daily figures are asked for each time: what is revised later is seen by a backfill (ours)."""
MOMENTS_BACK: Final = timedelta(days=2)
"""The same of the mempool's size (ours)."""
COINMETRICS_OFF: Final = off_unless("coinmetrics_enabled")


def ask_network(sources: Sources, now: datetime) -> Collected:
    """Fees, mempool, height, hash rate and difficulty of this minute, and hash rates of the last days."""
    at, asked = now.replace(second=0, microsecond=0), RoundClock(now)
    told, missing = Network(sources.provider(MEMPOOL_SPACE)).now(at)
    return _collected(sources, MEMPOOL_SPACE.name, [told], missing, (at - 5 * DAY, now), asked)


def ask_charts(sources: Sources, now: datetime) -> Collected:
    """Points of each chart; one that fails leaves the others."""
    asking, asked = BlockchainCharts(sources.provider(BLOCKCHAIN_INFO)), RoundClock(now)
    told: list[Told] = []
    fetches: list[Fetch] = []
    missing: dict[str, str] = {}
    failure: VenueError | None = None
    for chart in CHARTS:
        back = LOOK_BACK if chart.sampled == OF_A_DAY else MOMENTS_BACK
        try:
            told.append(asking.between(chart, _midnight(now - back), now, now))
        except VenueError as error:
            failure = error
            missing[chart.name] = str(error)
            fetches += error.fetches
    if failure is not None and not told:
        raise failure
    missing |= {
        chart.name: "no day that is over was told of"
        for chart, each in zip([c for c in CHARTS if c.name not in missing], told, strict=True)
        if each.rows.is_empty()
    }
    window = (_midnight(now - LOOK_BACK), now)
    return _collected(sources, BLOCKCHAIN_INFO.name, told, missing, window, asked, fetches)


def ask_assets(sources: Sources, now: datetime) -> Collected:
    """Daily figures of all assets; a metric that nobody told of any is missing."""
    start, asked = _midnight(now - LOOK_BACK), RoundClock(now)
    told = AssetMetrics(sources.provider(COINMETRICS)).between(ASSETS, start, now, now)
    came = set(told.rows.select("coin", "metric").unique().iter_rows())
    missing = {
        f"{asset} {metric}": "nothing was told of it"
        for asset in ASSETS
        for metric in METRICS.values()
        if (asset, metric) not in came
    }
    return _collected(sources, COINMETRICS.name, [told], missing, (start, now), asked)


def _collected(
    sources: Sources,
    provider: str,
    told: Sequence[Told],
    missing: dict[str, str],
    window: tuple[datetime, datetime],
    asked: RoundClock,
    fetches: Sequence[Fetch] = (),
) -> Collected:
    """What is new or told otherwise, known when the last of these answers had come."""
    seen = asked()
    rows = with_times(pl.concat([each.rows for each in told]), provider, seen)
    stored = newest_stored(sources.database, VINTAGES, *window)
    new = as_vintages(rows, stored, VINTAGES, seen)
    rejects: list[Reject] = [reject for each in told for reject in each.rejects]
    requests = [*fetches, *(fetch for each in told for fetch in each.fetches)]
    return Collected((Rows(DATASET, VINTAGES, new, rejects),), requests, missing)


def with_times(rows: pl.DataFrame, provider: str, seen: datetime) -> pl.DataFrame:
    """Rows of ONCHAIN_SCHEMA with provider, `scheduled_at`, and `due_at` as `as_vintages` wants it: what we
    have seen now was known now."""
    ends = pl.when(pl.col("sampled") == OF_A_DAY).then(pl.col("ts") + DAY).otherwise(pl.col("ts"))
    return rows.with_columns(
        provider=pl.lit(provider),
        scheduled_at=ends,
        due_at=pl.lit(seen, pl.Datetime("us", "UTC")),
    )


def fill(context: FillContext) -> FillResult:
    """Bring daily figures of days, of each provider that is asked; `symbols` restricts to some providers'
    names. The failure of one leaves the others, and has the days tried again."""
    sources, now = context.sources, datetime.now(UTC)
    results = [
        _fill_one(context, provider, subjects, ask, now)
        for provider, subjects, ask in _histories(sources, now)
        if not context.symbols or provider in context.symbols
    ]
    off = {COINMETRICS.name: why} if (why := COINMETRICS_OFF(sources.settings)) else {}
    return FillResult(
        inserted=sum(each.inserted for each in results),
        changed=sum(each.changed for each in results),
        unchanged=sum(each.unchanged for each in results),
        quarantined=sum(each.quarantined for each in results),
        written=frozenset().union(*(each.written for each in results)),
        missing={
            **off,
            **{what: why for each in results for what, why in each.missing.items()},
        },
        failed=any(each.failed for each in results),
    )


def _fill_one(
    context: FillContext, provider: str, subjects: list[Series], ask: Callable[..., Told], now: datetime
) -> FillResult:
    def pages(series: Series, start: datetime, end: datetime) -> Iterator[Page[pl.DataFrame]]:
        told = ask(series, start, end)
        yield Page(SOURCE, start, end, with_times(told.rows, provider, now), told.rejects, told.fetches)

    asked: Ask = pages
    rules = VintageRules(context.sources.database, VINTAGES, RULES, now, known_at_receipt=True)
    return fill_series(context, DATASET, subjects, rules, asked, until=_midnight(now))


def _histories(
    sources: Sources, now: datetime
) -> Iterator[tuple[str, list[Series], Callable[[Series, datetime, datetime], Told]]]:
    """Who has a history of days, its series, and how it is asked."""
    charts = {chart.name: chart for chart in CHARTS if chart.sampled != OF_A_MOMENT}
    points, network = (
        BlockchainCharts(sources.provider(BLOCKCHAIN_INFO)),
        Network(sources.provider(MEMPOOL_SPACE)),
    )
    yield (
        BLOCKCHAIN_INFO.name,
        [Series(BLOCKCHAIN_INFO.name, name) for name in charts],
        lambda series, start, end: points.between(charts[series.name], start, end, now),
    )
    yield (
        MEMPOOL_SPACE.name,
        [Series(MEMPOOL_SPACE.name, "hashrate")],
        lambda _, start, end: network.hash_rates(start, end, now),
    )
    if sources.settings.providers.coinmetrics_enabled:
        assets = AssetMetrics(sources.provider(COINMETRICS))
        yield (
            COINMETRICS.name,
            [Series(COINMETRICS.name, asset) for asset in ASSETS],
            lambda series, start, end: assets.between([series.name], start, end, now),
        )


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
