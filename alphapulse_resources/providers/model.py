"""What a provider is asked for: a series of its own. Pure vocabulary, no I/O."""

from dataclasses import dataclass
from typing import Final

WHOLE_MARKET: Final = "market"
"""Name of a series that a provider has one of, about all symbols together."""


@dataclass(frozen=True, slots=True)
class Series:
    """What one provider tells under one name. It is no instrument: nobody trades, lists or delists it."""

    provider: str  # coingecko, cftc
    name: str  # the provider's own: bitcoin, 133741; WHOLE_MARKET where there is one for all

    def __str__(self) -> str:
        return f"{self.provider} {self.name}"
