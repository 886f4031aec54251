"""Texts scored by both tiers on one core: texts in, rows of `text_scores` out, as the collector makes them.

The lexicon has half of the work in common with the trained model, which asks it for its figures; both are
timed together, as they run. Texts are the package's labelled ones, numbered so that none is there twice.
"""

import time
from datetime import UTC, datetime
from typing import Final

import polars as pl

from alphapulse_assets.news.model import TEXT_SCHEMA
from alphapulse_assets.news.scoring import encoder, reading
from alphapulse_assets.news.scoring.built_in import built_in
from alphapulse_assets.news.scoring.corpus import package_texts
from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.training import train
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError

ROUNDS: Final = 7
AT_ONCE: Final = 2_000
FEW: Final = 200
"""Texts of a round of the slow tier."""
_TWO_TENTHS: Final = Bar(Demand.OURS_AT_MOST, 200.0)
"""Microseconds a text: 5,000 texts a second."""


def run() -> list[Figure]:
    """Microseconds of processor time a text, of both tiers together; seconds of a training."""
    models = (lexicon(), built_in().model)
    spent = []
    for number in range(ROUNDS + 1):
        texts = _texts(number)
        began = time.process_time()
        found = reading.scores(texts, models)
        spent.append((time.process_time() - began) / texts.height * 1e6)
        if found.height != 2 * texts.height or found["score"].null_count():
            raise BenchmarkError(f"{found.height} rows of {texts.height} texts, some without a score")
    began = time.process_time()
    train(package_texts())
    trained = time.process_time() - began
    return [
        Figure("a text scored by both tiers", "us", tuple(spent[1:]), bar=_TWO_TENTHS),
        *_minilm(),
        Figure(f"training on {package_texts().frame.height:,} texts", "s", (trained,)),
    ]


def _minilm() -> list[Figure]:
    """Microseconds of processor time a text of the extra's network; nothing where it is not installed."""
    if encoder.missing():
        return []
    spent = []
    for number in range(ROUNDS + 1):
        texts = _texts(number)["title"].to_list()[:FEW]
        began = time.process_time()
        encoder.encoder().of(texts)
        spent.append((time.process_time() - began) / len(texts) * 1e6)
    return [Figure("a text read by MiniLM", "us", tuple(spent[1:]))]


def _texts(number: int) -> pl.DataFrame:
    """As many texts as a round reads; none that an earlier round had."""
    titles = package_texts().frame["text"].to_list()
    rows = [
        (n, datetime.now(UTC), "news", "rss", "x", f"{titles[n % len(titles)]} {number} {n}", None, "en", n)
        for n in range(AT_ONCE)
    ]
    return pl.DataFrame(rows, schema=TEXT_SCHEMA, orient="row")
