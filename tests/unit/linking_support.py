"""The labelled texts of linking, and what is measured on them."""

import csv
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from alphapulse_assets.news.linking.batch import link
from alphapulse_assets.news.linking.coins import Coins
from alphapulse_assets.news.model import TEXT_SCHEMA

LABELS: Final = Path(__file__).resolve().parents[1] / "labels"
SURGE_ROWS: Final = 170
SURGE_LENGTH: Final = 700
_WRITTEN: Final = {"surge": datetime(2022, 6, 5, tzinfo=UTC), "newsapi": datetime(2020, 8, 9, tzinfo=UTC)}


@dataclass(frozen=True)
class Labelled:
    """A text, what it tries, and the coins that it is about."""

    at: datetime
    trap: str
    coins: frozenset[str]
    title: str | None
    body: str | None = None
    kind: str = "news"


def bases() -> Coins:
    """The coins that labels choose from."""
    return Coins.of((LABELS / "bases.txt").read_text().split())


def our_texts(name: str = "linked_texts.txt") -> list[Labelled]:
    """Those written for this: `linked_texts.txt`, which rules were made by, or `held_out_texts.txt`."""
    found = []
    for line in _lines(name):
        said, *texts = line.split(" :: ")
        day, kind, trap, coins = said.split()
        at = datetime.fromisoformat(day).replace(tzinfo=UTC)
        title, body = (*texts, None)[:2]
        found.append(Labelled(at, trap, _coins(coins), title, body, kind))
    return found


def surge_comments(shared: Path) -> list[Labelled]:
    """Comments of others, from the data beside the project."""
    with (shared / "text" / "surge_crypto_sentiment.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1 : SURGE_ROWS + 1]
    labels = _labels("surge_comments.txt")
    texts = [(at, " ".join(row[0].split())) for at, row in enumerate(rows)]
    return [
        Labelled(_WRITTEN["surge"], "surge", labels.get(at, frozenset()), None, text, "social")
        for at, text in texts
        if len(text) <= SURGE_LENGTH
    ]


def newsapi_articles(shared: Path) -> list[Labelled]:
    """Articles of others, from the data beside the project."""
    told = json.loads((shared / "text" / "everything_bitcoin_2020-08-09.json").read_text())
    labels = _labels("newsapi_articles.txt")
    return [
        Labelled(
            _WRITTEN["newsapi"], "newsapi", labels.get(at, frozenset()), row["title"], row["description"]
        )
        for at, row in enumerate(told["articles"])
    ]


def checked_links() -> dict[str, tuple[int, int]]:
    """Right and wrong by rule among links of real news that were checked by eye."""
    rows = (line.split() for line in _lines("checked_links.txt"))
    return {rule: (int(right), int(wrong)) for rule, right, wrong in rows}


def frame(texts: list[Labelled]) -> pl.DataFrame:
    """TEXT_SCHEMA of labelled texts; their place is their id."""
    return pl.DataFrame(
        [
            {"text_id": at, "ts": text.at, "kind": text.kind, "title": text.title, "body": text.body}
            for at, text in enumerate(texts)
        ],
        schema=TEXT_SCHEMA,
    )


@dataclass
class Measured:
    """What was found right, found wrong and missed: in all, by rule and by coin."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    right_by_rule: Counter[str] = field(default_factory=Counter)
    wrong_by_rule: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[Labelled, dict[str, str]]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Micro: of all links."""
        return self.right.total() / max(self.right.total() + self.wrong.total(), 1)

    @property
    def recall(self) -> float:
        """Micro: of all labels."""
        return self.right.total() / max(self.right.total() + self.missed.total(), 1)

    @property
    def macro(self) -> tuple[float, float]:
        """Precision and recall, the mean over coins: of those linked, of those labelled."""
        linked = [*(self.right | self.wrong)]
        labelled = [*(self.right | self.missed)]
        return (
            sum(self.right[coin] / (self.right[coin] + self.wrong[coin]) for coin in linked) / len(linked),
            sum(self.right[coin] / (self.right[coin] + self.missed[coin]) for coin in labelled)
            / len(labelled),
        )


def measured(texts: list[Labelled]) -> Measured:
    """Links of labelled texts held against their labels."""
    found: dict[int, dict[str, str]] = {}
    for text_id, coin, rule in link(frame(texts), bases()).select("text_id", "coin", "rule").iter_rows():
        found.setdefault(text_id, {})[coin] = rule
    told = Measured()
    for at, text in enumerate(texts):
        links = found.get(at, {})
        for coin, rule in links.items():
            hit = coin in text.coins
            (told.right if hit else told.wrong)[coin] += 1
            (told.right_by_rule if hit else told.wrong_by_rule)[rule] += 1
        told.missed.update(text.coins - links.keys())
        if links.keys() != text.coins:
            told.failures.append((text, links))
    return told


def _coins(text: str) -> frozenset[str]:
    return frozenset() if text == "-" else frozenset(text.split(","))


def _labels(name: str) -> dict[int, frozenset[str]]:
    rows = (line.split() for line in _lines(name))
    return {int(row): _coins(coins) for row, coins in rows}


def _lines(name: str) -> list[str]:
    lines = (LABELS / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
