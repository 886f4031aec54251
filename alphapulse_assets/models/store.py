"""Models in the database: their numbers, held against their hash before they are used, and their cards."""

import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from psycopg.types.json import Jsonb

from alphapulse_assets.models.artefact import Model, WrongArtefactError, from_bytes
from alphapulse_assets.models.model import digest
from alphapulse_assets.models.scoring import Models
from alphapulse_assets.models.terms import features_digest
from alphapulse_resources.database.client import Database, statement

log = logging.getLogger(__name__)


def keep(database: Database, artefact: bytes, card: Mapping[str, Any], configuration_version: int) -> Model:
    """Store a model with its card, and make due what it may speak of; one that is there already stays.

    Raises:
        WrongArtefactError: numbers that are of other features.
    """
    found = digest(artefact)
    model = from_bytes(artefact, found)
    row = {
        "model_version": model.version,
        "horizon": model.horizon,
        "kind": model.kind,
        "trained_until": model.trained_until,
        "verdict": card["verdict"],
        "cost": model.cost,
        "features_digest": features_digest(),
        "data_digest": model.data_digest,
        "artefact": artefact,
        "artefact_hash": found,
        "card": Jsonb(dict(card), dumps=json.dumps),
        "configuration_version": configuration_version,
    }
    with database.transaction() as connection:
        if connection.execute(statement("models/keep"), row).fetchall():
            connection.execute(statement("models/mark"), {"trained_until": model.trained_until})
    return model


def stored(database: Database) -> Models:
    """All models of these features; one whose numbers are not those of its hash is left out, and told."""
    found = []
    for row in database.rows(statement("models/hashes"), {"features_digest": features_digest()}):
        try:
            found.append(_loaded(database, row["model_version"], row["artefact_hash"]))
        except WrongArtefactError:
            log.exception("probability model %s is not used", row["model_version"])
    return Models(found)


@lru_cache(maxsize=64)
def _loaded(database: Database, version: str, artefact_hash: str) -> Model:
    (row,) = database.rows(statement("models/artefact"), {"model_version": version})
    return from_bytes(bytes(row["artefact"]), artefact_hash)
