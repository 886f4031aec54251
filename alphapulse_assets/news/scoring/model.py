"""What scores texts, as the platform sees it. Pure.

A `Scorer` reads English texts; who else wants to score (a model of one's own, an endpoint) offers an object
of this kind and names it in the settings. A `Translate` may make English of what is not.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import polars as pl

from alphapulse_assets.news.model import SCORE_SCHEMA
from alphapulse_resources.database.tables import Table

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
LABELS: Final = (NEGATIVE, NEUTRAL, POSITIVE)
"""Classes of a text by what it means for the coin or the market, in the order of every array here."""
VERDICT_SCHEMA: Final = pl.Schema(
    {name: SCORE_SCHEMA[name] for name in ("score", "confidence", "negative", "neutral", "positive")}
)
"""What a model says of one text: a row a text, in their order."""
ENGLISH: Final = ("en",)
"""Languages that the models read, as ISO 639-1. A text too short to tell its language counts as English."""
MOST_CHARACTERS: Final = 1_000
"""Of a post, how much is read (ours): what is said of a coin is said at its beginning."""
NEUTRAL_BELOW: Final = 0.05
"""A compound of less than this is neutral (documented: VADER's README, "about the scoring")."""
TEXTS_READ: Final = Table(
    "texts_read",
    key=("text_id",),
    values=("reading", "ts"),
    provenance=("read_at",),
    computed=True,
)


class Scorer(Protocol):
    """A model that says of English texts how good or bad they are."""

    @property
    def name(self) -> str:
        """Stable name: lexicon, linear, minilm, or one of its own."""

    @property
    def version(self) -> str:
        """Changes with whatever may change a score."""

    @property
    def data_hash(self) -> str:
        """SHA-256 of what it was made of: lexicon or training texts."""

    def read(self, texts: Sequence[str]) -> pl.DataFrame:
        """VERDICT_SCHEMA, a row a text; a score that is null says that it cannot read it."""


Translate = Callable[[str, str], str | None]
"""A text and its language (ISO 639-1), to English; None where it cannot."""


def digest(*parts: str | bytes) -> str:
    """SHA-256 of parts in their order, each told apart from the next."""
    made = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "big") + data)
    return made.hexdigest()


def label_of(score: float) -> str:
    """The class of a score of the lexicon tier."""
    if abs(score) < NEUTRAL_BELOW:
        return NEUTRAL
    return POSITIVE if score > 0 else NEGATIVE
