"""Models and probabilities as assets: training monthly, in a process of its own; rows with the bars."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.dataset import REFRESH_DERIVED_JOB
from alphapulse_assets.datasets.derived_assets import (
    DerivedConfig,
    after,
    derived_materialized,
    derived_metadata,
    require_coverage,
)
from alphapulse_assets.datasets.metadata import column_schema, window_metadata
from alphapulse_assets.datasets.partitions import DAY_AND_VENUE, VENUE_NAMES, days_by_venue
from alphapulse_assets.datasets.policies import ONE_RUN, RETRY
from alphapulse_assets.datasets.reporting import require_own_reports
from alphapulse_assets.models.child import trained_apart
from alphapulse_assets.models.dataset import PROBABILITIES, PROBABILITY_MODEL
from alphapulse_assets.models.deriving import DATASET, runner
from alphapulse_assets.models.inputs import read_labelled
from alphapulse_assets.models.labels import labelled
from alphapulse_assets.models.model import EVENT_PROBABILITIES, TOO_LITTLE
from alphapulse_assets.models.picture import card_picture
from alphapulse_assets.models.store import keep
from alphapulse_assets.patterns.events.configuration_store import configured, record
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import COMPUTED, DerivedStore
from alphapulse_resources.frames import floor_time
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

_FIGURES: Final = ("brier_skill", "log_loss_skill", "auc", "brier", "top_decile_bps", "all_bps")


class ModelConfig(dg.Config):
    """What to learn from."""

    as_of: str | None = None
    """Nothing known later counts (ISO 8601, UTC); without it the start of today."""
    days: int = 730
    """How many days before that are learned from."""
    timeframes: list[str] | None = None
    """Only these timeframes; without them all."""


@dg.asset(**PROBABILITY_MODEL.facts(), deps=PROBABILITY_MODEL.reads, retry_policy=RETRY)
def probability_model(
    context: dg.AssetExecutionContext, config: ModelConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """Trains a model of each horizon of what was known, and stores it with its card."""
    now = floor_time(datetime.now(UTC), "1d")
    until = now if config.as_of is None else datetime.fromisoformat(config.as_of)
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    if until > datetime.now(UTC):
        raise dg.Failure(f"as_of {until} has not been yet", allow_retries=False)
    configuration = configured(get_settings())
    record(database.get(), configuration)
    store = DerivedStore(database.get())
    names = [name for name in COMPUTED if config.timeframes is None or name in config.timeframes]
    told, came = read_labelled(
        store, store.tracked(VENUE_NAMES), names, until - timedelta(days=config.days), until, configuration
    )
    metadata: dict[str, Any] = {
        "as_of": dg.MetadataValue.timestamp(until),
        "configuration_version": configuration.version,
        "dagster/column_schema": column_schema(database.get(), PROBABILITY_MODEL.relation),
    }
    for horizon in configuration.models.horizons:
        rows = labelled(told, came, horizon)
        made = trained_apart(rows, horizon, until, configuration)
        if isinstance(made, str):
            context.log.info(f"no model of {horizon} bars: {made}")
            metadata |= {f"h{horizon}_verdict": TOO_LITTLE, f"h{horizon}_why": made}
            continue
        artefact, card = made
        model = keep(database.get(), artefact, card, configuration.version)
        context.log.info(f"probability model {model.version}: {card['verdict']}")
        metadata |= {f"h{horizon}_{name}": value for name, value in _told(model.version, card).items()}
    return dg.MaterializeResult(metadata=metadata)


def _told(version: str, card: Mapping[str, Any]) -> dict[str, Any]:
    """A card as metadata."""
    title = f"Probability model {version}: {card['verdict']}"
    names = ("name", "loss", "skill", "auc", "auc_error", "p", "q")
    rungs = [dg.TableRecord({name: each[name] for name in names}) for each in card["configurations"]]
    columns = [dg.TableColumn("name"), *(dg.TableColumn(name, "float") for name in names[1:])]
    return {
        "model_version": version,
        "verdict": card["verdict"],
        "chosen": card["chosen"],
        "shipped": card["shipped"],
        **{name: card[name] for name in ("n", "clusters", "test_n", "test_clusters")},
        "configurations_tried": card["configurations_tried"],
        **{name: dg.MetadataValue.json(card[name]) for name in _FIGURES if name in card},
        "ladder": dg.MetadataValue.table(rungs, dg.TableSchema(columns)),
        "picture": dg.MetadataValue.md(card_picture(card, title)),
    }


@dg.asset(
    name=PROBABILITIES.name,
    partitions_def=DAY_AND_VENUE,
    deps=[*after(PROBABILITIES.reads[0], lookback=False), dg.AssetDep(PROBABILITY_MODEL.name)],
    backfill_policy=ONE_RUN,
    retry_policy=RETRY,
    **PROBABILITIES.facts(),
)
def event_probabilities(
    context: dg.AssetExecutionContext, config: DerivedConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """Each piece of evidence by the newest model, or the success rates, known at its close."""
    if config.mode == "changed":
        require_own_reports(context, config.mode, REFRESH_DERIVED_JOB)
    configuration = configured(get_settings())
    record(database.get(), configuration)
    run = runner(DerivedStore(database.get()), datetime.now(UTC), configuration, version=config.version)
    days = days_by_venue(context.partition_keys)
    found = run.changed() if config.mode == "changed" else run.days(days, config.symbols)
    metadata = {
        **window_metadata(days),
        "configuration_version": configuration.version,
        **derived_metadata(found, config.mode),
        **_by_model(database.get()),
        "dagster/column_schema": column_schema(database.get(), EVENT_PROBABILITIES.name),
    }
    require_coverage(DATASET, found, metadata)
    return derived_materialized(context, config.mode, found, metadata)


def _by_model(database: Database) -> dict[str, Any]:
    """Which model speaks now, and what it was worth."""
    rows = database.rows(
        "SELECT model_version, verdict FROM model_cards WHERE known_at <= now() ORDER BY ts DESC LIMIT 1"
    )
    return {"model_version": rows[0]["model_version"], "model_verdict": rows[0]["verdict"]} if rows else {}


model_assets: Final = [probability_model, event_probabilities]
