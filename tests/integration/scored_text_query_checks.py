"""What the example query about scored texts must answer, without SQL."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, NamedTuple

from candle_frames import register
from query_support import Row, near, only
from text_scoring_support import NOW as SEEN
from text_scoring_support import News, store_news

from alphapulse_resources.database.client import Database

NOW: Final = SEEN + timedelta(minutes=30)
_HOUR: Final = timedelta(hours=1)


class Scored(NamedTuple):
    """A text with what both models say of it; None where they cannot read it."""

    news: News
    lexicon: float | None
    linear: float | None
    sure: float | None


TEXTS: Final = (
    Scored(News("Bitcoin rises", SEEN), 0.4, 0.8, 0.9),
    Scored(News("Bitcoin rises again", SEEN + timedelta(minutes=5), story="Bitcoin rises"), 0.4, 0.9, 0.9),
    Scored(News("Bitcoin sinks, or does it", SEEN + timedelta(minutes=9)), 0.2, -0.5, 0.6),
    Scored(News("Bitcoin sube", SEEN + timedelta(minutes=11), language="es"), None, None, None),
    Scored(News("Bitcoin fell", SEEN - 3 * _HOUR), -0.6, -0.7, 0.8),
    Scored(News("Bitcoin fell long ago", SEEN - timedelta(days=8)), -0.6, -0.7, 0.8),
)


def scored_market(database: Database) -> tuple[Scored, ...]:
    """Six texts about Bitcoin, one of which is a copy, one unreadable and one too old."""
    register(database, ["BTC/USDT"])
    store_news(database, [each.news for each in TEXTS])
    for model, rank in (("lexicon", 1), ("linear", 2)):
        database.execute(
            "INSERT INTO sentiment_models (model, model_version, data_hash, origin, rank, texts)"
            " VALUES (%(model)s, '1', 'x', 'built_in', %(rank)s, 0)",
            {"model": model, "rank": rank},
        )
        for each in TEXTS:
            database.execute(_SCORE, _score(each, model))
    for each in TEXTS:
        database.execute(_LINK, {"id": each.news.text_id, "ts": each.news.ts})
    return TEXTS


_SCORE: Final = (
    "INSERT INTO text_scores"
    " (text_id, model, model_version, ts, score, confidence, note, data_hash, known_at)"
    " VALUES (%(id)s, %(model)s, '1', %(ts)s, %(score)s, %(sure)s, %(note)s, 'x', %(ts)s)"
)
_LINK: Final = (
    "INSERT INTO text_links (text_id, coin, logic_version, ts, rule, confidence, mention, known_at)"
    " VALUES (%(id)s, 'BTC', 1, %(ts)s, 'name', 0.9, 'Bitcoin', %(ts)s)"
)


def _score(each: Scored, model: str) -> dict[str, Any]:
    score = each.lexicon if model == "lexicon" else each.linear
    sure = None if score is None else 0.5 if model == "lexicon" else each.sure
    note = "language es is not supported" if score is None else None
    return {
        "id": each.news.text_id, "ts": each.news.ts, "model": model, "score": score, "sure": sure,
        "note": note,
    }  # fmt: skip


def by_the_hour(rows: list[Row], texts: tuple[Scored, ...]) -> None:
    """Stories count once, the surer score more, the unreadable as unread and not as neutral."""
    assert [row["hour"] for row in rows] == [SEEN, SEEN - 3 * _HOUR]
    first = only(rows, hour=SEEN)
    rises, _, sinks, *_ = texts
    assert (first["texts"], first["stories"], first["apart"], first["unread"]) == (4, 3, 1, 1)
    assert first["score"] == near((0.8 * 0.9 - 0.5 * 0.6) / (0.9 + 0.6))
    assert first["lexicon"] == near((rises.lexicon + sinks.lexicon) / 2)  # type: ignore[operator]
    assert first["linear"] == near((0.8 - 0.5) / 2)
    assert only(rows, hour=SEEN - 3 * _HOUR)["score"] == near(-0.7)


SCORED_TEXT_CHECKS: Final[dict[str, Callable[[list[Row], tuple[Scored, ...]], None]]] = {
    "69_what_was_said_by_the_hour": by_the_hour,
}
