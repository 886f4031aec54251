"""Tier 1: VADER (Hutto and Gilbert 2014) with crypto's own words. Always on, and says which words it read.

Pure but for reading the lexicon that comes with VADER's package. The score is VADER's compound; confidence is
how often its class was right at such a compound, on headlines that people had labelled.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse_assets.news.scoring.crypto_words import NOT_MEANT, PHRASES, WORDS
from alphapulse_assets.news.scoring.model import VERDICT_SCHEMA, digest

RULES_VERSION: Final = 1
NAME: Final = "lexicon"
LAST_TEXTS: Final = 4_096
"""Texts whose figures are kept for the next tier (ours): more than are read at a time."""
_PHRASES: Final = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, PHRASES), key=len, reverse=True)) + r")\b", re.IGNORECASE
)
_NOISE: Final = re.compile(r"https?://\S+|[\u2019\u2018`]")
RIGHT_AT: Final = ((0.05, 0.43), (0.4, 0.52), (0.6, 0.65), (1.01, 0.69))
"""By the size of the compound (below), how often its class was right (measured on CryptoLin's headlines)."""


class Lexicon:
    """VADER with our words; about 25 us a headline."""

    name: Final = NAME

    @cached_property
    def _analyzer(self) -> Any:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        analyzer = SentimentIntensityAnalyzer()
        for word in NOT_MEANT:
            analyzer.lexicon.pop(word, None)
        analyzer.lexicon.update(WORDS)
        return analyzer

    @cached_property
    def data_hash(self) -> str:
        """SHA-256 of all words with their values, VADER's and ours, and of the phrases."""
        words = sorted(self._analyzer.lexicon.items())
        return digest(repr(words), repr(sorted(PHRASES.items())))

    @cached_property
    def version(self) -> str:
        """Version of the rules, and the beginning of the hash of the words."""
        return f"{RULES_VERSION}.{self.data_hash[:12]}"

    def read(self, texts: Sequence[str]) -> pl.DataFrame:
        """VERDICT_SCHEMA without probabilities: a lexicon has none."""
        score = np.array([self.polarity(text)["compound"] for text in texts], dtype=np.float64)
        bands = np.array([below for below, _ in RIGHT_AT])
        right = np.array([share for _, share in RIGHT_AT])
        confidence = right[np.searchsorted(bands, np.abs(score), side="right")]
        nothing = pl.Series([None] * len(texts), dtype=pl.Float64)
        columns = {"score": score, "confidence": confidence}
        return pl.DataFrame(
            {name: columns.get(name, nothing) for name in VERDICT_SCHEMA}, schema=VERDICT_SCHEMA
        )

    def polarity(self, text: str) -> Mapping[str, float]:
        """VADER's neg, neu, pos and compound of a text."""
        return self._polarity(plain(text))

    @cached_property
    def _polarity(self) -> Callable[[str], Mapping[str, float]]:
        # the next tier asks for the same texts again
        return lru_cache(maxsize=LAST_TEXTS)(self._analyzer.polarity_scores)

    def explain(self, text: str) -> dict[str, float]:
        """The words of a text that were counted, each with its value on VADER's scale (-4 to 4)."""
        words = (word.strip(".,;:!?\"'()[]").lower() for word in plain(text).split())
        lexicon: dict[str, float] = self._analyzer.lexicon
        return {word: float(lexicon[word]) for word in words if word in lexicon}


def plain(text: str) -> str:
    """A text as the lexicon reads it: without addresses, phrases as one word, straight apostrophes."""
    text = _NOISE.sub(lambda found: " " if len(found[0]) > 1 else "'", text)
    return _PHRASES.sub(lambda found: PHRASES[found[0].lower()], text)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The one of this process."""
    return Lexicon()
