"""When probabilities are computed, for whom, and how they are written: after the confidences they rest on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from alphapulse_assets.datasets.derivation import Derivation, DerivationRunner
from alphapulse_assets.models.inputs import read_features
from alphapulse_assets.models.model import EVENT_PROBABILITIES, LOGIC_VERSION
from alphapulse_assets.models.scoring import History, Models, probabilities
from alphapulse_assets.models.store import stored
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.signals.scoring_inputs import History as StoredRates
from alphapulse_assets.patterns.signals.scoring_runs import DATASET as SIGNALS
from alphapulse_assets.patterns.signals.scoring_runs import UPSTREAM
from alphapulse_resources.database.derived_store import BarReader, DerivedStore, Mark, Subject

DATASET: Final = "event_probabilities"


class AfterSignals(DerivedStore):
    """A store whose marks wait until the confidences of their instrument, and all they rest on, caught up."""

    def __init__(self, store: DerivedStore, now: datetime) -> None:
        super().__init__(store.database)
        self._now = now

    def marks(self, dataset: str) -> list[Mark]:
        """See `DerivedStore.marks`."""
        waiting = {
            mark.instrument_id
            for name in (SIGNALS, *UPSTREAM)
            for mark in super(AfterSignals, self).marks(name)
            if mark.day < self._now.date()
        }
        return [mark for mark in super().marks(dataset) if mark.instrument_id not in waiting]


@dataclass(frozen=True, slots=True)
class ProbabilityRunner(DerivationRunner):
    """Rows are those of a configuration too."""

    configuration: PatternConfiguration = DEFAULT

    def _scope(self, subject: Subject, timeframe: str) -> dict[str, int | str]:
        # a class with slots is made anew by its decorator: super() without arguments would not find it
        scope: Mapping[str, int | str] = DerivationRunner._scope(self, subject, timeframe)
        return {**scope, "configuration_version": self.configuration.version}


def runner(
    store: DerivedStore, now: datetime, configuration: PatternConfiguration, *, version: int | None = None
) -> ProbabilityRunner:
    """What computes probabilities at a moment, by the models that are there."""
    scorer = Scorer(store, configuration)
    derivation = Derivation(DATASET, EVENT_PROBABILITIES, LOGIC_VERSION, scorer.rows, _until)
    return ProbabilityRunner(
        AfterSignals(store, now), derivation, now, version=version, configuration=configuration
    )


class Scorer:
    """Computes rows from what is stored."""

    def __init__(self, store: DerivedStore, configuration: PatternConfiguration) -> None:
        self._configuration = configuration
        self._models: Models = stored(store.database)
        self._rates = StoredRates(store.database, configuration)

    def rows(self, bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
        """The rows of the closed bars that open in [start, end), without scope."""
        told = read_features(bars, start, end, self._configuration)
        rates = History.of(self._rates.of(told["known_at"]))
        return as_rows(probabilities(told, self._models, rates, configuration=self._configuration))


def as_rows(found: pl.DataFrame) -> pl.DataFrame:
    """PROBABILITY_SCHEMA as rows of the table, without scope."""
    return found.drop("instrument_id", "timeframe").with_columns(
        pl.col("reference").fill_null(""), pl.col("horizon", "names").cast(pl.Int16)
    )


def _until(bars: BarReader, bar: datetime) -> datetime:
    """Confidences are computed anew to the end wherever a day changed."""
    return bars.closed_until
