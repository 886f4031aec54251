"""Stands in for the network of the extra `minilm`, which the usual environment does not have.

A text's sense is the sum of numbers that follow from its words, so that texts with the same words are near
each other; it is asked and answers as `encoder.Encoder` does.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from alphapulse_assets.news.scoring import built_in, encoder
from alphapulse_assets.news.scoring.encoder import NUMBERS, Floats
from alphapulse_assets.news.scoring.model import digest


class StandIn:
    """Numbers of words; counts the texts it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def of(self, texts: Sequence[str]) -> Floats:
        """NUMBERS a text, each row of length 1."""
        self.asked += texts
        rows = [
            sum((_of_word(word) for word in text.lower().split()), np.full(NUMBERS, 1e-6)) for text in texts
        ]
        made = np.array(rows, dtype=np.float64).reshape(-1, NUMBERS)
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float64)


def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The network's place, taken until the iterator goes on."""
    made = StandIn()
    monkeypatch.setattr(encoder, "missing", lambda: [])
    monkeypatch.setattr(encoder, "encoder", lambda threads=1: made)
    monkeypatch.setattr(encoder, "network_hash", lambda: "a" * 64)
    monkeypatch.setattr(encoder, "vocabulary_hash", lambda: "b" * 64)
    built_in._trained.cache_clear()
    yield made
    built_in._trained.cache_clear()


def _of_word(word: str) -> Floats:
    seed = int(digest(word)[:12], 16)
    return np.random.default_rng(seed).standard_normal(NUMBERS)
