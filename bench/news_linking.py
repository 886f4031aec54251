"""Texts linked to coins: a frame of texts in, a frame of links out, as many coins known as large venues list.

Beside it one regular expression of all names and tickers, which only finds them: no case of a headline, no
support, no other meanings. The texts are the labelled ones of tests/labels, each with another as its body.
"""

import gc
import re
import time
from collections.abc import Callable
from typing import Final

import polars as pl

from alphapulse_assets.news.linking.batch import link
from alphapulse_assets.news.linking.coins import Coins
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError
from tests.unit.linking_support import bases, frame, our_texts

ROUNDS: Final = 5
TEXTS: Final = 20_000
MORE_COINS: Final = 2_000
_BAR: Final = Bar(Demand.OURS_AT_MOST, 67.0)


def run() -> list[Figure]:
    """Processor microseconds per text."""
    known, texts = _known(), _texts()
    if link(texts.head(1_000), known).height < 800:
        raise BenchmarkError("fewer links than the labelled texts have")
    link(texts, known)  # makes the index of each era
    told = (texts["title"] + " " + texts["body"]).to_list()
    era = known.era(texts["ts"].max())  # type: ignore[arg-type]
    everything = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(era.written))) + r")(?!\w)")
    ours, found = [], []
    for _ in range(ROUNDS):
        ours.append(_cost(lambda: link(texts, known)))
    found.append(_cost(lambda: [everything.findall(text) for text in told[:2_000]], 2_000))
    return [Figure("texts linked", "us CPU/text", tuple(ours), "one regex", tuple(found), bar=_BAR)]


def _known() -> Coins:
    made_up = (f"X{first}{second}{third}" for first in _LETTERS for second in _LETTERS for third in _LETTERS)
    return Coins.of([*bases().bases, *list(made_up)[:MORE_COINS]])


_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _texts() -> pl.DataFrame:
    """Labelled texts over and over, each with two others behind it."""
    labelled = frame([*our_texts(), *our_texts("held_out_texts.txt")])
    title = labelled["title"]
    body = title.reverse() + ". " + title.shift(7, fill_value="Bitcoin holds.") + "."
    whole = labelled.with_columns(body=body)
    many = pl.concat([whole] * (TEXTS // whole.height + 1)).head(TEXTS)
    return many.with_columns(text_id=pl.int_range(pl.len(), dtype=pl.Int64))


def _cost(work: Callable[[], object], texts: int = TEXTS) -> float:
    gc.collect()
    began = time.process_time()
    work()
    return (time.process_time() - began) / texts * 1e6
