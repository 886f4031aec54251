"""What texts say together: scores of stories put together by the hour. Pure; docs/news.md tells the rules.

A window ends with an hour and looks at texts known before its end, and at no others. In it a story counts
once, by the first of its texts that could be scored. A story weighs more the surer the model is of its score
and the linking of its coin, the later it was told (half as much each HALF_LIFE before the window's end) and
where it is news: weights are ours and no claim about truth. Without texts there is no row; with texts of
which none could be scored there are counts and no score.
"""

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.news.aggregates.model import AGGREGATE_SCHEMA, COUNTS, HOURS, MARKET

HALF_LIFE: Final = timedelta(hours=6)
"""After which a story weighs half (ours)."""
SOURCE_WEIGHTS: Final = {"news": 1.0, "social": 0.25}
"""A post weighs a quarter of an article (ours): there are many more of them, and anybody writes them."""
UNSURE: Final = 0.5
"""What a score weighs whose model does not tell how sure it is (ours)."""
LEAST_SURE: Final = 0.1
"""What it weighs at least (ours): that no word of the lexicon was found does not make a text nobody told."""
SIDE: Final = 0.05
"""Score from which on a story takes a side, where a model has no classes (documented: VADER's readme)."""
BASELINE: Final = timedelta(days=7)
LEAST_BASELINE: Final = {1: 24, 24: 48}
"""Windows with a score that a baseline needs, by length in hours (ours)."""
LEAST_DEVIATION: Final = 0.05
"""Scores that hardly moved for a week make no spike of every breath (ours)."""
HOUR: Final = timedelta(hours=1)
REACH: Final = BASELINE + timedelta(hours=max(HOURS))
"""How long before a window's hour a text may have been told that takes part in its row."""
DIGITS: Final = 9
"""Decimals that are kept: the order of a sum shows in later ones."""

_KEY: Final = ("coin", "ts", "hours", "model", "model_version")
_WHO: Final = ("coin", "model", "model_version")
_WINDOW: Final = ("who", "hours", "ts")


def aggregates(
    texts: pl.DataFrame, links: pl.DataFrame, scores: pl.DataFrame, start: datetime, end: datetime
) -> pl.DataFrame:
    """AGGREGATE_SCHEMA of the hours that begin in [start, end), by key; both are whole hours.

    The frames go back to `start` less REACH, in any order.

    Args:
        texts: text_id, known_at, kind, source, cluster_id; those known from `end` on are left out.
        links: text_id, coin, confidence (of the rule, 0 to 1).
        scores: text_id, model, model_version, score, confidence, negative, neutral, positive; a text that a
            version did not score is unscored by it.

    Raises:
        ValueError: hours that are not whole, or a score outside -1 to 1.
    """
    if any(each.minute or each.second or each.microsecond for each in (start, end)):
        raise ValueError(f"{start} to {end} are no whole hours")
    if not scores["score"].drop_nulls().is_between(-1, 1).all():
        raise ValueError("a score outside -1 to 1")
    known = texts.filter((pl.col("known_at") < end) & (pl.col("known_at") >= start - REACH))
    told = _told(known, links, scores)
    if told.is_empty():
        return pl.DataFrame(schema=AGGREGATE_SCHEMA)
    names, told = _numbered(told)
    rows = pl.concat([_of_windows(told, hours, start - BASELINE, end) for hours in HOURS])
    found = _beside_baseline(rows).filter(pl.col("ts") >= start).join(names, on="who")
    return (
        found.with_columns((pl.col("ts") + HOUR).alias("known_at"), *_rounded())
        .select(AGGREGATE_SCHEMA.names())
        .cast(AGGREGATE_SCHEMA)
        .sort(_KEY)
    )


def _told(texts: pl.DataFrame, links: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """A row for each text, coin that it is about, and model version that scored any text."""
    linked = texts.join(links.select("text_id", "coin", pl.col("confidence").alias("link")), on="text_id")
    market = texts.with_columns(coin=pl.lit(MARKET), link=pl.lit(1.0))
    about = pl.concat([linked.select(market.columns), market])
    versions = scores.select("model", "model_version").unique()
    judged = about.join(versions, how="cross").join(
        scores.rename({"confidence": "sure"}).with_columns(judged=True),
        on=["text_id", "model", "model_version"],
        how="left",
    )
    side = (
        pl.when(pl.col("score").is_null())
        .then(None)
        .when(pl.col("positive").is_not_null())
        .then(_likeliest())
        .when(pl.col("score") >= SIDE)
        .then(1)
        .when(pl.col("score") <= -SIDE)
        .then(-1)
        .otherwise(0)
    )
    weight = pl.col("kind").replace_strict(SOURCE_WEIGHTS, return_dtype=pl.Float64)
    return judged.with_columns(
        side=side.cast(pl.Int8),
        weight=weight * pl.col("link") * pl.col("sure").fill_null(UNSURE).clip(LEAST_SURE),
        hour=pl.col("known_at").dt.truncate("1h"),
    )


def _numbered(told: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Coins with versions by number, and the texts with numbers for names, the best of each story first.

    Each text comes 25 times in windows: numbers are compared quicker, and what is sorted need not be again.
    """
    names = told.select(_WHO).unique().sort(_WHO).with_row_index("who")
    order = [pl.col("score").is_null(), pl.col("known_at"), pl.col("text_id")]
    numbered = told.join(names, on=_WHO).sort(order)
    return names, numbered.select(
        "who", "hour", "known_at", "cluster_id", "score", "side", "weight", "judged",
        pl.col("source").rank("dense").alias("source"),
        (pl.col("kind") == "news").alias("is_news"),
        (pl.col("model") + " " + pl.col("model_version")).rank("dense").alias("version"),
    )  # fmt: skip


def _likeliest() -> pl.Expr:
    """The side of the likeliest class; neutral where it is as likely as another."""
    most = pl.max_horizontal("negative", "neutral", "positive")
    return (
        pl.when(pl.col("neutral") >= most)
        .then(0)
        .when(pl.col("positive") >= most)
        .then(1)
        .otherwise(-1)
    )  # fmt: skip


def _of_windows(told: pl.DataFrame, hours: int, start: datetime, end: datetime) -> pl.DataFrame:
    """Counts and means of the windows of one length that end with an hour in [start, end)."""
    spread = told.with_columns(
        ts=pl.concat_list([pl.col("hour") + n * HOUR for n in range(hours)]), hours=pl.lit(hours, pl.Int16)
    ).explode("ts")
    inside = spread.filter((pl.col("ts") >= start) & (pl.col("ts") < end))
    # a version that came later has nothing to say of windows none of whose texts it read
    judged = inside.filter("judged").select("version", "ts").unique()
    inside = inside.join(judged, on=["version", "ts"], how="semi", maintain_order="left")
    counted = inside.group_by(_WINDOW).agg(
        texts=pl.len(),
        sources=pl.col("source").n_unique(),
        news=pl.col("is_news").sum(),
        social=(~pl.col("is_news")).sum(),
    )
    stories = inside.unique([*_WINDOW, "cluster_id"], keep="first", maintain_order=True)
    return counted.join(_of_stories(stories), on=_WINDOW)


def _of_stories(stories: pl.DataFrame) -> pl.DataFrame:
    """Score, spread and sides of windows, of a row for each of their stories."""
    age = (pl.col("ts") + HOUR - pl.col("known_at")) / HALF_LIFE
    score, known = pl.col("score"), pl.col("score").is_not_null()
    # what is older weighs less; what has no score weighs nothing
    weighed = stories.with_columns(w=pl.when(known).then(pl.col("weight") * 0.5**age).otherwise(0.0))
    w = pl.col("w")
    mean = (w * score).sum() / w.sum()
    sums = weighed.group_by(_WINDOW, maintain_order=True).agg(
        stories=pl.len(),
        unscored=score.is_null().sum(),
        positive=(pl.col("side") == 1).sum(),
        negative=(pl.col("side") == -1).sum(),
        neutral=(pl.col("side") == 0).sum(),
        total=w.sum(),
        mean=mean,
        squares=(w * (score - mean) ** 2).sum(),
        effective_stories=w.sum() ** 2 / (w**2).sum(),
    )
    scored = pl.col("stories") - pl.col("unscored")
    sides = pl.col("positive") + pl.col("negative")
    lesser = pl.min_horizontal("positive", "negative")
    weighs, spread = pl.col("total") > 0, (pl.col("squares") / pl.col("total")).sqrt()
    return sums.select(
        *_WINDOW,
        "stories", "unscored", "positive", "negative", "neutral",
        pl.when(weighs).then(pl.col("mean").clip(-1, 1)).alias("score"),
        pl.when(weighs & (scored >= 2)).then(spread).alias("dispersion"),
        pl.when(sides > 0).then(2 * lesser / sides).alias("disagreement"),
        pl.when(weighs).then("effective_stories"),
    )  # fmt: skip


def _beside_baseline(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with what windows of their kind had scored in the 7 days before."""
    scored = rows.filter(pl.col("score").is_not_null()).select(*_WINDOW, "score").sort("ts")
    past = (
        rows.select(_WINDOW)
        .join(scored, on=_WINDOW, how="left")
        .sort("ts")
        .rolling("ts", period=BASELINE, closed="left", group_by=_WINDOW[:-1])
        .agg(
            baseline_hours=pl.col("score").count(),
            baseline_mean=pl.col("score").mean(),
            deviation=pl.col("score").std(),
        )
    )
    enough = pl.col("baseline_hours") >= pl.col("hours").replace_strict(LEAST_BASELINE, return_dtype=pl.Int32)
    change = pl.col("score") - pl.col("baseline_mean")
    return (
        rows.join(past, on=_WINDOW, how="left")
        .with_columns(pl.when(enough).then("baseline_mean"))
        .with_columns(change=change)
        .with_columns(zscore=pl.col("change") / pl.col("deviation").clip(LEAST_DEVIATION))
    )


def _rounded() -> list[pl.Expr]:
    floats = [name for name, dtype in AGGREGATE_SCHEMA.items() if dtype.is_float() and name not in COUNTS]
    return [pl.col(name).round(DIGITS) for name in floats]
