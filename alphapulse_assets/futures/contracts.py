"""What contracts are worth: of linear, inverse and quanto ones, by their stored size. Pure.

- linear (settled in the quote): a contract is an amount of the base.
- inverse (settled in the base): a contract is an amount of the quote, such as 100 USD.
- quanto (settled in neither): a contract is an amount of the settlement currency for each unit of price; what
  that is in base or quote depends on a price that the contract does not tell.
"""

from typing import Final

import polars as pl

NO_SIZE: Final = "contract size not known: refresh the instruments"
NO_PRICE: Final = "no price to convert by"
QUANTO: Final = "quanto: worth something in its settlement currency only"
CONVERTED: Final = ("base_amount", "quote_value", "settle_value", "not_converted")


def convert(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with base_amount, quote_value, settle_value and not_converted.

    It has contracts, price (quote units, null where there is none), contract_size and contract_kind (null
    where they are not known). A `told_value` (quote units), where the frame has it, is the venue's own word
    on quote_value and goes before ours.
    """
    size = pl.when(pl.col("contract_size") > 0).then("contract_size")
    price = pl.when(pl.col("price") > 0).then("price")
    kind, amount = pl.col("contract_kind"), pl.col("contracts") * size
    base = pl.when(kind == "linear").then(amount).when(kind == "inverse").then(amount / price)
    ours = pl.when(kind == "linear").then(amount * price).when(kind == "inverse").then(amount)
    quote = pl.coalesce("told_value", ours) if "told_value" in frame.columns else ours
    settle = pl.when(kind == "quanto").then(amount * price)
    reason = (
        pl.when(size.is_null() | kind.is_null())
        .then(pl.lit(NO_SIZE))
        .when(price.is_null())
        .then(pl.lit(NO_PRICE))
        .when(kind == "quanto")
        .then(pl.lit(QUANTO))
    )
    with_amounts = frame.with_columns(base_amount=base, quote_value=quote)
    return with_amounts.with_columns(
        settle_value=pl.when(kind == "linear")
        .then("quote_value")
        .when(kind == "inverse")
        .then("base_amount")
        .otherwise(settle),
        not_converted=pl.when(pl.any_horizontal(pl.col("base_amount", "quote_value").is_null())).then(reason),
    )
