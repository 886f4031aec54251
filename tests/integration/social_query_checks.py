"""What the example query about posts must answer, without SQL."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import Any, Final, NamedTuple

import polars as pl
from query_support import Row, near, only

from alphapulse_assets.news.model import SOCIAL_POSTS, text_id
from alphapulse_assets.news.social.model import POST_SCHEMA
from alphapulse_resources.database.client import Database

NOW: Final = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)


class Said(NamedTuple):
    """A post as the market below has it."""

    hours_ago: float
    coins: tuple[str, ...]
    author: str | None
    story: int
    score: float | None


SAID: Final = (
    Said(1, ("BTC",), "ann", 1, 0.5), Said(2, ("BTC",), "ann", 2, -0.5),
    Said(3, ("BTC", "ETH"), "bob", 3, 0.8),
    Said(4, ("BTC",), "cid", 4, 0.9), Said(4.5, ("BTC",), "dan", 4, 0.7), Said(5, ("BTC",), None, 5, None),
    Said(6, ("ETH",), "ann", 6, -0.2), Said(7, ("DOGE",), "ann", 7, 1.0), Said(8, ("DOGE",), "ann", 8, 1.0),
    Said(26, ("BTC",), "ann", 9, 0.1), Said(27, ("BTC",), "bob", 10, 0.1), Said(30, ("ETH",), "ann", 11, 0.1),
    Said(50, ("ETH",), "eve", 12, 0.1), Said(-1, ("ETH",), "fay", 13, 0.1),
)  # fmt: skip


def talk(database: Database) -> tuple[Said, ...]:
    """Posts of two days, linked and scored; what is older, or not yet known, counts for nothing."""
    rows: list[dict[str, Any]] = []
    for number, said in enumerate(SAID):
        ts, key = NOW - said.hours_ago * HOUR, text_id("reddit", str(number))
        story = text_id("story", str(said.story))
        rows.append(
            {
                "text_id": key, "provider": "reddit", "source": "Bitcoin", "post_id": str(number), "ts": ts,
                "title": "words", "author_hash": said.author, "cluster_id": story, "logic_version": 1,
                "known_at": ts,
            }
        )  # fmt: skip
    frame = pl.DataFrame(rows, schema=POST_SCHEMA, orient="row").sort("text_id")
    with database.transaction() as connection:
        database.upsert(connection, SOCIAL_POSTS, frame)
        for row, said in zip(rows, SAID, strict=True):
            for coin in said.coins:
                connection.execute(
                    "INSERT INTO text_links"
                    " (text_id, coin, logic_version, ts, rule, confidence, mention, known_at)"
                    " VALUES (%s, %s, 1, %s, 'cashtag', 1, '', %s)",
                    (row["text_id"], coin, row["ts"], row["ts"]),
                )
            connection.execute(
                "INSERT INTO text_scores (text_id, model, model_version, ts, score, data_hash, known_at)"
                " VALUES (%s, 'linear', '1', %s, %s, '', %s)",
                (row["text_id"], row["ts"], said.score, row["ts"]),
            )
    return SAID


def talked_about(rows: list[Row], market: tuple[Said, ...]) -> None:
    today = [said for said in market if 0 <= said.hours_ago < 24]
    yesterday = [said for said in market if 24 <= said.hours_ago < 48]
    everybody = {said.author or number for number, said in enumerate(today)}
    assert [row["coin"] for row in rows] == ["BTC", "ETH"]  # of DOGE only one person speaks
    for coin in ("BTC", "ETH"):
        of_coin = [said for said in today if coin in said.coins]
        people = {said.author or number for number, said in enumerate(of_coin)}
        before = {said.author for said in yesterday if coin in said.coins}
        by_story: dict[int, list[float]] = defaultdict(list)
        for said in of_coin:
            if said.score is not None:
                by_story[said.story].append(said.score)
        row = only(rows, coin=coin)
        assert (row["authors"], row["posts"], row["before"]) == (len(people), len(of_coin), len(before))
        assert row["stories"] == len({said.story for said in of_coin})
        assert row["share"] == near(len(people) / len(everybody))
        assert row["change"] == near(len(people) / len(before))
        assert row["score"] == near(fmean(fmean(scores) for scores in by_story.values()))


SOCIAL_CHECKS: Final[dict[str, Callable[[list[Row], tuple[Said, ...]], None]]] = {
    "68_most_talked_about_coins": talked_about,
}
