"""Models in the database: their numbers, held against their hash before they are used, and their cards.

The linear model is trained at first need, in seconds, of texts that come with the package; the numbers are the
same wherever that happens. Every process takes them from the database then.
"""

import threading
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, Final
import json

from psycopg.types.json import Jsonb

from alphapulse_assets.news.scoring.model import Scorer
from alphapulse_resources.database.client import Database, statement

_RANK: Final = 2
_KEPT: set[tuple[str, str, str]] = set()
_LOCK: Final = threading.Lock()


def keep(
    database: Database,
    model: Scorer,
    *,
    origin: str,
    rank: int,
    texts: int = 0,
    artefact: tuple[bytes, str] | None = None,
    card: Mapping[str, Any] | None = None,
    activate: bool = False,
) -> None:
    """Store what a model is, once a process; with `activate` it serves from now on."""
    key = (database.dsn, model.name, model.version)
    if key in _KEPT and card is None and not activate:
        return
    data, data_hash = artefact or (None, None)
    row = {
        "model": model.name,
        "model_version": model.version,
        "data_hash": model.data_hash,
        "origin": origin,
        "rank": rank,
        "texts": texts,
        "artefact": data,
        "artefact_hash": data_hash,
        "card": Jsonb(dict(card or {}), dumps=partial(json.dumps, default=str)),
        "activate": activate,
    }
    database.execute(statement("news/keep_model"), row)
    _KEPT.add(key)


def serving_linear(database: Database) -> Scorer:
    """The linear model that serves: the user's own, or that of the package's texts."""
    raise NotImplementedError
