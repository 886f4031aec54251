"""Texts made ready to be read: one form of each character, without addresses and handles. Pure."""

from typing import Final

import polars as pl

_INVISIBLE: Final = (
    "[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
_ADDRESSES: Final = (
    r"(?i)(?:https?://|www\.)\S+"  # addresses
    r"|\S+@\S+\.\w+"  # of mail
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|co|xyz)\b(?:/\S*)?"  # bare domains
    r"|(?:^|\s)/?[ru]/\w+"  # subreddits and their users
)
_HANDLES: Final = r"@\w+"
_QUOTES: Final = "[\u2018\u2019\u02bc\u2032`\u00b4]"
_DASHES: Final = "[\u2010\u2011]"

LOOKALIKES: Final = str.maketrans(
    "АВЕКМНОРСТУХЅІЈаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαν", "ABEKMHOPCTYXSIJaeopcyxijsABEZHIKMNOPTYXoav"
)
"""Letters of Cyrillic and Greek that look like Latin ones."""


def clean(column: str) -> pl.Expr:
    """A column of texts: NFKC, nothing invisible, no addresses, handles and subreddits; "" where there is none."""
    text = pl.col(column).fill_null("").str.normalize("NFKC").str.replace_all(_INVISIBLE, "")
    return (
        text.str.replace_all(_ADDRESSES, " ")
        .str.replace_all(_HANDLES, " ")
        .str.replace_all(_QUOTES, "'")
        .str.replace_all(_DASHES, "-")
    )
