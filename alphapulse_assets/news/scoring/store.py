"""Models in the database: their numbers, held against their hash before they are used, and their cards.

What is trained (LINEAR, and MINILM where it is wanted) is trained at first need, in seconds, of texts that
come with the package; the numbers are the same wherever that happens. Every process takes them from the
database then.
"""

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from psycopg.types.json import Jsonb

from alphapulse_assets.news.scoring.child import trained_apart
from alphapulse_assets.news.scoring.corpus import Labelled, package_texts
from alphapulse_assets.news.scoring.linear import Linear, WrongArtefactError
from alphapulse_assets.news.scoring.model import Scorer, digest
from alphapulse_assets.news.scoring.training import LINEAR, Tier
from alphapulse_resources.database.client import Database, statement

if TYPE_CHECKING:
    from alphapulse_assets.news.scoring.training import Trained

log = logging.getLogger(__name__)

BUILT_IN, OWN, PLUGIN = "built_in", "own", "plugin"
RANKS: Final = {"lexicon": 1, "linear": 2, "minilm": 3}
PLUGIN_RANK: Final = 4
"""Whoever plugs in a model of their own means it to be preferred."""
_SERVING: Final[dict[tuple[str, str], str]] = {}
_LOCK: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Making:
    """What a model was made of: who for, of how many texts, its numbers, and what its evaluation found."""

    origin: str = BUILT_IN
    texts: int = 0
    artefact: bytes | None = None
    card: Mapping[str, Any] | None = None


def keep(database: Database, model: Scorer, making: Making, *, activate: bool) -> None:
    """Store what a model is; with `activate` it serves from now on."""
    row = {
        "model": model.name,
        "model_version": model.version,
        "data_hash": model.data_hash,
        "origin": making.origin,
        "rank": RANKS.get(model.name, PLUGIN_RANK),
        "texts": making.texts,
        "artefact": making.artefact,
        "artefact_hash": None if making.artefact is None else digest(making.artefact),
        "card": Jsonb(dict(making.card or {}), dumps=partial(json.dumps, default=str)),
        "activate": activate,
    }
    database.execute(statement("news/keep_model"), row)


def serves(database: Database, model: Scorer, origin: str) -> None:
    """Note that a model that is code alone serves, once a process, unless it does already."""
    key = (database.dsn, model.name)
    if _SERVING.get(key) == model.version:
        return
    rows = database.rows(statement("news/serving_version"), {"model": model.name})
    if not rows or rows[0]["model_version"] != model.version:
        keep(database, model, Making(origin), activate=True)
    _SERVING[key] = model.version


def serving_linear(database: Database) -> Linear:
    """The linear model that serves."""
    return serving_trained(database, LINEAR)


def serving_trained(database: Database, tier: Tier) -> Linear:
    """The model of a tier that serves: the user's own, or that of the package's texts, trained at first need.

    A model whose numbers do not match their hash, or are of another layout, is trained again if it is of the
    package's texts; of a user's own the package's takes the place, and the log says so.
    """
    rows = database.rows(statement("news/serving_version"), {"model": tier.name})
    if rows and rows[0]["origin"] == OWN:
        try:
            return stored(database, tier, rows[0]["model_version"])
        except WrongArtefactError:
            log.exception("the model of your own texts cannot be used; that of the package scores instead")
    return _built_in(database, tier, rows[0]["model_version"] if rows else None)


def _built_in(database: Database, tier: Tier, serving: str | None) -> Linear:
    version = tier.version_of(tier.data_hash_of(package_texts().data_hash))
    with _LOCK:  # one thread of a process trains
        if serving == version:
            try:
                return stored(database, tier, version)
            except WrongArtefactError:
                log.exception(
                    "the numbers of sentiment model %s are not what they were; training again", version
                )
        if tier is not LINEAR:  # its process has a network in memory already: scikit-learn is little beside
            keep_built_in(database, activate=True, tier=tier)
            return stored(database, tier, version)
        artefact, card = trained_apart()
        model = tier.from_bytes(artefact, digest(artefact))
        making = Making(BUILT_IN, package_texts().frame.height, artefact, card)
        keep(database, model, making, activate=True)
        return stored(database, tier, version)


def keep_built_in(database: Database, *, activate: bool, tier: Tier = LINEAR) -> Linear:
    """Store the model of the package's texts with its card; with `activate` it serves from now on."""
    from alphapulse_assets.news.scoring.built_in import built_in

    making = (built_in(tier), package_texts(), BUILT_IN)
    return _keep_trained(database, *making, activate=activate, tier=tier)


def keep_own(database: Database, labelled: Labelled, tier: Tier = LINEAR) -> Linear:
    """Train on a user's texts, store the model with its card, and let it serve from now on."""
    from alphapulse_assets.news.scoring.training import train

    return _keep_trained(database, train(labelled, tier=tier), labelled, OWN, activate=True, tier=tier)


def _keep_trained(
    database: Database, trained: "Trained", labelled: Labelled, origin: str, *, activate: bool, tier: Tier
) -> Linear:
    from alphapulse_assets.news.scoring.evaluation import card

    making = Making(origin, labelled.frame.height, tier.to_bytes(trained.model), card(trained, labelled))
    keep(database, trained.model, making, activate=activate)
    return trained.model


def card_of(database: Database, model: Scorer) -> dict[str, Any]:
    """The card of a model that is stored."""
    told = {"model": model.name, "model_version": model.version}
    card: dict[str, Any] = database.rows(statement("news/model_card"), told)[0]["card"]
    return card


def own_serves(database: Database, tier: Tier = LINEAR) -> bool:
    """Whether a model of a user's own texts scores."""
    rows = database.rows(statement("news/serving_version"), {"model": tier.name})
    return bool(rows) and rows[0]["origin"] == OWN


def stored(database: Database, tier: Tier, version: str) -> Linear:
    """A model as it is stored, held against its hash.

    Raises:
        WrongArtefactError: its numbers are not those of the hash, are of another layout, or are not there.
    """
    rows = database.rows(statement("news/model_hash"), {"model": tier.name, "model_version": version})
    if not rows or rows[0]["artefact_hash"] is None:
        raise WrongArtefactError(f"there is no sentiment model {version} in this database")
    return _loaded(database, tier, version, rows[0]["artefact_hash"])


@lru_cache(maxsize=4)
def _loaded(database: Database, tier: Tier, version: str, artefact_hash: str) -> Linear:
    told = {"model": tier.name, "model_version": version}
    row = database.rows(statement("news/model_artefact"), told)[0]
    return tier.from_bytes(bytes(row["artefact"]), artefact_hash)
