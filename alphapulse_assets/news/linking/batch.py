"""Links of texts to coins, a frame in and a frame out. Pure."""

import polars as pl

from alphapulse_assets.news.linking.coins import Coins
from alphapulse_assets.news.linking.context import OUTLETS
from alphapulse_assets.news.linking.matching import match
from alphapulse_assets.news.linking.reading import clean
from alphapulse_assets.news.linking.rules import RULES
from alphapulse_assets.news.model import LINK_SCHEMA


def link(texts: pl.DataFrame, known: Coins) -> pl.DataFrame:
    """LINK_SCHEMA of texts (TEXT_SCHEMA): a row a text and coin, by the strongest rule, texts in their order.

    A text is read with the names and tickers of its `ts`: what it links to depends neither on when it is read
    nor on other texts. Texts about no known coin have no row.
    """
    rows: list[tuple[int, str, str, float, str]] = []
    for text_id, ts, title, body, crypto in ready(texts).iter_rows():
        found = match(title, body, known.era(ts), crypto).matches
        rows += [(text_id, coin, one.rule, RULES[one.rule], one.mention) for coin, one in found.items()]
    return pl.DataFrame(rows, schema=LINK_SCHEMA, orient="row")


def ready(texts: pl.DataFrame) -> pl.DataFrame:
    """text_id, ts, title and body made ready to be read, and whether they come from an outlet of crypto."""
    outlet = pl.col("source").fill_null("").str.to_lowercase().str.contains_any(list(OUTLETS))
    return texts.select(
        "text_id", "ts", clean("title").alias("title"), clean("body").alias("body"), outlet.alias("crypto")
    )
