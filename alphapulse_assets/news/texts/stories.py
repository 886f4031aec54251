"""Which texts are copies of one another: stories. Pure.

A text is compared with those of the 72 hours before it, and only with those: what is said later changes
nothing. It joins the story of the text that it is most alike, if that story's first text is within the 72
hours too; else it is the first of a story of its own, whose id is its own.

How alike: Jaccard similarity of shingles of three words, exact; MinHash (64 permutations, fixed seed) only
finds whom to compare with. Two texts are compared by headline and what follows it, and by the headline alone,
as some sources send no more; the larger of both counts.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

import polars as pl
from rensa import RMinHash

from alphapulse_assets.news.model import STORY_WINDOW

PERMUTATIONS: Final = 64
SEED: Final = 42
BANDS: Final = 32
"""Of two permutations each: texts of similarity 0.5 share one with a probability of 0.9999, of 0.3 with
0.95. Finding too many costs time, finding too few a copy."""
SHINGLE: Final = 3
THRESHOLD: Final = 0.5
"""Least similarity of copies; docs/news.md has what was measured."""
FEWEST_WORDS: Final = 6
"""Words of a headline, or of a text, below which it is nobody's copy: "Bitcoin price today" is no story."""
MOST_WORDS: Final = 80
"""Words of a text that are looked at (ours): what makes two texts copies shows at their beginning."""
MOST_TEXTS: Final = 200_000
"""Texts that are remembered; beyond that the oldest are forgotten, and lost for comparison (ours)."""

NEW_SCHEMA: Final = pl.Schema(
    {"text_id": pl.Int64(), "ts": pl.Datetime("us", "UTC"), "title": pl.String(), "body": pl.String()}
)
"""What is to be placed, in the order in which it counts as seen (`ts` never falls)."""
STORED_SCHEMA: Final = pl.Schema({**NEW_SCHEMA, "cluster_id": pl.Int64()})
"""What was placed before."""
PLACED_SCHEMA: Final = pl.Schema(
    {"text_id": pl.Int64(), "cluster_id": pl.Int64(), "similarity": pl.Float64()}
)
"""Where each text belongs: the id of its story's first text, and how alike it is the one it was found by."""

_WORD: Final = re.compile(r"[^\W_]+(?:[.,'’][^\W_]+)*")
_NO_WORD: Final = re.compile(r"https?://\S+|@\w+")
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_OUTLET: Final = re.compile(r"\s+[|\u2013\u2014-]\s+[^|\u2013\u2014]{2,30}$")


class _Known(NamedTuple):
    text_id: int
    at: float
    cluster_id: int
    similarity: float | None
    whole: frozenset[str]
    title: frozenset[str]


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without addresses and names of users; each sign of Chinese and
    Japanese is one."""
    lower = _NO_WORD.sub(" ", text.lower())
    if _UNSPACED.search(lower):
        lower = _UNSPACED.sub(r" \g<0> ", lower)
    return _WORD.findall(lower)


def shingles(words: list[str]) -> frozenset[str]:
    """Each three words that follow one another; none of texts that are too short to be told apart."""
    if len(words) < FEWEST_WORDS:
        return frozenset()
    return frozenset(map(" ".join, zip(words, words[1:], words[2:], strict=False)))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of what both have together that both have; 0 of nothing."""
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


class Stories:
    """The texts of the last 72 hours, and where new ones belong. Not to be shared by threads."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}
        self._order: deque[int] = deque()
        self._bands: dict[tuple[int, int, int], list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, text_id: int) -> bool:
        return text_id in self._known

    def remember(self, stored: pl.DataFrame) -> None:
        """Texts that have been placed (STORED_SCHEMA), in the order of their times."""
        for (text_id, ts, cluster_id), whole, title in _prepared(stored, "cluster_id"):
            if text_id not in self._known:
                self._keep(
                    _Known(text_id, ts.timestamp(), cluster_id, None, whole, title), _signatures(whole, title)
                )

    def place(self, new: pl.DataFrame) -> pl.DataFrame:
        """Where each text belongs (PLACED_SCHEMA), in the order of `new` (NEW_SCHEMA).

        A text that is known keeps its place.
        """
        placed: list[tuple[int, int, float | None]] = []
        for (text_id, ts), whole, title in _prepared(new):
            if (known := self._known.get(text_id)) is not None:
                placed.append((text_id, known.cluster_id, known.similarity))
                continue
            at = ts.timestamp()
            self.forget(at)
            signatures = _signatures(whole, title)
            found, similarity = self._most_alike(at, whole, title, signatures)
            cluster = text_id if found is None else found.cluster_id
            alike = None if found is None else similarity
            self._keep(_Known(text_id, at, cluster, alike, whole, title), signatures)
            placed.append((text_id, cluster, alike))
        return pl.DataFrame(placed, schema=PLACED_SCHEMA, orient="row")

    def forget(self, at: float) -> None:
        """Drop what is older than 72 hours at a time (seconds)."""
        oldest = at - STORY_WINDOW.total_seconds()
        while self._order and (self._known[self._order[0]].at < oldest or len(self._order) > MOST_TEXTS):
            gone = self._known.pop(self._order.popleft())
            for key in _signatures(gone.whole, gone.title):
                left = self._bands.get(key)
                if left is not None and gone.text_id in left:
                    left.remove(gone.text_id)
                    if not left:
                        del self._bands[key]

    def _keep(self, known: _Known, signatures: Iterable[tuple[int, int, int]]) -> None:
        self._known[known.text_id] = known
        self._order.append(known.text_id)
        for key in signatures:
            self._bands[key].append(known.text_id)

    def _most_alike(
        self,
        at: float,
        whole: frozenset[str],
        title: frozenset[str],
        signatures: Iterable[tuple[int, int, int]],
    ) -> tuple[_Known | None, float]:
        """The text that this one is most alike, of several the first that was seen."""
        found, most = None, 0.0
        oldest = at - STORY_WINDOW.total_seconds()
        candidates = {text_id for key in signatures for text_id in self._bands.get(key, ())}
        for candidate in map(self._known.__getitem__, candidates):
            first = self._known.get(candidate.cluster_id)
            if first is None or first.at < oldest or candidate.at > at:
                continue
            alike = max(jaccard(whole, candidate.whole), jaccard(title, candidate.title))
            if alike < THRESHOLD or alike < most:
                continue
            if found is None or alike > most or (candidate.at, candidate.text_id) < (found.at, found.text_id):
                found, most = candidate, alike
        return found, most


def assigned(new: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Where new texts (NEW_SCHEMA) belong among stored ones of the last 72 hours (STORED_SCHEMA)."""
    stories = Stories()
    stories.remember(stored.sort("ts", maintain_order=True))
    return stories.place(new)


def _prepared(
    frame: pl.DataFrame, *more: str
) -> Iterator[tuple[tuple[int, datetime, *tuple[int, ...]], frozenset[str], frozenset[str]]]:
    names = ("text_id", "ts", *more, "title", "body")
    for *about, title, body in frame.select(names).iter_rows():
        headline = words_of(_OUTLET.sub("", title or ""))
        words = (headline + words_of(body or ""))[:MOST_WORDS]
        yield tuple(about), shingles(words), shingles(headline)


def _signatures(whole: frozenset[str], title: frozenset[str]) -> list[tuple[int, int, int]]:
    """By what texts find each other: of all words and of the headline, pairs of MinHash values."""
    found: list[tuple[int, int, int]] = []
    for shingled in (whole,) if title == whole else (whole, title):
        if shingled:
            sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
            sketch.update(list(shingled))
            values = sketch.digest()
            pairs = zip(range(BANDS), values[::2], values[1::2], strict=True)
            found += pairs
    return found
