"""What the tests of probabilities share: a symbol with signals and outcomes, rates, and a model of them."""

from datetime import timedelta
from typing import Final

import polars as pl
from derived_support import FIRST
from signal_support import BYBIT, END, scoring, with_patterns

from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.models.artefact import Model, to_bytes
from alphapulse_assets.models.deriving import ProbabilityRunner, runner
from alphapulse_assets.models.inputs import read_labelled
from alphapulse_assets.models.labels import labelled
from alphapulse_assets.models.store import keep
from alphapulse_assets.models.training import train
from alphapulse_assets.patterns.evaluation.dataset import OUTCOME_DERIVATION
from alphapulse_assets.patterns.evaluation.performance_stats import write_success
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import COMPUTED, DerivedStore

HORIZON: Final = DEFAULT.models.horizons[0]
RATES_AS_OF: Final = FIRST + timedelta(hours=12)
TRAINED_UNTIL: Final = FIRST + timedelta(hours=30)


def with_outcomes(database: Database) -> int:
    """A symbol with two days of signals, their outcomes, and success rates as of its first noon."""
    key = with_patterns(database)
    store = DerivedStore(database)
    assert DerivationRunner(store, OUTCOME_DERIVATION, END).days(BYBIT).failures == {}
    write_success(store, [RATES_AS_OF], COMPUTED, configuration=DEFAULT)
    scoring(database).days(BYBIT)
    return key


def with_model(database: Database) -> Model:
    """A model of what was known on the second day at six, stored."""
    store = DerivedStore(database)
    told, came = read_labelled(store, store.tracked(["bybit"]), COMPUTED, FIRST, TRAINED_UNTIL, DEFAULT)
    made = train(labelled(told, came, HORIZON), HORIZON, TRAINED_UNTIL)
    return keep(database, to_bytes(made.model), made.card, DEFAULT.version)


def probabilities(database: Database) -> ProbabilityRunner:
    """What computes probabilities, after both days."""
    return runner(DerivedStore(database), END, DEFAULT)


def told(database: Database) -> pl.DataFrame:
    """All rows but for when they were made, in order."""
    return (
        database.read("SELECT * FROM event_probabilities")
        .drop("created_at")
        .sort("timeframe_id", "ts", "direction", "shape")
    )
