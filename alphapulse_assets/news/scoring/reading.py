"""Texts scored by models: what is read of each, what cannot be, and why. Pure but for what models do.

A text is scored by itself: neither its story nor its neighbours change its score, so that reading a day
again, or without what came later, gives the same rows.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import polars as pl

from alphapulse_assets.news.model import LINK_SCHEMA, LINKS_VERSION, SCORE_SCHEMA
from alphapulse_assets.news.scoring.model import (
    ENGLISH,
    MOST_CHARACTERS,
    VERDICT_SCHEMA,
    Scorer,
    Translate,
    digest,
)

NO_WORDS: Final = "no words to read"
NOT_READ: Final = "the model has no answer for it"
WORDS: Final = 300
"""Characters of a note that are kept (ours)."""
KNOWN_SCHEMA: Final = pl.Schema({"text_id": SCORE_SCHEMA["text_id"], **VERDICT_SCHEMA})
"""What a model has said of texts."""
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_ADDRESS: Final = re.compile(r"https?://\S+")
_TIME: Final = pl.Datetime("us", "UTC")


def words_of(kind: str, title: str | None, body: str | None) -> str:
    """What is scored of a text: of news the headline, of posts title and body up to MOST_CHARACTERS.

    What follows a headline is often the outlet's boilerplate, and may be cut off anywhere.
    """
    if kind == "news" and title:
        return title
    return "\n".join(part for part in (title, body) if part)[:MOST_CHARACTERS]


def scores(
    texts: pl.DataFrame,
    models: Sequence[Scorer],
    translate: Translate | None = None,
    *,
    known: Mapping[str, pl.DataFrame] | None = None,
    failed: dict[str, str] | None = None,
) -> pl.DataFrame:
    """SCORE_SCHEMA of TEXT_SCHEMA by each model: a row a text and model, in the order of the texts.

    `known` is by model what it has said of texts already, in this version and in their own words
    (KNOWN_SCHEMA): it is not asked for these again.
    What is in no supported language, and is not translated, and what has no words, has rows without a score
    and with the reason. A model that fails as a whole has no rows; the reason goes to `failed`, or is raised
    where that is not given.
    """
    readable, notes = _readable(texts, translate)
    before, nothing = known or {}, pl.DataFrame(schema=KNOWN_SCHEMA)
    parts = [pl.DataFrame(schema=SCORE_SCHEMA)]
    for model in models:
        said = before.get(model.name, nothing)
        try:
            parts.append(_by_model(texts["text_id"], readable, notes, model, said))
        except Exception as error:
            if failed is None:
                raise
            failed[f"model {model.name} {model.version}"] = f"{type(error).__name__}: {error}"
    return pl.concat(parts)


def _readable(texts: pl.DataFrame, translate: Translate | None) -> tuple[list[str | None], list[str | None]]:
    """What models are given of each text (None: nothing), and what is to be said of it."""
    readable: list[str | None] = []
    notes: list[str | None] = []
    for kind, title, body, language in texts.select("kind", "title", "body", "language").iter_rows():
        words: str | None = words_of(kind, title, body)
        note = None
        if not _LETTERS.search(_ADDRESS.sub(" ", words or "")):
            words, note = None, NO_WORDS
        elif language is not None and language not in ENGLISH:
            words, note = _translated(words or "", language, translate)
        readable.append(words)
        notes.append(note)
    return readable, notes


def _translated(words: str, language: str, translate: Translate | None) -> tuple[str | None, str]:
    if translate is None:
        return None, f"language {language} is not supported"
    try:
        english = translate(words, language)
    except Exception as error:  # a user's own code: what it does wrong is a reason, and stops no other text
        return None, f"translation from {language} failed: {type(error).__name__}: {error}"[:WORDS]
    if not english:
        return None, f"language {language} is not supported, and was not translated"
    return english[:MOST_CHARACTERS], f"translated from {language}"


def _by_model(
    ids: pl.Series,
    readable: Sequence[str | None],
    notes: Sequence[str | None],
    model: Scorer,
    known: pl.DataFrame,
) -> pl.DataFrame:
    told = _told(ids, readable, notes, known)
    there = set(told["place"])
    places = [place for place, words in enumerate(readable) if words is not None and place not in there]
    verdicts = model.read([readable[place] or "" for place in places])
    if verdicts.height != len(places):
        raise ValueError(
            f"model {model.name} {model.version} gave {verdicts.height} verdicts of {len(places)} texts"
        )
    new = verdicts.select(
        pl.col(name).cast(dtype).fill_nan(None) for name, dtype in VERDICT_SCHEMA.items()
    ).with_columns(place=pl.Series(places, dtype=pl.UInt32))
    told = pl.concat([told, new])
    frame = pl.DataFrame({"text_id": ids, "note": pl.Series(notes, dtype=pl.String)}).with_row_index("place")
    frame = frame.join(told, on="place", how="left", maintain_order="left")
    silent = pl.col("score").is_null() & pl.col("note").is_null()
    return frame.select(
        pl.col("text_id"),
        model=pl.lit(model.name),
        model_version=pl.lit(model.version),
        **{name: pl.col(name) for name in VERDICT_SCHEMA},
        note=pl.when(silent).then(pl.lit(NOT_READ)).otherwise("note"),
        data_hash=pl.lit(model.data_hash),
    ).select(SCORE_SCHEMA.names())


def _told(
    ids: pl.Series, readable: Sequence[str | None], notes: Sequence[str | None], known: pl.DataFrame
) -> pl.DataFrame:
    """Verdicts that are known already, by the place of their text; not of what was translated."""
    own = [words is not None and note is None for words, note in zip(readable, notes, strict=True)]
    frame = pl.DataFrame({"text_id": ids}).with_row_index("place").filter(pl.Series(own, dtype=pl.Boolean))
    return frame.join(known, on="text_id").select(*VERDICT_SCHEMA, "place")


def reading_of(models: Sequence[Scorer], coins: Sequence[str], settings: Mapping[str, str]) -> str:
    """What a text is read with, as `texts_read` keeps it: when it changes, texts are read again."""
    known = digest("\n".join(sorted(coins)), repr(sorted(settings.items())))[:12]
    by = ", ".join(f"{model.name} {model.version}" for model in models)
    return f"links {LINKS_VERSION}, coins {known}, {by}"


def stamped(found: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Rows of texts with the time of their text, at which they could be known, and when they were made."""
    times = texts.select("text_id", "ts", known_at="ts")
    return found.join(times, on="text_id", how="left", maintain_order="left").with_columns(
        created_at=pl.lit(datetime.now(UTC)).cast(_TIME)
    )


def stamped_links(links: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """LINK_SCHEMA as `text_links` has it."""
    version = pl.lit(LINKS_VERSION, pl.Int32)
    return stamped(links.select(LINK_SCHEMA.names()), texts).with_columns(logic_version=version)
