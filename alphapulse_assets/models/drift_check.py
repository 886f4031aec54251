"""Whether the model that spoke last month still holds: a check of the training's asset, monthly."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import dagster as dg
import numpy as np

from alphapulse_assets.datasets.partitions import VENUE_NAMES
from alphapulse_assets.models.dataset import PROBABILITY_MODEL
from alphapulse_assets.models.drift import stability, told_apart
from alphapulse_assets.models.inputs import read_labelled
from alphapulse_assets.models.labels import labelled
from alphapulse_assets.models.metrics import brier
from alphapulse_assets.models.scoring import History, probabilities
from alphapulse_assets.models.store import stored
from alphapulse_assets.models.terms import terms
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import COMPUTED, DerivedStore
from alphapulse_resources.frames import floor_time
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

MONTH: Final = timedelta(days=30)
FEWEST: Final = 200
"""Events below which nothing is said (ours)."""


@dg.asset_check(
    asset=PROBABILITY_MODEL.name,
    name="drift",
    description="Brier score of the last 30 days within the interval of the card of the model that spoke "
    "then; features no further than a stability index of 0.25 from what it learned from.",
)
def drift(database: DatabaseResource) -> dg.AssetCheckResult:
    """Of each model that spoke in the last month."""
    now = floor_time(datetime.now(UTC), "1d")
    found = drifted(database.get(), now, configured(get_settings()))
    told = [f"model {version}: {words}" for version, (_, said) in found.items() for words in said]
    return dg.AssetCheckResult(
        passed=not told,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(told) or "no model spoke, or none has drifted",
        metadata={version: dg.MetadataValue.json(figures) for version, (figures, _) in found.items()},
    )


def drifted(
    database: Database, now: datetime, configuration: PatternConfiguration
) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """By version of the models that spoke in the month before a moment: figures, and what has drifted."""
    store = DerivedStore(database)
    told, came = read_labelled(store, store.tracked(VENUE_NAMES), COMPUTED, now - MONTH, now, configuration)
    rows = probabilities(told, stored(database), History(), configuration=configuration)
    cards = {
        row["model_version"]: row["card"]
        for row in database.rows("SELECT model_version, card FROM model_cards")
    }
    keys = ["instrument_id", "timeframe", "ts", "direction", "shape"]
    found = {}
    for (version, horizon), said in rows.group_by("model_version", "horizon"):
        both = labelled(told, came, int(str(horizon))).join(
            said.select(*keys, "probability"), on=keys, how="inner"
        )
        if both.height < FEWEST:
            continue
        losses = brier(both["probability"].to_numpy(), both["is_right"].to_numpy())
        card = cards[str(version)]
        moved = stability(terms(both), card["reference"])
        score = float(np.mean(losses))
        figures = {"n": both.height, "brier": score, "stability": moved}
        found[str(version)] = (figures, told_apart(card, score, moved))
    return found


model_checks: Final = [drift]
