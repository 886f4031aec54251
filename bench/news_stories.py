"""Texts to stories: ids, languages and copies of a day of news, frames in and frames out, on one core.

Two kinds: a simulated week's worth of headlines with descriptions, whose words repeat more than real ones do,
and real posts (where they are there). Linking to coins is measured beside it where it is installed.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from alphapulse_assets.news.texts.language import languages
from alphapulse_assets.news.texts.stories import NEW_SCHEMA, Stories
from alphapulse_sim.stories import stories
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError

ROUNDS: Final = 5
TEXTS: Final = 5_000
_START: Final = datetime(2025, 3, 10, tzinfo=UTC)
_SHARED: Final = Path(__file__).parents[2] / "shared" / "data" / "text" / "vader_tweets_GroundTruth.txt"
_HALF_A_SECOND: Final = Bar(Demand.OURS_AT_MOST, 0.5)
"""Half of what 5,000 texts a second leave: the other half is for linking."""


def run() -> list[Figure]:
    """Processor seconds for 5,000 texts."""
    simulated = _simulated()
    _hold(simulated)
    found = [
        Figure(f"stories of {TEXTS:,} simulated texts", "CPU s", _seconds(simulated), bar=_HALF_A_SECOND),
        Figure(
            f"languages of {TEXTS:,} texts", "CPU s", _timed(lambda: languages(simulated["body"].to_list()))
        ),
    ]
    if (real := _real()) is not None:
        found.append(
            Figure(f"stories of {real.height:,} real posts", "CPU s", _seconds(real), bar=_HALF_A_SECOND)
        )
    return found


def _seconds(texts: pl.DataFrame) -> tuple[float, ...]:
    return _timed(lambda: Stories().place(texts))


def _timed(work: Callable[[], object]) -> tuple[float, ...]:
    work()
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return tuple(taken)


def _simulated() -> pl.DataFrame:
    first = int(_START.timestamp() * 1000)
    told = stories(7, first, first + 3 * 86_400_000)[:TEXTS]
    rows = [
        (n, datetime.fromtimestamp(each.at / 1000, UTC), each.title, each.summary)
        for n, each in enumerate(told)
    ]
    return pl.DataFrame(rows, NEW_SCHEMA, orient="row")


def _real() -> pl.DataFrame | None:
    if not _SHARED.exists():
        return None
    posts = [line.split("\t")[2] for line in _SHARED.read_text("utf-8").splitlines()]
    rows = [(n, _START + timedelta(seconds=n), None, post) for n, post in enumerate(posts)]
    return pl.DataFrame(rows, NEW_SCHEMA, orient="row")


def _hold(texts: pl.DataFrame) -> None:
    """All of it at once and in two parts gives the same stories."""
    once = Stories().place(texts)
    stories_, half = Stories(), texts.height // 2
    parts = pl.concat([stories_.place(texts[:half]), stories_.place(texts[half:])])
    if not parts.equals(once):
        raise BenchmarkError("texts in two parts have other stories than at once")
