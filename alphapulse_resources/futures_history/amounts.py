"""Open interest in all its units, as far as what was told and the contract's size go. Pure.

Nothing is priced here: files and histories tell values themselves, or tell none.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

NO_SIZE: Final = "no contract size"
NO_PRICE: Final = "no price"
QUANTO: Final = "quanto"


@dataclass(frozen=True, slots=True)
class Contract:
    """How much one contract is: of linear ones in base units, of inverse ones in quote units."""

    kind: str  # linear, inverse or quanto
    size: float | None = None  # None: the venue was not asked

    @classmethod
    def of_symbol(cls, symbol: str, kind: str | None = None, size: float | None = None) -> "Contract":
        """The contract of a unified symbol (BTC/USDT:USDT), with what the venue told of it."""
        pair, _, settled = symbol.partition(":")
        base, _, quote = pair.partition("/")
        settle = settled.split("-")[0]
        own = "linear" if settle in ("", quote) else "inverse" if settle == base else "quanto"
        return cls(kind or own, size)

    @property
    def units(self) -> float | None:
        """The size; where a linear venue did not tell it, a contract is one of the base."""
        return 1.0 if self.size is None and self.kind == "linear" else self.size


def converted(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Rows (`contracts`, `base_amount`, `quote_value` as told) with what follows from them by the size.

    `contracts` stays null where only a value was told whose price nobody knows.
    """
    size = pl.lit(contract.units, pl.Float64)
    if contract.kind == "inverse":
        rows = rows.with_columns(
            contracts=pl.coalesce("contracts", pl.col("quote_value") / size),
            quote_value=pl.coalesce("quote_value", pl.col("contracts") * size),
        )
    elif contract.kind == "linear":
        rows = rows.with_columns(
            contracts=pl.coalesce("contracts", pl.col("base_amount") / size),
            base_amount=pl.coalesce("base_amount", pl.col("contracts") * size),
        )
    settle = {"linear": pl.col("quote_value"), "inverse": pl.col("base_amount")}
    lacking = pl.col("base_amount").is_null() | pl.col("quote_value").is_null()
    why = QUANTO if contract.kind == "quanto" else NO_SIZE if contract.units is None else NO_PRICE
    return rows.with_columns(
        settle_value=settle.get(contract.kind, pl.lit(None, pl.Float64)),
        price=pl.lit(None, pl.Float64),
        not_converted=pl.when(lacking).then(pl.lit(why)),
    )
