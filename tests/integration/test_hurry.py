"""Collectors asked at once when a symbol moves: by the poller's own loop, over candles that jump."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from candle_frames import MINUTE, candles, register, write

from alphapulse_assets.collecting import hurry as hurry_module
from alphapulse_assets.collecting.hurry import Hurry, Volatility, budgets_of, hurry_of, make_due, too_little
from alphapulse_assets.collecting.poller import Poller
from alphapulse_assets.collecting.turns import Turn
from alphapulse_assets.datasets.collecting import Collected, Collector, Sources
from alphapulse_assets.datasets.collector_run import Round
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.alternative_me import ALTERNATIVE_ME
from alphapulse_resources.settings import Collecting, Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from tests.e2e.running_platform import eventually

HOUR = timedelta(hours=1)
SETTINGS = Collecting()
NAMES = ["BTC/USDT", "ETH/USDT"]


@pytest.fixture
def sources(database: Database) -> Iterator[Sources]:
    limiter = DatabaseRateLimiter(database.dsn)
    yield Sources(database, Settings(_env_file=None), Gateway(limiter))
    limiter.close()


def texts(asked: list[datetime], **more: Any) -> Collector:
    """A collector of texts as far as the poller sees: it notes when it was asked, and brings nothing new."""

    def collect(_: Sources, at: datetime) -> Collected:
        asked.append(at)
        return Collected(missing={"nothing": "a stand-in"})

    given: dict[str, Any] = {
        "name": "news stand-in", "source": "alphapulse", "datasets": ("news_events",), "every": HOUR,
        "hurried": True,
    }  # fmt: skip
    return Collector(collect=collect, **{**given, **more})


def market(database: Database, *, moves: float, until: datetime, calm: float = 1.0) -> int:
    """Two tracked symbols with a day of candles until now; the first of them jumps about in the last five.

    `moves` is the deviation of its last returns of a minute; usually it is 0.1 %.
    """
    ids = register(database, NAMES)
    database.execute("UPDATE instruments SET tracked = true, tracked_at = now()")
    end = until.replace(second=0, microsecond=0)
    for seed, instrument_id in enumerate(ids, start=1):
        frame = candles(end - 1440 * MINUTE, 1440, seed=seed, price=100.0)
        if seed == 1:
            frame = with_jumps(frame, moves)
        write(database, instrument_id, frame)
    return ids[0]


def with_jumps(frame: pl.DataFrame, moves: float) -> pl.DataFrame:
    """The last five closes are up and down by `moves`."""
    before = frame["close"][-6]
    closes = before * np.exp(moves * np.array([1, 0, 1, 0, 1]))
    tail = frame.tail(5).with_columns(close=pl.Series(closes), high=pl.lit(200.0), low=pl.lit(50.0))
    return pl.concat([frame.head(-5), tail])


def hurrying(sources: Sources, **settings: Any) -> Hurry:
    """As the poller's run makes it, but looking all the time."""
    volatility = Volatility(
        sources.database,
        SETTINGS.model_copy(update=settings),
        budgets_of([ALTERNATIVE_ME]),
        looks=timedelta(milliseconds=50),
    )
    return Hurry(volatility, said=lambda line: None, _pool=ThreadPoolExecutor(1))


@contextmanager
def polling(poller: Poller) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=poller.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()


def noted(database: Database) -> list[dict[str, Any]]:
    return database.rows("SELECT * FROM hurried ORDER BY ts")


def test_a_symbol_that_jumps_has_texts_asked_for_at_once_once_and_it_is_noted_why(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hurry_module, "ONCE", timedelta(0))
    asked: list[datetime] = []
    slow: list[datetime] = []
    said: list[str] = []
    rounds: list[Round] = []
    hurry = replace(hurrying(sources), said=said.append)
    others = texts(slow, name="others", hurried=False)
    poller = Poller(sources, [texts(asked), others], {}, "run", 2, rounds.append, hurry=hurry)
    with polling(poller):
        eventually(lambda: asked and slow, "the first rounds of an hour", seconds=60)
        looked = hurry._next
        eventually(lambda: hurry._next > looked, "it was looked, and nothing moves", seconds=60)
        assert (len(asked), noted(sources.database)) == (1, [])
        market(sources.database, moves=0.01, until=datetime.now(UTC))
        hurry.volatility._usual = None  # what is usual was read before there were candles
        eventually(lambda: len(asked) >= 2, "it is asked at once, not in an hour", seconds=60)
        eventually(lambda: noted(sources.database), "that is noted", seconds=60)
        looked = hurry._next
        eventually(lambda: hurry._next > looked + timedelta(seconds=0.5), "it was looked again", seconds=60)
    assert (len(asked), len(slow)) == (2, 1)  # the symbol rests, and others are never hurried
    (row,) = noted(sources.database)
    assert (row["symbol"], row["collectors"], row["kept_waiting"]) == ("BTC/USDT", ["news stand-in"], {})
    assert row["volatility"] == pytest.approx(0.01 * 5**0.5)
    assert row["ratio"] == pytest.approx(row["volatility"] / row["usual"])
    assert row["usual"] == pytest.approx(0.001 * 5**0.5, rel=0.3)
    assert said == [
        f"binance BTC/USDT moves {row['ratio']:.1f} times as much as usual (2.24% until {row['ts']:%H:%M}): "
        "asking news stand-in at once"
    ]


@pytest.mark.parametrize(
    ("moves", "settings", "hurried"),
    [
        (0.01, {}, True),
        (0.003, {}, False),  # three times the usual
        (0.01, {"hurry_floor": 0.03}, False),
        (0.003, {"hurry_ratio": 2.0}, True),
    ],
)
def test_what_counts_is_several_times_the_usual_and_above_a_floor(
    sources: Sources, moves: float, settings: dict[str, Any], hurried: bool
) -> None:
    now = datetime.now(UTC)
    first = market(sources.database, moves=moves, until=now)
    seen = hurrying(sources, **settings).volatility.look(now)
    assert [move.instrument_id for move in seen.moves] == ([first] if hurried else [])


def test_old_minutes_untracked_symbols_and_those_without_a_past_hurry_nobody(sources: Sources) -> None:
    database, now = sources.database, datetime.now(UTC)
    first = market(database, moves=0.01, until=now)
    look = hurrying(sources).volatility.look
    assert len(look(now).moves) == 1
    assert hurrying(sources).volatility.look(now + 10 * MINUTE).moves == []  # nothing newer came
    database.execute("UPDATE instruments SET tracked = false")
    assert look(now).moves == []
    database.execute("UPDATE instruments SET tracked = true")
    database.execute("DELETE FROM ohlcv_1m WHERE ts < %(at)s", {"at": now - HOUR})
    assert hurrying(sources).volatility.look(now).moves == []  # an hour says not what is usual
    assert first


def test_what_is_usual_does_not_come_from_the_minutes_that_are_looked_at(sources: Sources) -> None:
    now = datetime.now(UTC)
    first = market(sources.database, moves=0.5, until=now)
    (move,) = hurrying(sources).volatility.look(now).moves
    assert move.instrument_id == first
    assert move.usual == pytest.approx(0.001 * 5**0.5, rel=0.3)


def test_a_collector_is_hurried_at_most_once_a_minute_and_never_put_off() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    soon = now + timedelta(seconds=5)
    collector = texts([])
    turns = [
        Turn(collector, now + HOUR, asked=None),
        Turn(collector, now + HOUR, asked=now - timedelta(seconds=20)),
        Turn(collector, now + HOUR, asked=now - HOUR),
        Turn(collector, soon, asked=now - timedelta(seconds=20)),
        Turn(texts([], hurried=False), now + HOUR),
    ]
    hurried, waiting = make_due(turns, {}, now)
    assert [turn.due for turn in turns] == [now, now + timedelta(seconds=40), now, soon, now + HOUR]
    assert (len(hurried), waiting) == (4, {})
    later = [Turn(collector, now + HOUR)]
    assert make_due(later, {"alphapulse": "spent"}, now) == ([], {"news stand-in": "spent"})
    assert later[0].due == now + HOUR


def test_a_budget_that_is_half_used_or_banned_is_left_to_usual_rounds(sources: Sources) -> None:
    database, now = sources.database, datetime.now(UTC)
    market(database, moves=0.01, until=now)
    volatility = hurrying(sources).volatility
    assert volatility.look(now).spent == {}
    limiter = DatabaseRateLimiter(database.dsn, budgets=ALTERNATIVE_ME.budgets)
    try:
        limiter.acquire("alternative_me-minute", 2.0)  # of three at once
    finally:
        limiter.close()
    spent = volatility.look(now).spent
    assert spent.keys() == {"alternative_me"}
    assert "of what may be asked at once is left" in spent["alternative_me"]
    bucket = Bucket(100, 60)
    banned = {"used_until": now, "blocked_until": now + HOUR, "reason": "429"}
    assert str(too_little(bucket, banned, now)).startswith("no request before")
    assert too_little(bucket, {**banned, "blocked_until": now - HOUR}, now) is None


def test_it_can_be_switched_off_and_is_not_there_where_nobody_is_to_be_hurried(sources: Sources) -> None:
    say = print
    made = hurry_of(sources, [texts([])], say)
    assert made is not None
    made.close()
    assert hurry_of(sources, [texts([], hurried=False)], say) is None
    off = Settings(_env_file=None, collecting=Collecting(hurry=False))
    assert hurry_of(replace(sources, settings=off), [texts([])], say) is None


def test_a_look_that_fails_stops_nobody_and_the_next_one_sees(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []
    market(sources.database, moves=0.01, until=datetime.now(UTC))
    hurry = hurrying(sources)
    looks: list[datetime] = []
    real = Volatility.look

    def fails_once(self: Volatility, now: datetime) -> Any:
        looks.append(now)
        if len(looks) == 1:
            raise ConnectionError("the database is away")
        return real(self, now)

    monkeypatch.setattr(Volatility, "look", fails_once)
    with polling(Poller(sources, [texts(asked)], {}, "run", 2, lambda done: None, hurry=hurry)):
        eventually(lambda: noted(sources.database), "the next look sees it", seconds=60)
    assert len(looks) >= 2
    assert asked
