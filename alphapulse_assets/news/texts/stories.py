"""Which texts are copies of one another: stories. Pure.

A text is compared with those of the 72 hours before it, and only with those: what is said later changes
nothing. It joins the story of the text that it is most alike, if that story's first text is within the 72
hours too; else it is the first of a story of its own, whose id is its own.

How alike: Jaccard similarity of shingles of three words, exact; MinHash (64 permutations, fixed seed) only
finds whom to compare with. Headline and what follows it count together; the headline alone where one of both
has nothing else, and then it has to be nearly the same. Texts whose figures contradict each other, each with
one that the other lacks, are no copies: they report two moves in the same words.
"""

import re
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import polars as pl
from rensa import RMinHash

from alphapulse_assets.news.model import STORY_WINDOW

PERMUTATIONS: Final = 64
SEED: Final = 42
BANDS: Final = 21
"""Of three permutations each. Who shares one of them is compared: texts of similarity 0.5 do with a
probability of 0.94, of 0.6 with 0.99, of 0.8 always, of 0.2 with 0.15."""
ROWS: Final = 3
SHINGLE: Final = 3
THRESHOLD: Final = 0.5
"""Least similarity of copies (ours); docs/news.md has what was measured."""
SAME_HEADLINE: Final = 0.75
"""The same where only headlines can be compared, which say the same of many coins (ours)."""
FEWEST_WORDS: Final = 6
"""Words of a headline, or of a text, below which it is nobody's copy: "Bitcoin price today" is no story."""
MOST_WORDS: Final = 80
"""Words of a text that are looked at (ours): what makes two texts copies shows at their beginning."""
MOST_ALIKE: Final = 48
"""Texts with the same MinHash values that are looked at, the latest (ours): what so many share is a
phrase."""
MOST_TEXTS: Final = 60_000
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

_WORD: Final = re.compile(r"[^\W_]+(?:[.,'\u2019][^\W_]+)*")
_NO_WORD: Final = re.compile(r"https?://\S+|@\w+")
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_OUTLET: Final = re.compile(r"\s+[|\u2013\u2014-]\s+[^|\u2013\u2014]{2,30}$")


class _Text(NamedTuple):
    """A text as it is compared."""

    text_id: int
    at: float
    whole: frozenset[str]
    title: frozenset[str]
    has_body: bool
    figures: frozenset[str]


class _Known(NamedTuple):
    text: _Text
    cluster_id: int
    similarity: float | None
    values: "array[int]"  # its MinHash values: 256 or 512 bytes


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
        self._bands: dict[int, int | list[int]] = {}  # by far the most hold one text

    def __len__(self) -> int:
        return len(self._known)

    def remember(self, stored: pl.DataFrame) -> None:
        """Texts that have been placed (STORED_SCHEMA), in the order of their times."""
        clusters = stored["cluster_id"].to_list()
        for text, cluster in zip(_read(stored), clusters, strict=True):
            if text.text_id not in self._known:
                values = _sketch(text)
                self._keep(_Known(text, cluster, None, values), _where(text, values)[0])

    def place(self, new: pl.DataFrame) -> pl.DataFrame:
        """Where each text belongs (PLACED_SCHEMA), in the order of `new` (NEW_SCHEMA).

        A text that is known keeps its place.
        """
        placed: list[tuple[int, int, float | None]] = []
        for text in _read(new):
            known = self._known.get(text.text_id)
            if known is None:
                self.forget(text.at)
                values = _sketch(text)
                put, sought = _where(text, values)
                known = self._place(text, values, sought)
                self._keep(known, put)
            placed.append((text.text_id, known.cluster_id, known.similarity))
        return pl.DataFrame(placed, schema=PLACED_SCHEMA, orient="row")

    def forget(self, at: float) -> None:
        """Drop what is older than 72 hours at a time (seconds)."""
        oldest = at - STORY_WINDOW.total_seconds()
        while self._order and (self._known[self._order[0]].text.at < oldest or len(self._order) > MOST_TEXTS):
            gone = self._known.pop(self._order.popleft())
            for key in _where(gone.text, gone.values)[0]:
                left = self._bands.get(key)
                if isinstance(left, list) and left[0] == gone.text.text_id:
                    del left[0]
                if not left or left == gone.text.text_id:
                    self._bands.pop(key, None)

    def _keep(self, known: _Known, put: list[int]) -> None:
        self._known[known.text.text_id] = known
        self._order.append(known.text.text_id)
        bands, text_id = self._bands, known.text.text_id
        for key in put:
            there = bands.setdefault(key, text_id)
            if isinstance(there, list):
                there.append(text_id)
                if len(there) > MOST_ALIKE:
                    del there[0]
            elif there != text_id:
                bands[key] = [there, text_id]

    def _place(self, text: _Text, values: "array[int]", sought: list[int]) -> _Known:
        """The story of the text that this one is most alike, of several the first seen; or its own."""
        found, most = None, 0.0
        oldest = text.at - STORY_WINDOW.total_seconds()
        for candidate in self._candidates(sought):
            first = self._known.get(candidate.cluster_id)
            if first is None or first.text.at < oldest or candidate.text.at > text.at:
                continue
            alike = similarity(text, candidate.text)
            if alike is None or alike < most:
                continue
            seen = (candidate.text.at, candidate.text.text_id)
            if found is None or alike > most or seen < (found.text.at, found.text.text_id):
                found, most = candidate, alike
        if found is None:
            return _Known(text, text.text_id, None, values)
        return _Known(text, found.cluster_id, most, values)

    def _candidates(self, sought: list[int]) -> Iterator[_Known]:
        found: set[int] = set()
        for key in sought:
            there = self._bands.get(key)
            if isinstance(there, list):
                found.update(there)
            elif there is not None:
                found.add(there)
        return (known for each in found if (known := self._known.get(each)) is not None)


def similarity(one: _Text, other: _Text) -> float | None:
    """How alike two texts are where that makes them copies, else None."""
    if one.figures - other.figures and other.figures - one.figures:
        return None
    if one.has_body and other.has_body:
        alike, least = jaccard(one.whole, other.whole), THRESHOLD
    else:
        alike, least = jaccard(one.title, other.title), SAME_HEADLINE
    return alike if alike >= least else None


def assigned(new: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Where new texts (NEW_SCHEMA) belong among stored ones of the last 72 hours (STORED_SCHEMA)."""
    stories = Stories()
    stories.remember(stored.sort("ts", maintain_order=True))
    return stories.place(new)


def _read(frame: pl.DataFrame) -> Iterator[_Text]:
    """A post without a title is its body: that stands where a headline does."""
    for text_id, ts, title, body in frame.select("text_id", "ts", "title", "body").iter_rows():
        headline, rest = (title, body) if title else (body, None)
        first = words_of(_OUTLET.sub("", headline or ""))[:MOST_WORDS]
        words = (first + words_of(rest))[:MOST_WORDS] if rest else first
        figures = frozenset(word for word in words if word[0].isdigit())
        whole = shingles(words)
        title_only = shingles(first) if rest else whole
        yield _Text(text_id, ts.timestamp(), whole, title_only, bool(rest), figures)


_WHOLE, _HEADLINE, _ALONE = 0, 1, 2
"""Where texts are found: by all words, by the headline of one with more, by that of one without."""


def _sketch(text: _Text) -> "array[int]":
    """MinHash values of all words and, where there are more, of the headline."""
    found = array("I")
    for shingled in (text.whole, text.title) if text.has_body else (text.whole,):
        if shingled:
            sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
            sketch.update(list(shingled))
            found.extend(sketch.digest())
        else:
            found.extend([0] * PERMUTATIONS)
    return found


def _where(text: _Text, values: "array[int]") -> tuple[list[int], list[int]]:
    """Where a text is put to be found, and where those are that it may be a copy of."""
    if not text.has_body:
        alone = _keys(_ALONE, text.whole, values)
        return alone, alone + _keys(_HEADLINE, text.whole, values)
    whole, title = _keys(_WHOLE, text.whole, values[:PERMUTATIONS]), values[PERMUTATIONS:]
    return whole + _keys(_HEADLINE, text.title, title), whole + _keys(_ALONE, text.title, title)


def _keys(kind: int, shingled: frozenset[str], values: Sequence[int]) -> list[int]:
    """A number for each band of MinHash values; of numbers, hashes are the same in every process."""
    if not shingled:
        return []
    bands = zip(range(BANDS), values[::ROWS], values[1::ROWS], values[2::ROWS], strict=False)
    return [hash((kind, *band)) for band in bands]
