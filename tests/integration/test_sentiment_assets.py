"""Aggregates and correlations in the database: rounds and fills, late scores, alerts, checks, pictures."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast

import numpy as np
import polars as pl
import pytest
from aggregate_support import Said, store
from candle_frames import register, write
from market_metrics_support import declare

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.collecting import FillContext, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.news.aggregates import computing
from alphapulse_assets.news.aggregates.checks import AGGREGATES_AGAIN, COUNTS_ADD_UP
from alphapulse_assets.news.aggregates.dataset import AGGREGATES, CORRELATIONS, DATASETS
from alphapulse_assets.news.aggregates.lead_lag import LEADS
from alphapulse_assets.news.aggregates.show import show_aggregates, show_correlations
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.frames import CANDLE_SCHEMA
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
NOW: Final = datetime(2024, 3, 20, 12, 0, 40, tzinfo=UTC)
NOON: Final = NOW.replace(second=0)
COLLECTORS: Final = {each.name: each for dataset in DATASETS for each in dataset.collectors}
RULES: Final = {dataset.name: dataset.rules for dataset in DATASETS}


@pytest.fixture
def sources(database: Database) -> Sources:
    for each in COLLECTORS.values():
        declare(database, each)
    return Sources(database, Settings.model_validate({}), cast(Gateway, None))  # nobody is asked


def round_of(sources: Sources, now: datetime, name: str = computing.AGGREGATES_OF) -> Round:
    done = run_collector(COLLECTORS[name], sources, RULES, now=now)
    assert done.error is None
    return done


def filling(sources: Sources, days: Sequence[date]) -> FillContext:
    return FillContext(sources, days, [], "batch", "run-1", None, lambda line: None)


def days(first: datetime, last: datetime) -> list[date]:
    return [first.date() + timedelta(days=n) for n in range((last.date() - first.date()).days + 1)]


def rows(database: Database) -> pl.DataFrame:
    key = ["coin", "ts", "hours", "model", "model_version"]
    return database.read("SELECT * FROM sentiment_aggregate_hours").drop("created_at").sort(key)


def talk(hours: int, *, until: datetime = NOON, seed: int = 5) -> list[Said]:
    """Some texts an hour of two coins, copies and posts among them."""
    rng = random.Random(seed)
    found: list[Said] = []
    for number in range(3 * hours):
        found.append(
            Said(
                number,
                until - timedelta(seconds=rng.uniform(1, hours * 3600)),
                None if rng.random() < 0.1 else round(rng.uniform(-1, 1), 3),
                coins=rng.choice((("BTC",), ("ETH",), ("BTC", "ETH"), ())),
                kind=rng.choice(("news", "news", "social")),
                source=f"{rng.randrange(6)}.example",
                story=number - 1 if number and rng.random() < 0.2 else None,
            )
        )
    return found


def test_rounds_make_hours_that_are_over_once_and_fills_make_the_same(sources: Sources) -> None:
    database = sources.database
    store(database, talk(10 * 24))
    done = round_of(sources, NOW)
    by_round = rows(database)
    assert done.new == by_round.height
    assert set(by_round["coin"]) == {"market", "BTC", "ETH"}
    assert by_round["ts"].max() == NOON - HOUR
    assert by_round["ts"].min() == NOON - computing.CATCH_UP
    assert by_round["zscore"].count() > 100
    assert round_of(sources, NOW + MINUTE).rows == 0  # nothing is due
    filled = computing.fill_aggregates(filling(sources, days(NOON - computing.CATCH_UP, NOON)))
    assert (filled.changed, filled.unchanged) == (0, by_round.height)
    assert filled.inserted > 0  # hours of the first day, and those after the last text
    both = rows(database)
    same = ["coin", "ts", "hours", "model", "model_version"]
    assert both.join(by_round, on=same, how="semi").equals(by_round)


def test_a_score_that_comes_late_and_a_post_that_is_deleted_are_made_up_for(sources: Sources) -> None:
    database = sources.database
    texts = talk(48)
    late = Said(9001, NOON - 5 * HOUR, 1.0, source="late.example")
    store(database, texts)
    round_of(sources, NOW)
    before = rows(database)
    store(database, [late], made_at=NOW + MINUTE)
    done = round_of(sources, NOW + 2 * MINUTE)
    assert done.new > 0
    after = rows(database)
    touched = after.join(before, on=after.columns, how="anti", nulls_equal=True)
    assert touched["ts"].min() == NOON - 5 * HOUR
    assert set(touched["coin"]) == {"BTC", "market"}
    post = next(each for each in texts if each.kind == "social" and each.coins and each.at > NOON - 20 * HOUR)
    database.execute(
        "UPDATE social_posts SET title = NULL, deleted_at = %(at)s WHERE text_id = %(id)s",
        {"at": NOW + 3 * MINUTE, "id": post.text_id},
    )
    assert round_of(sources, NOW + 4 * MINUTE).new > 0
    computing.fill_aggregates(filling(sources, days(NOON - 3 * 24 * HOUR, NOON)))
    again = round_of(sources, NOW + 5 * MINUTE)
    assert again.new == 0


def test_an_hour_without_texts_has_no_row_and_a_text_without_score_no_zero(sources: Sources) -> None:
    store(sources.database, [Said(1, NOON - 3 * HOUR + MINUTE, None)])
    round_of(sources, NOW)
    found = rows(sources.database)
    assert found.filter(pl.col("hours") == 1)["ts"].unique().to_list() == [NOON - 3 * HOUR]
    assert found["score"].null_count() == found.height
    assert sources.database.rows("SELECT * FROM sentiment_now") == []


def test_the_view_takes_the_version_that_scored_most_and_the_main_model(sources: Sources) -> None:
    at = NOON - 2 * HOUR
    texts = [Said(n, at + n * MINUTE, 0.5) for n in range(1, 5)]
    store(sources.database, texts)
    store(sources.database, [Said(1, at + MINUTE, -0.9, version="2")])
    store(sources.database, [Said(n, at + n * MINUTE, 0.1, model="lexicon") for n in range(1, 5)])
    round_of(sources, NOW)
    shown = sources.database.rows(
        "SELECT model, model_version, score, is_main FROM sentiment_aggregates"
        " WHERE coin = 'BTC' AND hours = 24 AND ts = %(ts)s ORDER BY model",
        {"ts": at},
    )
    assert [(row["model"], row["model_version"], row["is_main"]) for row in shown] == [
        ("lexicon", "1", False),
        ("linear", "1", True),
    ]


def test_a_spike_and_a_story_of_many_sources_are_alerts_once(sources: Sources) -> None:
    database = sources.database
    register(database, ["BTC/USDT"])
    database.execute("UPDATE instruments SET tracked = true")
    calm = [Said(n, NOON - n * HOUR + MINUTE, 0.1 * (-1) ** n) for n in range(2, 150)]
    loud = [
        Said(1000 + n, NOON - 40 * MINUTE + n * MINUTE, -0.9, source=f"{n % 3}.example") for n in range(8)
    ]
    story = [
        Said(2000 + n, NOON - 30 * MINUTE + 5 * n * MINUTE, 0.0, source=f"s{n}.example", story=2000,
             title="Exchange hacked" if n == 0 else "")
        for n in range(5)
    ]  # fmt: skip
    other = [Said(3000 + n, NOON - 29 * MINUTE + 5 * n * MINUTE, 0.0, coins=("XYZ",), source=f"s{n}.example",
                  story=3000) for n in range(5)]  # fmt: skip
    store(database, [*calm, *loud, *story, *other])
    assert round_of(sources, NOW).alerts == 3
    assert round_of(sources, NOW + MINUTE).alerts == 0
    found = database.rows("SELECT * FROM alerts WHERE kind LIKE 's%%' ORDER BY kind, symbol")
    assert [(row["kind"], row["symbol"], row["severity"]) for row in found] == [
        ("sentiment_spike", "BTC", "warning"),
        ("sentiment_spike", "market", "warning"),
        ("story_cluster", "BTC", "warning"),
    ]
    assert found[2]["ts"] == story[3].at  # the fourth source
    assert found[2]["detail"]["url"] == "https://s0.example/2000"
    assert found[2]["title"] == "4 sources tell of BTC within 15 minutes: Exchange hacked"
    assert found[0]["detail"]["zscore"] < -5


def test_sentiment_that_was_taken_as_known_already_makes_signals_due(sources: Sources) -> None:
    database = sources.database
    btc, _ = register(database, ["BTC/USDT", "ETH/USDT"])
    database.execute("UPDATE instruments SET tracked = true")
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    made = computing.aggregate_rows
    store(database, [Said(1, hour - 30 * MINUTE, 0.5), Said(2, hour - 50 * HOUR, 0.5, coins=("SOL",))])
    database.execute("DELETE FROM derived_dirty")
    computing.fill_aggregates(filling(sources, [hour.date(), (hour - HOUR).date()]))
    assert made(database, (hour - HOUR, hour)).height
    marks = "SELECT dataset, instrument_id, day FROM derived_dirty"
    assert database.rows(marks) == []  # it is not taken as known yet, and nobody tracks SOL
    late = Said(3, hour - 6 * HOUR + MINUTE, -0.5)
    store(database, [late])
    days_of = sorted({(hour - 5 * HOUR).date(), hour.date(), (hour - HOUR).date()})
    computing.fill_aggregates(filling(sources, days_of))
    due = database.rows(f"{marks} ORDER BY day")
    assert {(row["dataset"], row["instrument_id"]) for row in due} == {
        ("signals", btc),
        ("event_probabilities", btc),
    }
    assert due[0]["day"] == (late.at.replace(minute=0) + 3 * HOUR).date()
    database.execute("DELETE FROM derived_dirty")
    computing.fill_aggregates(filling(sources, days_of))
    assert database.rows(marks) == []  # the same again makes nothing due


def test_a_story_that_takes_longer_is_no_cluster(sources: Sources) -> None:
    register(sources.database, ["BTC/USDT"])
    sources.database.execute("UPDATE instruments SET tracked = true")
    slow = [Said(n, NOON - (5 - n) * 50 * MINUTE, 0.0, source=f"s{n}.example", story=1) for n in range(1, 6)]
    store(sources.database, slow)
    assert round_of(sources, NOW).alerts == 0


def test_checks_hold_and_break(sources: Sources) -> None:
    database = sources.database
    store(database, talk(10 * 24))
    yesterday = (NOON - 24 * HOUR).date()
    computing.fill_aggregates(filling(sources, [yesterday]))
    scope = CheckScope(DerivedStore(database), [yesterday.isoformat()], lightweight=False)
    rules = AGGREGATES.checks[0]
    for check in (rules, COUNTS_ADD_UP, AGGREGATES_AGAIN):
        assert check.run(scope, AGGREGATES).passed, check.name
    database.execute(
        "UPDATE sentiment_aggregate_hours SET score = 0.123, positive = positive + 1 WHERE coin = 'BTC'"
        " AND ts = %(ts)s AND hours = 24",
        {"ts": datetime(2024, 3, 19, 7, tzinfo=UTC)},
    )
    assert not COUNTS_ADD_UP.run(scope, AGGREGATES).passed
    again = AGGREGATES_AGAIN.run(scope, AGGREGATES)
    assert not again.passed
    assert again.metadata["differ"].value == 1
    quick = CheckScope(DerivedStore(database), [yesterday.isoformat()], lightweight=True)
    assert not COUNTS_ADD_UP.run(quick, AGGREGATES).passed


def priced(database: Database, hours: int, lead: int) -> None:
    """Hours of two symbols and texts about their coins: the first's price follows what is said of it."""
    keys = register(database, ["BTC/USDT", "ETH/USDT"])
    database.execute("UPDATE instruments SET tracked = true")
    start = NOON.replace(hour=0) - hours * HOUR
    for seed, (key, coin) in enumerate(zip(keys, ("BTC", "ETH"), strict=True)):
        rng = np.random.default_rng(seed)
        score = np.clip(rng.normal(0, 0.4, hours), -1, 1)
        returns = rng.normal(0, 0.002, hours)
        if coin == "BTC":
            returns[lead:] += 0.006 * score[:-lead]
        close = 100 * np.exp(np.cumsum(returns))
        store(
            database,
            [
                Said(100_000 * seed + n, start + n * HOUR + 20 * MINUTE, float(round(score[n], 6)), (coin,))
                for n in range(hours)
            ],
        )
        store_hours(database, key, start, close)


def store_hours(database: Database, key: int, start: datetime, close: Any) -> None:
    """A minute an hour, which is the hour's candle."""
    frame = pl.DataFrame(
        {
            "ts": [start + n * HOUR for n in range(len(close))],
            "open": close, "high": close * 1.001, "low": close * 0.999, "close": close,
            "volume": np.ones(len(close)), "quote_volume": close, "trades": np.ones(len(close)),
            "taker_buy_volume": np.ones(len(close)),
        }
    ).cast(dict(CANDLE_SCHEMA))  # fmt: skip
    write(database, key, frame)
    database.refresh_timeframes(("5m", "15m", "1h"))


def test_a_planted_relation_is_found_by_the_round_of_a_day_and_shown(sources: Sources) -> None:
    database = sources.database
    priced(database, 24 * 24, lead=2)
    computing.fill_aggregates(filling(sources, days(NOON - 25 * 24 * HOUR, NOON)))
    done = round_of(sources, NOW, computing.CORRELATIONS_OF)
    assert done.new == 2 * 2 * 3 * 2 * 15
    assert round_of(sources, NOW + HOUR, computing.CORRELATIONS_OF).rows == 0  # a day is made once
    told = database.rows(
        "SELECT symbol, days, series, lag, trials, correlation, low, high, q FROM sentiment_correlations"
        " WHERE verdict = %(verdict)s AND against = 'return' ORDER BY symbol, days",
        {"verdict": LEADS},
    )
    assert [(row["symbol"], row["days"], row["series"], row["lag"]) for row in told] == [
        ("BTC/USDT", 30, "spike", 2),
        ("BTC/USDT", 90, "spike", 2),
    ]
    assert told[0]["low"] > 0.4
    yesterday = (NOON - 24 * HOUR).date()
    again = computing.fill_correlations(filling(sources, [yesterday]))
    assert (again.inserted, again.changed, again.unchanged) == (0, 0, done.new)
    scope = CheckScope(DerivedStore(database), [yesterday.isoformat()], lightweight=False)
    for check in CORRELATIONS.checks:
        assert check.run(scope, CORRELATIONS).passed, check.name
    pictures = show_aggregates(sources, [yesterday])
    assert set(pictures) == {"sentiment of BTC", "sentiment of ETH"}
    shown = show_correlations(sources, [yesterday])
    assert shown["trials"] == told[0]["trials"]
    assert "were looked at" in shown["note"]
    priced_rows = database.rows(
        "SELECT count(*) AS n, count(score) AS scored FROM sentiment_with_price WHERE symbol = 'BTC/USDT'"
    )
    assert priced_rows[0] == {"n": 24 * 24, "scored": 24 * 24}
