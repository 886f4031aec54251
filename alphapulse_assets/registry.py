"""All data sets of the platform, a line a room, the lower rooms first: what each is, its room says.

Rooms stand below this module and do not know it; streams, automation, definitions and the command line stand
above and read it. A new data set is a room's own files and a line here (docs/adding_a_data_set.md).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from alphapulse_assets.candles import dataset as candles
from alphapulse_assets.datasets.dataset import NO_LOOK_AHEAD, REFRESH_DERIVED_JOB, Dataset, Retention
from alphapulse_assets.datasets.live import StartLive
from alphapulse_assets.futures import dataset as futures
from alphapulse_assets.futures.leverage import dataset as leverage
from alphapulse_assets.futures.liquidations import dataset as liquidations
from alphapulse_assets.indicators import dataset as indicators
from alphapulse_assets.instruments import dataset as instruments
from alphapulse_assets.market_metrics import dataset as market_metrics
from alphapulse_assets.market_metrics.institutional import dataset as institutional
from alphapulse_assets.models import dataset as models
from alphapulse_assets.news.aggregates import dataset as aggregates
from alphapulse_assets.news.fear_greed import dataset as fear_greed
from alphapulse_assets.news.onchain import dataset as onchain
from alphapulse_assets.news.scoring import dataset as scoring
from alphapulse_assets.news.social import dataset as social
from alphapulse_assets.news.texts import dataset as news_texts
from alphapulse_assets.options import dataset as options
from alphapulse_assets.order_book import dataset as order_book
from alphapulse_assets.patterns import dataset as patterns
from alphapulse_assets.patterns.calibration import dataset as calibration
from alphapulse_assets.patterns.evaluation import dataset as evaluation
from alphapulse_assets.patterns.signal_outcomes import dataset as signal_outcomes
from alphapulse_assets.patterns.signal_performance import dataset as signal_performance
from alphapulse_assets.patterns.signals import dataset as signals
from alphapulse_assets.positions import dataset as positions
from alphapulse_assets.regime import dataset as regime
from alphapulse_assets.volume import dataset as volume
from alphapulse_resources.streams.tables import StreamTable

DATASETS: Final[tuple[Dataset, ...]] = (
    *instruments.DATASETS,
    *candles.DATASETS,
    *order_book.DATASETS,
    *liquidations.DATASETS,
    *institutional.DATASETS,
    *indicators.DATASETS,
    *regime.DATASETS,
    *volume.DATASETS,
    *patterns.DATASETS,
    *evaluation.DATASETS,
    *signals.DATASETS,
    *signal_outcomes.DATASETS,
    *signal_performance.DATASETS,
    *calibration.DATASETS,
    *models.DATASETS,
    *market_metrics.DATASETS,
    *futures.DATASETS,
    *leverage.DATASETS,
    *options.DATASETS,
    *news_texts.DATASETS,
    *social.DATASETS,
    *scoring.DATASETS,
    *aggregates.DATASETS,
    *fear_greed.DATASETS,
    *onchain.DATASETS,
    *positions.DATASETS,
)


def derived(datasets: Iterable[Dataset] = DATASETS) -> list[Dataset]:
    """Those whose rows follow from bars, whose assets and refresh the engine makes."""
    return [each for each in datasets if each.derivation is not None]


def refreshed_each_minute(datasets: Iterable[Dataset] = DATASETS) -> list[str]:
    """Assets that bars make due at once, with run config `DerivedConfig`."""
    return [each.name for each in derived(datasets) if each.refreshed_by == REFRESH_DERIVED_JOB]


def computed_again(datasets: Iterable[Dataset] = DATASETS) -> list[str]:
    """Assets that the minute's job makes and a check computes again, which takes that job too long."""
    return [
        each.name
        for each in datasets
        if each.refreshed_by == REFRESH_DERIVED_JOB
        and any(check.name == NO_LOOK_AHEAD for check in each.checks)
    ]


def checked_by_partition(datasets: Iterable[Dataset] = DATASETS) -> list[Dataset]:
    """Those with promises that are checked with the run that wrote the rows."""
    return [each for each in datasets if each.checks and each.stream is None]


def streamed(datasets: Iterable[Dataset] = DATASETS) -> Iterator[tuple[Dataset, StreamTable]]:
    """Those that only stream runs write, with their tables."""
    return ((each, each.stream) for each in datasets if each.stream is not None)


def live(datasets: Iterable[Dataset] = DATASETS) -> list[StartLive]:
    """What starts the states that streams keep of each instrument and timeframe."""
    return [each.live for each in datasets if each.live is not None]


def kept(datasets: Iterable[Dataset] = DATASETS) -> list[tuple[str, Retention]]:
    """Tables whose rows are not kept for good, and how long they are."""
    return [item for each in datasets for item in each.retention.items()]
