"""The words in which a venue tells of an account. Pure: no I/O, no secrets."""

from dataclasses import dataclass


class AccountError(RuntimeError):
    """An account that cannot be read, or must not be with this key; complete sentences without secrets."""


@dataclass(frozen=True, slots=True)
class Permission:
    """What a key may do, as the venue tells; None where it does not."""

    trades: bool | None
    withdraws: bool | None

    @property
    def read_only(self) -> bool:
        """Whether it is told that the key can only look."""
        return self.trades is False and self.withdraws is False


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """A position as a venue tells it now: sizes in contracts, prices in quote units."""

    symbol: str  # ccxt unified
    side: str  # long or short
    contracts: float
    contract_size: float | None
    entry_price: float
    leverage: float | None
    margin_mode: str  # isolated or cross
    margin: float | None  # of an isolated one, without its unrealised gain, in settle units
    liquidation_price: float | None


@dataclass(frozen=True, slots=True)
class VenueTier:
    """A tier of maintenance margin: from `floor` on, in settle units."""

    floor: float
    rate: float
    amount: float
    max_leverage: float | None
