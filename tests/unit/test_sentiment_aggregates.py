"""What texts say together, held against the same reckoned by hand, and what must not change it."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl
import pytest

from alphapulse_assets.news.aggregates.aggregation import LEAST_BASELINE, REACH, aggregates

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
NOON: Final = datetime(2024, 3, 10, 12, tzinfo=UTC)
_TIME: Final = pl.Datetime("us", "UTC")


def text(number: int, at: datetime, score: float | None, **other: Any) -> dict[str, Any]:
    known = {
        "text_id": number, "known_at": at, "score": score, "kind": "news", "source": "a.example",
        "cluster_id": number, "coins": ("BTC",), "confidence": 0.8, "link": 0.9, "model": "linear",
        "model_version": "1", "negative": None, "neutral": None, "positive": None,
    }  # fmt: skip
    return known | other


def made(texts: Sequence[dict[str, Any]], start: datetime, end: datetime) -> pl.DataFrame:
    own = {each["text_id"]: each for each in texts}.values()
    links = [
        {"text_id": each["text_id"], "coin": coin, "confidence": each["link"]}
        for each in own
        for coin in each["coins"]
    ]
    floats = dict.fromkeys(("score", "confidence", "negative", "neutral", "positive"), pl.Float64)
    return aggregates(
        pl.DataFrame(
            list(own),
            schema={
                "text_id": pl.Int64,
                "known_at": _TIME,
                "kind": pl.String,
                "source": pl.String,
                "cluster_id": pl.Int64,
            },
        ),
        pl.DataFrame(links, schema={"text_id": pl.Int64, "coin": pl.String, "confidence": pl.Float64}),
        pl.DataFrame(
            list(texts),
            schema={"text_id": pl.Int64, "model": pl.String, "model_version": pl.String, **floats},
        ).filter(pl.Series([each["model"] is not None for each in texts])),
        start,
        end,
    )


def row(frame: pl.DataFrame, coin: str, ts: datetime, hours: int, **other: Any) -> dict[str, Any]:
    found = frame.filter(pl.col("coin") == coin, pl.col("ts") == ts, pl.col("hours") == hours)
    for name, value in other.items():
        found = found.filter(pl.col(name) == value)
    return found.row(0, named=True)


def many(count: int, hours: int, seed: int = 3) -> list[dict[str, Any]]:
    """Texts of many stories, sources and coins over some hours before noon and after."""
    rng = random.Random(seed)
    found: list[dict[str, Any]] = []
    for number in range(count):
        at = NOON - hours * HOUR + timedelta(seconds=rng.uniform(0, (hours + 24) * 3600))
        found.append(
            text(
                number,
                at,
                None if rng.random() < 0.1 else rng.uniform(-1, 1),
                kind=rng.choice(("news", "social")),
                source=f"{rng.randrange(5)}.example",
                coins=tuple(rng.sample(("BTC", "ETH", "SOL"), rng.randrange(0, 3))),
                confidence=rng.choice((None, 0.4, 0.9)),
                cluster_id=number if number < 5 or rng.random() < 0.7 else rng.randrange(number),
            )
        )
    return found


def test_an_hour_by_hand() -> None:
    texts = [
        text(1, NOON + 10 * MINUTE, 0.8, source="a.example"),
        text(2, NOON + 20 * MINUTE, 0.7, source="b.example", cluster_id=1),  # a copy
        text(3, NOON + 30 * MINUTE, -0.4, kind="social", source="r/x", confidence=None, link=0.5),
        text(4, NOON + 40 * MINUTE, None, source="c.example"),
    ]
    found = row(made(texts, NOON, NOON + HOUR), "BTC", NOON, 1)
    w1 = 0.9 * 0.8 * 0.5 ** (50 / 360)
    w3 = 0.25 * 0.5 * 0.5 * 0.5 ** (30 / 360)
    mean = (w1 * 0.8 - w3 * 0.4) / (w1 + w3)
    spread = ((w1 * (0.8 - mean) ** 2 + w3 * (-0.4 - mean) ** 2) / (w1 + w3)) ** 0.5
    assert found["score"] == pytest.approx(mean, abs=1e-9)
    assert found["dispersion"] == pytest.approx(spread, abs=1e-9)
    assert found["effective_stories"] == pytest.approx((w1 + w3) ** 2 / (w1**2 + w3**2), abs=1e-9)
    names = ("texts", "stories", "sources", "news", "social", "positive", "negative", "neutral", "unscored")
    assert [found[name] for name in names] == [4, 3, 4, 3, 1, 1, 1, 0, 1]
    assert (found["disagreement"], found["known_at"]) == (1.0, NOON + HOUR)
    assert found["zscore"] is None
    assert found["baseline_hours"] == 0


def test_hours_without_texts_have_no_row_and_texts_without_scores_no_score() -> None:
    found = made([text(1, NOON + MINUTE, None, coins=())], NOON, NOON + 30 * HOUR)
    assert set(found["coin"]) == {"market"}
    assert found.filter(pl.col("hours") == 1)["ts"].to_list() == [NOON]
    assert found.filter(pl.col("hours") == 24)["ts"].to_list() == [NOON + n * HOUR for n in range(24)]
    assert found["score"].null_count() == found.height
    assert set(found["unscored"]) == {1}


def test_a_story_counts_once_by_its_first_text_that_was_scored() -> None:
    copies = [text(n, NOON + n * MINUTE, 0.9, cluster_id=1, source=f"{n}.example") for n in range(2, 30)]
    texts = [text(1, NOON + MINUTE, None), *copies, text(50, NOON + 50 * MINUTE, -0.9)]
    found = row(made(texts, NOON, NOON + HOUR), "BTC", NOON, 1)
    assert (found["texts"], found["stories"], found["positive"], found["negative"]) == (30, 2, 1, 1)
    assert abs(found["score"]) < 0.1


def test_a_text_is_known_from_its_own_time_on_and_not_before_the_close() -> None:
    texts = [text(1, NOON + HOUR, 0.5)]  # the first moment of the next hour
    found = made(texts, NOON, NOON + HOUR)
    assert found.is_empty()
    assert made(texts, NOON, NOON + 2 * HOUR)["ts"].min() == NOON + HOUR


def test_models_and_versions_are_never_mixed() -> None:
    texts = [
        text(1, NOON + MINUTE, 0.5),
        text(1, NOON + MINUTE, -0.5, model="lexicon"),
        text(2, NOON + HOUR, 0.1, model_version="2"),
    ]
    found = made(texts, NOON, NOON + 2 * HOUR)
    assert row(found, "BTC", NOON, 1, model="linear")["score"] == pytest.approx(0.5)
    assert row(found, "BTC", NOON, 1, model="lexicon")["score"] == pytest.approx(-0.5)
    assert found.filter(pl.col("model_version") == "2", pl.col("ts") == NOON).is_empty()
    later = row(found, "BTC", NOON + HOUR, 24, model="linear", model_version="2")
    assert (later["stories"], later["unscored"], later["score"]) == (2, 1, pytest.approx(0.1))


def test_classes_decide_the_side_where_a_model_has_them() -> None:
    texts = [text(1, NOON + MINUTE, 0.3, negative=0.1, neutral=0.5, positive=0.4)]
    found = row(made(texts, NOON, NOON + HOUR), "BTC", NOON, 1)
    assert (found["neutral"], found["positive"], found["disagreement"]) == (1, 0, None)


def test_a_spike_is_held_against_its_week() -> None:
    scores = [0.1 if n % 2 else -0.1 for n in range(LEAST_BASELINE[1])]
    texts = [text(n, NOON - (n + 1) * HOUR + MINUTE, score) for n, score in enumerate(scores)]
    texts.append(text(999, NOON + MINUTE, 0.9))
    found = row(made(texts, NOON, NOON + HOUR), "BTC", NOON, 1)
    deviation = (sum(score**2 for score in scores) / (len(scores) - 1)) ** 0.5
    assert found["baseline_hours"] == len(scores)
    assert found["zscore"] == pytest.approx((0.9 - 0.0) / deviation, abs=1e-6)
    fewer = row(made(texts[1:], NOON, NOON + HOUR), "BTC", NOON, 1)
    assert (fewer["zscore"], fewer["change"], fewer["baseline_mean"]) == (None, None, None)
    flat = [text(n, NOON - (n + 1) * HOUR + MINUTE, 0.2) for n in range(30)] + [texts[-1]]
    assert row(made(flat, NOON, NOON + HOUR), "BTC", NOON, 1)["zscore"] == pytest.approx(0.7 / 0.05)


def test_what_is_told_later_changes_no_hour_of_before_and_any_window_gives_the_same() -> None:
    texts = many(1500, 9 * 24)
    whole = made(texts, NOON, NOON + 24 * HOUR)
    assert whole["zscore"].count() > 20
    for hours in (1, 5, 24):
        cut = NOON + hours * HOUR
        known = [each for each in texts if each["known_at"] < cut]
        assert made(known, NOON, cut).equals(whole.filter(pl.col("ts") < cut))
        start = cut - HOUR
        recent = [each for each in texts if each["known_at"] >= start - REACH]
        assert made(recent, start, cut).equals(whole.filter(pl.col("ts") == start))
    sums = whole.select(
        pl.sum_horizontal("positive", "negative", "neutral", "unscored") - pl.col("stories"),
        pl.col("news") + pl.col("social") - pl.col("texts"),
    )
    assert sums.unique().rows() == [(0, 0)]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="outside -1 to 1"):
        made([text(1, NOON, 1.5)], NOON, NOON + HOUR)
    with pytest.raises(ValueError, match="no whole hours"):
        made([text(1, NOON, 0.5)], NOON + MINUTE, NOON + HOUR)
