"""Texts that nobody read yet, linked and scored as they come; or whole days of them again.

Links, scores and the note that a text was read are one transaction: what has scores was linked, even where it
is about no coin. A round takes the newest first; what waits longer than CATCH_UP is for a fill.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, FillContext, FillResult, Rows, Sources
from alphapulse_assets.news.linking.batch import link
from alphapulse_assets.news.linking.coins import Coins
from alphapulse_assets.news.model import LINKS_VERSION, TEXT_LINKS, TEXT_SCHEMA, TEXT_SCORES
from alphapulse_assets.news.scoring import reading, tiers
from alphapulse_assets.news.scoring.model import TEXTS_READ, Scorer
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.fetch_store import Connection
from alphapulse_resources.database.locks import lock_writers
from alphapulse_resources.database.upsert import Written

DATASET: Final = "sentiment_data"
LINKS: Final = "text_links"
AT_ONCE: Final = 2_000
"""Texts that a round, or a transaction of a fill, reads (ours): a second of work, with MiniLM ten."""
CATCH_UP: Final = timedelta(days=3)
"""How old a text may be, by when it was first seen, for a round to read it (ours)."""
QUICK: Final = frozenset({"lexicon", "linear"})
"""Models that a round asks again rather than the database; others may be slow, or cost something."""
AHEAD: Final = timedelta(minutes=1)
_FIRST_ID: Final = -(2**63)


@dataclass(frozen=True, slots=True)
class Reader:
    """All that texts are read with, as it is now."""

    by: tiers.Serving
    coins: Sequence[str]
    reading: str

    def read(self, texts: pl.DataFrame, known: Mapping[str, pl.DataFrame] | None = None) -> "Read":
        """Links, scores and the notes of TEXT_SCHEMA; a note says without whom, as that is tried again.

        `known` are scores that need not be made again.
        """
        links, failed = link(texts, Coins.of(self.coins)), dict(self.by.missing)
        found = reading.scores(texts, self.by.models, self.by.translate, known=known, failed=failed)
        without = f", without {', '.join(failed)}" if failed else ""
        read = texts.select("text_id", "ts", reading=pl.lit(self.reading + without)).with_columns(
            read_at=pl.lit(datetime.now(UTC)).cast(pl.Datetime("us", "UTC"))
        )
        return Read(reading.stamped_links(links, texts), reading.stamped(found, texts), read, failed)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of texts, as the tables have it."""

    links: pl.DataFrame
    scores: pl.DataFrame
    read: pl.DataFrame
    failed: Mapping[str, str]


def reader(sources: Sources) -> Reader:
    """The models that serve, the coins that are known, and the user's translation."""
    settings = sources.settings.sentiment
    by = tiers.serving(sources.database, settings)
    coins = [row["coin"] for row in sources.database.rows(statement("news/coins"))]
    told = {"translate": settings.translate or ""}
    return Reader(by, coins, reading.reading_of(by.models, coins, told))


def collect(sources: Sources, now: datetime) -> Collected:
    """Read the newest texts that were not read in this way yet."""
    window = (now - CATCH_UP, now + AHEAD)
    if not sources.database.read(statement("news/any_text"), window)["there"][0]:
        return Collected()  # nobody trains a model for nothing
    by = reader(sources)
    texts = sources.database.read(statement("news/unread"), (*window, by.reading, AT_ONCE))
    if texts.is_empty():
        return Collected(missing=by.by.missing)
    read = by.read(texts.cast(TEXT_SCHEMA), known(sources.database, by.by.models, texts["text_id"]))
    return Collected(
        [
            Rows(DATASET, TEXT_SCORES, read.scores),
            Rows(LINKS, TEXT_LINKS, read.links),
            Rows(TEXTS_READ.name, TEXTS_READ, read.read),
        ],
        missing=read.failed,
    )


def known(database: Database, models: Sequence[Scorer], ids: pl.Series) -> dict[str, pl.DataFrame]:
    """What models that are not QUICK have said of texts in their present versions.

    A text stays as it was first seen, so that its score does; when coins are listed, only links are new.
    """
    query = statement("news/scores_known")
    slow = [model for model in models if model.name not in QUICK]
    return {
        model.name: database.read(query, (model.name, model.version, ids.to_list())).cast(
            reading.KNOWN_SCHEMA
        )
        for model in slow
    }


def fill(context: FillContext) -> FillResult:
    """Read all texts of whole days again, with what reads them now."""
    database, by = context.sources.database, reader(context.sources)
    total, written, missing = Written(), set[tuple[str | None, date]](), dict(by.by.missing)
    for day in sorted(context.days):
        for texts in pages(database, day):
            read = by.read(texts)
            total += _store(database, texts, read)
            missing |= read.failed
            written.add((None, day))
    return replace(_filled(total, written), missing=missing)


def fill_links(context: FillContext) -> FillResult:
    """Link all texts of whole days again; scores stay as they are."""
    database = context.sources.database
    coins = Coins.of(row["coin"] for row in database.rows(statement("news/coins")))
    total, written = Written(), set[tuple[str | None, date]]()
    for day in sorted(context.days):
        for texts in pages(database, day):
            links = reading.stamped_links(link(texts, coins), texts)
            with database.transaction() as connection:
                lock_writers(connection, DATASET, [0])
                total += _store_links(database, connection, texts, links)
            written.add((None, day))
    return _filled(total, written)


def pages(database: Database, day: date) -> Iterator[pl.DataFrame]:
    """The texts of a day in the order in which they were seen, AT_ONCE at a time."""
    start = datetime.combine(day, time(), UTC)
    behind = (start, _FIRST_ID)
    while True:
        query = statement("news/texts_page")
        page = database.read(query, (start, start + timedelta(days=1), *behind, AT_ONCE))
        if page.is_empty():
            return
        yield page.cast(TEXT_SCHEMA)
        behind = (page["ts"][-1], page["text_id"][-1])


def _store(database: Database, texts: pl.DataFrame, read: Read) -> Written:
    """All that was read of texts, as if nothing had been read of them before by the same versions."""
    with database.transaction() as connection:
        lock_writers(connection, DATASET, [0])
        total = database.upsert(connection, TEXT_SCORES, read.scores.sort(TEXT_SCORES.key))
        total += _store_links(database, connection, texts, read.links)
        database.upsert(connection, TEXTS_READ, read.read.sort(TEXTS_READ.key))
    return total


def _store_links(
    database: Database, connection: Connection, texts: pl.DataFrame, links: pl.DataFrame
) -> Written:
    """The links of texts, and no others by the same rules."""
    written = database.upsert(connection, TEXT_LINKS, links.sort(TEXT_LINKS.key))
    gone = connection.execute(
        statement("news/forget_links"),
        {
            "version": LINKS_VERSION,
            "texts": texts["text_id"].to_list(),
            "linked": links["text_id"].to_list(),
            "coins": links["coin"].to_list(),
        },
    )
    return written + Written(removed=gone.rowcount)


def _filled(total: Written, written: set[tuple[str | None, date]]) -> FillResult:
    return FillResult(
        inserted=total.inserted,
        changed=total.changed + total.removed,
        unchanged=total.unchanged,
        written=frozenset(written),
    )
