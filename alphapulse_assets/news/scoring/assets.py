"""The trained model as an asset: its numbers in the database, its card on the materialization."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from alphapulse_assets.datasets.metadata import column_schema
from alphapulse_assets.news.scoring.corpus import package_texts
from alphapulse_assets.news.scoring.dataset import SENTIMENT_MODEL
from alphapulse_assets.news.scoring.model import LABELS
from alphapulse_assets.news.scoring.picture import model_picture
from alphapulse_assets.news.scoring.store import card_of, keep_built_in, own_serves
from alphapulse_assets.news.scoring.tiers import trained_tiers
from alphapulse_assets.news.scoring.training import Tier
from alphapulse_resources.database.client import Database
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings


@dg.asset(**SENTIMENT_MODEL.facts())
def sentiment_model(
    context: dg.AssetExecutionContext, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """Trains on the labelled texts of the package and stores the model; a user's own goes on serving."""
    tiers = trained_tiers(get_settings().sentiment)
    own = own_serves(database.get())
    model = keep_built_in(database.get(), activate=not own)
    card = card_of(database.get(), model)
    context.log.info(f"sentiment model {model.version} of {package_texts().frame.height} texts")
    title = f"Sentiment model {model.version}: {card['evaluation']}"
    metadata = {
        "model_version": model.version,
        "data_hash": model.data_hash,
        "serves": not own,
        "texts": package_texts().frame.height,
        "calibration_error": card["calibration_error"],
        "figures": _figures(card["figures"]),
        "reliability": _reliability(card["reliability"]),
        "picture": dg.MetadataValue.md(model_picture(card["reliability"], card["figures"], title)),
        "dagster/column_schema": column_schema(database.get(), SENTIMENT_MODEL.relation),
    }
    for tier in tiers[1:]:
        metadata |= _beside(database.get(), tier)
    return dg.MaterializeResult(
        metadata=metadata, data_version=dg.DataVersion(f"{model.version}-{model.data_hash[:12]}")
    )


def _beside(database: Database, tier: Tier) -> dict[str, Any]:
    """What is shown of another tier that is trained, once it is stored; its names begin with the tier's."""
    own = own_serves(database, tier)
    model = keep_built_in(database, activate=not own, tier=tier)
    card = card_of(database, model)
    title = f"Sentiment model {tier.name} {model.version}: {card['evaluation']}"
    shown = {
        "model_version": model.version,
        "data_hash": model.data_hash,
        "serves": not own,
        "calibration_error": card["calibration_error"],
        "figures": _figures(card["figures"]),
        "picture": dg.MetadataValue.md(model_picture(card["reliability"], card["figures"], title)),
    }
    return {f"{tier.name}_{name}": value for name, value in shown.items()}


def _figures(figures: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue:
    numbers = ["accuracy", "macro_f1", *(f"recall_{label}" for label in LABELS)]
    records = [
        dg.TableRecord(
            {
                "name": each["name"],
                "accuracy": each["accuracy"],
                "macro_f1": each["macro_f1"],
                **{f"recall_{label}": each["recall"].get(label) for label in LABELS},
            }
        )
        for each in figures
    ]
    columns = [dg.TableColumn("name"), *(dg.TableColumn(name, "float") for name in numbers)]
    return dg.MetadataValue.table(records, dg.TableSchema(columns))


def _reliability(rows: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue:
    names = ("said", "right", "texts")
    records = [dg.TableRecord({name: row[name] for name in names}) for row in rows]
    kinds = {"texts": "integer"}
    columns = [dg.TableColumn(name, kinds.get(name, "float")) for name in names]
    return dg.MetadataValue.table(records, dg.TableSchema(columns))


sentiment_assets = [sentiment_model]
