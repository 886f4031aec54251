"""Which coins texts are about, how they are written, and how much is written about each."""

from dataclasses import dataclass
from typing import Final

FOLLOWS: Final = "follows"
"""What is written of the coin agrees with its market (see `stories.py`)."""
CONTROL: Final = "control"
"""The coin has a market, and what is written of it knows nothing of that market."""
UNLISTED: Final = "unlisted"
"""No simulated venue has the coin."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A coin that is written about."""

    ticker: str
    name: str
    network: str  # what its chain is called where people speak of the network
    rate: float  # texts an hour that are not copies
    relation: str = FOLLOWS


def _subject(ticker: str, name: str, rate: float, relation: str = FOLLOWS, network: str = "") -> Subject:
    return Subject(ticker, name, network or name, rate, relation)


SUBJECTS: Final = (
    _subject("BTC", "Bitcoin", 8.0),
    _subject("ETH", "Ethereum", 6.0),
    _subject("SOL", "Solana", 5.0),
    _subject("XRP", "XRP", 4.0, network="the XRP Ledger"),
    _subject("BNB", "BNB", 4.0, network="BNB Chain"),
    _subject("DOGE", "Dogecoin", 4.0),
    _subject("ADA", "Cardano", 3.0),
    _subject("LINK", "Chainlink", 3.0),
    _subject("AVAX", "Avalanche", 3.0),
    _subject("LTC", "Litecoin", 5.0, CONTROL),
    _subject("DOT", "Polkadot", 5.0, CONTROL),
    _subject("TRX", "Tron", 1.5),
    _subject("WAVES", "Waves", 0.7),
    _subject("MATIC", "Polygon", 2.0),
    _subject("POL", "Polygon", 2.0),
    _subject("NEAR", "NEAR Protocol", 1.0, UNLISTED),
    _subject("UNI", "Uniswap", 0.7, UNLISTED),
    _subject("ATOM", "Cosmos", 0.5, UNLISTED),
    _subject("TON", "Toncoin", 0.7, UNLISTED, "The Open Network"),
    _subject("SHIB", "Shiba Inu", 0.7, UNLISTED, "Shibarium"),
    _subject("APE", "ApeCoin", 0.3, UNLISTED, "ApeChain"),
    _subject("ONE", "Harmony", 0.3, UNLISTED),
    _subject("GAS", "Gas", 0.2, UNLISTED, "Neo"),
    _subject("ARB", "Arbitrum", 0.6, UNLISTED),
)
"""Rates are ours; the first nine and the control coins have enough for a correlation out of two days."""
BY_TICKER: Final = {subject.ticker: subject for subject in SUBJECTS}
MARKET_RATE: Final = 4.0
"""Texts an hour about no coin: money, rules, the market as a whole."""
