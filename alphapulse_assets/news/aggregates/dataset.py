"""Aggregates of sentiment and their correlations with price as data sets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.alerts.market import MarketAlert
from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.collecting import OURS, Collector, Sources
from alphapulse_assets.datasets.dataset import Dataset, Retention
from alphapulse_assets.news.aggregates import alerts, checks, computing, kernels, show
from alphapulse_assets.news.aggregates.model import (
    AGGREGATES_VERSION,
    CORRELATIONS_VERSION,
    SENTIMENT_AGGREGATES,
    SENTIMENT_CORRELATIONS,
)
from alphapulse_assets.news.aggregates.rules import AGGREGATE_RULES, CORRELATION_RULES
from alphapulse_assets.news.model import LINKS_VERSION, TEXTS_VERSION
from alphapulse_resources.database.client import statement

GROUP: Final = "news"
LATELY: Final = timedelta(hours=3)
"""How long after an hour or a text there may still be an alert of it (ours): the past is no news."""


def said(sources: Sources, now: datetime) -> Sequence[MarketAlert]:
    """Spikes of hours that ended lately, and stories that have just become a cluster."""
    since = now - LATELY
    database = sources.database
    spiked = database.rows(
        statement("news/aggregates/spikes"),
        {
            "since": since,
            "now": now,
            "zscore": alerts.SPIKE,
            "stories": alerts.LEAST_STORIES,
            "sources": alerts.LEAST_SOURCES,
        },
    )
    clustered = database.rows(
        statement("news/aggregates/clusters"),
        {
            "since": since,
            "now": now,
            "within": alerts.WITHIN,
            "sources": alerts.MANY,
            "version": LINKS_VERSION,
        },
    )
    return [*alerts.spikes(spiked), *alerts.clusters(clustered)]


def _compile(candles: pl.DataFrame, timeframe: str) -> None:
    x, hours, lags = np.linspace(0.0, 1.0, 5), np.arange(5), np.array([0])
    kernels.correlation_at(x, x, hours, 0)
    kernels.resampled(x, x, hours[None, :], lags, np.empty((1, 1)))
    kernels.best_of_shuffled(x, x, hours[None, :], lags, 3, np.empty(1))
    kernels.autocorrelations(x, np.empty(1))


AGGREGATES: Final = Dataset(
    name=computing.AGGREGATES,
    layer="collected",
    description="What all texts about a coin, or about the market, said in the hour and in the 24 hours "
    "until its end: score, disagreement, counts, and how far from the week before.\n\n"
    "Stories count once, weighted by how sure model and linking are, by age and by kind. Models and their "
    "versions are never mixed. Without texts there is no row, without a score no figure: no data is no data.",
    group=GROUP,
    tables=[SENTIMENT_AGGREGATES],
    reads=["sentiment_data", "text_links"],
    versions=[AGGREGATES_VERSION, LINKS_VERSION, TEXTS_VERSION],
    collectors=(
        Collector(
            name=computing.AGGREGATES_OF,
            source=OURS,
            datasets=(computing.AGGREGATES,),
            every=timedelta(minutes=1),
            collect=computing.collect_aggregates,
            alerts=said,
        ),
    ),
    fill=computing.fill_aggregates,
    rules=AGGREGATE_RULES,
    checks=[
        collected_rules("Scores from -1 to 1, counts of at least one text, no more stories than texts."),
        checks.COUNTS_ADD_UP,
        checks.AGGREGATES_AGAIN,
    ],
    show_collected=show.show_aggregates,
    retention={SENTIMENT_AGGREGATES.name: Retention(timedelta(days=1095))},
)
CORRELATIONS: Final = Dataset(
    name=computing.CORRELATIONS,
    layer="collected",
    description="Whether the sentiment of a coin has anything to do with returns or volatility of its "
    "symbols, before or after, over 30 and 90 days of hours.\n\n"
    "Each correlation with an interval by the block bootstrap, a q adjusted for all that was looked at, and "
    "what shuffled sentiment reaches beside it. The verdict is no demonstrated relation where that is so.",
    group=GROUP,
    tables=[SENTIMENT_CORRELATIONS],
    reads=[computing.AGGREGATES, "ohlcv"],
    versions=[CORRELATIONS_VERSION, AGGREGATES_VERSION],
    collectors=(
        Collector(
            name=computing.CORRELATIONS_OF,
            source=OURS,
            datasets=(computing.CORRELATIONS,),
            every=timedelta(hours=1),
            collect=computing.collect_correlations,
        ),
    ),
    fill=computing.fill_correlations,
    rules=CORRELATION_RULES,
    checks=[
        collected_rules("Correlations and bounds from -1 to 1, in order; q not below p; known verdicts."),
        checks.CORRELATIONS_AGAIN,
    ],
    show_collected=show.show_correlations,
    warm_up=_compile,
    retention={SENTIMENT_CORRELATIONS.name: Retention(timedelta(days=730))},
)
DATASETS: Final = (AGGREGATES, CORRELATIONS)
