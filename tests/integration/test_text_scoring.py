"""Texts are linked and scored once by each tier, again when rules or models change, and then the same."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from candle_frames import register
from text_scoring_support import MINUTE, NOW, News, Post, Scoring, store_news, store_posts

from alphapulse_assets.news.scoring import collecting
from alphapulse_assets.news.scoring.model import VERDICT_SCHEMA
from alphapulse_resources.database.client import Database

GOOD = News("Bitcoin surges to record high as ETF inflows jump")
BAD = News("Ethereum plunges after exchange hack drains $200 million", NOW - MINUTE)
NOBODY = News("Weekly newsletter: what we are reading", NOW - 2 * MINUTE)
SPANISH = News("Bitcoin se desploma tras el hackeo de la bolsa", NOW - 3 * MINUTE, language="es")
POST = Post("$SOL is mooning, very bullish", "p1", NOW - 4 * MINUTE)
SHOUT = Post("https://example.com/a.png", "p2", NOW - 5 * MINUTE)


class Moody:
    """A scorer of a user's own that works on some days."""

    name, version, data_hash = "moody", "1", "none"
    mood: float | None = None

    def read(self, texts: Sequence[str]) -> pl.DataFrame:
        if self.mood is None:
            raise ConnectionError("not today")
        told = dict.fromkeys(VERDICT_SCHEMA, [None] * len(texts))
        told |= {"score": [self.mood] * len(texts), "confidence": [1.0] * len(texts)}
        return pl.DataFrame(told, schema=VERDICT_SCHEMA)


@pytest.fixture
def scoring(database: Database) -> Scoring:
    """A database with three coins and six texts."""
    register(database, ["BTC/USDT", "ETH/USDT", "SOL/USDT"])
    store_news(database, [GOOD, BAD, NOBODY, SPANISH])
    store_posts(database, [POST, SHOUT])
    return Scoring(database)


def test_each_text_is_linked_and_scored_by_both_tiers_in_one_round(scoring: Scoring) -> None:
    done = scoring.round()
    by_model = {(row["text_id"], row["model"]): row for row in scoring.scores()}
    assert len(by_model) == 12
    for model in ("lexicon", "linear"):
        assert by_model[GOOD.text_id, model]["score"] > 0.3
        assert by_model[BAD.text_id, model]["score"] < -0.3
        assert by_model[POST.text_id, model]["score"] > 0.3
    links = {(row["text_id"], row["coin"]) for row in scoring.rows("text_links", "text_id")}
    assert {(GOOD.text_id, "BTC"), (BAD.text_id, "ETH"), (POST.text_id, "SOL")} <= links
    assert not [coin for text, coin in links if text == NOBODY.text_id]
    assert done.quarantined == 0
    assert {row["known_at"] for row in by_model.values()} == {
        each.ts for each in (GOOD, BAD, NOBODY, SPANISH, POST, SHOUT)
    }


def test_where_there_are_no_texts_no_model_is_made(database: Database) -> None:
    assert Scoring(database).round().rows == 0
    assert not Scoring(database).rows("sentiment_models", "model")


def test_what_no_model_can_read_has_no_score_and_the_reason(scoring: Scoring) -> None:
    scoring.round()
    notes = {
        row["text_id"]: (row["score"], row["confidence"], row["note"])
        for row in scoring.scores(model="linear")
    }
    assert notes[SPANISH.text_id] == (None, None, "language es is not supported")
    assert notes[SHOUT.text_id] == (None, None, "no words to read")
    assert notes[GOOD.text_id][2] is None


def test_a_text_is_read_once_and_again_when_what_reads_it_changes(scoring: Scoring) -> None:
    assert scoring.round().new > 0
    again = scoring.round()
    assert (again.rows, again.new) == (0, 0)
    register(scoring.database, ["DOGE/USDT"])
    late = News("Dogecoin joins the rally", NOW)
    store_news(scoring.database, [late])
    done = scoring.round()
    assert done.written["sentiment_data"].inserted == 2
    assert (done.written["texts_read"].inserted, done.written["texts_read"].changed) == (1, 6)
    assert scoring.round().rows == 0


def test_a_scorer_that_fails_or_is_not_there_stops_no_tier_and_is_asked_again(database: Database) -> None:
    store_news(database, [GOOD])
    own = Scoring(database, {"scorers": f"{__name__}:Moody, no.such.thing:x", "linear": False})
    done = own.round()
    assert {row["model"] for row in own.scores()} == {"lexicon"}
    assert list(done.missing) == ["scorer no.such.thing:x", "model moody 1"]
    assert done.missing["model moody 1"] == "ConnectionError: not today"
    Moody.mood = 0.25
    own = Scoring(database, {"scorers": f"{__name__}:Moody", "linear": False})
    assert own.round().missing == {}
    assert {row["model"]: row["score"] for row in own.scores()}["moody"] == 0.25
    assert own.round().rows == 0


def test_texts_older_than_a_round_goes_back_wait_for_a_fill(scoring: Scoring) -> None:
    old = News("Bitcoin falls", NOW - collecting.CATCH_UP - MINUTE)
    store_news(scoring.database, [old])
    scoring.round()
    assert not scoring.scores(text_id=old.text_id)
    result = scoring.fill(old.ts.date())
    assert result.inserted > 0
    assert len(scoring.scores(text_id=old.text_id)) == 2


def test_a_day_read_again_has_the_same_rows_and_later_texts_change_nothing(scoring: Scoring) -> None:
    scoring.round()
    before = _all(scoring)
    result = scoring.fill(NOW.date())
    assert (result.inserted, result.changed, result.written) == (0, 0, {(None, NOW.date())})
    assert _all(scoring) == before
    store_news(scoring.database, [News("Bitcoin crashes 40%", NOW + timedelta(hours=1))])
    scoring.round(NOW + timedelta(hours=2))
    then = [row for rows in _all(scoring).values() for row in rows if row["ts"] <= NOW]
    assert then == [row for rows in before.values() for row in rows]


def test_a_fill_takes_links_away_that_the_rules_do_not_find(scoring: Scoring) -> None:
    scoring.round()
    scoring.database.execute(
        "INSERT INTO text_links (text_id, coin, logic_version, ts, rule, confidence, mention, known_at)"
        " SELECT text_id, 'DOGE', logic_version, ts, rule, 1, 'much wow', ts FROM text_links"
        " WHERE coin = 'BTC' AND text_id = %(id)s",
        {"id": GOOD.text_id},
    )
    assert scoring.fill(NOW.date()).changed == 1
    assert not scoring.rows("text_links", "text_id", coin="DOGE")


def test_a_post_whose_words_are_gone_keeps_what_was_read_of_it(scoring: Scoring) -> None:
    scoring.round()
    before = scoring.scores(text_id=POST.text_id)
    scoring.database.execute(
        "UPDATE social_posts SET title = NULL, body = NULL, forgotten_at = now() WHERE post_id = 'p1'"
    )
    register(scoring.database, ["XRP/USDT"])
    scoring.round()
    scoring.fill(NOW.date())
    assert scoring.scores(text_id=POST.text_id) == before


def test_the_view_has_a_row_a_text_coin_and_model_and_one_of_them_is_preferred(scoring: Scoring) -> None:
    scoring.round()
    rows = scoring.rows("sentiment_data", "ts, model", coin="BTC", text_id=GOOD.text_id)
    assert [(row["model"], row["is_preferred"]) for row in rows] == [("lexicon", False), ("linear", True)]
    assert {row["source"] for row in rows} == {"outlet.example"}
    scoring.database.execute("UPDATE social_posts SET deleted_at = now(), body = NULL WHERE post_id = 'p1'")
    assert not scoring.rows("sentiment_data", "ts", text_id=POST.text_id)


def test_scores_of_the_version_that_was_activated_last_are_shown(scoring: Scoring) -> None:
    scoring.round()
    scoring.database.execute(
        "INSERT INTO sentiment_models (model, model_version, data_hash, origin, rank, texts)"
        " VALUES ('linear', '0.zzz', 'x', 'own', 2, 9)"
    )
    scoring.database.execute(
        "INSERT INTO text_scores (text_id, model, model_version, ts, score, confidence, data_hash, known_at)"
        " VALUES (%(id)s, 'linear', '0.zzz', %(ts)s, 0.125, 0.5, 'x', %(ts)s)",
        {"id": GOOD.text_id, "ts": GOOD.ts},
    )
    (row,) = scoring.rows("sentiment_scores", "ts", model="linear", text_id=GOOD.text_id)
    assert (row["model_version"], row["score"], row["is_preferred"]) == ("0.zzz", 0.125, True)
    (other,) = scoring.rows("sentiment_scores", "ts", model="linear", text_id=BAD.text_id)
    assert other["model_version"] != "0.zzz"


def _all(scoring: Scoring) -> dict[str, list[dict[str, Any]]]:
    return {
        "scores": scoring.scores(),
        "links": scoring.rows("text_links", "ts, text_id, coin"),
        "read": scoring.rows("texts_read", "ts, text_id"),
    }
