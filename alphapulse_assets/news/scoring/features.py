"""What the trained model sees of a text: words, pairs and parts of them, and what the lexicon says. Pure.

Numbers are told apart by kind alone ("$0", "0%", "0"), and names of coins are all one word: that a coin fell
in the texts of a year is no reason to think ill of it. Weights are TF-IDF as scikit-learn's `TfidfVectorizer`
has it with `sublinear_tf` (documented), each kind of n-grams normalised by itself; a test holds them equal.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.news.scoring.lexicon import Lexicon

FEATURES_VERSION: Final = 1
COIN: Final = "coin_"
"""What every coin's name is read as."""
_NAMES: Final = (
    "bitcoin btc xbt ether ethereum eth xrp solana sol cardano ada dogecoin doge litecoin ltc polkadot dot "
    "avalanche avax polygon matic pol chainlink stellar xlm tron trx monero xmr bnb shiba shib "
    "tether usdt usdc "
    "dash zcash zec eos iota neo nem tezos xtz cosmos atom algorand algo hedera hbar filecoin fil "
    "vechain vet "
    "aave uniswap uni maker mkr compound comp sushi curve crv luna terra ust near aptos apt sui arbitrum arb "
    "optimism toncoin ton pepe bonk kaspa kas injective inj thorchain rune fantom ftm bch bsv etc "
    "qtum icon icx "
    "zilliqa zil omg bat enjin enj decentraland mana sandbox sand axie axs quant qnt cronos cro okb "
    "leo ftt gala "
    "theta helium hnt loopring lrc waves ravencoin rvn digibyte dgb siacoin nano holo chiliz chz "
    "harmony celo "
    "elrond egld kusama ksm flow internet-computer icp mina altcoin altcoins alts token tokens coin "
    "coins"
)
_COINS: Final = frozenset(_NAMES.split())
_WORD: Final = re.compile(r"[$#@]?[a-z0-9][a-z0-9.,%&+'/-]*|[!?]")
_NUMBER: Final = re.compile(r"^\$?\d[\d.,]*([kmbt]|bn|mn|x|th|st|nd|rd|s)?%?$")
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("\u2019\u2018`", "'"))
_ADDRESS: Final = re.compile(r"https?://\S+|www\.\S+")
SHORTEST, LONGEST = 3, 5
"""Characters of the parts of words, with the spaces around a word (ours; so did the research)."""
DENSE: Final = ("compound", "pos", "neg", "question", "good", "bad")
"""What the lexicon says: VADER's figures, and the words that are good and bad with all their weight."""
_MOST: Final = 6.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of n-grams: how they are read, and how often the texts of a training must have them."""

    name: str
    grams: Callable[[Sequence[str]], Iterable[str]]
    least: int


def tokens(text: str) -> list[str]:
    """Words of a text in lower case, numbers by their kind, coins as one word, `!` and `?` by themselves."""
    plain = _ADDRESS.sub(" ", text.translate(_APOSTROPHES).lower())
    return [_token(word) for word in _WORD.findall(plain)]


def _token(word: str) -> str:
    word = word.rstrip(".,'/-&+").removesuffix("'s")
    if word.lstrip("$#@") in _COINS:
        return COIN
    if _NUMBER.match(word):
        return ("$" if word[0] == "$" else "") + "0" + ("%" if word[-1] == "%" else "")
    return word


def dense(texts: Sequence[str], words: Lexicon) -> NDArray[np.float64]:
    """What the lexicon says of texts, by DENSE."""
    return np.array([_dense(text, words) for text in texts], dtype=np.float64).reshape(-1, len(DENSE))


def _dense(text: str, words: Lexicon) -> tuple[float, ...]:
    found = words.polarity(text)
    values = words.explain(text).values()
    good = min(sum(value for value in values if value > 0), _MOST)
    bad = min(-sum(value for value in values if value < 0), _MOST)
    return found["compound"], found["pos"], found["neg"], float("?" in text), good / 3, bad / 3


def word_grams(words: Sequence[str]) -> Iterator[str]:
    """Words, and each with the next."""
    yield from words
    for one, other in pairwise(words):
        yield f"{one} {other}"


def part_grams(words: Sequence[str]) -> Iterator[str]:
    """Parts of SHORTEST to LONGEST characters of each word with a space on both sides.

    As scikit-learn's `char_wb` has them (documented); what repeats is repeated.
    """
    for word in words:
        if word is COIN or word == COIN:
            continue
        padded = f" {word} "
        size = len(padded)
        for length in range(SHORTEST, LONGEST + 1):
            if length >= size:
                yield padded
                break
            for start in range(size - length + 1):
                yield padded[start : start + length]


KINDS: Final = (Kind("words", word_grams, 1), Kind("parts", part_grams, 2))


def vocabulary_of(texts: Iterable[Sequence[str]], kind: Kind) -> list[str]:
    """The n-grams that enough texts have, in order."""
    seen = Counter(gram for words in texts for gram in set(kind.grams(words)))
    return sorted(gram for gram, often in seen.items() if often >= kind.least)


def idf_of(
    counts: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]], texts: int, grams: int
) -> NDArray[np.float64]:
    """How seldom each n-gram is: ln((1 + texts) / (1 + texts that have it)) + 1."""
    have = np.bincount(counts[1], minlength=grams)
    return np.asarray(np.log((1 + texts) / (1 + have)) + 1.0, dtype=np.float64)


def counted(
    texts: Sequence[Sequence[str]], kind: Kind, vocabulary: dict[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Text, n-gram and how often, of all n-grams that a vocabulary has, by text and n-gram."""
    rows: list[int] = []
    columns: list[int] = []
    get = vocabulary.get
    for row, words in enumerate(texts):
        found = [place for place in map(get, kind.grams(words)) if place is not None]
        columns += found
        rows += [row] * len(found)
    width = max(len(vocabulary), 1)
    keys = np.array(rows, dtype=np.int64) * width + np.array(columns, dtype=np.int64)
    unique, counts = np.unique(keys, return_counts=True)
    return unique // width, unique % width, counts.astype(np.float64)


def weighted(
    counts: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]],
    idf: NDArray[np.float64],
    texts: int,
) -> NDArray[np.float64]:
    """TF-IDF of counts: (1 + ln count) times idf, each text's of length 1."""
    rows, columns, often = counts
    weights = (1.0 + np.log(often)) * idf[columns]
    length = np.sqrt(np.bincount(rows, weights=weights * weights, minlength=texts))
    return np.asarray(weights / length[rows], dtype=np.float64)
